#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "base/params.h"
#include "features/table.h"
#include "features/track_summary.h"

namespace mrec::features {

// What the steps make features of. All of it outlives them, and nothing of it is held out.
struct Knowledge {
  std::vector<int> listeners;                 // [artists] in train only
  const SparseMatrix& tags;                   // [artists x tags] users who gave the tag
  const std::vector<std::string>& tag_names;  // [tags]
  const TrackSummary& tracks;
};

// Makes or changes columns. Its fields are what a pipeline file may set.
class Step {
 public:
  Step() = default;
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  virtual ~Step() = default;

  virtual Fields fields() { return {}; }
  // Throws Error.
  virtual void apply(Table& table, const Knowledge& knowledge) const = 0;
  // What it asks of the summary of tracks.
  [[nodiscard]] virtual Wanted wanted() const { return {}; }
};

// What a step does to missing values; the order of a pipeline is checked by it.
enum class Values {
  kLeavesMissing,  // makes columns that may lack values
  kComplete,       // makes columns that lack none
  kFills,
  kNeedsComplete,  // changes columns that may lack none
  kChanges,        // changes columns in any state
};

struct StepKind {
  std::string name;
  std::string help;
  Values values = Values::kComplete;
  std::function<std::unique_ptr<Step>()> make;
};

// All that a pipeline may be made of.
const std::vector<StepKind>& step_kinds();

}  // namespace mrec::features
