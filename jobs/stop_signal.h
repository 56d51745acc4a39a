#pragma once

#include <csignal>

namespace mrec {

// While it lives, SIGTERM and SIGUSR1 no longer end the process: they ask for an orderly end, as a
// batch system does before it takes the nodes away. One per process, and the first thing in main(),
// for a signal may come before MPI has started.
class StopSignal {
 public:
  StopSignal() {
    struct sigaction action {};
    action.sa_handler = [](int signal) { last = signal; };
    action.sa_flags = SA_RESTART;
    sigaction(SIGTERM, &action, &terminate_);
    sigaction(SIGUSR1, &action, &user_);
  }
  ~StopSignal() { restore(); }
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // The signal that came, 0 without.
  [[nodiscard]] static int received() { return last; }

  // For a job that has no orderly end: signals end the process again, also one that came before.
  void give_up() {
    restore();
    if (last != 0) std::raise(last);
  }

 private:
  void restore() {
    sigaction(SIGTERM, &terminate_, nullptr);
    sigaction(SIGUSR1, &user_, nullptr);
  }

  static inline volatile std::sig_atomic_t last = 0;
  struct sigaction terminate_ {};
  struct sigaction user_ {};
};

}  // namespace mrec
