#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/aligned.h"
#include "base/hash.h"
#include "base/prefetch.h"

namespace mrec {

// Texts, each once, numbered 0, 1, ... in the order of their first appearance. Keeps copies, which
// never move. A text is looked up by its hash and compared byte by byte.
class NumberedTexts {
 public:
  struct Number {
    std::uint32_t value = 0;
    bool is_new = false;
  };
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  // The number that the text has or is given. `hash` is hash_bytes(text).
  Number add(std::string_view text, std::uint64_t hash) {
    if (const std::uint32_t known = find(text, hash); known != kNone) return {known, false};
    const std::uint32_t number = size();
    if (2 * (records_.size() + 1) > places_.size()) grow();
    records_.push_back(make_record(number, text));
    put(hash, records_.back());
    return {number, true};
  }
  Number add(std::string_view text) { return add(text, hash_bytes(text)); }

  // kNone when it has not been added.
  [[nodiscard]] std::uint32_t find(std::string_view text, std::uint64_t hash) const {
    std::size_t place = first(hash);
    for (; places_[place].record != kNone; place = (place + 1) & (places_.size() - 1)) {
      if (places_[place].hash != upper(hash)) continue;
      const char* const record = record_at(places_[place].record);
      if (text_of(record) == text) return head_of(record).number;
    }
    return kNone;
  }
  [[nodiscard]] std::uint32_t find(std::string_view text) const {
    return find(text, hash_bytes(text));
  }
  // The numbers of many texts, each as find() gives it; memory is not waited for text by text.
  [[nodiscard]] std::vector<std::uint32_t> find(std::span<const std::string> texts) const {
    constexpr std::size_t kAtOnce = 64;
    std::vector<std::uint32_t> numbers;
    numbers.reserve(texts.size());
    std::vector<std::uint64_t> hashes;
    for (; !texts.empty(); texts = texts.subspan(hashes.size())) {
      hashes.clear();
      const auto some = texts.first(std::min(kAtOnce, texts.size()));
      for (const std::string& text : some) hashes.push_back(hash_bytes(text));
      for (const std::uint64_t hash : hashes) prefetch_place(hash);
      for (const std::uint64_t hash : hashes) prefetch_text(hash);
      for (std::size_t i = 0; i < some.size(); ++i) numbers.push_back(find(some[i], hashes[i]));
    }
    return numbers;
  }

  [[nodiscard]] std::string_view operator[](std::uint32_t number) const {
    return text_of(record_at(records_[number]));
  }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(records_.size()); }

  // Fetch what find() and add() will look at, one after the other: the place in the table, and what
  // it leads to.
  void prefetch_place(std::uint64_t hash) const { prefetch_line(&places_[first(hash)]); }
  void prefetch_text(std::uint64_t hash) const {
    const Place& place = places_[first(hash)];
    if (place.record != kNone) prefetch_line(record_at(place.record));
  }

 private:
  // Of an open-addressing hash table with linear probing, half full at most.
  struct Place {
    std::uint32_t hash = 0;        // its upper half; the lower one chooses the place
    std::uint32_t record = kNone;  // kNone: the place is free
  };
  // A record is a head and the text behind it. Records lie in chunks of kChunk units; a chunk that
  // begins with a longer text is as long as that takes, and nothing else begins in it beyond.
  struct Head {
    std::uint32_t number = 0;
    std::uint32_t size = 0;
  };
  static constexpr std::size_t kUnit = 8;  // bytes: every record begins at a multiple
  static constexpr std::size_t kChunk = std::size_t{1} << 13U;

  static std::uint32_t upper(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32U); }
  static Head head_of(const char* record) {
    Head head;
    std::memcpy(&head, record, sizeof head);
    return head;
  }
  static std::string_view text_of(const char* record) {
    return {record + sizeof(Head), head_of(record).size};
  }
  [[nodiscard]] std::size_t first(std::uint64_t hash) const { return hash & (places_.size() - 1); }
  [[nodiscard]] const char* record_at(std::uint32_t record) const {
    return chunks_[record / kChunk].data() + record % kChunk * kUnit;
  }

  void put(std::uint64_t hash, std::uint32_t record) {
    std::size_t place = first(hash);
    while (places_[place].record != kNone) place = (place + 1) & (places_.size() - 1);
    places_[place] = {.hash = upper(hash), .record = record};
  }

  void grow() {
    places_.assign(2 * places_.size(), {});
    for (const std::uint32_t record : records_) put(hash_bytes(text_of(record_at(record))), record);
  }

  std::uint32_t make_record(std::uint32_t number, std::string_view text) {
    const std::size_t units = (sizeof(Head) + text.size() + kUnit - 1) / kUnit;
    if (chunks_.empty() || used_ + units > kChunk) {
      chunks_.emplace_back(std::max(kChunk, units) * kUnit);
      used_ = 0;
    }
    const auto record = static_cast<std::uint32_t>((chunks_.size() - 1) * kChunk + used_);
    char* const to = chunks_.back().data() + used_ * kUnit;
    const Head head{number, static_cast<std::uint32_t>(text.size())};
    std::memcpy(to, &head, sizeof head);
    std::copy(text.begin(), text.end(), to + sizeof head);
    used_ += units;
    return record;
  }

  std::vector<Place, LineAllocator<Place>> places_ = std::vector<Place, LineAllocator<Place>>(64);
  std::vector<std::uint32_t> records_;  // by number
  std::vector<std::vector<char>> chunks_;
  std::size_t used_ = 0;  // units of the last chunk
};

}  // namespace mrec
