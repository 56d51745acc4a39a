#pragma once

#include <csignal>

namespace mrec {

// While it lives, SIGTERM and SIGUSR1 no longer end the process: they ask for an orderly end, as a
// batch system does before it takes the nodes away. One per process.
class StopSignal {
 public:
  StopSignal() {
    struct sigaction action {};
    action.sa_handler = [](int signal) { last = signal; };
    action.sa_flags = SA_RESTART;
    sigaction(SIGTERM, &action, &terminate_);
    sigaction(SIGUSR1, &action, &user_);
  }
  ~StopSignal() {
    sigaction(SIGTERM, &terminate_, nullptr);
    sigaction(SIGUSR1, &user_, nullptr);
  }
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // The signal that came, 0 without.
  [[nodiscard]] static int received() { return last; }

 private:
  static inline volatile std::sig_atomic_t last = 0;
  struct sigaction terminate_ {};
  struct sigaction user_ {};
};

}  // namespace mrec
