#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tune/distribution.h"

namespace mrec {

// Makes a parameter active only while its parent, a categorical one, has one of some choices.
struct Condition {
  std::string parent;
  std::vector<int> choices;  // indices among those of the parent, ascending

  friend bool operator==(const Condition&, const Condition&) = default;
};

struct Param {
  std::string name;
  Distribution distribution;
  std::optional<Condition> when = {};

  friend bool operator==(const Param&, const Param&) = default;
};

// [number of parameters], in the order of the space. NaN: not active (or, of a trial that waits,
// not given). So it can be sent and stored as it is.
using Configuration = std::vector<double>;

// What is searched: parameters in declared order, a parent before those that depend on it.
//
// As TOML:
//   dim = "int:16:128:16"
//   loss = ["warp", "bpr", "warp-kos"]
//   learning_rate = { type = "float", low = 0.01, high = 0.2, log = true }
//   kos_k = { type = "int", low = 1, high = 10, step = 1, when = { loss = ["warp-kos"] } }
//   optimizer = { type = "cat", choices = ["adagrad", "adadelta"] }
class Space {
 public:
  Space() = default;
  // Throws InputError for a name that stands there twice, a parent that does not precede its
  // children, is not categorical or lacks the choice, and bad ranges.
  explicit Space(std::vector<Param> params);

  [[nodiscard]] const std::vector<Param>& params() const { return params_; }
  [[nodiscard]] std::size_t size() const { return params_.size(); }
  // The place of a parameter; throws InputError when there is none of that name.
  [[nodiscard]] std::size_t index(std::string_view name) const;
  // The place of a parameter's parent, or -1.
  [[nodiscard]] int parent(std::size_t param) const { return parents_[param]; }

  // Whether a parameter is active, given the values of those before it.
  [[nodiscard]] bool is_active(std::size_t param, const Configuration& configuration) const;
  // Throws InputError unless exactly the active parameters have a value, each of its distribution.
  void check(const Configuration& configuration) const;

  // The parameters in groups that are active together: those with the same condition. A group
  // stands behind that of its parent.
  [[nodiscard]] const std::vector<std::vector<std::size_t>>& groups() const { return groups_; }

  // How many configurations there are, and the i-th of them; nullopt when a parameter has the
  // values of an interval, or there are more than 2^53.
  [[nodiscard]] std::optional<std::int64_t> num_configurations() const;
  [[nodiscard]] Configuration configuration(std::int64_t i) const;

  friend bool operator==(const Space& a, const Space& b) { return a.params_ == b.params_; }

 private:
  // Of a parameter together with all that depend on it, while it is active.
  [[nodiscard]] double num_values(std::size_t param) const;
  void decode(std::size_t param, double i, Configuration& configuration) const;

  std::vector<Param> params_;
  std::vector<int> parents_;                        // [params]
  std::vector<std::vector<std::size_t>> children_;  // [params]
  std::vector<std::vector<std::size_t>> groups_;
};

// A space from TOML; `from` is for messages. Throws InputError: "space.toml:3: dim: ...".
Space parse_space(const std::string& text, const std::string& from);
Space read_space(const std::string& path);
// TOML that parse_space() reads back to the same space.
std::string to_toml(const Space& space);

// A parameter from a flag: learning_rate=float:0.01:0.2:log. Throws InputError.
Param parse_param(std::string_view flag);
// `space` with `params` in the places of those of the same name, or behind.
Space with(const Space& space, const std::vector<Param>& params);

// Equal in every parameter, inactive ones included.
bool same(const Configuration& a, const Configuration& b);
// The same text for the same values: "dim=64 loss=warp". Inactive parameters are left out.
std::string key(const Space& space, const Configuration& configuration);

}  // namespace mrec
