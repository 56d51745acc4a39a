#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/page.h"
#include "tune/fanova.h"
#include "tune/journal.h"

namespace mrec::report {

// The page of a study. Its size does not grow beyond some thousand marks: where trials are more,
// an even choice of them is drawn, the best ones always.
Page study_page(const Study& study);

// The charts, each in one piece of SVG; `trials` are places in study.trials.
std::string history_chart(const Study& study, const std::vector<std::size_t>& trials);
std::string slice_chart(const Study& study, std::size_t param,
                        const std::vector<std::size_t>& trials);
// `params` from left to right, then the value; the lines of `best` stand out.
std::string parallel_chart(const Study& study, const std::vector<std::size_t>& params,
                           const std::vector<std::size_t>& trials,
                           const std::vector<std::size_t>& best);
std::string intermediate_chart(const Study& study, const std::vector<std::size_t>& trials);

// Two parameters that explain most of the variance, at least one of them, `y`, with numbers;
// nothing without two such.
struct ContourPair {
  std::size_t x;
  std::size_t y;
};
std::optional<ContourPair> contour_pair(const Study& study);
// The mean over all other parameters, by the forest, with the trials as rings.
std::string contour_chart(const Study& study, const ContourPair& pair, const Forest& forest,
                          const std::vector<std::size_t>& trials);

// Who trained what when.
struct Timeline {
  struct Bar {
    std::size_t trial;  // place
    std::size_t lane;
    double start;  // seconds since the first trial began
    double end;
  };
  std::vector<std::string> lanes;
  std::vector<Bar> bars;
  double length = 0;       // seconds
  double busy = 0;         // share of lanes x length
  double longest_gap = 0;  // seconds within a lane between two trials
};
// A lane for each group of ranks where trials tell theirs by the attribute "group"; else as few as
// hold them all without overlap. A trial that was put aside on the way has a bar for each of its
// "runs", "group:start:end" in microseconds; one that has not ended runs until the last known
// moment.
Timeline timeline_of(const Study& study);
std::string timeline_chart(const Study& study, const Timeline& timeline);

// At most `most` of `places` at even distances, the first and the last among them, in their order.
std::vector<std::size_t> thinned(const std::vector<std::size_t>& places, std::size_t most);

}  // namespace mrec::report
