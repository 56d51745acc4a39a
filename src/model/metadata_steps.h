#pragma once

#include <algorithm>

#include "base/aligned.h"
#include "model/row.h"
#include "model/scorer.h"

namespace mrec {
inline namespace MREC_LEVEL {

// The metadata embeddings W [features x dim] as one rank trains them. Every interaction reads all
// of them, so ranks that shared them would wait for one another's caches: each has a copy, into
// which it steps with the summed gradient of kBatch interactions, and whose changes it adds to the
// shared ones every kMerge interactions and at the end.
template <typename Optimizer>
class MetadataSteps {
 public:
  MetadataSteps(const Optimizer& optimizer, const ArtistModel& artists, const MetadataRows& rows,
                StateShape states)
      : optimizer_(optimizer),
        shared_(artists.features),
        first_(artists.num_artists),
        count_(rows.num_features()),
        width_(rows.stride()),
        size_(shared_.stride()) {
    if (count_ == 0) return;
    memory_ = aligned_zeros(Embeddings::size(count_, shared_.dim(), states));
    own_ = Embeddings(memory_, count_, shared_.dim(), states);
    const auto table = static_cast<std::size_t>(count_) * static_cast<std::size_t>(size_);
    gradients_ = aligned_zeros(table);
    bias_gradients_ = aligned_zeros(static_cast<std::size_t>(width_));
    transposed_ = aligned_zeros(static_cast<std::size_t>(size_) * static_cast<std::size_t>(width_));
    biases_ = aligned_zeros(static_cast<std::size_t>(width_));
    coefficients_ = aligned_zeros(static_cast<std::size_t>(width_));
    for_each_run([](float* own, float* shared, int size, bool /*is_state*/) {
      for (int c = 0; c < size; ++c) own[c] = row::load_one(shared + c);
    });
    base_ = memory_;
    transpose();
    step_rates();
  }

  [[nodiscard]] bool empty() const { return count_ == 0; }

  // projections [width] := W p + w'
  void project(const float* p, float* projections) const {
    for (int f = 0; f < width_; f += row::kLanes) {
      row::Lanes sum = row::row_load(biases_.data() + f);
      const float* column = transposed_.data() + f;
      for (int c = 0; c < shared_.dim(); ++c, column += width_) {
        sum = sum + p[c] * row::row_load(column);
      }
      row::row_store(projections + f, sum);
    }
  }

  // An interaction's pushes: begin(), add() each, then finish(), which adds W' coefficients to
  // the user's direction [size] and keeps the gradient, a product with the user's row `p`.
  void begin() { std::ranges::fill(coefficients_, 0.0F); }
  void add(float push, const float* values) {
    row::add(push, values, coefficients_.data(), width_);
  }
  void finish(const float* p, float* direction) {
    for (int c = 0; c < size_; c += row::kLanes) {
      const row::Lanes user = row::row_load(p + c);
      row::Lanes sum = row::row_load(direction + c);
      float* gradient = gradients_.data() + c;
      for (int f = 0; f < count_; ++f, gradient += size_) {
        const float coefficient = coefficients_[static_cast<std::size_t>(f)];
        sum = sum + coefficient * row::row_load(own_.row(f) + c);
        row::row_store(gradient, row::row_load(gradient) + coefficient * user);
      }
      row::row_store(direction + c, sum);
    }
    row::add(1, coefficients_.data(), bias_gradients_.data(), width_);
    if (++steps_ % kBatch == 0) step();
    if (steps_ % kMerge == 0) merge();
  }

  // Sum over the metadata rows of their mean learning rates, as of the last batch.
  [[nodiscard]] float rates() const { return rates_; }

  // Takes the last steps and brings them to the shared rows.
  void flush() {
    if (empty()) return;
    if (steps_ % kBatch != 0) step();
    merge();
  }

 private:
  static constexpr int kBatch = 32;
  static constexpr int kMerge = 2048;

  // A step with the summed gradient, which starts anew.
  void step() {
    float sum = 0;
    for (int f = 0; f < count_; ++f) {
      sum += row::step(
          typename Optimizer::Step(optimizer_, 1, own_.row(f), own_.row_state(f), own_.state_gap()),
          gradients_.data() + static_cast<std::ptrdiff_t>(f) * size_, size_, own_.dim());
      optimizer_.step_one(bias_gradients_[static_cast<std::size_t>(f)], &own_.bias(f),
                          own_.bias_state(f), own_.state_gap());
    }
    rates_ = sum;
    std::ranges::fill(gradients_, 0.0F);
    std::ranges::fill(bias_gradients_, 0.0F);
    transpose();
  }

  void step_rates() {  // before the first batch: a step by nothing
    step();
  }

  void transpose() {
    for (int f = 0; f < count_; ++f) {
      const float* from = own_.row(f);
      float* to = transposed_.data() + f;
      for (int c = 0; c < size_; ++c, to += width_) *to = from[c];
      biases_[static_cast<std::size_t>(f)] = own_.bias(f);
    }
  }

  // shared := own := shared + own - base. Of states no less than the smaller of both: adadelta's,
  // which are means, may fall on several ranks, and must not do so by the sum of that.
  void merge() {
    float* base = base_.data();
    float* start = memory_.data();
    for_each_run([&](float* own, float* shared, int size, bool is_state) {
      for (int c = 0; c < size; ++c) {
        const float others = row::load_one(shared + c);
        float sum = others + (own[c] - base[own + c - start]);
        if (is_state) sum = std::max(sum, std::min(others, own[c]));
        row::store_one(shared + c, sum);
        own[c] = sum;
      }
    });
    base_ = memory_;
    transpose();
  }

  // visit(own, shared, size, is_state) for all that is kept of the rows.
  template <typename Visit>
  void for_each_run(const Visit& visit) {
    const auto states =
        static_cast<int>((memory_.size() - own_.values().size()) / own_.state_gap());
    for (int f = 0; f < count_; ++f) {
      const int r = first_ + f;
      visit(own_.row(f), shared_.row(r), size_, false);
      visit(&own_.bias(f), &shared_.bias(r), 1, false);
      for (int s = 0; s < states; ++s) {
        const auto at = static_cast<std::size_t>(s);
        visit(own_.row_state(f) + at * own_.state_gap(),
              shared_.row_state(r) + at * shared_.state_gap(), own_.state_stride(), true);
        visit(own_.bias_state(f) + at * own_.state_gap(),
              shared_.bias_state(r) + at * shared_.state_gap(), 1, true);
      }
    }
  }

  const Optimizer& optimizer_;
  Embeddings shared_;
  int first_;  // row of the first metadata column in `shared_`
  int count_;
  int width_;  // count, padded
  int size_;   // dim, padded
  AlignedFloats memory_;
  AlignedFloats base_;            // memory_ as of the last merge
  Embeddings own_;                // a view of memory_
  AlignedFloats gradients_;       // [count x size] of this batch
  AlignedFloats bias_gradients_;  // [width]
  AlignedFloats transposed_;      // [size x width]
  AlignedFloats biases_;          // [width]
  AlignedFloats coefficients_;    // [width] of this interaction: sum of push * value
  std::int64_t steps_ = 0;
  float rates_ = 0;
};

}  // namespace MREC_LEVEL
}  // namespace mrec
