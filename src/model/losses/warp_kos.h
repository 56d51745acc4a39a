#pragma once

#include "model/losses/warp_pair.h"

namespace mrec {
inline namespace MREC_LEVEL {

// k-th order statistic WARP (Weston, Yee, Weiss, RecSys 2013): draws n of the user's artists and
// trains on the k-th best of them, so that the few that lead the list already are left alone. As in
// LightFM, interactions count alike: their weights are not used.
class WarpKos : public WarpPair {
 public:
  static constexpr const char* kName = "warp-kos";
  explicit WarpKos(const TrainParams& params)
      : WarpPair(params.max_sampled), k_(params.kos_k), n_(params.kos_n) {}

  float draw(const Scorer& scorer, const Positive& positive, Draws& draws, Pushes& pushes) const {
    int artists[kMost];
    alignas(16) float scores[kMost];
    const auto heard = static_cast<int>(positive.heard.size());
    const int drawn = std::min(n_, heard);
    QuickRng rng = draws.own();
    for (int i = 0; i < drawn; ++i) {
      artists[i] = positive.heard[static_cast<std::size_t>(rng.below(heard))];
    }
    for (int i = drawn; i % 4 != 0; ++i) artists[i] = artists[0];
    for (int i = 0; i < drawn; i += 4) {
      *reinterpret_cast<row::Four*>(scores + i) = scorer.scores<4>(artists + i);
    }
    const int chosen = kth_best(scores, drawn, std::min(k_, drawn));
    const Positive kth{.artist = artists[chosen], .heard = positive.heard};
    Candidates first;
    draws.score_next(scorer, first);
    return draw_pair(scorer, kth, scores[chosen], 1, draws, first, pushes);
  }

 private:
  static constexpr int kMost = 1000;  // of kos_n and kos_k

  // Where the k-th best of `count` scores is: by counting for each how many are better, without a
  // branch that could be mispredicted.
  static int kth_best(const float* scores, int count, int k) {
    using Ints [[gnu::vector_size(16)]] = int;
    int chosen = 0;  // remains so where they are not numbers
    for (int first = 0; first < count; first += 4) {
      const row::Four own = *reinterpret_cast<const row::Four*>(scores + first);
      Ints better{};
      Ints as_good{};
      for (int j = 0; j < count; ++j) {
        better -= scores[j] > own;
        as_good -= scores[j] >= own;
      }
      const Ints is_kth = (better < k) & (as_good >= k);
      for (int i = 0; i < std::min(4, count - first); ++i) {
        chosen = is_kth[i] != 0 ? first + i : chosen;
      }
    }
    return chosen;
  }

  int k_;
  int n_;
};

}  // namespace MREC_LEVEL
}  // namespace mrec
