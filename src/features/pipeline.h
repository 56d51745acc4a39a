#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dataset/dataset.h"
#include "features/step.h"

namespace mrec::features {

struct PipelineStep {
  std::string name;
  std::string place;  // "steps.toml:12", "default pipeline:3": in front of its errors
  std::shared_ptr<Step> step;
};

// The steps that make the features, in their order. As text it is TOML:
//   [[step]]
//   name = "scale"
//   strategy = "robust"
// A step's settings have the names of its fields; what is not set keeps its default.
struct Pipeline {
  std::vector<PipelineStep> steps;

  // What its steps ask of the summary of tracks.
  [[nodiscard]] Wanted wanted() const;
};

// "default", "original" (as the original made features) or the path of a file. Throws InputError
// naming file and line for what is no TOML, an unknown step or setting, a value out of its range,
// and an order in which a step does not find what it needs.
Pipeline read_pipeline(const std::string& name_or_path);
// The same of text; `from` stands in front of line numbers.
Pipeline parse_pipeline(const std::string& text, const std::string& from);

// Every step with all its settings; parse_pipeline reads it back to the same pipeline.
std::string to_text(const Pipeline& pipeline);

// Applies the steps one after another. Throws InputError naming the step's place.
Table run(const Pipeline& pipeline, int num_artists, const Knowledge& knowledge);

// [artists x columns]. Throws Error for a missing value.
FeatureMatrix to_matrix(const Table& table);

}  // namespace mrec::features
