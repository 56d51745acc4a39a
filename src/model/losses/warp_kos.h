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
    struct Candidate {
      float score;
      int artist;
    };
    constexpr int kMost = 1000;  // of kos_n and kos_k
    int artists[kMost];
    Candidate best[kMost];  // in descending order
    const auto heard = static_cast<int>(positive.heard.size());
    const int drawn = std::min(n_, heard);
    const int size = std::min(k_, drawn);
    Rng rng = draws.own();
    for (int i = 0; i < drawn; ++i) {
      artists[i] = positive.heard[rng.below(static_cast<std::uint32_t>(heard))];
      scorer.fetch(artists[i]);
    }
    for (int i = 0; i < drawn; ++i) {
      const int artist = artists[i];
      const float score = scorer.score(artist);
      int at = std::min(i, size);
      if (at == size && score <= best[size - 1].score) continue;
      if (at == size) --at;
      for (; at > 0 && best[at - 1].score < score; --at) best[at] = best[at - 1];
      best[at] = {score, artist};
    }
    const Candidate chosen = best[size - 1];
    const Positive kth{.artist = chosen.artist, .heard = positive.heard};
    return draw_pair(scorer, kth, chosen.score, 1, draws, pushes);
  }

 private:
  int k_;
  int n_;
};

}  // namespace MREC_LEVEL
}  // namespace mrec
