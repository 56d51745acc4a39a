#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "serve/served_model.h"

namespace mrec {

// The model that is served now. All functions may be called from several threads at once.
class LiveModel {
 public:
  // Throws InputError when the file is not a whole, sound model.
  explicit LiveModel(std::string path);

  [[nodiscard]] std::shared_ptr<const ServedModel> current() const { return current_.load(); }

 private:
  std::string path_;
  std::atomic<std::shared_ptr<const ServedModel>> current_;
};

}  // namespace mrec
