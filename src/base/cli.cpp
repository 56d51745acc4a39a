#include "base/cli.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "base/error.h"
#include "base/output_file.h"
#include "base/text.h"

namespace mrec {
namespace {

namespace po = boost::program_options;

bool is_bool(const Field& field) { return std::holds_alternative<bool*>(field.value); }
bool is_list(const Field& field) {
  return std::holds_alternative<std::vector<std::string>*>(field.value);
}

std::string with_underscores(std::string name) {
  std::ranges::replace(name, '-', '_');
  return name;
}

std::string with_dashes(std::string name) {
  std::ranges::replace(name, '_', '-');
  return name;
}

// "--learning-rate=0.1" -> {"--learning_rate=0.1"}: names are matched with underscores.
std::vector<std::string> normalized_arguments(int argc, const char* const* argv,
                                              const Fields& fields) {
  std::vector<std::string> arguments;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    const std::size_t end = std::min(argument.find_first_of("= "), argument.size());
    // With a blank it is a value that begins as an option does: options of another program.
    if (argument.starts_with("--") && (end == argument.size() || argument[end] == '=')) {
      argument = "--" + with_underscores(argument.substr(2, end - 2)) + argument.substr(end);
      // A bare flag is true; Boost wants a value for every option.
      const auto field = std::ranges::find(fields, argument.substr(2), &Field::name);
      if (field != fields.end() && is_bool(*field)) argument += "=true";
    }
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

// What may be names of files; also those of a list with commas.
std::vector<std::string> named_by(const Field& field) {
  if (is_list(field)) return *std::get<std::vector<std::string>*>(field.value);
  std::vector<std::string> names;
  if (const auto* const text = std::get_if<std::string*>(&field.value)) {
    std::istringstream list(**text);
    for (std::string name; std::getline(list, name, ',');) names.push_back(name);
  }
  return names;
}

// What is written takes the place of what has the name, even of what was read; where nothing has
// it, it may be the name of a user or of a number.
void require_apart(const Fields& fields) {
  for (const Field& output : fields) {
    if (!output.writes || to_text(output).empty()) continue;
    const std::string path = to_text(output);
    for (const Field& other : fields) {
      if (&other == &output) continue;
      for (const std::string& name : named_by(other)) {
        if (name.empty() || !is_same_file(path, name)) continue;
        if (!other.writes && !std::filesystem::exists(path)) continue;
        throw InputError("--" + with_dashes(output.name) + " " + path +
                         " would replace the file that --" + with_dashes(other.name) +
                         " names; choose another name");
      }
    }
  }
}

po::options_description describe(const Fields& fields) {
  po::options_description options;
  for (const Field& field : fields) {
    auto* value = po::value<std::vector<std::string>>();
    if (is_list(field)) value->composing();
    options.add_options()(field.name.c_str(), value);
  }
  options.add_options()("help", po::bool_switch())("version", po::bool_switch())(
      "config", po::value<std::string>());
  return options;
}

// Values of each option, in the order given.
using Values = std::map<std::string, std::vector<std::string>>;

Values collect(const po::parsed_options& parsed) {
  Values values;
  for (const auto& option : parsed.options) {
    auto& list = values[with_underscores(option.string_key)];
    list.insert(list.end(), option.value.begin(), option.value.end());
  }
  return values;
}

Values parse_arguments(const std::vector<std::string>& arguments,
                       const po::options_description& options, const std::string& positional) {
  using namespace po::command_line_style;
  po::positional_options_description bare_words;
  if (!positional.empty()) bare_words.add(positional.c_str(), -1);
  return collect(po::command_line_parser(arguments)
                     .options(options)
                     .positional(bare_words)
                     .style(allow_long | long_allow_adjacent | long_allow_next)
                     .run());
}

Values parse_config(const std::string& path, const po::options_description& options) {
  std::ifstream file(path);
  if (!file || std::filesystem::is_directory(path)) {
    throw InputError("config " + path + ": is no file that can be opened");
  }
  // Names may be written with '-' here too.
  std::stringstream normalized;
  for (std::string line; std::getline(file, line);) {
    if (normalized.tellp() == 0) drop_byte_order_mark(line);
    const std::size_t end = line.find('=');
    normalized << (end == std::string::npos
                       ? line
                       : with_underscores(line.substr(0, end)) + line.substr(end))
               << '\n';
  }
  try {
    return collect(po::parse_config_file(normalized, options));
  } catch (const po::error& error) {
    throw InputError("config " + path + ": " + error.what());
  }
}

void assign_all(const Values& values, const Fields& fields) {
  for (const auto& [name, texts] : values) {
    const auto field = std::ranges::find(fields, name, &Field::name);
    if (field == fields.end()) continue;  // help, version, config
    if (is_list(*field)) {
      std::get<std::vector<std::string>*>(field->value)->clear();
    } else if (texts.size() > 1) {
      throw InputError("option --" + with_dashes(name) + " is given more than once");
    }
    for (const std::string& text : texts) set(*field, text);
  }
}

std::string range_of(const Field& field) {
  if (!field.choices.empty()) {
    std::string text;
    for (const std::string& choice : field.choices) text += (text.empty() ? "" : " | ") + choice;
    return text;
  }
  if (std::isinf(field.min) && std::isinf(field.max)) return "";
  if (std::isinf(field.max)) return "at least " + plain(field.min);
  if (std::isinf(field.min)) return "at most " + plain(field.max);
  return plain(field.min) + " to " + plain(field.max);
}

void print_help(const Program& program, const Fields& fields) {
  std::cout << program.name << " - " << program.summary << "\n\nExample:\n  " << program.example
            << "\n\nOptions (names may be written with '-' or '_'):\n";
  for (const Field& field : fields) {
    std::string line = "  --" + with_dashes(field.name);
    line.resize(std::max<std::size_t>(line.size() + 2, 26), ' ');
    line += field.help;
    std::string notes = range_of(field);
    const auto note = [&notes](const std::string& text) {
      notes += (notes.empty() ? "" : "; ") + text;
    };
    if (is_list(field)) {
      note(field.name == program.positional ? "may be given several times, or as bare words"
                                            : "may be given several times");
    }
    const std::string value = to_text(field);
    if (field.required) {
      note("required");
    } else if (!value.empty()) {
      note("default " + value);
    }
    std::cout << line << (notes.empty() ? "" : " [" + notes + "]") << '\n';
  }
  std::cout << "  --config                a file with lines `name = value`; the command line wins\n"
               "  --help                  this text\n"
               "  --version               version and commit\n";
}

}  // namespace

bool parse_cli(int argc, const char* const* argv, const Program& program, const Fields& fields) {
  const std::string hint = "; see " + program.name + " --help";
  const po::options_description options = describe(fields);
  try {
    const Values given =
        parse_arguments(normalized_arguments(argc, argv, fields), options, program.positional);
    if (given.contains("help")) {
      print_help(program, fields);
      return false;
    }
    if (given.contains("version")) {
      std::cout << program.name << ' ' << version() << '\n';
      return false;
    }
    Values from_file;
    if (const auto config = given.find("config"); config != given.end()) {
      if (config->second.size() > 1) {
        throw InputError("option --config is given twice; put both files into one");
      }
      from_file = parse_config(config->second.front(), options);
      assign_all(from_file, fields);
    }
    assign_all(given, fields);
    const bool alone = std::ranges::any_of(
        fields, [](const Field& field) { return field.alone && to_text(field) == "true"; });
    for (const Field& field : fields) {
      if (field.required && !alone && !given.contains(field.name) &&
          !from_file.contains(field.name)) {
        throw InputError("option --" + with_dashes(field.name) + " is missing (" + field.help +
                         ")");
      }
    }
    require_apart(fields);
  } catch (const po::too_many_positional_options_error&) {
    throw InputError("options start with --; a bare word is not understood" + hint);
  } catch (const po::error& error) {
    throw InputError(error.what() + hint);
  } catch (const InputError& error) {
    throw InputError(error.what() + hint);
  }
  return true;
}

std::string version() { return MREC_VERSION " (" MREC_GIT ")"; }

}  // namespace mrec
