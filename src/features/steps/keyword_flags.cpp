#include "features/steps/keyword_flags.h"

#include <algorithm>
#include <unordered_map>

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

void KeywordFlags::operator()(Table& table) const {
  const std::vector<std::string>& genres = table.text("genre", "the track table");
  const std::vector<std::string>& tags = table.text("tags", "join_tags");
  for (const KeywordFlag& flag : keyword_flags()) table.numbers[flag.column].resize(table.rows());
  // Many rows share a text: an artist's tags and the genre of its tracks.
  std::unordered_map<std::string, std::vector<float>> known;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string text = genres[row] + "|" + tags[row];
    const auto [found, is_new] = known.try_emplace(text);
    if (is_new) {
      const std::string words = prepared(text, rule);
      for (const KeywordFlag& flag : keyword_flags()) {
        found->second.push_back(names_one(words, flag, rule) ? 1.0F : 0.0F);
      }
    }
    std::size_t i = 0;
    for (const KeywordFlag& flag : keyword_flags()) {
      table.numbers[flag.column][row] = found->second[i++];
    }
  }
}

}  // namespace mrec::features
