// a chain of batch jobs -> the queue of Slurm
//   mrec submit chain --ranks 32 --nodes 2 --train "--dim 128 --epochs 50" --yes
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <sstream>

#include "base/cli.h"
#include "base/error.h"
#include "base/text.h"

namespace {

using namespace mrec;
namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> what = {"chain"};
  bool yes = false;
  int ranks = 2;
  int nodes = 1;
  std::string time = "02:00:00";
  int grace = 300;
  std::string partition;
  std::string array = "1-5";
  std::string after;
  std::string sbatch;
  std::string run = "run";
  std::string prepare;
  std::string train;
  std::string evaluate;
  std::string tune;

  Fields fields() {
    return {
        {.name = "what",
         .value = &what,
         .help =
             "chain: prepare, train, evaluate; prepare, train, evaluate or tune alone; seeds: an "
             "array of trainings, one per seed, each evaluated, and their mean; studies: an array "
             "of searches, one per seed, and the best of them"},
        {.name = "yes", .value = &yes, .help = "submit; without it, what would be is printed"},
        {.name = "ranks",
         .value = &ranks,
         .help = "MPI ranks of a job",
         .min = 1,
         .max = 1'000'000},
        {.name = "nodes", .value = &nodes, .help = "nodes of a job", .min = 1, .max = 100'000},
        {.name = "time",
         .value = &time,
         .help = "limit of each job: minutes, minutes:seconds, hours:minutes:seconds or "
                 "days-hours[:minutes[:seconds]]"},
        {.name = "grace",
         .value = &grace,
         .help = "train, tune: seconds before the limit at which a job writes what it has and is "
                 "queued again; Slurm may come up to 60 s early",
         .min = 10,
         .max = 100'000},
        {.name = "partition",
         .value = &partition,
         .help = "of the cluster; without it, its default"},
        {.name = "array",
         .value = &array,
         .help = "seeds, studies: the seeds, such as 1-5, 1,3,7 or 1-20%4 (four at a time)"},
        {.name = "after",
         .value = &after,
         .help = "number of a job that must have ended well before"},
        {.name = "sbatch",
         .value = &sbatch,
         .help = "further options of sbatch, such as \"--account=x --mem=8G\""},
        {.name = "run", .value = &run, .help = "directory for dataset.h5, model.h5 and all else"},
        {.name = "prepare",
         .value = &prepare,
         .help = "options of mrec-prepare, such as \"--lastfm DIR --spotify FILE\"; without any, "
                 "the sample"},
        {.name = "train", .value = &train, .help = "options of mrec-train, divided at blanks"},
        {.name = "evaluate", .value = &evaluate, .help = "options of mrec-evaluate"},
        {.name = "tune", .value = &tune, .help = "options of mrec-tune"}};
  }
};

// One call of sbatch. `after` is a place in the list of calls, or -1.
struct Call {
  std::string name;
  std::string script;     // its name without .sbatch
  std::string arguments;  // of the program, divided at blanks
  bool is_array = false;
  bool is_parallel = true;  // has --ranks and --nodes
  bool goes_on = false;     // is told before its time is over
  int after = -1;
  bool each_after = false;  // element by element
};

std::vector<Call> calls_of(const std::string& what, const Options& options) {
  const Call prepare{
      .name = "prepare", .script = "prepare", .arguments = options.prepare, .is_parallel = false};
  Call train{.name = "train", .script = "train", .arguments = options.train, .goes_on = true};
  Call evaluate{.name = "evaluate", .script = "evaluate", .arguments = options.evaluate};
  Call tune{.name = "tune", .script = "tune", .arguments = options.tune, .goes_on = true};
  Call summary{.name = "summary", .script = "summary", .is_parallel = false};
  if (what == "prepare") return {prepare};
  if (what == "train") return {train};
  if (what == "evaluate") return {evaluate};
  if (what == "tune") return {tune};
  if (what == "chain") {
    train.after = 0;
    evaluate.after = 1;
    return {prepare, train, evaluate};
  }
  if (what == "seeds") {
    train.is_array = evaluate.is_array = evaluate.each_after = true;
    evaluate.after = 0;
    summary.after = 1;
    return {train, evaluate, summary};
  }
  if (what == "studies") {
    tune.is_array = true;
    summary.after = 0;
    return {tune, summary};
  }
  throw InputError("'" + what +
                   "' cannot be submitted; chain, prepare, train, evaluate, tune, seeds "
                   "and studies can");
}

// Seconds of a time limit as Slurm writes them; none when it is none.
std::optional<long> seconds_of(const std::string& text) {
  std::vector<long> numbers;
  std::optional<std::size_t> days;
  std::string digits;
  for (const char c : text + ':') {
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      digits += c;
      continue;
    }
    if (digits.empty() || digits.size() > 6) return std::nullopt;
    numbers.push_back(std::stol(digits));
    digits.clear();
    if (c == '-' && numbers.size() == 1) {
      days = 0;
    } else if (c != ':') {
      return std::nullopt;
    }
  }
  constexpr long kMinute = 60;
  constexpr long kHour = 60 * kMinute;
  if (days) {
    numbers.resize(std::max<std::size_t>(numbers.size(), 4));
    if (numbers.size() > 4) return std::nullopt;
    return numbers[0] * 24 * kHour + numbers[1] * kHour + numbers[2] * kMinute + numbers[3];
  }
  switch (numbers.size()) {
    case 1:
      return numbers[0] * kMinute;
    case 2:
      return numbers[0] * kMinute + numbers[1];
    case 3:
      return numbers[0] * kHour + numbers[1] * kMinute + numbers[2];
    default:
      return std::nullopt;
  }
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// As bash reads it back to the same word.
std::string for_bash(const std::string& word) {
  const bool plain = !word.empty() && std::ranges::all_of(word, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("_-+=:,./%@").find(c) != std::string_view::npos;
  });
  if (plain) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

// The directory of this program, of the other jobs too.
fs::path programs() { return fs::read_symlink("/proc/self/exe").parent_path(); }

// Installed beside the programs, or in the checkout that they were built from.
fs::path scripts() {
  const std::array<fs::path, 2> places{programs() / "../share/mrec/slurm", MREC_SLURM_DIR};
  for (const fs::path& place : places) {
    if (fs::exists(place / "env.sh")) return fs::canonical(place);
  }
  throw Error("the batch scripts are neither in " + places[0].lexically_normal().string() +
              " nor in " + places[1].string() + "; install them there");
}

// The command without its dependency: {"sbatch", "--parsable", ...} and behind that the script.
struct Command {
  std::string options;
  std::string script;
};

Command command_of(const Call& call, const Options& options, const fs::path& folder) {
  std::vector<std::string> words = {"sbatch", "--parsable"};
  if (call.is_parallel) {
    words.push_back("--nodes=" + std::to_string(options.nodes));
    words.push_back("--ntasks=" + std::to_string(options.ranks));
  }
  words.push_back("--time=" + options.time);
  if (call.goes_on) words.push_back("--signal=USR1@" + std::to_string(options.grace));
  if (!options.partition.empty()) words.push_back("--partition=" + options.partition);
  if (call.is_array) {
    words.push_back("--array=" + options.array);
    words.emplace_back("--output=%x-%A_%a.out");
  }
  for (std::string& word : words_of(options.sbatch)) words.push_back(std::move(word));
  Command command;
  for (const std::string& word : words) {
    command.options += (command.options.empty() ? "" : " ") + for_bash(word);
  }
  command.script = for_bash((folder / (call.script + ".sbatch")).string());
  for (const std::string& word : words_of(call.arguments)) command.script += " " + for_bash(word);
  return command;
}

std::string line_of(const Call& call, const Command& command, const std::string& after) {
  if (after.empty()) return command.options + " " + command.script;
  return command.options + " --dependency=" + (call.each_after ? "aftercorr:" : "afterok:") +
         after + " --kill-on-invalid-dep=yes " + command.script;
}

// The number that sbatch gives the job; what it has to complain about goes to stderr.
std::optional<std::string> submitted(const std::string& line) {
  std::FILE* pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string told;
  std::array<char, 256> buffer{};
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) told += buffer.data();
  if (pclose(pipe) != 0) return std::nullopt;
  const std::string number = told.substr(0, told.find_first_of(";\n"));  // "12;cluster"
  return number.empty() ? std::nullopt : std::optional(number);
}

bool is_on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((fs::path(folder) / program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

void check(const Options& options, const std::vector<Call>& calls, const fs::path& folder) {
  const std::optional<long> seconds = seconds_of(options.time);
  if (!seconds || *seconds == 0) {
    throw InputError("time = '" + options.time +
                     "' is no time limit; say minutes, "
                     "hours:minutes:seconds or days-hours");
  }
  if (options.ranks < options.nodes) {
    throw InputError("ranks = " + std::to_string(options.ranks) + " are fewer than nodes = " +
                     std::to_string(options.nodes) + "; every node needs one");
  }
  const bool digits = std::ranges::all_of(
      options.after, [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; });
  if (!digits) throw InputError("after = '" + options.after + "' is no number of a job");
  for (const Call& call : calls) {
    if (call.goes_on && *seconds <= options.grace) {
      throw InputError("time = '" + options.time + "' is no longer than grace = " +
                       std::to_string(options.grace) + " s; give more time or less grace");
    }
    const bool is_list = !options.array.empty() && std::ranges::all_of(options.array, [](char c) {
      return std::isdigit(static_cast<unsigned char>(c)) != 0 ||
             std::string_view("-,:%").find(c) != std::string_view::npos;
    });
    if (call.is_array && !is_list) {
      throw InputError("array = '" + options.array + "' is no list of seeds such as 1-5 or 1,3,7");
    }
  }
  if (calls.front().script == "prepare" && options.prepare.empty() &&
      !fs::exists(folder / "../sample") && !fs::exists(folder / "../data/sample")) {
    throw InputError("what is mrec-prepare to read? Say --prepare \"--lastfm DIR --spotify FILE\"");
  }
  const fs::path dataset = fs::path(options.run) / "dataset.h5";
  if (calls.front().script != "prepare" && options.after.empty() && !fs::exists(dataset)) {
    throw InputError(dataset.string() +
                     " is not there; submit prepare first, or wait for the job "
                     "that makes it with --after");
  }
}

void submit(int argc, char** argv) {
  Options options;
  const Program program = {
      .name = "mrec-submit",
      .summary =
          "submits batch jobs to Slurm, each to start when the one before has ended well; "
          "prints the commands unless --yes is given.\n"
          "All options may stand in a file: mrec-submit seeds --config job.conf",
      .example = "mrec-submit chain --ranks 32 --nodes 2 --time 4:00:00 --train \"--dim 128\"",
      .positional = "what"};
  if (!parse_cli(argc, argv, program, options.fields())) return;

  // 1. What is to be submitted, in the order in which jobs wait for one another.
  if (options.what.size() != 1)
    throw InputError("submit one thing at a time; see mrec-submit --help");
  const std::vector<Call> calls = calls_of(options.what.front(), options);
  const fs::path folder = scripts();
  check(options, calls, folder);
  const std::string environment =
      "MREC_SLURM=" + for_bash(folder.string()) + " BIN=" + for_bash(programs().string()) +
      " RUN=" + for_bash(options.run) + " GRACE=" + std::to_string(options.grace);

  // 2. As a script for people, and for bash.
  if (!options.yes) {
    std::cout << "# a dry run; --yes submits\nexport " << environment << '\n';
    for (const Call& call : calls) {
      const std::string after =
          call.after >= 0 ? "$" + calls[static_cast<std::size_t>(call.after)].name : options.after;
      std::cout << call.name << "=$(" << line_of(call, command_of(call, options, folder), after)
                << ")\n";
    }
    return;
  }

  // 3. In earnest. Nothing stays in the queue when something is refused.
  if (!is_on_path("sbatch")) {
    throw Error("there is no sbatch on this machine; without Slurm: bash " +
                (folder / (calls.front().script + ".sbatch")).string());
  }
  std::vector<std::string> numbers;
  for (const Call& call : calls) {
    const std::string after =
        call.after >= 0 ? numbers[static_cast<std::size_t>(call.after)] : options.after;
    const std::string line = line_of(call, command_of(call, options, folder), after);
    const std::optional<std::string> number = submitted(environment + " " + line);
    if (!number) {
      std::string cancel = "scancel";
      for (const std::string& one : numbers) cancel += " " + one;
      const bool is_cancelled = numbers.empty() || std::system(cancel.c_str()) == 0;
      throw Error("sbatch has refused " + call.name + ": " + line +
                  (is_cancelled ? "; nothing is queued" : "; take the others back with " + cancel));
    }
    std::cout << call.name << " is job " << *number << std::endl;
    numbers.push_back(*number);
  }
}

}  // namespace

// No MPI: what it leaves in the environment would reach the jobs.
int main(int argc, char** argv) {
  try {
    submit(argc, argv);
    return 0;
  } catch (const InputError& error) {
    std::cerr << std::string("mrec-submit: ") + error.what() + "\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << std::string("mrec-submit: ") + error.what() + "\n";
    return 1;
  }
}
