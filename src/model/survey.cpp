#include "model/survey.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <numeric>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "model/catalogue.h"

namespace mrec {
namespace {

struct Anchor {
  const char* name;
  const char* genre;
};

constexpr Anchor kAnchors[] = {
    {"The Beatles", "Classic Rock"},
    {"Beyoncé", "Pop"},
    {"2Pac", "Hip-Hop"},
    {"Miles Davis", "Jazz"},
    {"Daft Punk", "Electronic"},
    {"Metallica", "Metal"},
    {"Adele", "Soul/Pop"},
    {"Bob Marley", "Reggae"},
    {"Mozart", "Classical"},
    {"Bruno Mars", "Singer-Songwriter"},
};
constexpr std::size_t kMost = 10;

float cosine(const Matrix& rows, int a, int b) {
  const float lengths = rows.row(a).norm() * rows.row(b).norm();
  return lengths > 0 ? rows.row(a).dot(rows.row(b)) / lengths : 0;
}

}  // namespace

std::vector<SurveyArtist> choose_survey(const Artifact& model, int count) {
  const auto wanted = static_cast<std::size_t>(count);
  std::vector<SurveyArtist> survey;
  const auto is_chosen = [&](int artist) {
    return std::ranges::find(survey, artist, &SurveyArtist::artist) != survey.end();
  };
  const auto listeners = [&](int artist) {
    return model.artist_listeners[static_cast<std::size_t>(artist)];
  };

  const Catalogue catalogue(model.artist_names, model.artist_listeners);
  for (const Anchor& anchor : kAnchors) {
    const std::optional<int> artist = catalogue.find(anchor.name);
    if (survey.size() < wanted && artist && listeners(*artist) > 0 && !is_chosen(*artist)) {
      survey.push_back({*artist, anchor.genre});
    }
  }

  std::vector<int> known(static_cast<std::size_t>(model.num_artists()));
  std::iota(known.begin(), known.end(), 0);
  constexpr std::size_t kKnown = 200;
  const auto last = known.begin() + static_cast<std::ptrdiff_t>(std::min(kKnown, known.size()));
  std::ranges::partial_sort(known, last, std::greater{}, listeners);
  known.erase(last, known.end());
  add_diverse(model, known, wanted, survey);
  return survey;
}

void add_diverse(const Artifact& model, std::span<const int> known, std::size_t count,
                 std::vector<SurveyArtist>& survey) {
  std::vector<float> nearest(known.size(), 0);  // largest similarity with those in the survey
  const auto add = [&](int artist) {
    for (std::size_t i = 0; i < known.size(); ++i) {
      nearest[i] = std::max(nearest[i], cosine(model.artist_factors, known[i], artist));
    }
  };
  std::vector<char> is_chosen(known.size(), 0);
  for (const SurveyArtist& chosen : survey) {
    add(chosen.artist);
    const auto at = std::ranges::find(known, chosen.artist);
    if (at != known.end()) is_chosen[static_cast<std::size_t>(at - known.begin())] = 1;
  }
  while (survey.size() < count) {
    std::size_t best = known.size();
    float best_value = -1;
    for (std::size_t i = 0; i < known.size(); ++i) {
      if (is_chosen[i] != 0) continue;
      const int listeners = model.artist_listeners[static_cast<std::size_t>(known[i])];
      const float value = std::log1p(static_cast<float>(listeners)) * (1 - nearest[i]);
      if (value > best_value) {
        best = i;
        best_value = value;
      }
    }
    if (best == known.size()) return;
    is_chosen[best] = 1;
    const int artist = known[best];
    survey.push_back({artist, model.artist_genres[static_cast<std::size_t>(artist)]});
    add(artist);
  }
}

std::vector<SurveyArtist> read_survey(const std::string& path, const IdMap& artists) {
  std::ifstream file(path);
  if (!file) throw InputError(path + ": cannot be opened");
  std::vector<SurveyArtist> survey;
  std::set<int> seen;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    if (++number == 1) drop_byte_order_mark(line);
    const std::string where = path + ":" + std::to_string(number) + ": ";
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    const std::size_t tab = std::min(line.find('\t'), line.size());
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + tab, id);
    if (error != std::errc{} || end != line.data() + tab) {
      throw InputError(where + "expected `artist_id <tab> genre`");
    }
    const std::optional<int> artist = artists.find(id);
    if (!artist) {
      throw InputError(where + "artist " + std::to_string(id) + " is not in the catalogue");
    }
    if (!seen.insert(*artist).second) {
      throw InputError(where + "artist " + std::to_string(id) + " comes twice");
    }
    if (seen.size() > kMost) throw InputError(where + "a survey has at most 10 artists");
    survey.push_back({*artist, tab < line.size() ? line.substr(tab + 1) : ""});
  }
  if (survey.empty()) throw InputError(path + ": names no artist");
  return survey;
}

}  // namespace mrec
