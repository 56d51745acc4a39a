#pragma once

#include <bit>
#include <limits>
#include <vector>

#include "model/kth_of_draws.h"
#include "model/losses/warp_pair.h"

namespace mrec {
inline namespace MREC_LEVEL {

// k-th order statistic WARP (Weston, Yee, Weiss, RecSys 2013): trains on the k-th best of n draws
// of the user's artists, so that the few that lead the list already are left alone. As in LightFM,
// interactions count alike: their weights are not used.
//
// Unlike there, draws are not scored for each interaction: about 1.5 n of the user's artists, drawn
// without replacement, are ranked once for four interactions, and of a ranking the k-th best of n
// draws is had by a single random number. That learns as much (docs/benchmarks.md).
class WarpKos : public WarpPair {
 public:
  static constexpr const char* kName = "warp-kos";
  static constexpr bool kLearnsItsArtist = false;
  explicit WarpKos(const TrainParams& params)
      : WarpPair(params.max_sampled),
        most_ranked_((params.kos_n + params.kos_n / 2 + kAtOnce - 1) / kAtOnce * kAtOnce),
        kth_of_n_(kth_of_draws(std::min(params.kos_k, params.kos_n), params.kos_n)),
        sample_(static_cast<std::size_t>(most_ranked_)),
        scores_(sample_.size()),
        keys_(sample_.size() + row::kLanes),
        ranking_(sample_.size()) {}

  float draw(const Scorer& scorer, const Positive& positive, Draws& draws, Pushes& pushes) {
    if (positive.opens_chunk || next_ == std::ssize(chosen_)) {
      choose(scorer, positive.heard, draws.own());
    }
    const int artist = chosen_[next_++];
    Candidates first;
    draws.score_first(scorer, artist, first);
    const Positive kth{.artist = artist, .heard = positive.heard};
    return draw_pair(scorer, kth, first.scores[0], 1, draws, first, pushes);
  }

 private:
  static constexpr int kAtOnce = 4;

  // The artists of the next interactions.
  void choose(const Scorer& scorer, std::span<const int> heard, QuickRng rng) {
    const auto all = static_cast<int>(heard.size());
    const int count = std::min(all, most_ranked_);
    // One of each of `count` stretches, which begin anywhere.
    const std::uint64_t stretch =
        (static_cast<std::uint64_t>(all) << 32) / static_cast<unsigned>(count);
    const int offset = rng.below(all);
    for (int i = 0; i < count; ++i) {
      const auto first = static_cast<int>(i * stretch >> 32);
      const auto last = static_cast<int>((i + 1) * stretch >> 32);
      const int at = offset + first + rng.below(last - first);
      sample_[i] = heard[at < all ? at : at - all];
    }
    for (int i = count; i % kAtOnce != 0; ++i) sample_[i] = sample_[0];
    rank(scorer, count);
    for (int& artist : chosen_) {
      artist = ranking_[kth_of_n_(count, rng.next())];
      scorer.fetch_state(artist);
    }
    next_ = 0;
  }

  // The best of the sample first: by counting for each how many are better, without a branch that
  // could be mispredicted. Scores are compared as integers that end in a place, so that no two are
  // equal, even where they are not numbers.
  void rank(const Scorer& scorer, int count) {
    using Ints [[gnu::vector_size(row::kBytes)]] = int;
    using IntsAt [[gnu::vector_size(row::kBytes), gnu::may_alias, gnu::aligned(4)]] = int;
    using FourAt [[gnu::vector_size(16), gnu::may_alias, gnu::aligned(4)]] = float;
    for (int i = 0; i < count; i += kAtOnce) {
      *reinterpret_cast<FourAt*>(&scores_[i]) = scorer.scores<kAtOnce>(&sample_[i]);
    }
    const auto places = static_cast<int>(std::bit_ceil(static_cast<unsigned>(count)));
    for (int i = 0; i < count; ++i) {
      const int bits = std::bit_cast<int>(scores_[i]);
      // Of negative numbers the larger have the smaller bits.
      keys_[i] = ((bits ^ ((bits >> 31) & std::numeric_limits<int>::max())) & -places) | i;
    }
    for (int first = 0; first < count; first += row::kWidth) {
      const Ints own = *reinterpret_cast<const IntsAt*>(&keys_[first]);
      Ints better{};
#pragma GCC unroll 4
      for (int j = 0; j < count; ++j) better -= keys_[j] > own;
      for (int i = 0; i < std::min(row::kWidth, count - first); ++i) {
        ranking_[better[i]] = sample_[first + i];
      }
    }
  }

  int most_ranked_;
  const KthOfDraws& kth_of_n_;
  std::vector<int> sample_;    // of the user's artists
  std::vector<float> scores_;  // theirs
  std::vector<int> keys_;
  std::vector<int> ranking_;
  int chosen_[4] = {};       // for the next interactions
  std::ptrdiff_t next_ = 0;  // of these
};

}  // namespace MREC_LEVEL
}  // namespace mrec
