#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mrec::report {

// A headline figure.
struct Tile {
  std::string label;
  std::string value;
  std::string note = {};
};

struct TableColumn {
  std::string heading;
  bool is_number = true;  // set right, digits under digits
};

struct Table {
  std::vector<TableColumn> columns;
  std::vector<std::vector<std::string>> rows;
};

// A chart under a heading, with a sentence on what one sees in it and, on request of the reader,
// its numbers.
struct Figure {
  std::string heading;
  std::string svg;
  std::string caption;
  Table table = {};
  bool is_tall = false;  // takes the place of two
};

enum class Width { kSmall, kHalf, kFull };  // four, two or one in a row where there is room

// One HTML file that needs nothing else: no script, no network, light and dark, for screens from
// 320 pixels on and for paper. All texts are plain and escaped here.
class Page {
 public:
  Page(std::string title, std::string subtitle);

  // What follows belongs to this section, which stands in the table of contents.
  void section(const std::string& heading, const std::string& lead);
  void heading(const std::string& text);
  void text(const std::string& paragraph);
  void warning(const std::string& paragraph);
  void tiles(std::span<const Tile> tiles);
  void figures(Width width, std::span<const Figure> figures);
  void table(const std::string& heading, const Table& table, const std::string& caption = "");
  void footer(const std::string& line);

  [[nodiscard]] std::string html() const;

 private:
  std::string title_;
  std::string subtitle_;
  std::vector<std::string> headings_;
  std::string body_;
  std::string footer_;
};

// The look of all pages and their charts; in style.cpp.
std::string_view style_sheet();

}  // namespace mrec::report
