#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/numbered_texts.h"
#include "base/prefetch.h"

namespace mrec::spotify {

// What is kept of every track, to know it when it comes again: 12 bytes in an open-addressing hash
// table that is two thirds to 85 % full, so some 16 bytes a track.
//
// The table consists of 4096 shards that grow one by one, so that there is never an old and a new
// one of everything. 12 bits of a key choose the shard, 44 are compared: of 3.5 million tracks two
// are taken for one with a probability of n^2 / 2^57 = 0.01 %.
class SeenTracks {
 public:
  class Entry {
   public:
    Entry() = default;
    Entry(std::uint64_t key, std::uint64_t row, std::uint32_t state)
        : low_(static_cast<std::uint32_t>(key)),
          high_and_row_(high(key) | row_bits(row)),
          state_(state + 1) {}

    [[nodiscard]] bool is_free() const { return state_ == 0; }
    // The row that it was added with, by 20 bits of its hash.
    [[nodiscard]] bool is_row(std::uint64_t row) const {
      return (high_and_row_ & kRowMask) == row_bits(row);
    }
    // What the caller knows of the track.
    [[nodiscard]] std::uint32_t state() const { return state_ - 1; }
    void change_state(std::uint32_t state) { state_ = state + 1; }

   private:
    friend SeenTracks;
    static constexpr std::uint32_t kRowMask = (1U << 20U) - 1;

    static std::uint32_t high(std::uint64_t key) {
      return static_cast<std::uint32_t>(key >> 32U) & ~kRowMask;
    }
    static std::uint32_t row_bits(std::uint64_t row) {
      return static_cast<std::uint32_t>(row >> 44U);
    }
    [[nodiscard]] bool has(const Entry& other) const {
      return low_ == other.low_ && ((high_and_row_ ^ other.high_and_row_) & ~kRowMask) == 0;
    }

    std::uint32_t low_ = 0;           // of the key
    std::uint32_t high_and_row_ = 0;  // 12 further bits of the key, 20 of the row
    std::uint32_t state_ = 0;         // 0: the place is free
  };

  // Fetch what at(key) will look at, one after the other.
  void prefetch_shard(std::uint64_t key) const { prefetch_line(&shards_[shard_of(key)]); }
  void prefetch_place(std::uint64_t key) const {
    const Shard& shard = shards_[shard_of(key)];
    if (!shard.places.empty()) prefetch_line(&shard.places[place_of(shard, Entry(key, 0, 0))]);
  }
  // The entry of a key; when it has not been added, the free one for put(). Valid until the next
  // call.
  Entry& at(std::uint64_t key) {
    Shard& shard = shards_[shard_of(key)];
    if (20 * (shard.size + 1) > 17 * shard.places.size()) grow(shard);
    return at(shard, Entry(key, 0, 0));
  }
  void put(Entry& place, std::uint64_t key, std::uint64_t row, std::uint32_t state) {
    place = Entry(key, row, state);
    ++shards_[shard_of(key)].size;
    ++size_;
  }
  [[nodiscard]] std::int64_t size() const { return size_; }

 private:
  struct Shard {
    std::vector<Entry> places;
    std::uint32_t size = 0;
  };

  // Bits of the key that an entry does not hold.
  static std::size_t shard_of(std::uint64_t key) { return (key >> 40U) & 0xFFFU; }
  static std::size_t place_of(const Shard& shard, const Entry& entry) {
    return (std::uint64_t{entry.low_} * shard.places.size()) >> 32U;
  }
  // Where the key stands, or would; behind a taken place the next one (linear probing).
  static Entry& at(Shard& shard, const Entry& entry) {
    std::size_t place = place_of(shard, entry);
    while (!shard.places[place].is_free() && !shard.places[place].has(entry)) {
      if (++place == shard.places.size()) place = 0;
    }
    return shard.places[place];
  }
  static void grow(Shard& shard) {
    std::vector<Entry> old(shard.places.size() * 5 / 4 + 4);
    old.swap(shard.places);
    for (const Entry& entry : old) {
      if (!entry.is_free()) at(shard, entry) = entry;
    }
  }

  std::vector<Shard> shards_ = std::vector<Shard>(4096);
  std::int64_t size_ = 0;
};

// Pairs of genres and popularity, each once and by a number: what has to be known of a track when
// it comes again in a further genre.
class TrackStates {
 public:
  struct State {
    std::uint32_t genre = 0;
    float popularity = 0;
  };

  std::uint32_t number_of(std::string_view genre, float popularity) {
    const State state{genres_.add(genre).value, popularity};
    return states_.add({reinterpret_cast<const char*>(&state), sizeof state}).value;
  }
  [[nodiscard]] State state(std::uint32_t number) const {
    State state;
    std::memcpy(&state, states_[number].data(), sizeof state);
    return state;
  }
  [[nodiscard]] std::string_view genre(const State& state) const { return genres_[state.genre]; }

 private:
  NumberedTexts genres_;
  NumberedTexts states_;  // the bytes of a State
};

}  // namespace mrec::spotify
