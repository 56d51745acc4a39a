#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/matrix.h"
#include "model/factor_rows.h"
#include "model/square_loss.h"
#include "model/train_params.h"
#include "parallel/communicator.h"
#include "parallel/hogwild.h"
#include "parallel/shard.h"
#include "parallel/shared_array.h"

namespace mrec {

// Alternating exact least squares on the whole-data square loss (model/square_loss.h): all rows,
// users and tags, for fixed artists, then all artists for fixed rows. Ranks divide rows and artists
// among them; both tables lie once in the memory of each node, and nodes exchange what they have
// solved. Any number of ranks gives the same result up to rounding.
class AlsTrainer {
 public:
  // Collective. `shard.weights` [this rank's rows x artists] are those of its users, then of its
  // tags. All arguments outlive the trainer.
  AlsTrainer(const Communicator& world, const Communicator& node, const TrainingShard& shard,
             const TrainParams& params);

  // `attend` is called often in an epoch, on this rank, so that it can answer others meanwhile.
  void attend(std::function<void()> attend) { attend_ = std::move(attend); }

  // Collective: both half-sweeps. The mean loss is that of the observed pairs. Throws a Verdict
  // when the factors are no longer finite.
  EpochResult epoch();
  // Collective: the rows once more, so that they fit the last artists.
  void finish();

  // Collective, as HogwildTrainer's: an epoch begins with the artists and needs nothing else.
  [[nodiscard]] TrainerState state();
  void restore(const TrainerState& state);

  // As HogwildTrainer's; there are no biases and no metadata.
  [[nodiscard]] Matrix artist_factors() const;
  [[nodiscard]] std::optional<FactorRows> artist_rows() const;
  [[nodiscard]] Vector artist_bias() const { return Vector::Zero(artists_.num_rows()); }
  [[nodiscard]] Matrix user_factors() const;
  [[nodiscard]] Vector user_bias() const { return Vector::Zero(num_users_); }
  [[nodiscard]] Matrix feature_factors() const { return Matrix(0, params_.dim); }
  [[nodiscard]] Vector feature_bias() const { return Vector(0); }

 private:
  // Factors of one side [rows x d], of which each rank solves a piece.
  struct Table {
    std::vector<int> begins;  // [ranks + 1]
    SharedArray<float> memory;
    int dim;

    Table(const Communicator& world, const Communicator& node, std::vector<int> piece_begins,
          int num_columns);
    [[nodiscard]] int num_rows() const { return begins.back(); }
    [[nodiscard]] Eigen::Map<Matrix> rows(int begin, int end) const;
    [[nodiscard]] Shard piece(int rank) const;
  };

  // Collective: solves all of `solved` for `fixed`. `pairs` [this rank's piece x fixed rows].
  // Returns the loss of this rank's pairs.
  double half_sweep(const SparseMatrix& pairs, const SquareLoss& loss, Table& fixed, Table& solved);
  // Collective: the eigenvectors of the Gram matrix become the basis of the table's rows.
  Vector diagonalize(Table& table);
  // Collective: every node sees what the ranks of all nodes have solved.
  void exchange(Table& table);

  const Communicator& world_;
  const Communicator& node_;
  Communicator leaders_;        // one rank of every node; the others' is not used
  std::vector<int> leader_of_;  // [ranks] the place of its node among the leaders
  const TrainParams& params_;
  const SparseMatrix& row_pairs_;  // [own rows x artists]
  int num_users_;
  Table rows_;
  Table artists_;
  SparseMatrix artist_pairs_;  // [own artists x all rows]
  double num_pairs_;           // of all ranks
  std::function<void()> attend_;
  int epoch_ = 0;
};

}  // namespace mrec
