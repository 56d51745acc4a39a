#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace mrec {

// Fills batches on a thread of its own, a few ahead of who takes them; their order and what they
// hold are the same as without. Batches are filled again and again and so keep their memory.
template <typename Batch>
class ReadAhead {
 public:
  // fill(batch) writes over what a batch held before; false when nothing was left to fill it with.
  // Without a thread of its own it is called by next().
  ReadAhead(std::function<bool(Batch&)> fill, bool own_thread) : fill_(std::move(fill)) {
    if (own_thread) thread_ = std::jthread([this] { run(); });
  }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  // May come before the end; waits for a call of fill that goes on.
  ~ReadAhead() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }

  // The next batch, valid until the next call; nullptr at the end. What fill throws is thrown here,
  // after the batches before it.
  Batch* next() {
    if (!thread_.joinable()) return fill_(batches_[0]) ? &batches_[0] : nullptr;
    std::unique_lock lock(mutex_);
    if (held_) ++taken_;
    held_ = false;
    changed_.notify_all();
    changed_.wait(lock, [&] { return filled_ > taken_ || done_; });
    if (filled_ > taken_) {
      held_ = true;
      return &batches_[taken_ % batches_.size()];
    }
    if (error_) std::rethrow_exception(error_);
    return nullptr;
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (!done_) {
      changed_.wait(lock, [&] { return filled_ - taken_ < batches_.size() || stopped_; });
      if (stopped_) return;
      Batch& batch = batches_[filled_ % batches_.size()];
      lock.unlock();
      bool got = false;
      std::exception_ptr error;
      try {
        got = fill_(batch);
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      filled_ += got ? 1 : 0;
      done_ = !got;
      error_ = error;
      changed_.notify_all();
    }
  }

  std::function<bool(Batch&)> fill_;
  std::array<Batch, 4> batches_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  std::size_t filled_ = 0;
  std::size_t taken_ = 0;
  bool held_ = false;  // batch `taken_` is with the caller
  bool done_ = false;
  bool stopped_ = false;
  std::exception_ptr error_;
  std::jthread thread_;  // last: it ends before what it uses
};

}  // namespace mrec
