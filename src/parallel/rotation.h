#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/aligned.h"
#include "base/matrix.h"
#include "model/sgd.h"
#include "model/train_params.h"
#include "parallel/blocks.h"
#include "parallel/checkpoint.h"
#include "parallel/communicator.h"
#include "parallel/hogwild.h"
#include "parallel/shared_array.h"

namespace mrec {

// Training where no node has all artists (DSGD++, Teflioudi et al. 2012; NOMAD, Yun et al. 2014).
// An epoch draws blocks of artists (blocks.h), of which each node takes a set. The ranks of a node
// train on what their users have heard of the set, without locks, then every node passes its set on
// to the node before it and takes that of the node behind it, until every set has been everywhere,
// in the first epochs several times (TrainParams::sweeps). Nothing is ever out of date and nothing
// has to be merged: adagrad's states travel with their rows. Unheard artists are drawn from the
// block of the heard one only, which is why blocks change.
//
// Between epochs artists are at home: node n of N has the artists [n A / N, (n + 1) A / N), with
// their sums while parameters are averaged. docs/design.md, "Rotation", has the bytes.
class RotationTrainer {
 public:
  // Collective over `world`. `node` are the ranks of world that share memory with this one. All
  // arguments outlive the trainer. The losses of single interactions, identities only.
  RotationTrainer(const Communicator& world, const Communicator& node, const TrainingShard& shard,
                  const TrainParams& params);

  // All as HogwildTrainer's.
  EpochResult epoch();
  void start_averaging();
  void finish();
  // Of the artists, roots of nodes give and take those at home.
  [[nodiscard]] TrainerState state();
  [[nodiscard]] TrainerRows state_rows();
  void restore(const TrainerState& state);
  [[nodiscard]] Shard home() const { return home_of(own_node_); }
  [[nodiscard]] std::int64_t bytes_sent() const;

  // Collective: all artists, on every rank.
  [[nodiscard]] Matrix artist_factors() const;
  [[nodiscard]] Vector artist_bias() const;
  [[nodiscard]] Matrix user_factors() const { return user_factors(0, users_.rows()); }
  [[nodiscard]] Matrix user_factors(int first, int last) const;
  [[nodiscard]] Vector user_bias() const;
  [[nodiscard]] Matrix feature_factors() const { return Matrix(0, params_.dim); }
  [[nodiscard]] Vector feature_bias() const { return Vector(0); }

 private:
  [[nodiscard]] Shard home_of(int node) const;
  [[nodiscard]] int home_node_of(int artist) const;
  [[nodiscard]] Shard set_of(int node) const;  // blocks [begin, end)
  [[nodiscard]] int most_blocks() const;       // of a set
  [[nodiscard]] std::size_t memory_size() const;
  // The artists at home, in the memory of the node.
  [[nodiscard]] Embeddings home_table() const;
  // The slot-th block of the set that is here, in the same memory.
  [[nodiscard]] Embeddings slot(int slot) const;

  // Trains on a part of the interactions with the set that is here. Not collective.
  PassResult train_on(const Blocks& blocks, const Shard& set, int sweep, int num_sweeps);
  // Collective over the roots of nodes: artists leave home for their sets, are passed on to the
  // node before, or go home from where they are after the last round.
  void leave_home(const Blocks& blocks);
  void pass_on(const Blocks& blocks, const Shard& old_set, const Shard& new_set);
  void go_home(const Blocks& blocks);
  // visit(table of the slot, row in it, artist) for all blocks of a set.
  template <typename Visit>
  void for_each_in(const Blocks& blocks, const Shard& set, const Visit& visit) const;

  const Communicator& world_;
  const Communicator& node_;
  Communicator leaders_;  // one rank of every node; the others' is not used
  const TrainParams& params_;
  const SparseMatrix& weights_;
  std::int64_t first_interaction_;
  int num_nodes_;
  int own_node_;
  int num_artists_;
  int slot_rows_;          // of the largest block
  std::size_t slot_size_;  // floats
  double num_interactions_;
  SharedArray<float> shared_;
  AlignedFloats user_memory_;
  Embeddings users_;
  int epoch_ = 0;

  int num_averaged_ = -1;  // epochs in the sums; -1: not averaging
  std::vector<float> user_sum_;
  std::vector<float> home_sum_;  // on the node's root
};

}  // namespace mrec
