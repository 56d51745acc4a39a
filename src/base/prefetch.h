#pragma once

namespace mrec {

// Brings a cache line on its way. GCC takes a function that does nothing but __builtin_prefetch for
// one without effect and removes calls of it; not so what is volatile.
[[gnu::always_inline]] inline void prefetch_line(const void* from) {
#if defined(__x86_64__)
  asm volatile("prefetcht0 %0" : : "m"(*static_cast<const char*>(from)));
#else
  __builtin_prefetch(from);
#endif
}

}  // namespace mrec
