#pragma once

#include <string>

namespace mrec::h5 {

// Of the HDF5 library that runs, such as "1.10.8".
std::string library_version();

}  // namespace mrec::h5
