#include "parallel/work_queue.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "base/error.h"

namespace mrec {
namespace {

// Kinds of messages, as MPI tags.
constexpr int kReady = 101;   // to rank 0: a group without a task; empty
constexpr int kReport = 102;  // to rank 0
constexpr int kDone = 103;    // to rank 0
constexpr int kTask = 104;    // from rank 0: a task behind "T", or "S" for the end
constexpr int kGoOn = 105;    // from rank 0, to a report: "1" or "0"
constexpr int kPause = 106;   // from rank 0, once: put tasks aside; empty

constexpr std::chrono::milliseconds kNap{1};

struct Message {
  int rank = 0;
  int kind = 0;
  std::string text;
};

void send(const Communicator& world, int rank, int kind, const std::string& text) {
  MPI_Send(text.data(), static_cast<int>(text.size()), MPI_CHAR, rank, kind, world.get());
}

// A message that has come; MPI_ANY_SOURCE and MPI_ANY_TAG for rank and kind.
std::optional<Message> received(const Communicator& world, int rank, int kind) {
  int is_there = 0;
  MPI_Status status;
  MPI_Iprobe(rank, kind, world.get(), &is_there, &status);
  if (is_there == 0) return std::nullopt;
  int size = 0;
  MPI_Get_count(&status, MPI_CHAR, &size);
  Message message{.rank = status.MPI_SOURCE, .kind = status.MPI_TAG};
  message.text.resize(static_cast<std::size_t>(size));
  MPI_Recv(message.text.data(), size, MPI_CHAR, message.rank, message.kind, world.get(),
           MPI_STATUS_IGNORE);
  return message;
}

// Sleeps until it comes: MPI's own waiting burns a core.
std::string wait_for(const Communicator& world, int rank, int kind) {
  while (true) {
    if (const auto message = received(world, rank, kind)) return message->text;
    std::this_thread::sleep_for(kNap);
  }
}

// Collective: the root's text, while the others sleep.
std::string shared_in(const Communicator& group, std::string text) {
  if (group.size() == 1) return text;
  const auto broadcast = [&](void* data, int count, MPI_Datatype type) {
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Ibcast(data, count, type, 0, group.get(), &request);
    for (int is_done = 0; is_done == 0;) {
      MPI_Test(&request, &is_done, MPI_STATUS_IGNORE);
      if (is_done == 0) std::this_thread::sleep_for(kNap);
    }
    MPI_Wait(&request, MPI_STATUS_IGNORE);  // it is over
  };
  auto size = static_cast<int>(text.size());
  broadcast(&size, 1, MPI_INT);
  text.resize(static_cast<std::size_t>(size));
  broadcast(text.data(), size, MPI_CHAR);
  return text;
}

bool root_works(const Communicator& world) { return world.size() <= 2; }

int workers_of(const Communicator& world) { return world.size() - (root_works(world) ? 0 : 1); }

// Rank 0's side.
class Root {
 public:
  Root(const WorkGroups& groups, const Dispatcher& dispatcher)
      : groups_(groups), dispatcher_(dispatcher), state_(groups.num_groups(), State::kBusy) {}

  // Answers all that has come. False once tasks are to be put aside.
  bool serve() {
    if (!pauses_ && dispatcher_.pauses && dispatcher_.pauses()) {
      pauses_ = true;
      for (int group = 0; group < groups_.num_groups(); ++group) {
        const int rank = groups_.first_rank(group);
        if (rank != 0) send(groups_.world(), rank, kPause, "");
      }
    }
    bool has_changed = false;
    while (const auto message = received(groups_.world(), MPI_ANY_SOURCE, MPI_ANY_TAG)) {
      const int group = group_of(message->rank);
      if (message->kind == kReport) {
        const bool go_on = dispatcher_.report(group, message->text);
        send(groups_.world(), message->rank, kGoOn, go_on ? "1" : "0");
      } else if (message->kind == kDone) {
        dispatcher_.done(group, message->text);
        has_changed = true;
      } else {
        state_[static_cast<std::size_t>(group)] = State::kIdle;
        has_changed = true;
      }
    }
    if (has_changed) hand_out();
    return !pauses_;
  }

  // A task for rank 0's own group.
  std::optional<std::string> own_task() {
    auto task = dispatcher_.next(0);
    state_[0] = task ? State::kBusy : State::kIdle;
    return task;
  }
  void own_done(const std::string& result) {
    dispatcher_.done(0, result);
    state_[0] = State::kIdle;
    hand_out();
  }
  bool own_report(const std::string& report) { return dispatcher_.report(0, report); }

  // Sends the groups home when there will be nothing more to do; true when all have gone.
  bool end() {
    const bool none_runs = std::ranges::find(state_, State::kBusy) == state_.end();
    if (!none_runs || !dispatcher_.is_over()) return false;
    for (int group = 0; group < groups_.num_groups(); ++group) {
      if (groups_.first_rank(group) != 0)
        send(groups_.world(), groups_.first_rank(group), kTask, "S");
    }
    return true;
  }

  // Groups that asked in vain ask again.
  void hand_out() {
    for (int group = 0; group < groups_.num_groups(); ++group) {
      if (state_[static_cast<std::size_t>(group)] != State::kIdle) continue;
      if (groups_.first_rank(group) == 0) continue;  // asks by itself
      const auto task = dispatcher_.next(group);
      if (!task) continue;
      send(groups_.world(), groups_.first_rank(group), kTask, "T" + *task);
      state_[static_cast<std::size_t>(group)] = State::kBusy;
    }
  }

 private:
  enum class State { kBusy, kIdle };  // busy, too, before it has asked for the first time

  [[nodiscard]] int group_of(int rank) const {
    int group = 0;
    while (groups_.first_rank(group) != rank) ++group;
    return group;
  }

  const WorkGroups& groups_;
  const Dispatcher& dispatcher_;
  std::vector<State> state_;  // [groups]
  bool pauses_ = false;
};

// The root of a group other than rank 0's; the group's others follow.
void work_for(const WorkGroups& groups, const Work& work) {
  const Communicator& world = groups.world();
  const bool leads = groups.group().is_root();
  const Tell tell = [&](const std::string& report) {
    send(world, 0, kReport, report);
    return wait_for(world, 0, kGoOn) == "1";
  };
  bool pauses = false;
  const Serve serve = [&] {
    if (!pauses && received(world, 0, kPause)) pauses = true;
    return !pauses;
  };
  while (true) {
    std::string task;
    if (leads) {
      send(world, 0, kReady, "");
      task = wait_for(world, 0, kTask);
    }
    task = shared_in(groups.group(), std::move(task));
    if (task == "S") {
      if (leads) serve();  // takes what was said too late
      return;
    }
    const std::string result = work(task.substr(1), tell, serve);
    if (leads) send(world, 0, kDone, result);
  }
}

}  // namespace

WorkGroups::WorkGroups(const Communicator& world, int ranks_per_group)
    : world_(world),
      ranks_per_group_(ranks_per_group),
      root_works_(root_works(world)),
      num_groups_(workers_of(world) / ranks_per_group),
      index_([&] {
        if (num_groups_ == 0) {
          throw InputError("groups of " + std::to_string(ranks_per_group) +
                           " ranks need at least " +
                           std::to_string(ranks_per_group + (ranks_per_group > 2 ? 1 : 0)) +
                           ", but there are " + std::to_string(world.size()));
        }
        const int worker = world.rank() - (root_works_ ? 0 : 1);
        return worker < 0 ? -1 : std::min(worker / ranks_per_group, num_groups_ - 1);
      }()),
      group_(world.split(index_ + 1)),
      node_(group_.split_by_node()) {}

int WorkGroups::first_rank(int group) const {
  return group * ranks_per_group_ + (root_works_ ? 0 : 1);
}

void share_work(const WorkGroups& groups, const Dispatcher& dispatcher, const Work& work) {
  if (!groups.world().is_root()) {
    if (groups.index() != 0 || groups.first_rank(0) != 0) return work_for(groups, work);
    // In rank 0's own group.
    while (true) {
      const std::string task = shared_in(groups.group(), "");
      if (task == "S") return;
      work(task.substr(1), {}, {});
    }
  }
  Root root(groups, dispatcher);
  const bool works = groups.index() == 0;
  while (true) {
    root.serve();
    const auto task = works ? root.own_task() : std::nullopt;
    if (task) {
      shared_in(groups.group(), "T" + *task);
      root.own_done(work(
          *task, [&](const std::string& report) { return root.own_report(report); },
          [&] { return root.serve(); }));
      continue;
    }
    root.hand_out();
    if (root.end()) break;
    std::this_thread::sleep_for(kNap);
  }
  if (works) shared_in(groups.group(), "S");
}

}  // namespace mrec
