#pragma once

#include "model/losses/bpr.h"
#include "model/losses/logistic.h"
#include "model/losses/warp.h"
#include "model/losses/warp_kos.h"

namespace mrec {
inline namespace MREC_LEVEL {

// A loss says what one interaction teaches. It has
//   kName                             what the user calls it
//   Loss(const TrainParams&)
//   kPushesDraws                      whether nearly every artist drawn is pushed: then what the
//                                     optimizer keeps of it is fetched, too
//   kLearnsItsArtist                  whether the interaction's own artist is scored and pushed
//   int max_draws()                   artists drawn at most per interaction
//   int max_pushes()
//   float draw(scorer, positive, draws, pushes)   appends the pushes and returns the loss; no push:
//                                     there was nothing to learn. `scorer` is set to the user.
//                                     Every pass has its own copy of the loss.
// To add one: one file in this folder and a place in these two lists.
template <typename Visit>
void for_each_loss(const Visit& visit) {
  visit.template operator()<Warp>();
  visit.template operator()<Bpr>();
  visit.template operator()<WarpKos>();
  visit.template operator()<Logistic>();
}

// visit(loss) with the loss that `params` names.
template <typename Visit>
auto with_loss(const TrainParams& params, const Visit& visit) {
  if (params.loss == Warp::kName) return visit(Warp(params));
  if (params.loss == Bpr::kName) return visit(Bpr(params));
  if (params.loss == WarpKos::kName) return visit(WarpKos(params));
  if (params.loss == Logistic::kName) return visit(Logistic(params));
  refuse_loss(params.loss);
}

}  // namespace MREC_LEVEL
}  // namespace mrec
