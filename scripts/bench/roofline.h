#pragma once

namespace mrec {

// Measures and prints the bandwidth of reading, the time of a random row of 256 bytes in tables of
// several sizes, and the peak of multiply-adds; then the bytes and flops of an update beside them.
void print_roofline();

}  // namespace mrec
