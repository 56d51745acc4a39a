#pragma once

#include <sys/statvfs.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <span>
#include <string>

#include "parallel/communicator.h"

namespace mrec {

// One array of plain numbers in the memory of a node, seen by all its ranks. Starts as zeros and on
// a 64-byte boundary.
template <typename T>
class SharedArray {
 public:
  // Collective over `world`, of which `node` are the ranks that share memory. Throws a Verdict, on
  // all nodes, when /dev/shm of one is too small: Open MPI itself would leave the others hanging.
  SharedArray(const Communicator& world, const Communicator& node, std::size_t size) : size_(size) {
    constexpr std::size_t kLine = 64;
    const std::size_t bytes = size * sizeof(T);
    world.agree([&] {
      struct statvfs disk {};
      if (node.is_root() && statvfs("/dev/shm", &disk) == 0 &&
          disk.f_bavail * disk.f_frsize < bytes + kLine) {
        throw Error("/dev/shm has " + std::to_string(disk.f_bavail * disk.f_frsize >> 20) +
                    " MiB free, " + std::to_string((bytes >> 20) + 1) +
                    " are needed; make it larger (mount -o remount,size=... /dev/shm) or set "
                    "OMPI_MCA_osc_sm_backing_directory to a directory with room");
      }
    });
    char* own = nullptr;
    const auto share = static_cast<MPI_Aint>(node.is_root() ? bytes + kLine : 0);
    MPI_Win_allocate_shared(share, 1, MPI_INFO_NULL, node.get(), &own, &window_);
    MPI_Aint root_size = 0;
    int unit = 0;
    char* base = nullptr;
    MPI_Win_shared_query(window_, 0, &root_size, &unit, &base);
    // Every rank maps the block elsewhere, at the same place within a page.
    const auto address = reinterpret_cast<std::uintptr_t>(base);
    data_ = reinterpret_cast<T*>((address + kLine - 1) / kLine * kLine);
    MPI_Win_lock_all(MPI_MODE_NOCHECK, window_);
    if (node.is_root()) std::fill_n(data_, size_, T{});
    sync(node);
  }
  // Collective, and so left undone while an exception unwinds: the other ranks will not come.
  ~SharedArray() {
    if (window_ == MPI_WIN_NULL || std::uncaught_exceptions() > 0) return;
    MPI_Win_unlock_all(window_);
    MPI_Win_free(&window_);
  }
  SharedArray(const SharedArray&) = delete;
  SharedArray& operator=(const SharedArray&) = delete;

  // Collective: afterwards every rank sees what all ranks have written before.
  void sync(const Communicator& node) const {
    MPI_Win_sync(window_);
    node.barrier();
    MPI_Win_sync(window_);
  }

  [[nodiscard]] std::span<T> span() const { return {data_, size_}; }

 private:
  MPI_Win window_ = MPI_WIN_NULL;
  T* data_ = nullptr;
  std::size_t size_;
};

}  // namespace mrec
