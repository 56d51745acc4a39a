#pragma once

#include "model/embeddings.h"
#include "model/row.h"
#include "model/train_params.h"

namespace mrec {

inline bool is_adadelta(const TrainParams& params) { return params.optimizer == "adadelta"; }

// What the optimizer keeps of the tables, and what it starts at.
StateShape optimizer_states(const TrainParams& params);
float initial_state(const TrainParams& params);

inline namespace MREC_LEVEL {

// visit(optimizer) with the optimizer that `params` name.
template <typename Visit>
auto with_optimizer(const TrainParams& params, const Visit& visit) {
  if (is_adadelta(params)) {
    return visit(row::Adadelta{.rho = static_cast<float>(params.adadelta_rho),
                               .epsilon = static_cast<float>(params.adadelta_epsilon)});
  }
  const auto learning_rate = static_cast<float>(params.learning_rate);
  if (params.adagrad == "row") return visit(row::RowAdagrad{learning_rate});
  return visit(row::Adagrad{learning_rate});
}

}  // namespace MREC_LEVEL
}  // namespace mrec
