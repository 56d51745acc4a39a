#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

namespace mrec {

// Work on batches in stages. fill(batch) writes over what a batch held before, and returns false
// when nothing was left to fill it with; then the stages follow. On several threads (the caller's
// is one of them) batches are at different stages at the same time, but a stage takes them one by
// one in the order in which they were filled: so results do not depend on the number of threads. A
// batch stays with one thread, and so in the cache of one core; it is filled again and again, and
// so keeps its memory.
//
// Throws what the first batch threw that threw anything, after all stages of those before it; of
// those behind it some stages may have been passed.
template <typename Batch, std::size_t NumStages>
void in_stages(const std::function<bool(Batch&)>& fill,
               const std::array<std::function<void(Batch&)>, NumStages>& stages, int num_threads) {
  constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  std::mutex filling;
  std::size_t num_filled = 0;  // guarded by filling
  bool at_end = false;         // guarded by filling
  std::mutex mutex;
  std::condition_variable changed;
  std::array<std::size_t, NumStages> num_passed{};  // guarded by mutex
  std::size_t failed = kNone;                       // the first batch that did; guarded by mutex
  std::exception_ptr exception;                     // guarded by mutex

  // Whether there was one more.
  const auto pass = [&](Batch& batch) {
    std::size_t number = 0;
    try {
      {
        const std::lock_guard lock(filling);
        if (at_end) return false;
        number = num_filled++;
        at_end = true;  // also when fill throws
        at_end = !fill(batch);
        if (at_end) return false;
      }
      for (std::size_t s = 0; s < NumStages; ++s) {
        {
          std::unique_lock lock(mutex);
          changed.wait(lock, [&] { return num_passed[s] == number || failed < number; });
          if (failed < number) return false;
        }
        stages[s](batch);
        const std::lock_guard lock(mutex);
        ++num_passed[s];
        changed.notify_all();
      }
      return true;
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (number < failed) {
        failed = number;
        exception = std::current_exception();
      }
      changed.notify_all();
      return false;
    }
  };
  const auto work = [&] {
    Batch batch;
    while (pass(batch)) {
    }
  };
  {
    std::vector<std::jthread> others;
    for (int i = 1; i < num_threads; ++i) others.emplace_back(work);
    work();
  }
  if (exception) std::rethrow_exception(exception);
}

}  // namespace mrec
