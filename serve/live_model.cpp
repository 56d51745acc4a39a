#include "serve/live_model.h"

#include <utility>

namespace mrec {
namespace {

std::shared_ptr<const ServedModel> load(const std::string& path) {
  constexpr std::size_t kIdSize = 12;
  Artifact model = Artifact::load(path);
  std::string id = model.sha256.substr(0, kIdSize);
  return std::make_shared<const ServedModel>(std::move(model), std::move(id));
}

}  // namespace

LiveModel::LiveModel(std::string path) : path_(std::move(path)), current_(load(path_)) {}

}  // namespace mrec
