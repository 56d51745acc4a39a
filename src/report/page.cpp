#include "report/page.h"

#include "report/text.h"

namespace mrec::report {
namespace {

constexpr std::size_t kMostCharacters = 160;  // of a cell

// Names may be written from right to left: <bdi> keeps the rest of the line in order.
std::string isolated(const std::string& text) {
  return "<bdi>" + escaped(shortened(text, kMostCharacters)) + "</bdi>";
}

std::string table_html(const Table& table, const std::string& heading) {
  std::string html = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" +
                     escaped(heading) + "\"><table><thead><tr>";
  for (const TableColumn& column : table.columns) {
    html += std::string("<th scope=\"col\"") + (column.is_number ? " class=\"number\">" : ">") +
            escaped(column.heading) + "</th>";
  }
  html += "</tr></thead><tbody>\n";
  for (const std::vector<std::string>& row : table.rows) {
    html += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      html += table.columns[i].is_number ? "<td class=\"number\">" + escaped(row[i])
                                         : "<td>" + isolated(row[i]);
      html += "</td>";
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string anchor(std::size_t section) { return "section-" + std::to_string(section); }

}  // namespace

Page::Page(std::string title, std::string subtitle)
    : title_(std::move(title)), subtitle_(std::move(subtitle)) {}

void Page::section(const std::string& heading, const std::string& lead) {
  if (!headings_.empty()) body_ += "</section>\n";
  headings_.push_back(heading);
  body_ += "<section id=\"" + anchor(headings_.size()) + "\"><h2>" + escaped(heading) + "</h2>\n";
  if (!lead.empty()) body_ += "<p class=\"lead\">" + escaped(lead) + "</p>\n";
}

void Page::heading(const std::string& text) { body_ += "<h3>" + escaped(text) + "</h3>\n"; }

void Page::text(const std::string& paragraph) { body_ += "<p>" + escaped(paragraph) + "</p>\n"; }

void Page::warning(const std::string& paragraph) {
  body_ += "<p class=\"warning\"><strong>Note</strong> " + escaped(paragraph) + "</p>\n";
}

void Page::tiles(std::span<const Tile> tiles) {
  body_ += "<dl class=\"tiles\">\n";
  for (const Tile& tile : tiles) {
    body_ += "<div><dt>" + escaped(tile.label) + "</dt><dd>" + escaped(tile.value) + "</dd>";
    if (!tile.note.empty()) body_ += "<dd class=\"note\">" + escaped(tile.note) + "</dd>";
    body_ += "</div>\n";
  }
  body_ += "</dl>\n";
}

void Page::figures(Width width, std::span<const Figure> figures) {
  const char* style = width == Width::kSmall ? "small" : width == Width::kHalf ? "half" : "full";
  body_ += "<div class=\"figures " + std::string(style) + "\">\n";
  std::size_t places = 0;
  for (const Figure& figure : figures) places += figure.is_tall ? 2 : 1;
  for (const Figure& figure : figures) {
    const bool is_odd = places % 2 == 1 && &figure == &figures.back();
    body_ += figure.is_tall ? "<figure class=\"tall\"><h3>"
             : is_odd       ? "<figure class=\"odd\"><h3>"
                            : "<figure><h3>";
    body_ += escaped(figure.heading) + "</h3>\n<div class=\"chart\">" + figure.svg + "</div>\n";
    body_ += "<figcaption>" + escaped(figure.caption) + "</figcaption>\n";
    if (!figure.table.rows.empty()) {
      body_ += "<details><summary>The numbers</summary>" +
               table_html(figure.table, figure.heading) + "</details>\n";
    }
    body_ += "</figure>\n";
  }
  body_ += "</div>\n";
}

void Page::table(const std::string& heading, const Table& table, const std::string& caption) {
  body_ += "<div class=\"table\"><h3>" + escaped(heading) + "</h3>\n";
  body_ += table_html(table, heading);
  if (!caption.empty()) body_ += "<p class=\"caption\">" + escaped(caption) + "</p>\n";
  body_ += "</div>\n";
}

void Page::footer(const std::string& line) { footer_ += "<p>" + escaped(line) + "</p>\n"; }

std::string Page::html() const {
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      // An empty icon, or the browser asks for one.
      "<link rel=\"icon\" href=\"data:,\">\n<title>" +
      escaped(title_) + "</title>\n<style>\n";
  html += style_sheet();
  html += "</style>\n</head>\n<body>\n<header><h1>" + escaped(title_) + "</h1>\n<p>" +
          escaped(subtitle_) + "</p></header>\n<nav aria-label=\"Contents\"><ol>\n";
  for (std::size_t i = 0; i < headings_.size(); ++i) {
    html += "<li><a href=\"#" + anchor(i + 1) + "\">" + escaped(headings_[i]) + "</a></li>\n";
  }
  html += "</ol></nav>\n<main>\n" + body_;
  if (!headings_.empty()) html += "</section>\n";
  return html + "</main>\n<footer>\n" + footer_ + "</footer>\n</body>\n</html>\n";
}

}  // namespace mrec::report
