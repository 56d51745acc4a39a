#include "features/named_tracks.h"

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <utility>

#include "dataset/name_normalizer.h"

namespace mrec::features {
namespace {

// The first 16 bytes as numbers that compare as they do.
struct Beginning {
  explicit Beginning(std::string_view text) {
    std::array<char, 16> bytes{};
    std::copy_n(text.data(), std::min(text.size(), bytes.size()), bytes.data());
    for (std::size_t i = 0; i < 8; ++i) {
      high = high << 8U | static_cast<unsigned char>(bytes[i]);
      low = low << 8U | static_cast<unsigned char>(bytes[8 + i]);
    }
  }
  auto operator<=>(const Beginning&) const = default;

  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

}  // namespace

int NamedTracks::spelling_of(std::string_view name, std::uint64_t hash) {
  const auto [number, is_new] = spellings_.add(name, hash);
  if (is_new) {
    const auto [artist, is_new_artist] = keys_.add(normalize_name(name));
    if (is_new_artist) summary_.add_artist();
    uses_.push_back({.artist = static_cast<std::int32_t>(artist)});
  }
  return static_cast<int>(number);
}

void NamedTracks::wait(const spotify::Track& track, const TrackNote& note, int times) {
  const auto number = static_cast<std::uint32_t>(waiting_.size());
  waiting_.push_back({note, times});
  for (const std::string& name : track.artists) {
    const std::uint64_t hash = hash_bytes(name);
    spellings_.prefetch_place(hash);
    waiting_names_.push_back({.hash = hash,
                              .begin = static_cast<std::uint32_t>(waiting_text_.size()),
                              .size = static_cast<std::uint32_t>(name.size()),
                              .track = number});
    waiting_text_ += name;
  }
  if (waiting_names_.size() >= kWaiting) add_waiting();
}

void NamedTracks::add(const spotify::Track& track) { wait(track, summary_.noted(track), 1); }

void NamedTracks::change_genre(const spotify::Track& track, const std::string& former) {
  wait(track, summary_.noted(track, &former), 0);
}

void NamedTracks::add_waiting() {
  for (const Name& name : waiting_names_) spellings_.prefetch_text(name.hash);
  for (Name& name : waiting_names_) {
    const std::string_view text = std::string_view(waiting_text_).substr(name.begin, name.size);
    Use& use = uses_[static_cast<std::size_t>(spelling_of(text, name.hash))];
    use.num_tracks += waiting_[name.track].times;
    name.artist = use.artist;
    summary_.prefetch(use.artist);
  }
  for (const Name& name : waiting_names_) summary_.prefetch_place(name.artist);
  for (auto name = waiting_names_.begin(); name != waiting_names_.end(); ++name) {
    // Two spellings of one artist: the track counts once.
    bool twice = false;
    for (auto other = name; other != waiting_names_.begin() && (--other)->track == name->track;) {
      twice = twice || other->artist == name->artist;
    }
    if (!twice) summary_.add(name->artist, waiting_[name->track].note);
  }
  waiting_.clear();
  waiting_names_.clear();
  waiting_text_.clear();
}

std::vector<SpotifyName> NamedTracks::names() {
  add_waiting();
  struct Place {
    Beginning beginning;
    std::uint32_t spelling = 0;
  };
  std::vector<Place> order;
  order.reserve(spellings_.size());
  for (std::uint32_t s = 0; s < spellings_.size(); ++s) {
    order.push_back({Beginning(spellings_[s]), s});
  }
  std::ranges::sort(order, [&](const Place& a, const Place& b) {
    if (a.beginning != b.beginning) return a.beginning < b.beginning;
    return spellings_[a.spelling] < spellings_[b.spelling];
  });
  std::vector<SpotifyName> names;
  names.reserve(order.size());
  for (const Place& place : order) {
    names.push_back({std::string(spellings_[place.spelling]), uses_[place.spelling].num_tracks});
  }
  return names;
}

TrackSummary NamedTracks::take(const std::vector<std::string>& names) && {
  add_waiting();
  std::vector<int> artists;
  artists.reserve(names.size());
  for (const std::uint32_t spelling : spellings_.find(names)) {
    const std::string& name = names[artists.size()];
    if (spelling != NumberedTexts::kNone) {
      artists.push_back(uses_[spelling].artist);
    } else {
      const std::uint32_t artist =
          name.empty() ? NumberedTexts::kNone : keys_.find(normalize_name(name));
      artists.push_back(artist == NumberedTexts::kNone ? -1 : static_cast<int>(artist));
    }
  }
  return std::move(summary_).take(artists);
}

}  // namespace mrec::features
