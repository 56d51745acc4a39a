#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "serve/served_model.h"

namespace mrec {

// The model that is served now. All functions may be called from several threads at once.
class LiveModel {
 public:
  struct Reload {
    std::string id;
    std::string previous;
  };
  struct Counts {
    std::int64_t reloads = 0;
    std::int64_t failed_reloads = 0;
    std::string last_failure;  // of the newest attempt; "" when that went well
  };

  // Throws InputError when the file is not a whole, sound model.
  explicit LiveModel(std::string path, ServingOptions options = {});

  // A request works with one of these from its beginning to its end.
  [[nodiscard]] std::shared_ptr<const ServedModel> current() const;

  // Loads the file aside, checks that it recommends, and only then serves it. Throws InputError
  // when it is not a whole, sound model; the old one stays.
  Reload reload();

  // "" unless the file, or one of those that tell more of the model, is another one, or another
  // content, than at the last attempt to load it; then what tells its states apart.
  [[nodiscard]] std::string changed_files() const;

  [[nodiscard]] Counts counts() const;

 private:
  [[nodiscard]] std::string state_of_files() const;

  const std::string path_;
  const ServingOptions options_;
  std::mutex loading_;        // one reload at a time
  mutable std::mutex mutex_;  // guards what follows
  std::string tried_;         // the file's state at the last attempt
  Counts counts_;
  std::shared_ptr<const ServedModel> current_;  // guarded by mutex_
};

}  // namespace mrec
