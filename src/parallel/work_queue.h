#pragma once

#include <functional>
#include <optional>
#include <string>

#include "parallel/communicator.h"

namespace mrec {

// A division of all ranks into groups that carry out tasks side by side. Rank 0 hands tasks out: of
// at most two ranks it is in a group as well, of more it does nothing else and sleeps.
class WorkGroups {
 public:
  // Collective. Groups have `ranks_per_group` ranks, the last one those that are left over, too.
  // Throws InputError on all ranks when there are too few for one group.
  WorkGroups(const Communicator& world, int ranks_per_group);

  [[nodiscard]] const Communicator& world() const { return world_; }
  [[nodiscard]] int num_groups() const { return num_groups_; }
  [[nodiscard]] int index() const { return index_; }  // of this rank's group; -1: it hands out only
  [[nodiscard]] const Communicator& group() const { return group_; }
  [[nodiscard]] const Communicator& node() const { return node_; }  // of the group, sharing memory
  [[nodiscard]] int first_rank(int group) const;  // in the world; the group's root

 private:
  const Communicator& world_;
  int ranks_per_group_;
  bool root_works_;
  int num_groups_;
  int index_;
  Communicator group_;
  Communicator node_;
};

// What rank 0 says. Tasks, reports and results are texts.
struct Dispatcher {
  std::function<std::optional<std::string>(int group)> next;  // nothing: none for now
  std::function<bool()> is_over;  // no task will come any more, unless one that runs brings it
  std::function<bool(int group, const std::string& report)> report;  // false ends the task
  std::function<void(int group, const std::string& result)> done;
  std::function<bool()> pauses = {};  // true: tasks that run are to be put aside
};

// Collective over a group: carries out a task and returns its result, on the group's root. There
// `tell` passes a report on and returns whether to go on, and `serve` is to be called now and then:
// on rank 0 it answers the other groups, and everywhere it returns false once the task is to be put
// aside.
using Tell = std::function<bool(const std::string& report)>;
using Serve = std::function<bool()>;
using Work =
    std::function<std::string(const std::string& task, const Tell& tell, const Serve& serve)>;

// Collective: all tasks until there is none and none runs. `dispatcher` matters on rank 0 only; a
// group without a task asks again when one is done. An exception of `work` or the dispatcher ends
// the job: a task that fails must say so by its result.
void share_work(const WorkGroups& groups, const Dispatcher& dispatcher, const Work& work);

}  // namespace mrec
