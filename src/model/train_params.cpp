#include "model/train_params.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "model/loss.h"

namespace mrec {

namespace {

constexpr int kFewestMerges = 8;
constexpr double kMostMerges = 100'000;
// Rotation: as long as nodes know nothing of one another's artists, each finds directions of its
// own.
constexpr int kFirstSweeps = 16;

// Losses of single interactions, and the one of all pairs (model/square_loss.h).
std::vector<std::string> all_losses() {
  std::vector<std::string> names = loss_names();
  names.emplace_back("ials");
  return names;
}

}  // namespace

int TrainParams::merges_per_epoch(int num_nodes, double interactions_per_artist) const {
  if (sync == "auto") {
    const double merges = std::ceil(2 * interactions_per_artist);
    return std::max({kFewestMerges, num_nodes, static_cast<int>(std::min(merges, kMostMerges))});
  }
  int merges = 0;
  try {
    set({.name = "sync", .value = &merges, .help = "", .min = 1, .max = kMostMerges}, sync);
  } catch (const InputError& error) {
    throw InputError(std::string(error.what()) + "; expected auto or a number of merges per epoch");
  }
  return merges;
}

int TrainParams::sweeps(int epoch, int num_nodes) const {
  if (sync != "auto") return merges_per_epoch(num_nodes, 0);
  return num_nodes == 1 ? 1 : std::max(1, kFirstSweeps >> std::min(epoch, kFirstSweeps));
}

double TrainParams::learning_rate_at(int epoch) const {
  return learning_rate * std::min(1.0, (epoch + 1) / std::max(1.0, warmup * epochs));
}

void TrainParams::check() const {
  static_cast<void>(merges_per_epoch(1, 1));
  if (loss == "warp-kos" && kos_k > kos_n) {
    throw InputError("kos_k = " + std::to_string(kos_k) + " is more than the kos_n = " +
                     std::to_string(kos_n) + " positives that are drawn");
  }
  if (rotates()) {
    if (is_square()) throw InputError("engine rotate does not go with loss ials");
    if (has_metadata()) {
      throw InputError("engine rotate moves artists of identities only; use --features identity");
    }
    if (overlap) throw InputError("engine rotate has no merges that could overlap");
  }
  if (!is_square()) {
    if (solver == "als") throw InputError("solver als goes with loss ials only");
    return;
  }
  if (features != "identity") {
    throw InputError(
        "loss ials takes side information from tags (tag_weight), not from metadata; "
        "use --features identity");
  }
  if (solver == "sgd" && optimizer != "adagrad") {
    throw InputError("loss ials goes with optimizer adagrad only");
  }
}

Fields TrainParams::fields() {
  return {
      {.name = "loss",
       .value = &loss,
       .help = "warp, bpr, warp-kos and logistic rank, as LightFM does; ials is the square loss "
               "over all pairs, which does best on most data",
       .choices = all_losses()},
      {.name = "dim", .value = &dim, .help = "length of a latent vector", .min = 1, .max = 1024},
      {.name = "epochs",
       .value = &epochs,
       .help = "passes over the interactions",
       .min = 1,
       .max = 100'000},
      {.name = "learning_rate",
       .value = &learning_rate,
       .help = "first step size of adagrad (not with solver als)",
       .min = 1e-9,
       .max = 100},
      {.name = "warmup",
       .value = &warmup,
       .help = "share of the epochs, the first ones, in which the step size rises to "
               "learning_rate (not with ials)",
       .min = 0,
       .max = 1},
      {.name = "optimizer",
       .value = &optimizer,
       .help = "how steps shrink",
       .choices = {"adagrad", "adadelta"}},
      {.name = "adagrad",
       .value = &adagrad,
       .help =
           "adagrad: an accumulator for every element, or one for a row, half the memory (ials: "
           "always for every element)",
       .choices = {"element", "row"}},
      {.name = "adadelta_rho",
       .value = &adadelta_rho,
       .help = "adadelta: decay of its averages",
       .min = 0,
       .max = 0.999999},
      {.name = "adadelta_epsilon",
       .value = &adadelta_epsilon,
       .help = "adadelta: conditioning",
       .min = 1e-12,
       .max = 1},
      {.name = "features",
       .value = &features,
       .help = "what represents an artist",
       .choices = {"identity", "metadata", "identity+metadata"}},
      {.name = "metadata_scale",
       .value = &metadata_scale,
       .help = "length of an artist's metadata vector beside its identity, whose length is 1",
       .min = 1e-6,
       .max = 1e6},
      {.name = "standardize",
       .value = &standardize,
       .help = "give every metadata column the same deviation; no: columns weigh as the scaling of "
               "mrec-prepare --pipeline lets them"},
      {.name = "sample_weights",
       .value = &sample_weights,
       .help =
           "scale each step by the interaction's weight (not with warp-kos; ials has confidence)"},
      {.name = "max_sampled",
       .value = &max_sampled,
       .help = "WARP, k-OS: negatives drawn at most per positive",
       .min = 1,
       .max = 100'000},
      {.name = "kos_k",
       .value = &kos_k,
       .help = "k-OS: the k-th best of the drawn positives is trained on",
       .min = 1,
       .max = 1000},
      {.name = "kos_n", .value = &kos_n, .help = "k-OS: positives drawn", .min = 1, .max = 1000},
      {.name = "negatives",
       .value = &negatives,
       .help = "logistic: unheard artists drawn per positive; 0 is LightFM's behaviour, which "
               "learns little but popularity",
       .min = 0,
       .max = 1000},
      {.name = "solver",
       .value = &solver,
       .help = "ials: sgd, or als for alternating exact least squares (8 epochs do)",
       .choices = {"sgd", "als"}},
      {.name = "unheard_weight",
       .value = &unheard_weight,
       .help = "ials: weight of every pair, heard or not, whose score is pulled to 0; an observed "
               "pair weighs 1 and more",
       .min = 0,
       .max = 1000},
      {.name = "confidence",
       .value = &confidence,
       .help = "ials: an observed pair counts 1 + confidence * its weight",
       .min = 0,
       .max = 1e6},
      {.name = "target_spread",
       .value = &target_spread,
       .help = "ials: the score of an observed pair is pulled to 1 + target_spread * (its weight - "
               "1); 0: to 1, whatever was played most",
       .min = 0,
       .max = 100},
      {.name = "regularization",
       .value = &regularization,
       .help = "ials: L2 of a row with n pairs among m others: regularization * (n + "
               "unheard_weight m)^regularization_exponent",
       .min = 0,
       .max = 1e6},
      {.name = "regularization_exponent",
       .value = &regularization_exponent,
       .help = "ials: 0 is the same L2 for every row, 1 in proportion to its pairs",
       .min = 0,
       .max = 2},
      {.name = "artist_ridge",
       .value = &artist_ridge,
       .help = "ials: how many times as strong the L2 of artists is",
       .min = 0,
       .max = 1e6},
      {.name = "tag_weight",
       .value = &tag_weight,
       .help = "ials: weight of a tag, which has artists as a user has; 0: without tags",
       .min = 0,
       .max = 1e6},
      {.name = "user_alpha",
       .value = &user_alpha,
       .help = "L2 on users, relative to the step size, at every step (ials has regularization)",
       .min = 0,
       .max = 1},
      {.name = "artist_alpha",
       .value = &artist_alpha,
       .help = "L2 on artists, relative to the step size, at every step (ials has regularization)",
       .min = 0,
       .max = 1},
      {.name = "averaging",
       .value = &averaging,
       .help = "share of the epochs, the last ones, whose parameters are averaged (not with solver "
               "als)",
       .min = 0,
       .max = 1},
      {.name = "engine",
       .value = &engine,
       .help = "hogwild: every node has all artists, and they are merged; rotate: every node has a "
               "part "
               "of them, which is passed on until it has been everywhere, for more artists than a "
               "node has memory for",
       .choices = {"hogwild", "rotate"}},
      {.name = "blocks",
       .value = &blocks,
       .help = "rotate: blocks that the artists are divided into, anew in every epoch; unheard "
               "artists are drawn from the block of the heard one. At least as many as nodes",
       .min = 1,
       .max = 100'000},
      {.name = "sync",
       .value = &sync,
       .help =
           "merges between nodes per epoch (several nodes only); auto: whenever the "
           "nodes have gone through half as many interactions as there are artists, at least 8. "
           "rotate: how often an epoch passes every artist around; auto: 16 times in the first "
           "epoch, then 8, 4, 2 and 1"},
      {.name = "overlap",
       .value = &overlap,
       .help = "nodes train on while their changes travel, which then arrive a part of an epoch "
               "later (several nodes only)"},
      {.name = "seed", .value = &seed, .help = "decides all random draws"},
  };
}

}  // namespace mrec
