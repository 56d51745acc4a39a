#pragma once

#include "base/prefetch.h"
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
        scorer_(task.artists, task.metadata, Loss::kPushesDraws),
        metadata_(optimizer, task.artists, task.metadata, optimizer_states(task.params)),
        pushes_(loss.max_pushes()),
        direction_(aligned_zeros(static_cast<std::size_t>(task.users.stride()))),
        stream_(mix64(mix64(static_cast<std::uint64_t>(task.params.seed)) ^
                      static_cast<std::uint64_t>(task.epoch))) {}

  PassResult run() {
    Cursor reading;
    open(reading);
    std::size_t read = 0;
    std::size_t started = 0;
    for (std::size_t done = 0;; ++done) {
      for (; read < done + kReadAhead && reading.chunk < task_.chunks.size(); ++read) {
        visit(reading, visits_[read % kReadAhead]);
        advance(reading);
      }
      if (done == read) break;
      for (; started < std::min(read, done + kDrawAhead); ++started) {
        Visit& next = visits_[started % kReadAhead];
        next.draws.start(next.key, scorer_, next.positive.artist, ahead_, loss_.max_draws());
      }
      work(visits_[done % kReadAhead]);
    }
    metadata_.flush();
    return result_;
  }

 private:
  // So many interactions have been read, and so many have drawn artists, when one is worked on,
  // which is the first of them.
  static constexpr std::size_t kReadAhead = 4;
  static constexpr std::size_t kDrawAhead = 2;
  static constexpr int kFetchedHeard = 128;  // of a user's artists

  // A place in the chunks.
  struct Cursor {
    std::size_t chunk = 0;
    int at = 0;    // in the order
    int last = 0;  // of the chunk
  };

  struct Visit {
    int user = 0;
    Positive positive;
    std::uint64_t key = 0;  // of its draws
    Draws draws;
  };

  // Fetches the user's row, and of the next chunk what leads to its interactions.
  void open(Cursor& cursor) const {
    if (cursor.chunk == task_.chunks.size()) return;
    const Chunk& chunk = task_.chunks[cursor.chunk];
    const int* offsets = task_.weights.outerIndexPtr();
    cursor.at = chunk.first;
    cursor.last = std::min(chunk.first + task_.chunk_size, offsets[chunk.user + 1]);
    row::fetch(task_.users.row(chunk.user), task_.users.stride());
    fetch_state(task_.users, chunk.user);
    if (cursor.chunk + 1 == task_.chunks.size()) return;
    const Chunk& next = task_.chunks[cursor.chunk + 1];
    prefetch_line(task_.order.data() + next.first);
    const int* artists = task_.weights.innerIndexPtr();
    const int first = offsets[next.user];
    const int last = std::min(offsets[next.user + 1], first + kFetchedHeard);
    for (int k = first; k < last; k += row::kLanes) prefetch_line(artists + k);
  }

  void advance(Cursor& cursor) const {
    if (++cursor.at < cursor.last) return;
    ++cursor.chunk;
    open(cursor);
  }

  // Fetches the rows of the interaction.
  void visit(const Cursor& cursor, Visit& visit) const {
    const int user = task_.chunks[cursor.chunk].user;
    const int* artists = task_.weights.innerIndexPtr();
    const int begin = task_.weights.outerIndexPtr()[user];
    const int end = task_.weights.outerIndexPtr()[user + 1];
    const int k = interaction_at(task_.order, begin, cursor.at);
    const int artist = artists[k];
    if constexpr (Loss::kLearnsItsArtist) {
      scorer_.fetch(artist);
      scorer_.fetch_state(artist);
    }
    const int place = task_.places.empty() ? k : task_.places[static_cast<std::size_t>(k)];
    visit.user = user;
    visit.positive = {.artist = artist,
                      .weight = task_.params.sample_weights ? task_.weights.valuePtr()[k] : 1,
                      .heard = {artists + begin, static_cast<std::size_t>(end - begin)},
                      .opens_chunk = cursor.at == task_.chunks[cursor.chunk].first};
    visit.key = mix64(stream_ ^ static_cast<std::uint64_t>(task_.first_interaction + place));
  }

  void work(Visit& visit) {
    row::reload();
    scorer_.start_user(task_.users, visit.user);
    if (!metadata_.empty()) metadata_.project(task_.users.row(visit.user), scorer_.projections());
    pushes_.clear();
    result_.loss += loss_.draw(scorer_, visit.positive, visit.draws, pushes_);
    // As many will be needed next time, about; the half is for rounding.
    usual_draws_ += (static_cast<float>(visit.draws.taken()) + 0.5F - usual_draws_) / 64;
    ahead_ = static_cast<int>(usual_draws_);
    if (pushes_.empty()) return;
    result_.steps += 1;
    apply(visit.user);
  }

  // Applies the pushes to the artists' and the user's rows. The user's direction needs the artists
  // as they are before the step.
  void apply(int user) {
    float rate = 0;
    int num_rows = 0;
    if (!metadata_.empty()) {
      metadata_.begin();
      for (const Push& push : pushes_) metadata_.add(push.weight, task_.metadata.row(push.artist));
      metadata_.finish(task_.users.row(user), direction_.data());
      rate = metadata_.rates();
      num_rows = task_.metadata.num_features();
    }
    if (task_.artists.has_identity) num_rows += static_cast<int>(pushes_.size());
    const bool is_pair = task_.artists.has_identity && pushes_.size() == 2;
    rate += is_pair ? step_pair(user) : step_each(user);
    if (!is_pair || !metadata_.empty()) row::clear(direction_.data(), task_.users.stride());
    result_.artist_rate += rate / static_cast<float>(num_rows);
    float total = 0;
    for (const Push& push : pushes_) total += push.weight;
    // A pair's pushes cancel out.
    if (total != 0) step_bias(task_.users, user, total);
  }

  // Steps the rows of two artists and of the user, all in one go. Returns the sum of the artists'
  // mean learning rates.
  float step_pair(int user) {
    // Not as whole Pushes: their halves have just been stored one by one, and a load of both would
    // wait for the stores.
    const int one = pushes_[0].artist;
    const int other = pushes_[1].artist;
    const float one_weight = pushes_[0].weight;
    const float other_weight = pushes_[1].weight;
    const Embeddings& features = task_.artists.features;
    const float* one_row = features.row(one);
    const float* other_row = features.row(other);
    float* user_row = task_.users.row(user);
    const float* direction = direction_.data();
    const int size = features.stride();
    const int dim = features.dim();
    auto one_step = step_of(features, one, one_weight);
    auto other_step = step_of(features, other, other_weight);
    auto user_step = step_of(task_.users, user, 1);
    row::Lanes user_squares{};
    row::Lanes squares{};
    for (int c = 0; c < size; c += row::kLanes) {
      const row::Lanes p = row::row_load(user_row + c);
      const row::Lanes d = row::row_load(direction + c) + one_weight * row::row_load(one_row + c) +
                           other_weight * row::row_load(other_row + c);
      one_step(c, p);
      other_step(c, p);
      user_step(c, d);
      user_squares = user_squares + p * p;
      squares = squares + d * d;
    }
    result_.user_rate += user_step.finish(row::fold(squares), size, dim);
    const float sum = row::fold(user_squares);
    step_bias(features, one, one_weight);
    step_bias(features, other, other_weight);
    return one_step.finish(sum, size, dim) + other_step.finish(sum, size, dim);
  }

  // The same for any number of artists, one row after the other.
  float step_each(int user) {
    const Embeddings& features = task_.artists.features;
    const Embeddings& users = task_.users;
    float* direction = direction_.data();
    float rate = 0;
    if (task_.artists.has_identity) {
      for (const Push& push : pushes_) {
        row::add(push.weight, features.row(push.artist), direction, features.stride());
      }
      for (const Push& push : pushes_) {
        step_bias(features, push.artist, push.weight);
        rate += row::step(step_of(features, push.artist, push.weight), users.row(user),
                          features.stride(), features.dim());
      }
    }
    result_.user_rate += row::step(step_of(users, user, 1), direction, users.stride(), users.dim());
    return rate;
  }

  [[nodiscard]] auto step_of(const Embeddings& table, int r, float factor) const {
    return typename Optimizer::Step(optimizer_, factor, table.row(r), table.row_state(r),
                                    table.state_gap());
  }

  void step_bias(const Embeddings& table, int r, float factor) const {
    optimizer_.step_one(factor, &table.bias(r), table.bias_state(r), table.state_gap());
  }

  const PassTask& task_;
  Loss loss_;
  const Optimizer& optimizer_;
  Scorer scorer_;
  MetadataSteps<Optimizer> metadata_;
  Pushes pushes_;
  // [stride] minus the gradient by the user's row, as far as it does not come from a pair; zero
  // between interactions.
  AlignedFloats direction_;
  std::uint64_t stream_;  // of the epoch's draws
  Visit visits_[kReadAhead];
  PassResult result_;
  float usual_draws_ = 1.5F;
  int ahead_ = 1;
};

inline PassResult run_pass(const PassTask& task) {
  return with_loss(task.params, [&](const auto& loss) {
    return with_optimizer(
        task.params, [&](const auto& optimizer) { return PassLoop(task, loss, optimizer).run(); });
  });
}

}  // namespace MREC_LEVEL
}  // namespace mrec
