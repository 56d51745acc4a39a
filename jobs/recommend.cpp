// model.h5 (+ dataset.h5) -> lists of artists
//   mrec-recommend --model model.h5 --like "Metallica" --like "Iron Maiden" --k 10
//   mrec-recommend --dataset dataset.h5 --model model.h5 --all-users --k 10 --out top.tsv
#include <algorithm>
#include <charconv>
#include <iostream>
#include <sstream>

#include "base/output_file.h"
#include "base/text.h"
#include "jobs/job.h"
#include "jobs/known_users.h"
#include "model/artist_scorer.h"
#include "model/catalogue.h"
#include "model/new_artists.h"
#include "model/recommend.h"

namespace {

using namespace mrec;

struct Options {
  std::string model;
  std::string dataset;
  std::vector<std::string> like;
  std::vector<std::string> user;
  bool all_users = false;
  std::string new_artists;
  bool other_dataset = false;
  int k = 10;
  std::string out;

  Fields fields() {
    return {{.name = "model", .value = &model, .help = "model.h5 of mrec-train", .required = true},
            {.name = "dataset",
             .value = &dataset,
             .help = "dataset.h5 that the model was trained on: tells what known users have heard"},
            {.name = "like", .value = &like, .help = "name of an artist that a new person likes"},
            {.name = "user", .value = &user, .help = "id of a known user"},
            {.name = "all_users", .value = &all_users, .help = "lists for all known users"},
            {.name = "new_artists",
             .value = &new_artists,
             .help = "table `artist_id <tab> name <tab> tag;tag:count;...` with this header, of "
                     "artists that nobody has heard: they are placed by their tags, and "
                     "recommended and liked like the others"},
            {.name = "other_dataset",
             .value = &other_dataset,
             .help = "accept a model that was trained on another dataset file"},
            {.name = "k", .value = &k, .help = "length of a list", .min = 1, .max = 100'000},
            {.name = "out",
             .value = &out,
             .help = "file for the lists of known users, tab separated; else stdout",
             .writes = true}};
  }

  void check() const {
    const int kinds = int{!like.empty()} + int{!user.empty()} + int{all_users};
    if (kinds != 1) throw InputError("say one of --like, --user and --all-users");
    if (like.empty() && dataset.empty()) {
      throw InputError(
          "--user and --all-users need --dataset, so that what a user has heard does "
          "not come back");
    }
    if (!like.empty() && !out.empty()) throw InputError("--out goes with --user or --all-users");
  }
};

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  }
  return text;
}

std::vector<Rating> resolve(const Artifact& model, const std::vector<std::string>& names) {
  const Catalogue catalogue(model.artist_names, model.artist_listeners);
  std::vector<Rating> ratings;
  for (const std::string& name : names) {
    const std::optional<int> artist = catalogue.find(name);
    if (!artist) {
      std::vector<std::string> near;
      for (const int other : catalogue.suggest(name, 5)) {
        near.push_back(model.artist_names[static_cast<std::size_t>(other)]);
      }
      throw NotFound("there is no artist '" + name + "' in the catalogue" +
                     (near.empty() ? "" : "; did you mean " + joined(near) + "?"));
    }
    ratings.push_back({*artist, 1});
  }
  return ratings;
}

void recommend_for_taste(const Options& options) {
  Artifact model = Artifact::load(options.model);
  if (!options.new_artists.empty()) add_new_artists(model, options.new_artists);
  const std::vector<Rating> ratings = resolve(model, options.like);
  std::vector<float> scores(static_cast<std::size_t>(model.num_artists()));
  score_artists(model, fold_in(model, ratings), scores);

  std::vector<int> liked;
  std::vector<std::string> names;
  for (const Rating& rating : ratings) {
    liked.push_back(rating.artist);
    names.push_back(model.artist_names[static_cast<std::size_t>(rating.artist)]);
  }
  std::cout << "Because you like " << joined(names) << ":\n";
  int position = 0;
  for (const Scored& scored : top_k(scores, liked, options.k)) {
    ++position;
    const auto a = static_cast<std::size_t>(scored.artist);
    const std::string& genre = model.artist_genres[a];
    std::cout << (position < 10 ? "  " : " ") << position << ". " << model.artist_names[a]
              << (genre.empty() ? "" : " (" + genre + ")") << "  "
              << fixed(100 * static_cast<double>(calibrated(model, scored.score)), 0) << " %\n";
  }
}

// Lists for the known users `chosen` (indices; this rank's only), as lines of the table.
std::string lists_for(const KnownUsers& users, const Artifact& model,
                      const std::vector<int>& chosen, int k) {
  std::vector<int> own;
  for (const int user : chosen) {
    if (user >= users.shard.begin && user < users.shard.end) own.push_back(user);
  }
  const Matrix vectors = model.user_factors(own, Eigen::all);
  const ArtistScorer artists(model.artist_factors, model.artist_bias);
  std::ostringstream lines;
  for (int first = 0; first < std::ssize(own); first += ArtistScorer::kBlock) {
    const int count = std::min(ArtistScorer::kBlock, static_cast<int>(own.size()) - first);
    std::vector<std::vector<int>> heard(static_cast<std::size_t>(count));
    std::vector<TopK> best;
    for (int u = 0; u < count; ++u) {
      std::vector<int>& known = heard[static_cast<std::size_t>(u)];
      const int row = own[static_cast<std::size_t>(first + u)] - users.shard.begin;
      for (const SparseMatrix* part : {&users.train.weights, &users.valid.weights}) {
        for (SparseMatrix::InnerIterator it(*part, row); it; ++it) {
          known.push_back(static_cast<int>(it.col()));
        }
      }
      std::ranges::sort(known);
      best.emplace_back(k, known);
    }
    artists.score_block(vectors, first, count, [&](int u, int artist, std::span<float> scores) {
      best[static_cast<std::size_t>(u)].add(artist, scores);
    });
    for (int u = 0; u < count; ++u) {
      int position = 0;
      for (const Scored& scored : std::move(best[static_cast<std::size_t>(u)]).list()) {
        lines << model.users.id(own[static_cast<std::size_t>(first + u)]) << '\t' << ++position
              << '\t' << model.artists.id(scored.artist) << '\t'
              << model.artist_names[static_cast<std::size_t>(scored.artist)] << '\t'
              << shortest(scored.score) << '\n';
      }
    }
  }
  return lines.str();
}

// Lines in ascending order of the user, whose id they begin with.
std::string sorted_by_user(const std::string& text) {
  std::vector<std::pair<std::int64_t, std::string>> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.emplace_back(std::stoll(line), line);
  std::ranges::stable_sort(lines, {}, &std::pair<std::int64_t, std::string>::first);
  std::string sorted = "user\trank\tartist_id\tname\tscore\n";
  for (const auto& [user, line] : lines) sorted += line + '\n';
  return sorted;
}

std::vector<int> chosen_users(const Options& options, const Artifact& model) {
  std::vector<int> chosen;
  for (const std::string& text : options.user) {
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc{} || end != text.data() + text.size()) {
      throw InputError("user = '" + text + "' is not a whole number");
    }
    const std::optional<int> user = model.users.find(id);
    if (!user) throw NotFound("there is no user " + text + " in " + options.model);
    chosen.push_back(*user);
  }
  if (options.all_users) {
    for (int user = 0; user < model.users.size(); ++user) chosen.push_back(user);
  }
  return chosen;
}

void recommend(const Communicator& world, const Options& options) {
  // 1. A taste given by names needs the model alone.
  world.agree([&] {
    options.check();
    if (!options.like.empty() && world.is_root()) recommend_for_taste(options);
  });
  if (!options.like.empty()) return;

  // 2. For known users every rank makes the lists of its part.
  const KnownUsers users =
      world.agree([&] { return KnownUsers(options.dataset, world.rank(), world.size()); });
  const Artifact model = world.agree([&] {
    Artifact loaded = users.load_model(options.model, options.other_dataset);
    if (!options.new_artists.empty()) add_new_artists(loaded, options.new_artists);
    return loaded;
  });
  const std::vector<int> chosen = world.agree([&] { return chosen_users(options, model); });
  const std::string lines = world.gather(lists_for(users, model, chosen, options.k));

  // 3. The root writes them.
  world.agree([&] {
    if (!world.is_root()) return;
    const std::string table = sorted_by_user(lines);
    if (options.out.empty()) {
      std::cout << table;
      return;
    }
    OutputFile file(options.out);
    file.stream() << table;
    file.commit();
    std::cout << "wrote " << options.out << ": lists of " << options.k << " for " << chosen.size()
              << " users, without what they have heard\n";
  });
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return run_job(
      argc, argv,
      {.name = "mrec-recommend",
       .summary = "recommends artists: to a new person by names of artists they like, or "
                  "to known users.\nReads model.h5, and dataset.h5 for known users; "
                  "writes lists to stdout or a table.",
       .example = "mrec-recommend --model model.h5 --like Metallica --like \"Iron "
                  "Maiden\""},
      options.fields(), [&](const Communicator& world) { recommend(world, options); });
}
