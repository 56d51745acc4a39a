#include "features/steps/tags.h"

#include <Spectra/SymEigsSolver.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/random.h"

namespace mrec::features {
namespace {

using Sparse = Eigen::SparseMatrix<double, Eigen::RowMajor>;

const std::vector<std::string> kSources{"tags", "genres", "both"};

// x -> M M' x or M' M x, whichever is smaller.
class Gram {
 public:
  using Scalar = double;
  explicit Gram(const Sparse& matrix) : matrix_(matrix) {}
  [[nodiscard]] bool of_rows() const { return matrix_.rows() < matrix_.cols(); }
  [[nodiscard]] Eigen::Index rows() const { return std::min(matrix_.rows(), matrix_.cols()); }
  [[nodiscard]] Eigen::Index cols() const { return rows(); }
  void perform_op(const double* in, double* out) const {
    const Eigen::Map<const Eigen::VectorXd> x(in, rows());
    Eigen::Map<Eigen::VectorXd> y(out, rows());
    if (of_rows()) {
      const Eigen::VectorXd middle = matrix_.transpose() * x;
      y = matrix_ * middle;
    } else {
      const Eigen::VectorXd middle = matrix_ * x;
      y = matrix_.transpose() * middle;
    }
  }

 private:
  const Sparse& matrix_;
};

Field source_field(std::string& source) {
  return {.name = "source",
          .value = &source,
          .help = "the tags that users gave, the genres of tracks, or both",
          .choices = kSources};
}

Field min_artists_field(int& min_artists) {
  return {.name = "min_artists",
          .value = &min_artists,
          .help = "words of fewer artists are left out",
          .min = 1,
          .max = 1e9};
}

}  // namespace

Words words_of(const Knowledge& knowledge, const std::string& source, int min_artists,
               int max_words) {
  std::map<std::string, std::map<int, float>> artists_of;  // of a word, with counts
  if (source != "genres") {
    for (int artist = 0; artist < knowledge.tags.rows(); ++artist) {
      for (SparseMatrix::InnerIterator it(knowledge.tags, artist); it; ++it) {
        artists_of["tag:" + knowledge.tag_names[static_cast<std::size_t>(it.col())]][artist] +=
            it.value();
      }
    }
  }
  if (source != "tags") {
    for (int artist = 0; artist < knowledge.tracks.num_artists(); ++artist) {
      const ArtistTracks tracks = knowledge.tracks.of(artist);
      for (const GenreCount& genre : tracks.genres) {
        const std::string& text = knowledge.tracks.genres()[static_cast<std::size_t>(genre.genre)];
        for (std::size_t at = 0; at < text.size();) {
          const std::size_t end = std::min(text.find(';', at), text.size());
          if (end > at) {
            artists_of["genre:" + text.substr(at, end - at)][artist] +=
                static_cast<float>(genre.all);
          }
          at = end + 1;
        }
      }
    }
  }
  std::vector<std::pair<std::ptrdiff_t, std::string>> frequent;
  for (const auto& [name, artists] : artists_of) {
    if (std::ssize(artists) >= min_artists) frequent.emplace_back(-std::ssize(artists), name);
  }
  std::ranges::sort(frequent);
  frequent.resize(std::min(frequent.size(), static_cast<std::size_t>(max_words)));

  Words words;
  std::vector<Eigen::Triplet<float>> entries;
  for (const auto& [count, name] : frequent) {
    const int word = static_cast<int>(words.names.size());
    words.names.push_back(name);
    for (const auto& [artist, times] : artists_of[name]) entries.emplace_back(artist, word, times);
  }
  words.counts.resize(knowledge.tags.rows(), std::ssize(words.names));
  words.counts.setFromTriplets(entries.begin(), entries.end());
  return words;
}

SparseMatrix tf_idf(SparseMatrix counts) {
  std::vector<double> artists(static_cast<std::size_t>(counts.cols()));
  for (Eigen::Index k = 0; k < counts.nonZeros(); ++k) {
    ++artists[static_cast<std::size_t>(counts.innerIndexPtr()[k])];
  }
  for (Eigen::Index row = 0; row < counts.rows(); ++row) {
    double squares = 0;
    for (SparseMatrix::InnerIterator it(counts, row); it; ++it) {
      const double idf = std::log(static_cast<double>(counts.rows()) /
                                  artists[static_cast<std::size_t>(it.col())]);
      it.valueRef() = static_cast<float>(std::log1p(it.value()) * idf);
      squares += static_cast<double>(it.value()) * it.value();
    }
    for (SparseMatrix::InnerIterator it(counts, row); it && squares > 0; ++it) {
      it.valueRef() = static_cast<float>(it.value() / std::sqrt(squares));
    }
  }
  return counts;
}

Eigen::MatrixXd truncated_svd(const SparseMatrix& matrix, int dims, std::int64_t seed) {
  const Sparse wide = matrix.cast<double>();
  Gram gram(wide);
  if (gram.rows() <= dims) {
    throw Error("dims = " + std::to_string(dims) + " needs more artists and words than that; of " +
                std::to_string(wide.rows()) + " artists and " + std::to_string(wide.cols()) +
                " words there are at most " +
                std::to_string(std::max<Eigen::Index>(0, gram.rows() - 1)));
  }
  Rng rng(static_cast<std::uint64_t>(seed));
  Eigen::VectorXd start(gram.rows());
  for (double& value : start) value = rng.uniform() - 0.5;
  const Eigen::Index basis = std::min<Eigen::Index>(gram.rows(), std::max(2 * dims + 1, 20));
  Spectra::SymEigsSolver<Gram> solver(gram, dims, basis);
  solver.init(start.data());
  solver.compute(Spectra::SortRule::LargestAlge, 1000, 1e-10);
  if (solver.info() != Spectra::CompInfo::Successful) {
    throw Error("the singular value decomposition did not converge; ask for fewer dims");
  }
  // Either way the left vectors times the singular values, and the right ones for the signs.
  const Eigen::MatrixXd vectors = solver.eigenvectors();
  const Eigen::VectorXd singular = solver.eigenvalues().cwiseMax(0).cwiseSqrt();
  Eigen::MatrixXd left = gram.of_rows() ? Eigen::MatrixXd(vectors * singular.asDiagonal())
                                        : Eigen::MatrixXd(wide * vectors);
  const Eigen::MatrixXd right =
      gram.of_rows() ? Eigen::MatrixXd(wide.transpose() * vectors) : vectors;
  for (Eigen::Index d = 0; d < dims; ++d) {
    Eigen::Index largest = 0;
    right.col(d).cwiseAbs().maxCoeff(&largest);
    if (right(largest, d) < 0) left.col(d) *= -1;
  }
  return left;
}

Fields TfIdf::fields() {
  return {source_field(source_),
          min_artists_field(min_artists_),
          {.name = "max_words",
           .value = &max_words_,
           .help = "the most frequent words that become columns",
           .min = 1,
           .max = 10'000}};
}

void TfIdf::apply(Table& table, const Knowledge& knowledge) const {
  const Words words = words_of(knowledge, source_, min_artists_, max_words_);
  const SparseMatrix values = tf_idf(words.counts);
  std::vector<std::vector<float>*> columns;
  for (const std::string& name : words.names) columns.push_back(&table.add(name, 0));
  for (Eigen::Index artist = 0; artist < values.rows(); ++artist) {
    for (SparseMatrix::InnerIterator it(values, artist); it; ++it) {
      (*columns[static_cast<std::size_t>(it.col())])[static_cast<std::size_t>(artist)] = it.value();
    }
  }
}

Fields TagSvd::fields() {
  return {source_field(source_),
          min_artists_field(min_artists_),
          {.name = "dims",
           .value = &dims_,
           .help = "number of singular vectors",
           .min = 1,
           .max = 1000},
          {.name = "seed", .value = &seed_, .help = "decides the start of the iteration"}};
}

void TagSvd::apply(Table& table, const Knowledge& knowledge) const {
  const Words words = words_of(knowledge, source_, min_artists_, std::numeric_limits<int>::max());
  const Eigen::MatrixXd artists = truncated_svd(tf_idf(words.counts), dims_, seed_);
  for (int d = 0; d < dims_; ++d) {
    const std::string number = std::to_string(1000 + d).substr(1);
    std::vector<float>& column = table.add("svd_" + number);
    for (int artist = 0; artist < table.num_artists; ++artist) {
      column[static_cast<std::size_t>(artist)] = static_cast<float>(artists(artist, d));
    }
  }
}

}  // namespace mrec::features
