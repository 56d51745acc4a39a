#pragma once

#include "model/losses/warp_pair.h"

namespace mrec {

// k-th order statistic WARP (Weston, Yee, Weiss, RecSys 2013): draws n of the user's artists and
// trains on the k-th best of them, so that the few that lead the list already are left alone. As in
// LightFM, interactions count alike: their weights are not used.
class WarpKos : public Loss {
 public:
  explicit WarpKos(const TrainParams& params)
      : k_(params.kos_k), n_(params.kos_n), max_sampled_(params.max_sampled) {}

  float draw(const Scorer& scorer, const Positive& positive, Rng& rng,
             std::vector<Push>& pushes) const override {
    struct Candidate {
      float score;
      int artist;
    };
    const auto count = std::min(static_cast<std::size_t>(n_), positive.heard.size());
    std::vector<Candidate> candidates(count);
    for (Candidate& candidate : candidates) {
      const std::uint32_t at = rng.below(static_cast<std::uint32_t>(positive.heard.size()));
      candidate.artist = positive.heard[at];
      candidate.score = scorer.score(candidate.artist);
    }
    const auto chosen =
        candidates.begin() + std::min<std::ptrdiff_t>(k_, std::ssize(candidates)) - 1;
    std::ranges::nth_element(candidates, chosen, std::greater{}, &Candidate::score);
    return warp_pair(scorer, chosen->artist, chosen->score, 1, positive.heard, max_sampled_, rng,
                     pushes);
  }

 private:
  int k_;
  int n_;
  int max_sampled_;
};

}  // namespace mrec
