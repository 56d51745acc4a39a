#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mrec {

// One choice of a categorical parameter, of the types that Optuna allows; monostate is None.
using Choice = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

// The set of values of one parameter. A value is a double, as inside Optuna: the number itself, or
// the index of a choice.
struct Distribution {
  enum class Kind { kFloat, kInt, kCategorical };

  Kind kind = Kind::kFloat;
  double low = 0;
  double high = 0;   // included
  double step = 0;   // values are low + i * step; 0: all. Whole numbers have at least 1.
  bool log = false;  // drawn uniformly in ln x
  std::vector<Choice> choices = {};

  [[nodiscard]] bool is_categorical() const { return kind == Kind::kCategorical; }
  // How many values there are; nullopt when they are all those of an interval.
  [[nodiscard]] std::optional<std::int64_t> num_values() const;
  // The i-th of them in their order.
  [[nodiscard]] double value(std::int64_t i) const;
  [[nodiscard]] bool contains(double value) const;
  // The value that lies at `u` of [0, 1): uniform, or uniform in ln x, each value of a step having
  // the same share (for the log of whole numbers: the share of [x - 1/2, x + 1/2]).
  [[nodiscard]] double at(double u) const;
  // The nearest value of the set.
  [[nodiscard]] double nearest(double value) const;

  friend bool operator==(const Distribution&, const Distribution&) = default;
};

// Throws InputError unless there is a value, the high one can be reached by steps, and so on.
void check(const Distribution& distribution);

// Optuna's text of it, to the letter, and back: {"name": "IntDistribution", "attributes": {"log":
// false, "step": 16, "low": 16, "high": 128}}. Throws InputError for any other text.
std::string to_json(const Distribution& distribution);
Distribution distribution_from_json(std::string_view json);

// float:LOW:HIGH[:STEP][:log], int:LOW:HIGH[:STEP][:log] or cat:CHOICE,CHOICE,... Throws
// InputError.
Distribution parse_distribution(std::string_view text);

// A value as an option of a job takes it: 64, 0.05, warp.
std::string to_text(const Distribution& distribution, double value);
std::string to_text(const Choice& choice);

}  // namespace mrec
