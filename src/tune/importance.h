#pragma once

#include <span>
#include <vector>

#include "tune/space.h"
#include "tune/trial.h"

namespace mrec {

// [space.size()], sum 1 (all 0 when nothing can be told): how much each parameter decides whether a
// trial is among the best tenth, by PED-ANOVA (Watanabe et al., IJCAI 2023).
//
// It is the Pearson divergence between the density of the parameter in the best trials and in all
// of them, both smoothed on a grid of at most 50 cells. A parameter that only a part of the trials
// has counts with alpha^2 / beta, its shares of the best trials and of all. Complete trials are
// looked at; fewer than 4 tell nothing.
std::vector<double> importances(const Space& space, bool maximize, std::span<const Trial> trials);

}  // namespace mrec
