#include "lightfm_yardstick.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

namespace mrec {
namespace {

constexpr double kMaxLoss = 10;

std::ptrdiff_t runtime_stride() {
  static volatile std::ptrdiff_t stride = 1;
  return stride;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

LightfmYardstick::Table::Table(int rows, int dim, unsigned& seed)
    : values(static_cast<std::size_t>(rows) * static_cast<std::size_t>(dim)),
      gradients(values.size(), 1),
      biases(static_cast<std::size_t>(rows)),
      bias_gradients(biases.size(), 1) {
  for (float& value : values) {
    value = static_cast<float>((static_cast<double>(rand_r(&seed)) / RAND_MAX - 0.5) / dim);
  }
}

LightfmYardstick::LightfmYardstick(const SparseMatrix& weights, const Matrix* metadata,
                                   const Params& params)
    : weights_(weights),
      params_(params),
      stride_(runtime_stride()),
      users_(static_cast<int>(weights.rows()), params.dim, params_.seed),
      artists_(static_cast<int>(weights.cols() +
                                (metadata != nullptr ? metadata->cols() : Eigen::Index{})),
               params.dim, params_.seed),
      user_(static_cast<std::size_t>(params.dim) + 1),
      positive_(user_.size()),
      negative_(user_.size()) {
  for (int u = 0; u < weights.rows(); ++u) {
    user_features_.feature.push_back(u);
    user_features_.weight.push_back(1);
    user_features_.start.push_back(u + 1);
    user_ids_.insert(
        user_ids_.end(),
        static_cast<std::size_t>(weights.outerIndexPtr()[u + 1] - weights.outerIndexPtr()[u]), u);
  }
  const auto num_artists = static_cast<int>(weights.cols());
  for (int a = 0; a < num_artists; ++a) {
    artist_features_.feature.push_back(a);
    artist_features_.weight.push_back(1);
    for (int f = 0; metadata != nullptr && f < metadata->cols(); ++f) {
      artist_features_.feature.push_back(num_artists + f);
      artist_features_.weight.push_back((*metadata)(a, f));
    }
    artist_features_.start.push_back(std::ssize(artist_features_.feature));
  }
  order_.resize(user_ids_.size());
  std::iota(order_.begin(), order_.end(), 0);
}

unsigned LightfmYardstick::below(std::size_t n) {
  return static_cast<unsigned>(static_cast<std::size_t>(rand_r(&params_.seed)) % n);
}

void LightfmYardstick::represent(const Features& features, const Table& table, int thing,
                                 std::vector<float>& to) const {
  std::ranges::fill(to, 0.0F);
  const auto dim = static_cast<std::size_t>(params_.dim);
  for (auto i = features.start[thing]; i < features.start[thing + 1]; ++i) {
    const auto feature = static_cast<std::size_t>(features.feature[i]);
    const double weight = features.weight[i];
    const float* row = &table.values[feature * dim];
    float* out = to.data();
    for (int c = 0; c < params_.dim; ++c, row += stride_, out += stride_) {
      *out = static_cast<float>(*out + weight * *row);
    }
    to.back() = static_cast<float>(to.back() + weight * table.biases[feature]);
  }
}

double LightfmYardstick::predict(const std::vector<float>& artist) const {
  double result = user_.back() + artist.back();
  const float* p = user_.data();
  const float* q = artist.data();
  for (int c = 0; c < params_.dim; ++c, p += stride_, q += stride_) result += *p * *q;
  return result;
}

bool LightfmYardstick::is_heard(int user, int artist) const {
  const int* offsets = weights_.outerIndexPtr();
  return std::binary_search(weights_.innerIndexPtr() + offsets[user],
                            weights_.innerIndexPtr() + offsets[user + 1], artist);
}

void LightfmYardstick::step(float& value, float& gradients, float weight, double gradient) {
  const double rate = params_.learning_rate / std::sqrt(static_cast<double>(gradients));
  value = static_cast<float>(value - rate * weight * gradient);
  gradients = static_cast<float>(gradients + (gradient * weight) * (gradient * weight));
  mean_rate_ += rate;
}

void LightfmYardstick::step_bias(const Features& features, Table& table, int thing,
                                 double gradient) {
  for (auto i = features.start[thing]; i < features.start[thing + 1]; ++i) {
    const auto feature = static_cast<std::size_t>(features.feature[i]);
    step(table.biases[feature], table.bias_gradients[feature], features.weight[i], gradient);
  }
}

void LightfmYardstick::step_component(const Features& features, Table& table, int thing,
                                      int component, double gradient) {
  for (auto i = features.start[thing]; i < features.start[thing + 1]; ++i) {
    const std::ptrdiff_t at =
        features.feature[i] * static_cast<std::ptrdiff_t>(params_.dim) + component * stride_;
    step(table.values[static_cast<std::size_t>(at)], table.gradients[static_cast<std::size_t>(at)],
         features.weight[i], gradient);
  }
}

void LightfmYardstick::update_pair(const Triple& triple, double loss) {
  mean_rate_ = 0;
  step_bias(artist_features_, artists_, triple.positive, -loss);
  step_bias(artist_features_, artists_, triple.negative, loss);
  step_bias(user_features_, users_, triple.user, loss);
  for (int c = 0; c < params_.dim; ++c) {
    const double p = user_[c];
    const double positive = positive_[c];
    const double negative = negative_[c];
    step_component(artist_features_, artists_, triple.positive, c, -loss * p);
    step_component(artist_features_, artists_, triple.negative, c, loss * p);
    step_component(user_features_, users_, triple.user, c, loss * (negative - positive));
  }
}

void LightfmYardstick::update_single(int user, int artist, double loss) {
  mean_rate_ = 0;
  step_bias(artist_features_, artists_, artist, loss);
  step_bias(user_features_, users_, user, loss);
  for (int c = 0; c < params_.dim; ++c) {
    const double p = user_[c];
    const double q = positive_[c];
    step_component(artist_features_, artists_, artist, c, loss * p);
    step_component(user_features_, users_, user, c, loss * q);
  }
}

void LightfmYardstick::find_violator(int user, int positive, double positive_score, double weight) {
  const auto num_artists = static_cast<std::size_t>(weights_.cols());
  for (int sampled = 1; sampled <= params_.max_sampled; ++sampled) {
    const auto negative = static_cast<int>(below(num_artists));
    represent(artist_features_, artists_, negative, negative_);
    if (predict(negative_) <= positive_score - 1) continue;
    if (is_heard(user, negative)) continue;
    const double rank = std::floor(static_cast<double>(num_artists - 1) / sampled);
    const double loss = std::min(kMaxLoss, weight * std::log(std::max(1.0, rank)));
    update_pair({user, positive, negative}, loss);
    return;
  }
}

void LightfmYardstick::visit_warp(int user, int positive, double weight) {
  represent(user_features_, users_, user, user_);
  represent(artist_features_, artists_, positive, positive_);
  find_violator(user, positive, predict(positive_), weight);
}

void LightfmYardstick::visit_kos(int user, double weight) {
  struct Candidate {
    double score;
    int artist;
  };
  represent(user_features_, users_, user, user_);
  const int first = weights_.outerIndexPtr()[user];
  const int count = weights_.outerIndexPtr()[user + 1] - first;
  std::vector<Candidate> candidates(static_cast<std::size_t>(std::min(params_.kos_n, count)));
  for (Candidate& candidate : candidates) {
    const auto at = static_cast<int>(below(static_cast<std::size_t>(count)));
    candidate.artist = weights_.innerIndexPtr()[first + at];
    represent(artist_features_, artists_, candidate.artist, positive_);
    candidate.score = predict(positive_);
  }
  std::ranges::sort(candidates, std::greater{}, &Candidate::score);
  const auto place = std::min(static_cast<std::size_t>(params_.kos_k), candidates.size()) - 1;
  const Candidate chosen = candidates[place];
  represent(artist_features_, artists_, chosen.artist, positive_);
  find_violator(user, chosen.artist, chosen.score, weight);
}

void LightfmYardstick::visit_bpr(int user, int positive, double weight) {
  const auto at = below(user_ids_.size());
  const int negative = weights_.innerIndexPtr()[at];
  if (is_heard(user, negative)) return;
  represent(user_features_, users_, user, user_);
  represent(artist_features_, artists_, positive, positive_);
  represent(artist_features_, artists_, negative, negative_);
  update_pair({user, positive, negative},
              weight * (1 - sigmoid(predict(positive_) - predict(negative_))));
}

void LightfmYardstick::visit_logistic(int user, int artist, double weight, bool heard) {
  represent(user_features_, users_, user, user_);
  represent(artist_features_, artists_, artist, positive_);
  update_single(user, artist, weight * (sigmoid(predict(positive_)) - (heard ? 1 : 0)));
}

void LightfmYardstick::epoch() {
  for (std::size_t n = order_.size(); n > 1; --n) std::swap(order_[n - 1], order_[below(n)]);
  for (const int k : order_) {
    const int user = user_ids_[static_cast<std::size_t>(k)];
    const int artist = weights_.innerIndexPtr()[k];
    const double weight = weights_.valuePtr()[k];
    if (params_.loss == "warp") {
      visit_warp(user, artist, weight);
    } else if (params_.loss == "warp-kos") {
      visit_kos(user, 1);
    } else if (params_.loss == "bpr") {
      visit_bpr(user, artist, weight);
    } else {  // logistic: the interaction and a zero for it
      visit_logistic(user, artist, weight, true);
      const auto zero = static_cast<int>(below(static_cast<std::size_t>(weights_.cols())));
      if (!is_heard(user, zero)) visit_logistic(user, zero, weight, false);
    }
  }
}

Matrix LightfmYardstick::represent_all(const Features& features, const Table& table) const {
  Matrix all(static_cast<Eigen::Index>(features.start.size()) - 1, params_.dim + 1);
  std::vector<float> one(static_cast<std::size_t>(params_.dim) + 1);
  for (Eigen::Index i = 0; i < all.rows(); ++i) {
    represent(features, table, static_cast<int>(i), one);
    all.row(i) = Eigen::Map<const Vector>(one.data(), params_.dim + 1);
  }
  return all;
}

}  // namespace mrec
