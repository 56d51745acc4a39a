// dataset.h5 + model.h5 -> table on stdout, evaluation.json
//   mrec-evaluate --dataset dataset.h5 --model model.h5 --split test --k 10 --json evaluation.json
#include <charconv>
#include <iostream>
#include <sstream>

#include "base/output_file.h"
#include "eval/baselines.h"
#include "eval/new_users.h"
#include "eval/report.h"
#include "jobs/clock.h"
#include "jobs/job.h"
#include "jobs/known_users.h"
#include "model/recommend.h"
#include "report/evaluation.h"

namespace {

using namespace mrec;

struct Options {
  std::string dataset;
  std::string model;
  std::string split = "test";
  std::string k = "10";
  bool exclude_known = true;
  bool other_dataset = false;
  std::string new_users;
  int ratings = 10;
  std::string baselines = "item-knn,popularity,random";
  std::string json;
  std::string html;

  Fields fields() {
    return {{.name = "dataset",
             .value = &dataset,
             .help = "dataset.h5 of mrec-prepare; needed for all but --new-users"},
            {.name = "model", .value = &model, .help = "model.h5 of mrec-train", .required = true},
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
            {.name = "k", .value = &k, .help = "length of the lists; several as 5,10,20"},
            {.name = "exclude_known",
             .value = &exclude_known,
             .help = "leave artists that the user is known to have heard (train, and valid at test "
                     "time) out of the lists"},
            {.name = "other_dataset",
             .value = &other_dataset,
             .help = "accept a model that was trained on another dataset file; its training part "
                     "may hold what is to be predicted here"},
            {.name = "baselines",
             .value = &baselines,
             .help = "what stands beside the model: ease, item-knn, item-knn-bm25, popularity, "
                     "random; with commas"},
            {.name = "json", .value = &json, .help = "file for the same figures as JSON"},
            {.name = "html", .value = &html, .help = "file for a page with charts of them"}};
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
Report report_of(const Communicator& world, const std::string& name, const EvalTask& task,
                 const ScoreUser& score) {
  UserValues own = evaluate_users(task, score);
  UserValues all{.values = world.gather(own.values), .recommended = std::move(own.recommended)};
  world.sum(std::span(all.recommended));
  return summarize(name, all, task.ks);
}

void write_page(const std::string& path, const Facts& facts, const std::vector<Report>& reports) {
  report::Page page = report::evaluation_page(report::evaluation_data(facts, reports));
  page.footer("Made by mrec-evaluate " + version() + " at " + now_utc() + ".");
  OutputFile file(path);
  file.stream() << page.html();
  file.commit();
}

// Collective: the root tells.
void tell(const Communicator& world, const Options& options, const Facts& facts,
          const std::vector<Report>& reports) {
  world.agree([&] {
    if (!world.is_root()) return;
    print(std::cout, facts, reports);
    if (!options.json.empty()) write_json(options.json, facts, reports);
    if (!options.html.empty()) write_page(options.html, facts, reports);
  });
}

// New users are few: every rank does a part of them, with all of the model.
void evaluate_new_users(const Communicator& world, const Options& options,
                        const std::vector<int>& ks) {
  const Artifact model = world.agree([&] { return Artifact::load(options.model); });
  const NewUsers users = world.agree([&] {
    const std::vector<std::string> files = split_words(options.new_users);
    if (files.size() != 2) {
      throw InputError("new_users = '" + options.new_users +
                       "' is not two files with a comma between: survey.tsv,target.tsv");
    }
    return read_new_users(files[0], files[1], model, options.ratings);
  });
  const int first = users.size() * world.rank() / world.size();
  const int count = users.size() * (world.rank() + 1) / world.size() - first;
  const SparseMatrix rated = users.rated.middleRows(first, count);
  const SparseMatrix target = users.target.middleRows(first, count);
  const EvalTask task{.held_out = target, .known = {&rated}, .ks = ks};
  const auto report = [&](const std::string& name, const ScoreUser& score) {
    return report_of(world, name, task,
                     [&](int user, std::span<float> scores) { score(first + user, scores); });
  };
  const std::vector<Report> reports{report("fold-in", score_by_fold_in(model, users)),
                                    report("mean", score_by_mean(model, users)),
                                    report("popularity", [&](int, std::span<float> scores) {
                                      std::ranges::copy(model.artist_listeners, scores.begin());
                                    })};
  tell(world, options,
       {{"model", options.model},
        {"new users", std::to_string(users.size()) + ", each with at most " +
                          std::to_string(options.ratings) + " ratings"},
        {"candidates", std::to_string(model.num_artists()) + " artists"},
        {"excluded", "artists of the survey"},
        {"figures", "mean over users +- standard error"}},
       reports);
}

void evaluate(const Communicator& world, const Options& options) {
  // 1. Every rank reads the model and the rows of its own users.
  const std::vector<int> ks = world.agree([&] {
    if (options.dataset.empty() && options.new_users.empty()) {
      throw InputError("option --dataset is missing (or --new-users); see mrec-evaluate --help");
    }
    for (const std::string& path : {options.json, options.html}) {
      if (world.is_root() && !path.empty()) require_writable(path);
    }
    return parse_ks(options.k);
  });
  if (!options.new_users.empty()) return evaluate_new_users(world, options, ks);
  const KnownUsers users = world.agree([&] {
    return KnownUsers(options.dataset, options.model, options.other_dataset, world.rank(),
                      world.size());
  });
  const Artifact& model = users.model;
  const Interactions held_out = world.agree([&] { return users.interactions(options.split); });
  EvalTask task{.held_out = held_out.weights, .ks = ks};
  std::string known = "nothing: known artists may come back, figures are not comparable";
  if (options.exclude_known) {
    task.known = {&users.train.weights};
    known = "artists of train";
    if (options.split == "test") {
      task.known.push_back(&users.valid.weights);
      known += " and valid";
    }
  }
  if (world.sum(std::int64_t{held_out.weights.nonZeros()}) == 0) {
    throw Verdict(2, options.dataset + ": the part " + options.split + " is empty");
  }

  // 2. The model beside what needs no model. A baseline wants the whole training part.
  std::vector<Report> reports{
      report_of(world, "model", task, [&](int user, std::span<float> scores) {
        score_artists(model, users.factors(user), scores);
      })};
  const SparseMatrix train =
      world.agree([&]() -> SparseMatrix { return users.dataset.interactions("train").weights; });
  for (const std::string& name : split_words(options.baselines)) {
    const Baseline baseline = world.agree([&] { return make_baseline(name, train); });
    reports.push_back(report_of(world, name, task, [&](int user, std::span<float> scores) {
      baseline.score(users.shard.begin + user, scores);
    }));
  }

  // 3. The root tells.
  tell(world, options,
       {{"dataset", options.dataset},
        {"model", options.model},
        {"split", options.split},
        {"users", std::to_string(reports.front().num_users)},
        {"candidates", std::to_string(model.num_artists()) + " artists"},
        {"excluded", known},
        {"figures", "mean over users +- standard error"}},
       reports);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return run_job(argc, argv,
                 {.name = "mrec-evaluate",
                  .summary = "ranks all artists for every user with held-out artists and tells how "
                             "well these come out on top, beside baselines that need no training.\n"
                             "Reads dataset.h5 and model.h5, writes a table and JSON.",
                  .example = "mrec-evaluate --dataset dataset.h5 --model model.h5 --split test"},
                 options.fields(), [&](const Communicator& world) { evaluate(world, options); });
}
