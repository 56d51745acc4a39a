#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mrec {

// Looks artists up by name. Several spellings of a name that normalize alike mean the one with the
// most listeners.
class Catalogue {
 public:
  // Both outlive the catalogue. [artists]
  Catalogue(std::span<const std::string> names, std::span<const int> listeners);

  // The artist of this name, by normalized name. Nothing when there is none.
  [[nodiscard]] std::optional<int> find(std::string_view name) const;
  // Up to `count` artists whose names are most like it, best first: for "did you mean".
  [[nodiscard]] std::vector<int> suggest(std::string_view name, int count) const;

 private:
  std::span<const std::string> names_;
  std::span<const int> listeners_;
  std::unordered_map<std::string, int> by_name_;
};

}  // namespace mrec
