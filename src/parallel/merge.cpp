#include "parallel/merge.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace mrec {
namespace {

std::vector<std::byte> to_bytes(std::span<const int> index, std::span<const float> records) {
  std::vector<std::byte> bytes(index.size_bytes() + records.size_bytes());
  if (index.empty()) return bytes;
  std::memcpy(bytes.data(), index.data(), index.size_bytes());
  std::memcpy(bytes.data() + index.size_bytes(), records.data(), records.size_bytes());
  return bytes;
}

}  // namespace

Merge::Merge(const Communicator& leaders, const Embeddings& table, States states)
    : leaders_(leaders),
      table_(table),
      states_(states),
      record_(table.record_size()),
      base_(static_cast<std::size_t>(table.rows()) * record_) {
  accept();
}

void Merge::accept() {
  for (int r = 0; r < table_.rows(); ++r) table_.pack(r, base_of(r));
}

void Merge::operator()() {
  take();
  received_ = exchange(sent_);
  finish();
}

void Merge::take() {
  sent_ = changed_rows();
  taken_ = true;
}

void Merge::send() {
  if (taken_) sender_ = std::jthread([this] { received_ = exchange(sent_); });
}

void Merge::wait() {
  if (sender_.joinable()) sender_.join();
}

void Merge::finish() {
  if (!std::exchange(taken_, false)) return;
  std::vector<float> now(record_);
  auto own = sent_.index.begin();
  for (std::size_t i = 0; i < received_.index.size(); ++i) {
    const int r = received_.index[i];
    const std::span change = std::span(received_.records).subspan(i * record_, record_);
    const std::span base = base_of(r);
    table_.pack(r, now);
    // What this node has done since it sent: it started from the row that it sent, or from the
    // base.
    own = std::lower_bound(own, sent_.index.end(), r);
    const bool was_sent = own != sent_.index.end() && *own == r;
    const float* sent = was_sent ? sent_.records.data() +
                                       static_cast<std::size_t>(own - sent_.index.begin()) * record_
                                 : base.data();
    for (std::size_t c = 0; c < record_; ++c) now[c] -= sent[c];
    std::ranges::transform(base, change, base.begin(), std::plus{});
    std::ranges::transform(base, now, now.begin(), std::plus{});
    if (states_ == States::kMeans) {
      // A mean may have fallen meanwhile by more than is left, and rounding may miss zero.
      const auto from = static_cast<std::ptrdiff_t>(table_.record_values());
      const auto not_below_zero = [](float state) { return std::max(state, 0.0F); };
      std::transform(base.begin() + from, base.end(), base.begin() + from, not_below_zero);
      std::transform(now.begin() + from, now.end(), now.begin() + from, not_below_zero);
    }
    table_.unpack(r, now);
  }
}

Merge::Rows Merge::changed_rows() {
  Rows rows;
  std::vector<float> record(record_);
  for (int r = 0; r < table_.rows(); ++r) {
    table_.pack(r, record);
    if (std::ranges::equal(record, base_of(r))) continue;
    rows.index.push_back(r);
    rows.records.insert(rows.records.end(), record.begin(), record.end());
  }
  return rows;
}

Merge::Rows Merge::exchange(const Rows& current) {
  const std::int64_t before = leaders_.bytes_sent();
  const auto num_nodes = static_cast<std::size_t>(leaders_.size());
  std::vector<std::vector<std::byte>> to(num_nodes);
  std::vector<float> changes = current.records;
  for (std::size_t i = 0; i < current.index.size(); ++i) {
    const std::span base = base_of(current.index[i]);
    for (std::size_t c = 0; c < record_; ++c) changes[i * record_ + c] -= base[c];
  }
  std::size_t first = 0;
  for (std::size_t owner = 0; owner < num_nodes; ++owner) {
    const auto end_row = std::int64_t{table_.rows()} * static_cast<std::int64_t>(owner + 1) /
                         static_cast<std::int64_t>(num_nodes);
    const auto last = static_cast<std::size_t>(
        std::ranges::lower_bound(current.index, static_cast<int>(end_row)) - current.index.begin());
    to[owner] = to_bytes(std::span(current.index).subspan(first, last - first),
                         std::span(changes).subspan(first * record_, (last - first) * record_));
    first = last;
  }
  const Rows own = combined(leaders_.exchange(to));

  // Owners follow one another, and so do their rows.
  Rows all;
  for (const std::vector<std::byte>& bytes :
       leaders_.gather_all(to_bytes(own.index, own.records))) {
    const std::size_t count = bytes.size() / (sizeof(int) + record_ * sizeof(float));
    if (count == 0) continue;
    const std::size_t at = all.index.size();
    all.index.resize(at + count);
    all.records.resize((at + count) * record_);
    std::memcpy(all.index.data() + at, bytes.data(), count * sizeof(int));
    std::memcpy(all.records.data() + at * record_, bytes.data() + count * sizeof(int),
                count * record_ * sizeof(float));
  }
  bytes_sent_ += leaders_.bytes_sent() - before;
  return all;
}

Merge::Rows Merge::combined(const std::vector<std::vector<std::byte>>& from) const {
  // Each node's rows ascend: the sums are taken row by row, node by node.
  struct Source {
    std::vector<int> index;
    const std::byte* records;
    std::size_t next = 0;
  };
  std::vector<Source> sources;
  for (const std::vector<std::byte>& bytes : from) {
    const std::size_t count = bytes.size() / (sizeof(int) + record_ * sizeof(float));
    if (count == 0) continue;
    Source source{.index = std::vector<int>(count), .records = bytes.data() + count * sizeof(int)};
    std::memcpy(source.index.data(), bytes.data(), count * sizeof(int));
    sources.push_back(std::move(source));
  }
  Rows rows;
  std::vector<float> change(record_);
  std::vector<float> sum(record_);
  while (true) {
    int row = table_.rows();
    for (const Source& source : sources) {
      if (source.next < source.index.size()) row = std::min(row, source.index[source.next]);
    }
    if (row == table_.rows()) return rows;
    std::ranges::fill(sum, 0.0F);
    float nodes = 0;
    for (Source& source : sources) {
      if (source.next == source.index.size() || source.index[source.next] != row) continue;
      std::memcpy(change.data(), source.records + source.next * record_ * sizeof(float),
                  record_ * sizeof(float));
      std::ranges::transform(sum, change, sum.begin(), std::plus{});
      ++source.next;
      ++nodes;
    }
    if (nodes > 1) {
      const std::size_t values = table_.record_values();
      for (std::size_t c = 0; c < values; ++c) sum[c] /= std::sqrt(nodes);
      if (states_ == States::kMeans) {
        for (std::size_t c = values; c < record_; ++c) sum[c] /= nodes;
      }
    }
    rows.index.push_back(row);
    rows.records.insert(rows.records.end(), sum.begin(), sum.end());
  }
}

}  // namespace mrec
