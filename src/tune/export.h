#pragma once

#include <string>

#include "tune/journal.h"

// A study in the files of other programs.
namespace mrec {

// A row for each trial: number, state, value, epochs, seconds, start and end (UTC), a column
// "params_<name>" for each parameter and "attributes_<name>" for each attribute; empty where there
// is nothing. kResults leaves out attributes and what tells when a trial ran.
enum class CsvColumns { kAll, kResults };
std::string to_csv(const Study& study, CsvColumns columns = CsvColumns::kAll);

// SQL that makes a database of Optuna: sqlite3 study.db < study.sql. Each version of Optuna takes
// its own schema only: kV32 since 3.2, kV30 before (which newer ones bring up to date when told to:
// optuna storage upgrade). Times are local, as Optuna's are.
enum class OptunaSchema { kV30, kV32 };
std::string to_optuna_sql(const Study& study, OptunaSchema schema);

// MLflow's file store: directory/<experiment>/<run>/{meta.yaml,metrics,params,tags,artifacts}. A
// run for the study, with the best value so far after each trial, and one for each trial under it.
// When values were reported is not known: they are spread evenly over the trial. Names that MLflow
// does not take are changed: ndcg@10 to ndcg_at_10. The same study has the same ids. Throws
// InputError when the experiment is there already.
void write_mlflow(const Study& study, const std::string& directory);
// How to open it, in the MLflow of today.
std::string mlflow_help(const std::string& directory);

// study.h5, for h5py and the like; format "mrec-study", version 1:
//   /              @format, @version, @study_name, @direction, @metric, @created_by, @config_json
//                  (what the study has fixed), @attributes_json
//   /space         table {name, kind, low, high, step, log, choices_json, parent,
//                  parent_values_json}; kind is float, int or categorical
//   /trials/       number, state (Optuna's: 0 running, 1 complete, 2 pruned, 3 fail, 4 waiting),
//                  value, params float64[trials x parameters] (as inside Optuna: a number or the
//                  index of a choice; NaN: not active), start, end (microseconds since the epoch,
//                  0: not yet), seconds, epochs_done, attempt, fail_code (0 none, 1 by what it
//                  tried, 2 by what it ran on), worker (the group of ranks, -1: not known), ranks
//                  (-1), rung (-1)
//   /intermediate  table {trial, step, value}
//   /metrics/      float64[trials] for each attribute whose texts are numbers; NaN: none
//   /importance    table {param, importance, fanova}: PED-ANOVA and the share of the variance
//   /best          table {trial, value, param, text}: a row for each parameter of the best trial
void write_study_h5(const Study& study, const std::string& path, const std::string& version);

}  // namespace mrec
