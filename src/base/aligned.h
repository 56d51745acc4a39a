#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <vector>

namespace mrec {

// Allocates whole cache lines; large blocks start on a huge page and ask for such pages, which
// saves most of the page walks of random accesses.
template <typename T>
struct LineAllocator {
  using value_type = T;

  LineAllocator() = default;
  template <typename U>
  LineAllocator(const LineAllocator<U>& /*other*/) {}

  [[nodiscard]] T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    void* memory = ::operator new(bytes, alignment(bytes));
    if (bytes >= kHuge) madvise(memory, bytes, MADV_HUGEPAGE);  // advice: may be refused
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t count) {
    ::operator delete(memory, alignment(count * sizeof(T)));
  }

  friend bool operator==(const LineAllocator&, const LineAllocator&) { return true; }

 private:
  static constexpr std::size_t kLine = 64;
  static constexpr std::size_t kHuge = std::size_t{2} << 20;
  static std::align_val_t alignment(std::size_t bytes) {
    return std::align_val_t{bytes >= kHuge ? kHuge : kLine};
  }
};

// Floats that start on a cache line.
using AlignedFloats = std::vector<float, LineAllocator<float>>;

AlignedFloats aligned_zeros(std::size_t size);

}  // namespace mrec
