#pragma once

#include <vector>

namespace mrec::report {

// Carries values [from, to] to pixels [begin, end], evenly or by their logarithms (then from > 0).
// A value outside comes to lie on the nearer end.
struct Scale {
  double from = 0;
  double to = 1;  // > from
  double begin = 0;
  double end = 1;
  bool log = false;

  double operator()(double value) const;
};

// The smallest of 1, 2, 5, 10, 20, ... (times any power of ten) that is >= width.
double nice_step(double width);

// About `about` round values within [from, to]: multiples of nice_step(), on a log scale powers of
// ten (with 2 and 5 between them when these are few).
std::vector<double> ticks(const Scale& scale, int about);

}  // namespace mrec::report
