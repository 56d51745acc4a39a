#include "parallel/merge.h"

#include <algorithm>
#include <cmath>

namespace mrec {
namespace {

// current - base, in place of `current`.
std::vector<float> changes(std::span<const float> current, std::span<const float> base) {
  std::vector<float> difference(current.size());
  std::ranges::transform(current, base, difference.begin(), std::minus{});
  return difference;
}

}  // namespace

Merge::Merge(const Communicator& leaders, const Embeddings& table)
    : leaders_(leaders),
      table_(table),
      base_values_(table.values().begin(), table.values().end()),
      base_states_(table.states().begin(), table.states().end()) {}

void Merge::operator()() {
  std::vector<float> values = changes(table_.values(), base_values_);
  std::vector<float> states = changes(table_.states(), base_states_);

  const auto stride = static_cast<std::size_t>(table_.stride());
  const auto rows = static_cast<std::size_t>(table_.rows());
  const std::size_t first_bias = rows * stride;
  std::vector<float> nodes(rows);  // that changed the row
  for (std::size_t r = 0; r < rows; ++r) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(r * stride);
    const bool changed = values[first_bias + r] != 0 ||
                         std::any_of(begin, begin + table_.dim(), [](float x) { return x != 0; });
    nodes[r] = changed ? 1.0F : 0.0F;
  }

  leaders_.sum(nodes);
  leaders_.sum(values);
  leaders_.sum(states);

  for (std::size_t r = 0; r < rows; ++r) {
    if (nodes[r] <= 1) continue;
    const float factor = 1 / std::sqrt(nodes[r]);
    for (std::size_t at = r * stride; at < (r + 1) * stride; ++at) values[at] *= factor;
    values[first_bias + r] *= factor;
  }
  std::ranges::transform(base_values_, values, base_values_.begin(), std::plus{});
  std::ranges::transform(base_states_, states, base_states_.begin(), std::plus{});
  std::ranges::copy(base_values_, table_.values().begin());
  std::ranges::copy(base_states_, table_.states().begin());
}

void Merge::accept() {
  std::ranges::copy(table_.values(), base_values_.begin());
  std::ranges::copy(table_.states(), base_states_.begin());
}

}  // namespace mrec
