#pragma once

#include "model/kernel.h"
#include "model/losses/all.h"
#include "model/metadata_steps.h"
#include "model/optimizer.h"

namespace mrec {
inline namespace MREC_LEVEL {

// Goes through the chunks of a task. While one interaction is worked on, what the next ones will
// read is on its way to the cache: their rows, and the rows of the first artists that they draw.
template <typename Loss, typename Optimizer>
class PassLoop {
 public:
  PassLoop(const PassTask& task, const Loss& loss, const Optimizer& optimizer)
      : task_(task),
        loss_(loss),
        optimizer_(optimizer),
        scorer_(task.artists, task.metadata),
        metadata_(optimizer, task.artists, task.metadata, optimizer_states(task.params)),
        pushes_(loss.max_pushes()),
        direction_(aligned_zeros(static_cast<std::size_t>(task.users.stride()))) {}

  PassResult run() {
    const Cursor end = {.chunk = task_.chunks.size()};
    Cursor reading;
    Visit slots[kAhead] = {};
    std::size_t written = 0;
    open(reading);
    const auto prepare = [&] {
      if (reading.chunk == end.chunk) return;
      slots[written++ % kAhead] = visit_of(reading);
      advance(reading);
    };
    for (std::size_t i = 0; i < kAhead - 1; ++i) prepare();
    for (std::size_t done = 0;; ++done) {
      prepare();
      if (done == written) break;
      if (done + 1 < written)
        slots[(done + 1) % kAhead].draws.start(scorer_, ahead_, loss_.max_draws());
      work(slots[done % kAhead]);
    }
    metadata_.flush();
    return result_;
  }

 private:
  static constexpr std::size_t kAhead = 4;

  // A place in the chunks.
  struct Cursor {
    std::size_t chunk = 0;
    int at = 0;    // in the order
    int last = 0;  // of the chunk
  };

  struct Visit {
    int user = 0;
    Positive positive;
    Draws draws{Rng(0), Rng(0)};
  };

  void open(Cursor& cursor) const {
    if (cursor.chunk == task_.chunks.size()) return;
    const Chunk& chunk = task_.chunks[cursor.chunk];
    cursor.at = chunk.first;
    cursor.last = std::min(chunk.first + kChunkSize, task_.weights.outerIndexPtr()[chunk.user + 1]);
  }

  void advance(Cursor& cursor) const {
    if (++cursor.at < cursor.last) return;
    ++cursor.chunk;
    open(cursor);
  }

  // Fetches the rows of the interaction.
  Visit visit_of(const Cursor& cursor) const {
    const int user = task_.chunks[cursor.chunk].user;
    const int* artists = task_.weights.innerIndexPtr();
    const int begin = task_.weights.outerIndexPtr()[user];
    const int k = interaction_at(task_.order, begin, cursor.at);
    const int end = task_.weights.outerIndexPtr()[user + 1];
    const int artist = artists[k];
    scorer_.fetch(artist);
    if (task_.artists.has_identity) fetch_state(task_.artists.features, artist);
    row::fetch(task_.users.row(user), task_.users.stride());
    fetch_state(task_.users, user);
    const auto seed = static_cast<std::uint64_t>(task_.params.seed);
    const auto epoch = static_cast<std::uint64_t>(task_.epoch);
    const int place = task_.places.empty() ? k : task_.places[static_cast<std::size_t>(k)];
    const auto key = static_cast<std::uint64_t>(task_.first_interaction + place);
    return {.user = user,
            .positive = {.artist = artist,
                         .weight = task_.params.sample_weights ? task_.weights.valuePtr()[k] : 1,
                         .heard = {artists + begin, static_cast<std::size_t>(end - begin)}},
            .draws = Draws(Rng(seed, epoch, key), Rng(seed, kOwnDraws + epoch, key))};
  }

  static void fetch_state(const Embeddings& table, int r) {
    row::fetch(table.row_state(r), table.state_stride());
    row::fetch(table.bias_state(r), 1);
  }

  void work(Visit& visit) {
    row::reload();
    scorer_.start_user(task_.users, visit.user);
    if (!metadata_.empty()) metadata_.project(task_.users.row(visit.user), scorer_.projections());
    pushes_.clear();
    result_.loss += loss_.draw(scorer_, visit.positive, visit.draws, pushes_);
    // As many will be needed next time, about.
    usual_draws_ += (static_cast<float>(visit.draws.taken()) - usual_draws_) / 64;
    ahead_ = static_cast<int>(usual_draws_ + 1.5F);
    if (pushes_.empty()) return;
    result_.steps += 1;
    apply(visit.user);
  }

  // Applies the pushes to the artists' and the user's rows. The user's direction needs the artists
  // as they are before the step.
  void apply(int user) {
    const Embeddings& users = task_.users;
    const Embeddings& features = task_.artists.features;
    const int size = users.stride();
    float* p = users.row(user);
    std::ranges::fill(direction_, 0.0F);
    float total = 0;
    for (const Push& push : pushes_) {
      total += push.weight;
      if (!task_.artists.has_identity) continue;
      row::add(push.weight, features.row(push.artist), direction_.data(), size);
    }
    float rate = 0;
    int num_rows = 0;
    if (!metadata_.empty()) {
      metadata_.begin();
      for (const Push& push : pushes_) metadata_.add(push.weight, task_.metadata.row(push.artist));
      metadata_.finish(p, direction_.data());
      rate = metadata_.rates();
      num_rows = task_.metadata.num_features();
    }
    if (task_.artists.has_identity) {
      for (const Push& push : pushes_) rate += step(features, push.artist, push.weight, p);
      num_rows += static_cast<int>(pushes_.size());
    }
    result_.artist_rate += rate / static_cast<float>(num_rows);
    result_.user_rate += optimizer_.step(1, direction_.data(), p, users.row_state(user),
                                         users.state_gap(), size, users.dim());
    // A pair's pushes cancel out.
    if (total != 0) step_bias(users, user, total);
  }

  float step(const Embeddings& table, int r, float factor, const float* direction) const {
    step_bias(table, r, factor);
    return optimizer_.step(factor, direction, table.row(r), table.row_state(r), table.state_gap(),
                           table.stride(), table.dim());
  }

  void step_bias(const Embeddings& table, int r, float factor) const {
    optimizer_.step_one(factor, &table.bias(r), table.bias_state(r), table.state_gap());
  }

  // Draws that a loss makes besides artists come from a stream of their own.
  static constexpr std::uint64_t kOwnDraws = 5ULL << 32;

  const PassTask& task_;
  const Loss& loss_;
  const Optimizer& optimizer_;
  Scorer scorer_;
  MetadataSteps<Optimizer> metadata_;
  Pushes pushes_;
  AlignedFloats direction_;  // [stride] minus the gradient by the user's row
  PassResult result_;
  float usual_draws_ = 1;
  int ahead_ = 2;
};

inline PassResult run_pass(const PassTask& task) {
  return with_loss(task.params, [&](const auto& loss) {
    return with_optimizer(
        task.params, [&](const auto& optimizer) { return PassLoop(task, loss, optimizer).run(); });
  });
}

}  // namespace MREC_LEVEL
}  // namespace mrec
