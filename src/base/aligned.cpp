#include "base/aligned.h"

namespace mrec {

AlignedFloats aligned_zeros(std::size_t size) { return AlignedFloats(size); }

}  // namespace mrec
