#pragma once

#include <string>
#include <utility>

#include "model/artifact.h"

namespace mrec {

// A model as it is served: the artifact and what is derived from it once, when it is loaded. Never
// changed after that, so that all threads share it; a request keeps the one with which it began.
struct ServedModel {
  // `name` names the model in every response.
  ServedModel(Artifact model, std::string name) : artifact(std::move(model)), id(std::move(name)) {}

  const Artifact artifact;
  const std::string id;
};

}  // namespace mrec
