#include "model/diversify.h"

#include <algorithm>
#include <cstddef>

namespace mrec {
namespace {

void diversify_window(const Matrix& factors, float diversity, std::span<Scored> window) {
  const auto size = static_cast<Eigen::Index>(window.size());
  Matrix directions(size, factors.cols());
  for (std::size_t i = 0; i < window.size(); ++i) {
    directions.row(static_cast<Eigen::Index>(i)) =
        factors.row(window[i].artist).normalized();  // zeros stay
  }
  const float lowest = window.back().score;
  const float range = window.front().score - lowest;
  std::vector<float> relevance(window.size());
  std::vector<float> nearest(window.size(), -1);
  std::vector<int> left(window.size());
  for (std::size_t i = 0; i < window.size(); ++i) {
    relevance[i] = range > 0 ? (window[i].score - lowest) / range : 0;
    left[i] = static_cast<int>(i);
  }
  const std::vector<Scored> before(window.begin(), window.end());
  for (Scored& place : window) {
    // Of equal values the first, that is the more relevant one.
    const auto next = std::ranges::max_element(left, {}, [&](int i) {
      const auto at = static_cast<std::size_t>(i);
      return (1 - diversity) * relevance[at] - diversity * nearest[at];
    });
    const int taken = *next;
    left.erase(next);
    place = before[static_cast<std::size_t>(taken)];
    for (const int i : left) {
      float& cosine = nearest[static_cast<std::size_t>(i)];
      cosine = std::max(cosine, directions.row(i).dot(directions.row(taken)));
    }
  }
}

}  // namespace

void diversify(const Matrix& factors, float diversity, std::span<Scored> list) {
  if (!(diversity > 0)) return;
  constexpr std::size_t kWindow = kDiversityWindow;
  for (; !list.empty(); list = list.subspan(std::min(kWindow, list.size()))) {
    diversify_window(factors, diversity, list.first(std::min(kWindow, list.size())));
  }
}

}  // namespace mrec
