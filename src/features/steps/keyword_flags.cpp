#include "features/steps/keyword_flags.h"

#include <algorithm>

#include "features/steps/tracks.h"

namespace mrec::features {
namespace {

// Lower case; for whole words everything that is no letter or digit becomes a space, with one at
// both ends. The '|' between two tags stays, so that no keyword reaches from one into the next.
std::string prepared(const std::string& text, KeywordRule rule) {
  std::string result = rule == KeywordRule::kWord ? " " : "";
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool in_word = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') ||
                         static_cast<unsigned char>(lower) >= 0x80;
    if (in_word || rule == KeywordRule::kSubstring) {
      result += lower;
    } else {
      result += lower == '|' ? " | " : " ";
    }
  }
  return rule == KeywordRule::kWord ? result + ' ' : result;
}

bool names_one(const std::string& text, const KeywordFlag& flag, KeywordRule rule) {
  const auto found = [&](const char* keyword) {
    return text.find(prepared(keyword, rule)) != std::string::npos;
  };
  return std::ranges::any_of(flag.keywords, found) ||
         (rule == KeywordRule::kWord && std::ranges::any_of(flag.variants, found));
}

}  // namespace

const std::vector<KeywordFlag>& keyword_flags() {
  static const std::vector<KeywordFlag> kFlags{
      {"genre_rock", {"rock", "alt", "grunge", "punk"}, {"alternative", "rockabilly", "punkrock"}},
      {"genre_electronic",
       {"edm", "techno", "house", "trance"},
       {"electronic", "electronica", "electro", "psytrance"}},
      {"genre_hip_hop", {"hip-hop", "rap"}, {"hiphop", "rapcore"}},
      {"genre_classical", {"classical", "opera"}, {"neoclassical"}},
      {"genre_metal", {"metal", "hardcore"}, {"metalcore", "deathcore"}},
      {"mood_happy", {"happy", "party"}},
      {"mood_sad", {"sad", "melancholy"}, {"melancholic"}},
      {"mood_chill", {"chill", "ambient"}, {"chillout"}},
      {"mood_energetic", {"energy", "dance"}, {"energetic", "eurodance"}},
      {"geo_british", {"british", "uk"}, {"britpop"}},
      {"geo_latin", {"latin", "latino", "salsa"}},
      {"geo_asian", {"j-pop", "k-pop", "mandopop"}, {"jpop", "kpop", "j-rock", "jrock"}},
  };
  return kFlags;
}

std::vector<bool> flags_of(const std::string& text, KeywordRule rule) {
  const std::string words = prepared(text, rule);
  std::vector<bool> flags;
  for (const KeywordFlag& flag : keyword_flags()) flags.push_back(names_one(words, flag, rule));
  return flags;
}

Fields KeywordFlags::fields() {
  return {{.name = "rule",
           .value = &rule_,
           .help = "genre, mood and geo words count as whole words, or anywhere, as the original "
                   "did",
           .choices = {"word", "substring"}},
          {.name = "tracks",
           .value = &tracks_,
           .help = "whose genres count: those of all tracks, or of the most popular one",
           .choices = {"all", "popular"}}};
}

void KeywordFlags::apply(Table& table, const Knowledge& knowledge) const {
  const KeywordRule rule = rule_ == "word" ? KeywordRule::kWord : KeywordRule::kSubstring;
  std::vector<std::vector<bool>> of_tag;
  for (const std::string& name : knowledge.tag_names) of_tag.push_back(flags_of(name, rule));
  std::vector<std::vector<bool>> of_genre;
  for (const std::string& name : knowledge.tracks.genres())
    of_genre.push_back(flags_of(name, rule));

  const std::vector<float> popularity = assumed_popularity(knowledge);
  std::vector<std::vector<float>*> columns;
  for (const KeywordFlag& flag : keyword_flags()) columns.push_back(&table.add(flag.column, 0));
  for (int artist = 0; artist < table.num_artists; ++artist) {
    const auto a = static_cast<std::size_t>(artist);
    const ArtistTracks tracks = knowledge.tracks.of(artist);
    const bool all = tracks_ == "all";
    const bool best = all || tracks.unrated == 0 || tracks.best_popularity >= popularity[a];
    const bool unrated = all || popularity[a] >= tracks.best_popularity;
    for (std::size_t f = 0; f < columns.size(); ++f) {
      int rows = 0;
      int hits = 0;
      for (const GenreCount& genre : tracks.genres) {
        const int count = all ? genre.all : (best ? genre.best : 0) + (unrated ? genre.unrated : 0);
        rows += count;
        if (of_genre[static_cast<std::size_t>(genre.genre)][f]) hits += count;
      }
      bool set = rows > 0 && 2 * hits >= rows;
      for (SparseMatrix::InnerIterator it(knowledge.tags, artist); it && !set; ++it) {
        set = of_tag[static_cast<std::size_t>(it.col())][f];
      }
      (*columns[f])[a] = set ? 1.0F : 0.0F;
    }
  }
}

}  // namespace mrec::features
