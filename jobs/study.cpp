// study.journal -> tables of its trials, the best of them as a command, a page, files of other
// programs
//   mrec-study show study.journal --sort value
#include <algorithm>
#include <iostream>

#include "base/output_file.h"
#include "jobs/clock.h"
#include "jobs/job.h"
#include "model/train_params.h"
#include "report/study.h"
#include "tune/export.h"
#include "tune/study_table.h"
#include "tune/suggestion.h"

namespace {

using namespace mrec;

struct Options {
  std::vector<std::string> words;
  std::string study;
  std::string sort = "number";
  bool json = false;
  std::string out;
  std::string csv;
  bool no_times = false;
  std::string optuna_sql;
  std::string optuna = "3.2";
  std::string mlflow;
  std::string h5;

  Fields fields() {
    return {
        {.name = "words",
         .value = &words,
         .help =
             "what to do (list, show, best, importance, html, export or replay) and the journal to "
             "read",
         .required = true},
        {.name = "study",
         .value = &study,
         .help = "name of the study, where a journal has several"},
        {.name = "sort",
         .value = &sort,
         .help = "order of the trials that show prints: by number, or the best value first",
         .choices = {"number", "value"}},
        {.name = "json", .value = &json, .help = "print JSON"},
        {.name = "out",
         .value = &out,
         .help = "html: the page to write, such as study.html",
         .writes = true},
        {.name = "csv", .value = &csv, .help = "export: a table of trials"},
        {.name = "no_times",
         .value = &no_times,
         .help = "export --csv: without what tells when and where trials ran, so that studies can "
                 "be compared byte by byte"},
        {.name = "optuna_sql",
         .value = &optuna_sql,
         .help = "export: SQL of a database of Optuna, for sqlite3 study.db < FILE"},
        {.name = "optuna",
         .value = &optuna,
         .help = "export: the version of Optuna that shall read it, 3.0 and 3.1 or later ones",
         .choices = {"3.0", "3.2"}},
        {.name = "mlflow", .value = &mlflow, .help = "export: directory for a store of MLflow"},
        {.name = "h5",
         .value = &h5,
         .help = "export: study.h5 for h5py and the like",
         .writes = true}};
  }
};

// What a command has beside the journal.
using Command = void (*)(const Options& options, const Study& study);

std::string name_of_study(const Options& options, const std::string& journal) {
  const std::vector<std::string> names = study_names(journal);
  if (!options.study.empty()) return options.study;
  if (names.empty()) throw InputError(journal + ": has no study yet");
  if (names.size() == 1) return names.front();
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  throw InputError(journal + ": has several studies (" + all + "); choose one with --study");
}

void list(const Options& options, const std::string& journal) {
  std::vector<Study> studies;
  for (const std::string& name : study_names(journal)) {
    studies.push_back(read_study(journal, name));
  }
  std::cout << (options.json ? studies_json(studies) : studies_text(studies));
}

void show(const Options& options, const Study& study) {
  const auto order = options.sort == "value" ? all_best_first(study) : by_number(study);
  std::cout << (options.json ? trials_json(study, order) : trials_text(study, order));
}

// What mrec-train takes to train a trial again: what the study has fixed, where it is not as
// mrec-train has it anyway, the parameters of the trial, and the epochs after which it did best.
std::vector<ParamText> training_options(const Study& study, const Trial& trial) {
  std::vector<ParamText> searched = params_of(study, trial);
  if (const auto epochs = trial.attributes.find("epochs"); epochs != trial.attributes.end()) {
    searched.push_back({"epochs", epochs->second});
  }
  std::vector<ParamText> options{{"dataset", "dataset.h5"}, {"model", "model.h5"}};
  TrainParams defaults;
  for (const Field& field : defaults.fields()) {
    const auto fixed = study.settings.identity.find("train." + field.name);
    if (fixed == study.settings.identity.end() || fixed->second == to_text(field)) continue;
    const bool is_searched = std::ranges::any_of(
        searched, [&](const ParamText& param) { return param.name == field.name; });
    if (!is_searched) options.push_back({field.name, fixed->second});
  }
  options.insert(options.end(), searched.begin(), searched.end());
  return options;
}

void best(const Options& options, const Study& study) {
  const std::vector<std::size_t> order = best_first(study);
  if (order.empty()) throw InputError(study.settings.name + ": no trial is complete yet");
  const Trial& trial = study.trials[order.front()];
  const std::vector<ParamText> arguments = training_options(study, trial);
  std::cout << (options.json ? best_json(study, order.front(), "mrec-train", arguments)
                             : command_of("mrec-train", arguments) + '\n');
}

void importance(const Options& options, const Study& study) {
  const std::vector<Importance> ranked = importance_of(study);
  if (ranked.empty()) {
    throw InputError(study.settings.name + ": four complete trials that differ are needed to tell");
  }
  std::cout << (options.json ? importance_json(ranked) : importance_text(ranked));
}

void write(const std::string& path, const std::string& text) {
  OutputFile file(path);
  file.stream() << text;
  file.commit();
  std::cout << "wrote " << path << '\n';
}

void export_study(const Options& options, const Study& study) {
  if (options.csv.empty() && options.optuna_sql.empty() && options.mlflow.empty() &&
      options.h5.empty() && !options.json) {
    throw InputError("export to what? Give --csv, --json, --optuna-sql, --mlflow or --h5");
  }
  if (options.json) show(options, study);
  if (!options.csv.empty()) {
    write(options.csv, to_csv(study, options.no_times ? CsvColumns::kResults : CsvColumns::kAll));
  }
  if (!options.optuna_sql.empty()) {
    const auto schema = options.optuna == "3.2" ? OptunaSchema::kV32 : OptunaSchema::kV30;
    write(options.optuna_sql, to_optuna_sql(study, schema));
  }
  if (!options.h5.empty()) {
    write_study_h5(study, options.h5, version());
    std::cout << "wrote " << options.h5 << '\n';
  }
  if (!options.mlflow.empty()) {
    write_mlflow(study, options.mlflow);
    std::cout << "wrote " << options.mlflow << "; to look at it:\n" << mlflow_help(options.mlflow);
  }
}

void html(const Options& options, const Study& study) {
  if (options.out.empty()) throw InputError("html needs --out, such as --out study.html");
  report::Page page = report::study_page(study);
  page.footer("Made by mrec-study " + version() + " at " + now_utc() + ".");
  write(options.out, page.html());
}

// Throws Error, for status 1, with the first difference.
void replay(const Options& options, const std::string& journal) {
  const Recomputed found = recompute_suggestions(journal, name_of_study(options, journal));
  if (!found.difference.empty()) throw Error(journal + ": " + found.difference);
  std::cout << found.num_same << (found.num_same == 1 ? " suggestion" : " suggestions")
            << " computed again, the same bit for bit";
  if (found.num_unknown > 0) std::cout << "; " << found.num_unknown << " not known how made";
  std::cout << '\n';
}

struct Entry {
  std::string_view name;
  Command run;
};
constexpr Entry kCommands[]{{"show", show},
                            {"best", best},
                            {"importance", importance},
                            {"export", export_study},
                            {"html", html}};

void run(const Options& options) {
  if (options.words.size() != 2) {
    throw InputError("give a command and a journal, as in mrec-study show study.journal");
  }
  const std::string& command = options.words[0];
  const std::string& journal = options.words[1];
  if (command == "list") return list(options, journal);
  if (command == "replay") return replay(options, journal);
  const auto* entry = std::ranges::find(kCommands, command, &Entry::name);
  if (entry == std::end(kCommands)) {
    std::string known = "list, replay";
    for (const Entry& one : kCommands) known += ", " + std::string(one.name);
    throw InputError("there is no command '" + command + "'; there are " + known);
  }
  entry->run(options, read_study(journal, name_of_study(options, journal)));
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return run_job(
      argc, argv,
      {.name = "mrec-study",
       .summary = "tells what a search of options has found, also while it runs.\n"
                  "list: the studies of a journal. show: a table of trials. best: the "
                  "best trial as a command of mrec-train. importance: how much each "
                  "parameter decides. html: a page of charts. export: files for Optuna, "
                  "MLflow, h5py and others. replay: computes every suggestion again from "
                  "what it knew, and compares.",
       .example = "mrec-study show study.journal --sort value",
       .positional = "words"},
      options.fields(), [&](const Communicator& world) {
        world.agree([&] {
          if (world.is_root()) run(options);
        });
      });
}
