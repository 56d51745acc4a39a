#include "dataset/spotify.h"

#include <array>
#include <cmath>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/in_stages.h"
#include "dataset/name_normalizer.h"
#include "dataset/seen_tracks.h"

namespace mrec::spotify {
namespace {

// Columns that are shares: 0..1, in some files percents.
constexpr std::array kShares{Column::kDanceability, Column::kEnergy,           Column::kSpeechiness,
                             Column::kAcousticness, Column::kInstrumentalness, Column::kLiveness,
                             Column::kValence};

// What the visitor is told.
struct Visit {
  Track* track = nullptr;
  std::optional<std::string> former;  // a further genre of a track that had these
};

struct Batch {
  static constexpr std::size_t kMost = 512;

  std::vector<TrackRow> rows = std::vector<TrackRow>(kMost);
  std::size_t size = 0;
  std::vector<Visit> visits;
};

// Reads one file behind another.
class Reader {
 public:
  static constexpr const char* kNoRow = "file without a row of its own";

  Reader(ReadReport& report, const TrackVisitor& visitor, ReadBy by)
      : report_(report), visitor_(visitor), by_(by) {}

  [[nodiscard]] std::int64_t num_tracks() const { return seen_.size(); }

  void read(const std::string& path) {
    TrackTable table(path);
    if (table.is_blank()) {
      report_.left_out("file without a table", path, 1, "");
      return;
    }
    const std::int64_t first = num_tracks();
    percents_.reset();
    const std::function<bool(Batch&)> fill = [&](Batch& batch) {
      batch.size = 0;
      while (batch.size < Batch::kMost && table.next(batch.rows[batch.size])) ++batch.size;
      return batch.size > 0;
    };
    const std::array<std::function<void(Batch&)>, 2> stages{
        [&](Batch& batch) { choose(batch, path); }, [&](Batch& batch) { hand_out(batch); }};
    in_stages<Batch>(fill, stages, by_ == ReadBy::kTwoThreads ? 2 : 1);
    hand_out_waiting();
    if (num_tracks() > first) {
      report_.used(path, num_tracks() - first);
    } else {
      report_.left_out(kNoRow, path, 1, "");
    }
  }

 private:
  // The first tracks of a file wait until it is known what has percents.
  static constexpr std::size_t kWaiting = 16'384;

  // The first stage: which rows are tracks.
  void choose(Batch& batch, const std::string& path) {
    constexpr std::size_t kAhead = 8;
    batch.visits.clear();
    for (std::size_t i = 0; i < batch.size; ++i) {
      if (i + 2 * kAhead < batch.size) seen_.prefetch_shard(batch.rows[i + 2 * kAhead].track.key);
      if (i + kAhead < batch.size) seen_.prefetch_place(batch.rows[i + kAhead].track.key);
      TrackRow& row = batch.rows[i];
      const char* reason = row.broken != nullptr ? row.broken : choose(row, batch.visits);
      if (reason == nullptr) continue;
      const bool first = !report_.kinds().contains(reason);  // whose text stands in the report
      report_.left_out(reason, path, row.line, first ? to_utf8(row.text) : "");
    }
  }

  // Returns why the row is left out, or nullptr.
  const char* choose(TrackRow& row, std::vector<Visit>& visits) {
    Track& track = row.track;
    SeenTracks::Entry& entry = seen_.at(track.key);
    if (row.unusable != nullptr || !entry.is_free()) {
      const bool again =
          !entry.is_free() && entry.is_row(row.hash) && has_genre(entry, track.genre);
      if (again || !unused_rows_.insert(row.hash).second) return "exact repeat of a row";
      if (row.unusable != nullptr) return row.unusable;
      if (!has_genre(entry, track.genre)) visits.push_back(add_genre(track, entry));
      return "repeated track (its genre is kept)";
    }
    seen_.put(entry, track.key, row.hash, states_.number_of(track.genre, popularity_of(track)));
    visits.push_back({.track = &track});
    return nullptr;
  }

  static float popularity_of(const Track& track) { return track.value(Column::kPopularity); }

  [[nodiscard]] bool has_genre(const SeenTracks::Entry& entry, const std::string& genre) const {
    if (genre.empty()) return true;
    const std::string all = ";" + std::string(genre_of(entry)) + ";";
    return all.find(";" + genre + ";") != std::string::npos;
  }

  [[nodiscard]] std::string_view genre_of(const SeenTracks::Entry& entry) const {
    return states_.genre(states_.state(entry.state()));
  }

  // The same track in several genres (or files) is one track of several genres.
  Visit add_genre(Track& track, SeenTracks::Entry& entry) {
    const float popularity = states_.state(entry.state()).popularity;
    std::string former(genre_of(entry));
    if (!former.empty()) track.genre = former + ";" + track.genre;
    track.values.fill(kMissing);
    track.values[static_cast<std::size_t>(Column::kPopularity)] = popularity;
    entry.change_state(states_.number_of(track.genre, popularity));
    return {.track = &track, .former = std::move(former)};
  }

  // The second stage: tracks are shown to the visitor.
  void hand_out(const Batch& batch) {
    for (const Visit& visit : batch.visits) {
      if (percents_) {
        tell(visit);
        continue;
      }
      waiting_tracks_.push_back(*visit.track);
      waiting_.push_back({.track = &waiting_tracks_.back(), .former = visit.former});
      if (waiting_.size() >= kWaiting) hand_out_waiting();
    }
  }

  void hand_out_waiting() {
    if (percents_) return;
    find_percents();
    for (const Visit& visit : waiting_) tell(visit);
    std::vector<Visit>().swap(waiting_);
    std::deque<Track>().swap(waiting_tracks_);
  }

  void tell(const Visit& visit) const {
    if (!visit.former) {
      scale_percents(*visit.track);
      visitor_.track(*visit.track);
    } else if (visitor_.genre) {
      visitor_.genre(*visit.track, *visit.former);
    }
  }

  // A column has percents where most values but 0 are above 1. A single one is a fault of its row.
  void find_percents() {
    percents_.emplace();
    for (const Column column : kShares) {
      const auto c = static_cast<std::size_t>(column);
      std::int64_t surplus = 0;
      for (const Track& track : waiting_tracks_) {
        const float value = track.values[c];
        surplus += value > 1 ? 1 : (value > 0 ? -1 : 0);
      }
      (*percents_)[c] = surplus > 0;
    }
  }

  void scale_percents(Track& track) const {
    for (const Column column : kShares) {
      const auto c = static_cast<std::size_t>(column);
      if ((*percents_)[c]) track.values[c] /= 100;
      if (track.values[c] > 1) track.values[c] = kMissing;
    }
  }

  ReadReport& report_;
  const TrackVisitor& visitor_;
  const ReadBy by_;
  std::deque<Track> waiting_tracks_;
  std::vector<Visit> waiting_;
  std::optional<std::array<bool, kNumColumns>> percents_;  // of the file, once known
  SeenTracks seen_;
  TrackStates states_;
  std::unordered_set<std::uint64_t> unused_rows_;
};

// "; left out 3 x row without any feature, 1 x blank row", or nothing
std::string left_out_since(const std::map<std::string, ReadReport::Kind>& before,
                           const ReadReport& report) {
  std::string list;
  for (const auto& [kind, entry] : report.kinds()) {
    const auto known = before.find(kind);
    const std::int64_t count = entry.count - (known == before.end() ? 0 : known->second.count);
    if (count == 0 || kind == Reader::kNoRow) continue;
    list += (list.empty() ? "; left out " : ", ") + std::to_string(count) + " x " + kind;
  }
  return list;
}

}  // namespace

void visit_tracks(std::span<const std::string> paths, ReadReport& report,
                  const TrackVisitor& visitor, ReadBy by) {
  Reader reader(report, visitor, by);
  const auto before = report.kinds();
  for (const std::string& path : paths) reader.read(path);
  if (reader.num_tracks() == 0 && !paths.empty()) {
    throw InputError(paths.front() + ": no usable row" +
                     (paths.size() > 1 ? " in this nor the other track files" : "") +
                     left_out_since(before, report) +
                     "; expected CSV with a header and one row per track, with features such as "
                     "popularity, energy or tempo");
  }
}

std::vector<Track> read_tracks(std::span<const std::string> paths, ReadReport& report) {
  std::vector<Track> tracks;
  std::unordered_map<std::uint64_t, std::size_t> places;
  visit_tracks(paths, report,
               {.track =
                    [&](const Track& track) {
                      places.emplace(track.key, tracks.size());
                      tracks.push_back(track);
                    },
                .genre =
                    [&](const Track& track, const std::string& /*former*/) {
                      tracks[places.at(track.key)].genre = track.genre;
                    }});
  return tracks;
}

}  // namespace mrec::spotify
