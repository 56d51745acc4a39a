#pragma once

#include <cstdint>
#include <vector>

#include "base/aligned.h"

namespace mrec {

// A vector that does not move what it has when it grows, and so never needs room for both the old
// and the new.
template <typename T>
class StableVector {
 public:
  // Appends an element; returns its place.
  std::uint32_t grow() {
    if (size_ % kChunk == 0) chunks_.emplace_back().reserve(kChunk);
    chunks_.back().emplace_back();
    return size_++;
  }
  T& operator[](std::uint32_t place) { return chunks_[place / kChunk][place % kChunk]; }
  const T& operator[](std::uint32_t place) const { return chunks_[place / kChunk][place % kChunk]; }
  [[nodiscard]] std::uint32_t size() const { return size_; }

 private:
  static constexpr std::uint32_t kChunk = 8192;

  std::vector<std::vector<T, LineAllocator<T>>> chunks_;
  std::uint32_t size_ = 0;
};

}  // namespace mrec
