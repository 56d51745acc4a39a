#include "tune/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <utility>

#include "base/error.h"
#include "tune/file_lock.h"
#include "tune/replay.h"

namespace mrec {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags) : path_(path) {
    constexpr mode_t kMode = 0666;
    fd_ = open(path.c_str(), flags | O_CLOEXEC, kMode);
    if (fd_ < 0) throw InputError(path + ": cannot be opened: " + std::strerror(errno));
  }
  ~Descriptor() { close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int get() const { return fd_; }

  // Everything from `offset` on.
  [[nodiscard]] std::string read_from(std::int64_t offset) const {
    struct stat status {};
    if (fstat(fd_, &status) != 0) fail("cannot be read");
    if (status.st_size < offset) throw Error(path_ + ": has become shorter; who has changed it?");
    std::string text(static_cast<std::size_t>(status.st_size - offset), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t count = pread(fd_, text.data() + done, text.size() - done,
                                  offset + static_cast<std::int64_t>(done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail("cannot be read");
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    text.resize(done);
    return text;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(path_ + ": " + what + ": " + std::strerror(errno));
  }

 private:
  std::string path_;
  int fd_;
};

// The lines of a journal, read as they come.
class Reader {
 public:
  Reader(std::string path, std::string study, const Space* space)
      : path_(std::move(path)),
        replay_{.study = std::move(study),
                .space = space == nullptr ? Space() : *space,
                .learns_space = space == nullptr} {}

  // Applies the whole lines of `text`, which follows what was read before. Returns what is left:
  // the beginning of a line.
  std::string_view read(std::string_view text) {
    while (true) {
      const std::size_t end = text.find('\n');
      if (end == std::string_view::npos) return text;
      try {
        apply(replay_, text.substr(0, end));
      } catch (const InputError& error) {
        throw InputError(path_ + ":" + std::to_string(line_) + ": " + error.what());
      }
      ++line_;
      offset_ += static_cast<std::int64_t>(end) + 1;
      text.remove_prefix(end + 1);
    }
  }

  // Whether a line without its end is whole all the same.
  [[nodiscard]] bool is_whole(std::string_view line) const {
    Replay attempt = replay_;
    try {
      apply(attempt, line);
      return true;
    } catch (const InputError&) {
      return false;
    }
  }

  [[nodiscard]] const Replay& replay() const { return replay_; }
  [[nodiscard]] std::int64_t offset() const { return offset_; }

 private:
  std::string path_;
  Replay replay_;
  std::int64_t line_ = 1;
  std::int64_t offset_ = 0;
};

Reader read_all(const std::string& path, const std::string& study) {
  Reader reader(path, study, nullptr);
  const Descriptor file(path, O_RDONLY);
  reader.read(file.read_from(0));
  return reader;
}

// What a study has under a name, for a message.
std::string shown(const std::string& text) {
  std::string line;  // a message is one
  for (const char c : text) line += c == '\n' ? ';' : c;
  while (line.ends_with(';')) line.pop_back();
  return "'" + line + "'";
}

}  // namespace

class Journal::File {
 public:
  File(std::string path, StudySettings settings)
      : path_(std::move(path)),
        settings_(std::move(settings)),
        file_(path_, O_RDWR | O_CREAT | O_APPEND),
        reader_(path_, settings_.name, &settings_.space) {
    // Not on every network file system; it is gone with the process in any case.
    if (flock(file_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      throw InputError(path_ + ": another process is working on this journal");
    }
  }

  void refresh() { reader_.read(file_.read_from(reader_.offset())); }

  // Under the lock: what others have written is read before `lines` is asked for ours.
  void append(const std::function<std::string()>& lines, bool sync) {
    const FileLock lock(path_);
    mend();
    const std::string text = lines();
    if (text.empty()) return;
    const std::int64_t before = reader_.offset();
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t count = write(file_.get(), text.data() + done, text.size() - done);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) {
        const int error = errno;
        cut(before);
        errno = error;
        file_.fail("cannot be written");
      }
      done += static_cast<std::size_t>(count);
    }
    if (sync && fsync(file_.get()) != 0) file_.fail("cannot be brought to the disk");
    refresh();
  }

  [[nodiscard]] const Replay& replay() const { return reader_.replay(); }
  [[nodiscard]] const StudySettings& settings() const { return settings_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] JournalLines lines() const { return JournalLines(process_name()); }

 private:
  // Reads on, and finishes or cuts off a last line that its writer could not finish.
  void mend() {
    const std::string text = file_.read_from(reader_.offset());
    const std::string_view rest = reader_.read(text);
    if (rest.empty()) return;
    if (!reader_.is_whole(rest)) return cut(reader_.offset());
    if (write(file_.get(), "\n", 1) != 1) file_.fail("cannot be written");
    refresh();
  }

  void cut(std::int64_t size) {
    if (ftruncate(file_.get(), size) != 0) file_.fail("cannot be cut");
  }

  std::string path_;
  StudySettings settings_;
  Descriptor file_;
  Reader reader_;
};

Journal::Journal(std::string path, const StudySettings& settings)
    : file_(std::make_unique<File>(std::move(path), settings)) {
  std::map<std::string, std::string> wanted;
  for (const auto& [name, text] : settings.identity) wanted["mrec:" + name] = text;
  wanted["mrec:space"] = to_toml(settings.space);

  bool is_new = false;
  append([&] {
    const Replay& replay = file_->replay();
    const auto refuse = [&](const std::string& name, const std::string& there,
                            const std::string& here) {
      throw InputError(file_->path() + ": the study " + settings.name + " has " + name + " " +
                       shown(there) + ", this run has " + shown(here) +
                       "; take the same one or another study");
    };
    JournalLines lines = file_->lines();
    std::int64_t study_id = replay.study_id;
    if (study_id < 0) {
      study_id = replay.num_studies;
      is_new = true;
      lines.study(settings.name, settings.maximize);
    } else if (replay.maximize != settings.maximize) {
      refuse("the direction", replay.maximize ? "maximize" : "minimize",
             settings.maximize ? "maximize" : "minimize");
    }
    if (replay.metric != settings.metric) {
      if (!replay.metric.empty()) refuse("the metric", replay.metric, settings.metric);
      lines.metric(study_id, settings.metric);
    }
    for (const auto& [name, text] : wanted) {
      const auto there = replay.attributes.find(name);
      if (there == replay.attributes.end()) {
        lines.study_attribute(study_id, name, text);
      } else if (there->second != text) {
        refuse("the " + name.substr(std::strlen("mrec:")), there->second, text);
      }
    }
    return lines.text();
  });
  if (!is_new) return;
  std::filesystem::path directory = std::filesystem::path(file_->path()).parent_path();
  if (directory.empty()) directory = ".";
  const Descriptor folder(directory.string(), O_RDONLY);
  fsync(folder.get());  // the name of the file; some file systems cannot
}

Journal::~Journal() = default;

void Journal::append(const std::function<std::string()>& lines, bool sync) {
  file_->append(lines, sync);
}

const std::vector<Trial>& Journal::trials() const { return file_->replay().trials; }

const std::map<std::string, std::string>& Journal::attributes() const {
  return file_->replay().attributes;
}

std::int64_t Journal::num_lines() const { return file_->replay().num_lines; }

void Journal::refresh() { file_->refresh(); }

std::int64_t Journal::start(const Configuration& configuration) {
  std::int64_t number = 0;
  append([&] {
    const Replay& replay = file_->replay();
    number = static_cast<std::int64_t>(replay.trials.size());
    return file_->lines()
        .trial(replay.study_id, TrialState::kRunning, replay.space, configuration)
        .text();
  });
  return number;
}

bool Journal::start(std::int64_t number, const Configuration& configuration, std::int64_t seen) {
  bool started = false;
  append([&]() -> std::string {
    const Replay& replay = file_->replay();
    const auto place = static_cast<std::size_t>(number);
    JournalLines lines = file_->lines();
    if (place == replay.trials.size()) {
      started = true;
      lines.trial(replay.study_id, TrialState::kRunning, replay.space, configuration, seen);
      return lines.text();
    }
    started = replay.trials.at(place).state == TrialState::kWaiting;
    if (!started) return {};
    for (std::size_t i = 0; i < configuration.size(); ++i) {
      if (std::isnan(configuration[i])) continue;
      lines.param(replay.trial_ids[place], replay.space.params()[i], configuration[i]);
    }
    if (seen >= 0) lines.seen(replay.trial_ids[place], seen);
    return lines.state(replay.trial_ids[place], TrialState::kRunning, kNone).text();
  });
  return started;
}

std::int64_t Journal::enqueue(const Configuration& fixed) {
  std::int64_t number = 0;
  append([&] {
    const Replay& replay = file_->replay();
    number = static_cast<std::int64_t>(replay.trials.size());
    return file_->lines().trial(replay.study_id, TrialState::kWaiting, replay.space, fixed).text();
  });
  return number;
}

void Journal::report(std::int64_t number, int step, double value) {
  append(
      [&] {
        const std::int64_t id = file_->replay().trial_ids.at(static_cast<std::size_t>(number));
        return file_->lines().intermediate(id, step, value).text();
      },
      false);
}

void Journal::set_attribute(std::int64_t number, const std::string& name, const std::string& text) {
  append(
      [&] {
        const std::int64_t id = file_->replay().trial_ids.at(static_cast<std::size_t>(number));
        return file_->lines().attribute(id, name, text).text();
      },
      false);
}

void Journal::set_attribute(const std::string& name, const std::string& text) {
  append(
      [&] { return file_->lines().study_attribute(file_->replay().study_id, name, text).text(); });
}

// One write: a finished trial does not change any more, so its attributes come first.
void Journal::finish(std::int64_t number, TrialState state, double value,
                     const std::map<std::string, std::string>& attributes) {
  append([&] {
    const std::int64_t id = file_->replay().trial_ids.at(static_cast<std::size_t>(number));
    JournalLines lines = file_->lines();
    for (const auto& [name, text] : attributes) lines.attribute(id, name, text);
    return lines.state(id, state, value).text();
  });
}

void Journal::complete(std::int64_t number, double value,
                       const std::map<std::string, std::string>& attributes) {
  assert(std::isfinite(value));
  finish(number, TrialState::kComplete, value, attributes);
}

void Journal::prune(std::int64_t number, double value,
                    const std::map<std::string, std::string>& attributes) {
  finish(number, TrialState::kPruned, value, attributes);
}

void Journal::fail(std::int64_t number, Failure failure, const std::string& reason) {
  append([&] {
    const std::int64_t id = file_->replay().trial_ids.at(static_cast<std::size_t>(number));
    return file_->lines()
        .attribute(id, "failure", reason)
        .failure(id, failure)
        .state(id, TrialState::kFail, kNone)
        .text();
  });
}

void Journal::pause(std::int64_t number, int step,
                    const std::map<std::string, std::string>& attributes) {
  append([&] {
    const std::int64_t id = file_->replay().trial_ids.at(static_cast<std::size_t>(number));
    JournalLines lines = file_->lines();
    for (const auto& [name, text] : attributes) lines.attribute(id, name, text);
    return lines.paused(id, step).text();
  });
}

void Journal::resume(std::int64_t number) {
  append([&] {
    const auto place = static_cast<std::size_t>(number);
    const Replay& replay = file_->replay();
    return file_->lines()
        .resumed(replay.trial_ids.at(place), replay.trials.at(place).paused_at)
        .text();
  });
}

std::vector<std::int64_t> Journal::requeue(int max_attempts) {
  std::vector<std::int64_t> numbers;
  append([&] {
    const Replay& replay = file_->replay();
    JournalLines lines = file_->lines();
    for (const Trial& trial : replay.trials) {
      const auto place = static_cast<std::size_t>(trial.number);
      const bool ours = replay.workers[place].starts_with("mrec-");
      if (trial.state != TrialState::kRunning || trial.paused_at > 0 || !ours) continue;
      const std::int64_t id = replay.trial_ids[place];
      if (trial.attempt + 1 >= max_attempts) {
        lines.attribute(id, "failure", "its run ended " + std::to_string(max_attempts) + " times")
            .failure(id, Failure::kInfrastructure)
            .state(id, TrialState::kFail, kNone);
      } else if (trial.resumed_at > 0) {
        lines.attempt(id, trial.attempt + 1).paused(id, trial.resumed_at);
      } else {
        lines.attempt(id, trial.attempt + 1).state(id, TrialState::kWaiting, kNone);
        numbers.push_back(trial.number);
      }
    }
    return lines.text();
  });
  return numbers;
}

std::vector<std::string> study_names(const std::string& path) {
  std::vector<std::string> names;
  const Reader reader = read_all(path, {});
  for (const auto& [id, name] : reader.replay().studies) names.push_back(name);
  return names;
}

Study read_study(const std::string& path, const std::string& name) {
  const Reader reader = read_all(path, name);
  const Replay& replay = reader.replay();
  if (replay.study_id < 0) {
    std::string known;
    for (const auto& [id, one] : replay.studies) known += (known.empty() ? "" : ", ") + one;
    throw InputError(path + ": has no study '" + name + "'" +
                     (known.empty() ? "" : "; there are " + known));
  }
  Study study{.settings = {.name = name,
                           .maximize = replay.maximize,
                           .metric = replay.metric,
                           .space = replay.space},
              .trials = replay.trials,
              .attributes = replay.attributes};
  for (const auto& [key, text] : replay.attributes) {
    constexpr std::string_view kOurs = "mrec:";
    if (key.starts_with(kOurs) && key != "mrec:space") {
      study.settings.identity[key.substr(kOurs.size())] = text;
    }
  }
  return study;
}

}  // namespace mrec
