#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/aligned.h"
#include "base/matrix.h"
#include "model/factor_rows.h"
#include "model/metadata.h"
#include "model/sgd.h"
#include "model/square_sgd.h"
#include "model/train_params.h"
#include "parallel/checkpoint.h"
#include "parallel/communicator.h"
#include "parallel/merge.h"
#include "parallel/shared_array.h"

namespace mrec {

// This rank's part of the work.
struct TrainingShard {
  const SparseMatrix& weights;         // [its rows x artists]: its users, with ials then its tags
  std::int64_t first_user = 0;         // index of its first user among all
  std::int64_t first_interaction = 0;  // number of interactions of all users before
  int num_tags = 0;                    // the last rows of `weights`, which are no users

  [[nodiscard]] int num_users() const { return static_cast<int>(weights.rows()) - num_tags; }
};

// What an epoch did, over all ranks.
struct EpochResult {
  double mean_loss = 0;   // per interaction
  double step_share = 0;  // share of the interactions that taught something
};

// Asynchronous SGD: every rank goes through its own users; the artists' parameters lie once in the
// memory of each node, and all ranks of the node update them without locks (Hogwild). Several nodes
// are brought together some times an epoch (merge.h). Users' parameters belong to their rank.
class HogwildTrainer {
 public:
  // Collective over `world`. `node` are the ranks of world that share memory with this one (in a
  // test: any division of the world). All arguments outlive the trainer.
  HogwildTrainer(const Communicator& world, const Communicator& node, const TrainingShard& shard,
                 const Metadata* metadata, const TrainParams& params);

  // As AlsTrainer's; between the parts of an epoch, which only the square loss and merges have.
  void attend(std::function<void()> attend) { attend_ = std::move(attend); }

  // Collective: one pass over the interactions. Throws a Verdict when the parameters are no longer
  // finite: the learning rate was too large.
  EpochResult epoch();

  // Collective: from now on the parameters of every epoch's end go into a mean, which finish() puts
  // in place of the last ones (Polyak, Juditsky 1992; Izmailov et al. 2018).
  // finish() ends the training: what only epochs need is given back, and artists become their
  // representations.
  void start_averaging();
  void finish();

  // Collective: all that a trainer of the same data and options, on any number of ranks, needs to
  // go on from here. Of the artists, roots of nodes give and take all, the others nothing. What
  // state_rows() returns holds until the next epoch, and is for save_checkpoint() by all ranks.
  [[nodiscard]] TrainerState state();
  [[nodiscard]] TrainerRows state_rows();
  void restore(const TrainerState& state);

  [[nodiscard]] int num_nodes() const { return num_nodes_; }
  // Collective: what all nodes together have sent to one another for merges.
  [[nodiscard]] std::int64_t bytes_sent() const;

  // After an epoch, the same on every rank up to what the merge leaves: representations [A x d] and
  // biases [A] of all artists.
  [[nodiscard]] Matrix artist_factors() const { return artists_.compose(); }
  [[nodiscard]] Vector artist_bias() const { return artists_.compose_bias(); }
  // The same factors where they lie, until the trainer goes on. Before finish() only where there
  // are no metadata, of which they would have to be composed.
  [[nodiscard]] std::optional<FactorRows> artist_rows() const;
  [[nodiscard]] Matrix user_factors() const;                     // [its users x d]
  [[nodiscard]] Matrix user_factors(int first, int last) const;  // of its users [first, last)
  [[nodiscard]] Vector user_bias() const;                        // [its users]
  [[nodiscard]] Matrix feature_factors() const;                  // [metadata columns x d]
  [[nodiscard]] Vector feature_bias() const;                     // [metadata columns]

 private:
  // Adds the current parameters to the sums.
  void accumulate();
  // Collective: a part of an epoch, then the nodes' changes to one another. After the last part all
  // nodes have the same artists.
  PassResult pass(int part, int num_parts);
  // Collective: of all rows and of all artists.
  Grams grams();

  const Communicator& world_;
  const Communicator& node_;
  Communicator leaders_;  // one rank of every node; the others' is not used
  const TrainParams& params_;
  int num_nodes_;
  double num_interactions_;  // of all ranks
  int num_users_;
  SharedArray<float> shared_;
  AlignedFloats user_memory_;
  Embeddings users_;
  ArtistModel artists_;
  std::optional<Sgd> sgd_;           // losses of single interactions
  std::optional<SquareSgd> square_;  // the square loss of all pairs
  std::optional<Merge> merge_;       // on the leaders, when there are several nodes
  std::function<void()> attend_;
  int epoch_ = 0;

  int num_averaged_ = -1;  // epochs in the sums; -1: not averaging
  std::vector<float> user_sum_;
  std::vector<float> artist_sum_;  // on the node's root
};

}  // namespace mrec
