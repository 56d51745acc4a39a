// dataset.h5 + models -> table on stdout, evaluation.json, a page, a table of users
//   mrec-evaluate --dataset dataset.h5 --model model.h5 --split test --k 10 --json evaluation.json
#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <numeric>
#include <set>
#include <sstream>

#include "base/output_file.h"
#include "base/text.h"
#include "eval/baselines.h"
#include "eval/genre_table.h"
#include "eval/new_artists.h"
#include "eval/new_users.h"
#include "eval/report.h"
#include "jobs/clock.h"
#include "jobs/job.h"
#include "jobs/known_users.h"
#include "report/evaluation.h"

namespace {

using namespace mrec;

struct Options {
  std::string dataset;
  std::vector<std::string> models;
  std::string split = "test";
  std::string k = "10";
  bool exclude_known = true;
  bool other_dataset = false;
  int sampled = 0;
  std::int64_t seed = 1;
  bool new_artists = false;
  std::string new_users;
  int ratings = 10;
  std::string baselines = "item-knn,popularity,random";
  std::string json;
  std::string html;
  std::string per_user;

  Fields fields() {
    return {{.name = "dataset",
             .value = &dataset,
             .help = "dataset.h5 of mrec-prepare; without it the one that the first model was "
                     "trained on. Not used by --new-users"},
            {.name = "model",
             .value = &models,
             .help = "model.h5 of mrec-train; several are compared user by user",
             .required = true},
            {.name = "split",
             .value = &split,
             .help = "what is to be predicted",
             .choices = {"test", "valid"}},
            {.name = "new_users",
             .value = &new_users,
             .help = "evaluate fold-in instead: survey.tsv,target.tsv with columns userID artistID "
                     "weight, of users whom the model has never seen"},
            {.name = "ratings",
             .value = &ratings,
             .help = "new users: how many of the survey's artists they rate",
             .min = 1,
             .max = 10},
            {.name = "new_artists",
             .value = &new_artists,
             .help = "evaluate instead how artists that nobody has in train are recommended, from "
                     "their tags: only they are ranked"},
            {.name = "k", .value = &k, .help = "length of the lists; several as 5,10,20"},
            {.name = "exclude_known",
             .value = &exclude_known,
             .help = "leave artists that the user is known to have heard (train, and valid at test "
                     "time) out of the lists"},
            {.name = "sampled",
             .value = &sampled,
             .help = "rank held-out artists among this many drawn others only, for huge "
                     "catalogues; the figures are biased. 0: among all",
             .min = 0,
             .max = 1e9},
            {.name = "seed", .value = &seed, .help = "of what --sampled draws", .min = 0},
            {.name = "other_dataset",
             .value = &other_dataset,
             .help = "accept a model that was trained on another dataset file; its training part "
                     "may hold what is to be predicted here"},
            {.name = "baselines",
             .value = &baselines,
             .help = "what stands beside the models: ease, item-knn, item-knn-bm25, popularity, "
                     "random; with commas"},
            {.name = "json",
             .value = &json,
             .help = "file for the same figures as JSON",
             .writes = true},
            {.name = "html",
             .value = &html,
             .help = "file for a page with charts of them",
             .writes = true},
            {.name = "per_user",
             .value = &per_user,
             .help = "file for the figures and lists of every user: HDF5, or JSON when its name "
                     "ends in .json",
             .writes = true}};
  }
};

std::vector<int> parse_ks(const std::string& text) {
  std::vector<int> ks;
  for (const char* at = text.data(); at <= text.data() + text.size();) {
    int k = 0;
    const auto [end, error] = std::from_chars(at, text.data() + text.size(), k);
    if (error != std::errc{} || k < 1 || (*end != ',' && *end != '\0')) {
      throw InputError("k = '" + text + "' is not a list of lengths such as 10 or 5,10,20");
    }
    ks.push_back(k);
    at = end + 1;
  }
  return ks;
}

// "a,b" -> {a, b}; "" -> {}
std::vector<std::string> split_words(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, ',');) words.push_back(word);
  return words;
}

// Collective: the values of all ranks, on the root.
template <typename Scores>
Contender contender_of(const Communicator& world, const std::string& name, const EvalTask& task,
                       const Scores& scores) {
  const UserValues own = evaluate_users(task, scores);
  return {.name = name,
          .values = {.users = world.gather(std::span<const int>(own.users)),
                     .values = world.gather(own.values),
                     .lists = world.gather(std::span<const int>(own.lists))}};
}

// What the report calls the models: by their file names, or paths where these are the same.
std::vector<std::string> names_of(const std::vector<std::string>& paths) {
  if (paths.size() == 1) return {"model"};
  std::vector<std::string> names(paths.size());
  std::ranges::transform(paths, names.begin(), [](const std::string& path) {
    return std::filesystem::path(path).stem().string();
  });
  if (std::set(names.begin(), names.end()).size() < names.size()) names = paths;
  if (std::set(names.begin(), names.end()).size() < names.size()) {
    throw InputError("model = '" + paths.front() + "', ...: a file is named twice");
  }
  return names;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

void write_page(const std::string& path, const Evaluation& evaluation) {
  report::Page page = report::evaluation_page(report::evaluation_data(evaluation));
  page.footer("Made by mrec-evaluate " + version() + " at " + now_utc() + ".");
  OutputFile file(path);
  file.stream() << page.html();
  file.commit();
}

// What is needed to tell the figures; used on the root only.
struct Told {
  Facts facts;
  const EvalTask& task;  // of all users
  const std::vector<Contender>& contenders;
  int num_models = 1;
  std::vector<double> plays = {};        // [users] in train, when known
  std::vector<std::int64_t> user_ids;    // [users]
  std::vector<std::int64_t> artist_ids;  // [artists]
};

void tell(const Options& options, const Told& told) {
  Evaluation evaluation = make_evaluation(told.task, told.contenders, told.num_models, told.plays);
  evaluation.facts = told.facts;
  evaluation.facts.emplace_back("figures", "mean over users +- standard error");
  if (options.sampled > 0) {
    evaluation.warnings.push_back(
        "held-out artists are ranked among " + std::to_string(options.sampled) +
        " drawn others only. Such figures are far too high and may put scorers in another order "
        "than the full ranking does (Krichene, Rendle, 2020): compare them with nothing else");
  }
  if (options.other_dataset) {
    evaluation.warnings.push_back(
        "the model may have been trained on another dataset, with what is held out here");
  }
  if (!options.exclude_known) {
    evaluation.warnings.push_back(
        "known artists are not left out of the lists: the figures are not comparable");
  }
  print(std::cout, evaluation);
  if (!options.json.empty()) write_json(options.json, evaluation);
  if (!options.html.empty()) write_page(options.html, evaluation);
  if (!options.per_user.empty()) {
    std::vector<std::int64_t> ids;
    for (const int user : told.contenders.front().values.users) {
      ids.push_back(told.user_ids[static_cast<std::size_t>(user)]);
    }
    write_users(options.per_user, evaluation.facts, told.task, told.contenders, ids,
                told.artist_ids);
  }
}

// What is asked for known users only is refused, not passed over.
void require_fit_for_new_users(const Options& options) {
  const auto refuse = [](const std::string& what) {
    throw InputError(what + " is not for --new-users; leave it out");
  };
  if (options.models.size() > 1) throw InputError("--new-users takes one model");
  if (options.split != Options().split) refuse("--split " + options.split);
  if (options.baselines != Options().baselines) refuse("--baselines");
  if (!options.exclude_known) refuse("--exclude-known=false");
}

// New users are few: every rank does a part of them, with all of the model.
void evaluate_new_users(const Communicator& world, const Options& options,
                        const std::vector<int>& ks) {
  const Artifact model = world.agree([&] {
    require_fit_for_new_users(options);
    return Artifact::load(options.models.front());
  });
  const NewUsers users = world.agree([&] {
    const std::vector<std::string> files = split_words(options.new_users);
    if (files.size() != 2) {
      throw InputError("new_users = '" + options.new_users +
                       "' is not two files with a comma between: survey.tsv,target.tsv");
    }
    if (is_same_file(files[0], files[1])) {
      throw InputError("--new-users names " + files[0] +
                       " twice; the second file is what these users have beside what they rate");
    }
    return read_new_users(files[0], files[1], model, options.ratings);
  });
  const int first = users.size() * world.rank() / world.size();
  const int count = users.size() * (world.rank() + 1) / world.size() - first;
  const SparseMatrix rated = users.rated.middleRows(first, count);
  const SparseMatrix target = users.target.middleRows(first, count);
  const EvalTask task{.held_out = target,
                      .known = {&rated},
                      .ks = ks,
                      .first_user = first,
                      .num_sampled = options.sampled,
                      .seed = static_cast<std::uint64_t>(options.seed)};
  const ArtistScorer artists(model.artist_factors, model.artist_bias);
  const Matrix folded = vectors_by_fold_in(model, users).middleRows(first, count);
  const Matrix means = vectors_by_mean(model, users).middleRows(first, count);
  const std::vector<Contender> contenders{
      contender_of(world, "fold-in", task, FactorScores{artists, folded}),
      contender_of(world, "mean", task, FactorScores{artists, means}),
      contender_of(world, "popularity", task, ScoreUser([&](int, std::span<float> scores) {
                     std::ranges::copy(model.artist_listeners, scores.begin());
                   }))};
  world.agree([&] {
    if (!world.is_root()) return;
    const EvalTask all{.held_out = users.target,
                       .known = {&users.rated},
                       .ks = ks,
                       .num_sampled = options.sampled};
    tell(options, {.facts = {{"model", options.models.front()},
                             {"model sha256", model.sha256},
                             {"new users", std::to_string(users.size()) + ", each with at most " +
                                               std::to_string(options.ratings) + " ratings"},
                             {"candidates", std::to_string(model.num_artists()) + " artists"},
                             {"excluded", "artists of the survey"}},
                   .task = all,
                   .contenders = contenders,
                   .user_ids = users.ids,
                   .artist_ids = model.artists.ids()});
  });
}

// The whole of a part of the split, on every rank.
SparseMatrix all_of(const KnownUsers& users, const std::string& part) {
  return users.dataset.interactions(part).weights;
}

std::vector<Artifact> load_models(const Options& options, const KnownUsers& users) {
  std::vector<Artifact> models;
  for (const std::string& path : options.models) {
    models.push_back(users.load_model(path, options.other_dataset));
  }
  return models;
}

void require_held_out(const Communicator& world, const Options& options, const std::string& dataset,
                      const SparseMatrix& held_out) {
  if (world.sum(std::int64_t{held_out.nonZeros()}) == 0) {
    throw Verdict(2, dataset + ": the part " + options.split + " is empty");
  }
}

// Artists that nobody has in train, ranked among themselves by what their tags tell.
void evaluate_new_artists(const Communicator& world, const Options& options,
                          const KnownUsers& users, const std::vector<int>& ks) {
  const std::vector<Artifact> models = world.agree([&] { return load_models(options, users); });
  const std::vector<std::string> names = world.agree([&] { return names_of(options.models); });
  std::vector<std::string> sums(models.size());
  std::ranges::transform(models, sums.begin(), &Artifact::sha256);
  const SparseMatrix train = world.agree([&] { return all_of(users, "train"); });
  const SparseMatrix held_out = world.agree([&] { return all_of(users, options.split); });
  require_held_out(world, options, users.path, held_out);
  const NewArtists artists = world.agree([&] {
    NewArtists found = find_new_artists(train, held_out, users.dataset.tags(), users.path);
    found.tag_names = users.dataset.tag_names();
    found.features = users.dataset.features();
    return found;
  });
  const SparseMatrix own_target = artists.target.middleRows(users.shard.begin, users.shard.size());
  EvalTask task{.held_out = own_target,
                .ks = ks,
                .first_user = users.shard.begin,
                .num_sampled = options.sampled,
                .seed = static_cast<std::uint64_t>(options.seed)};
  std::vector<Contender> contenders;
  const auto by_factors = [&](const std::string& name, const NewFactors& factors,
                              const Artifact& model) {
    const ArtistScorer scorer(factors.factors, factors.bias);
    contenders.push_back(
        contender_of(world, name, task, FactorScores{scorer, users.factors(model)}));
  };
  for (std::size_t m = 0; m < models.size(); ++m) {
    if (models[m].new_artists.empty()) continue;
    by_factors(models.size() == 1 ? "map" : names[m] + " map",
               mapped(models[m].new_artists, artists), models[m]);
  }
  for (std::size_t m = 0; m < models.size(); ++m) {
    by_factors(models.size() == 1 ? "as trained" : names[m] + " as trained",
               as_trained(models[m], artists), models[m]);
  }
  for (const Baseline& baseline : new_artist_baselines(users.train.weights, artists)) {
    contenders.push_back(contender_of(world, baseline.name, task, baseline.score));
  }
  world.agree([&] {
    if (!world.is_root()) return;
    const EvalTask all{.held_out = artists.target, .ks = ks, .num_sampled = options.sampled};
    std::vector<std::int64_t> ids;
    const IdMap catalogue = users.dataset.artists();
    for (const int artist : artists.artists) ids.push_back(catalogue.id(artist));
    tell(options,
         {.facts = {{"dataset", users.path},
                    {"model", joined(options.models)},
                    {"model sha256", joined(sums)},
                    {"split", options.split},
                    {"users", std::to_string(contenders.front().values.users.size())},
                    {"candidates", std::to_string(artists.artists.size()) +
                                       " artists without listeners in train, " +
                                       std::to_string(artists.num_tagged()) + " of them tagged"},
                    {"excluded", "all other artists"}},
          .task = all,
          .contenders = contenders,
          .num_models = static_cast<int>(models.size()),
          .user_ids = users.dataset.users().ids(),
          .artist_ids = ids});
  });
}

std::vector<double> plays_of_users(const Interactions& train) {
  std::vector<double> plays(static_cast<std::size_t>(train.weights.rows()));
  for (int u = 0; u < train.weights.rows(); ++u) {
    for (int k = train.weights.outerIndexPtr()[u]; k < train.weights.outerIndexPtr()[u + 1]; ++k) {
      plays[static_cast<std::size_t>(u)] +=
          static_cast<double>(train.plays[static_cast<std::size_t>(k)]);
    }
  }
  return plays;
}

// A model cannot be judged by what it was trained on.
void require_unseen(const Options& options, const std::string& path, const Artifact& model) {
  for (const auto& [name, value] : model.provenance) {
    if (name == "trained_on" && value == kTrainAndValidation && options.split == "valid") {
      throw InputError(path + " was trained on " + value +
                       ", so that it knows what --split valid asks for; use --split test, or a "
                       "model trained on train alone");
    }
  }
}

// The known users of a dataset, by the models and by what needs none.
void evaluate_known_users(const Communicator& world, const Options& options,
                          const KnownUsers& users, const std::vector<int>& ks) {
  // 1. What is to be predicted, and what is known. Every rank has its own users and, for the
  // baselines and the facts of artists, all of train.
  const std::vector<std::string> names = world.agree([&] { return names_of(options.models); });
  const Interactions held_out = world.agree([&] { return users.interactions(options.split); });
  require_held_out(world, options, users.path, held_out.weights);
  const Interactions train = world.agree([&] { return users.dataset.interactions("train"); });
  const ArtistFacts facts = world.agree([&] {
    const GenreTable genres = make_genre_table(users.dataset.artist_genres(), users.dataset.tags(),
                                               users.dataset.tag_names());
    return make_artist_facts(train.weights, genres.labels, genres.names);
  });
  EvalTask task{.held_out = held_out.weights,
                .ks = ks,
                .first_user = users.shard.begin,
                .num_sampled = options.sampled,
                .seed = static_cast<std::uint64_t>(options.seed)};
  if (options.sampled == 0) {
    task.facts = &facts;
    task.history = &users.train.weights;
  }
  std::string known = "nothing";
  if (options.exclude_known) {
    task.known = {&users.train.weights};
    known = "artists of train";
    if (options.split == "test") {
      task.known.push_back(&users.valid.weights);
      known += " and valid";
    }
  }

  // 2. The models beside what needs none.
  std::vector<Contender> contenders;
  std::vector<std::string> sums;
  double seconds = 0;  // that the models' rankings take
  for (std::size_t m = 0; m < names.size(); ++m) {
    const Artifact model =
        world.agree([&] { return users.load_model(options.models[m], options.other_dataset); });
    world.agree([&] { require_unseen(options, options.models[m], model); });
    sums.push_back(model.sha256);
    const auto start = std::chrono::steady_clock::now();
    const ArtistScorer artists(model.artist_factors, model.artist_bias);
    contenders.push_back(
        contender_of(world, names[m], task, FactorScores{artists, users.factors(model)}));
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  for (const std::string& name : split_words(options.baselines)) {
    const Baseline baseline = world.agree([&] { return make_baseline(name, train.weights); });
    contenders.push_back(
        contender_of(world, name, task, ScoreUser([&](int user, std::span<float> scores) {
                       baseline.score(users.shard.begin + user, scores);
                     })));
  }

  // 3. The root tells.
  world.agree([&] {
    if (!world.is_root()) return;
    const SparseMatrix all_held_out = all_of(users, options.split);
    EvalTask all{.held_out = all_held_out, .ks = ks, .num_sampled = options.sampled};
    if (options.sampled == 0) {
      all.facts = &facts;
      all.history = &train.weights;
    }
    tell(
        options,
        {.facts = {{"dataset", users.path},
                   {"model", joined(options.models)},
                   {"model sha256", joined(sums)},
                   {"split", options.split},
                   {"users", std::to_string(contenders.front().values.users.size())},
                   {"candidates", options.sampled > 0
                                      ? std::to_string(options.sampled) + " drawn for each user"
                                      : std::to_string(users.dataset.num_artists()) + " artists"},
                   {"excluded", known},
                   {"ranking took", fixed(seconds, 2) + " s, with " + std::to_string(world.size()) +
                                        (world.size() == 1 ? " rank" : " ranks")}},
         .task = all,
         .contenders = contenders,
         .num_models = static_cast<int>(names.size()),
         .plays = plays_of_users(train),
         .user_ids = users.dataset.users().ids(),
         .artist_ids = users.dataset.artists().ids()});
  });
}

// The dataset that is asked for, or that the first model says it was trained on.
std::string dataset_of(const Options& options) {
  if (!options.dataset.empty()) return options.dataset;
  for (const auto& [name, value] : Artifact::load(options.models.front()).provenance) {
    if (name == "dataset" && std::filesystem::exists(value)) return value;
  }
  throw InputError("option --dataset is missing, and the dataset that " + options.models.front() +
                   " was trained on is not where it was; see mrec-evaluate --help");
}

void evaluate(const Communicator& world, const Options& options) {
  const std::vector<int> ks = world.agree([&] {
    for (const std::string& path : {options.json, options.html, options.per_user}) {
      if (world.is_root() && !path.empty()) require_writable(path);
    }
    if (options.new_artists && !options.new_users.empty()) {
      throw InputError("--new-artists and --new-users are two evaluations; choose one");
    }
    return parse_ks(options.k);
  });
  if (!options.new_users.empty()) return evaluate_new_users(world, options, ks);
  const KnownUsers users =
      world.agree([&] { return KnownUsers(dataset_of(options), world.rank(), world.size()); });
  if (options.new_artists) return evaluate_new_artists(world, options, users, ks);
  evaluate_known_users(world, options, users, ks);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return run_job(argc, argv,
                 {.name = "mrec-evaluate",
                  .summary = "ranks all artists for every user with held-out artists and tells how "
                             "well these come out on top, beside baselines that need no training.\n"
                             "Reads dataset.h5 and one or more model.h5, writes a table, JSON, a "
                             "page and a table of users.",
                  .example = "mrec-evaluate --dataset dataset.h5 --model model.h5 --split test\n"
                             "  mrec-evaluate a.h5 b.h5 --html comparison.html",
                  .positional = "model"},
                 options.fields(), [&](const Communicator& world) { evaluate(world, options); });
}
