#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mrec::report {

// What is wrong with a piece of SVG, read as XML reads it: tags that do not nest, values without
// quotes, a raw "<" or "&". "" when nothing is.
inline std::string fault_of(std::string_view xml) {
  std::vector<std::string> open;
  std::size_t at = 0;
  const auto near = [&](const std::string& what) {
    return what + " near: " + std::string(xml.substr(at, 60));
  };
  while (at < xml.size()) {
    if (xml[at] == '&') {
      const std::string_view entity = xml.substr(at, xml.find(';', at) - at + 1);
      if (entity != "&amp;" && entity != "&lt;" && entity != "&gt;" && entity != "&quot;" &&
          entity != "&#39;") {
        return near("a bare &");
      }
    }
    if (xml[at] != '<') {
      ++at;
      continue;
    }
    const std::size_t end = xml.find('>', at);
    if (end == std::string_view::npos) return near("a tag without an end");
    const std::string_view tag = xml.substr(at + 1, end - at - 1);
    const std::string name(tag.substr(0, tag.find_first_of(" /", 1)));
    if (tag.find('<') != std::string_view::npos) return near("a bare <");
    for (std::size_t equals = tag.find('='); equals != std::string_view::npos;) {
      if (equals + 1 >= tag.size() || tag[equals + 1] != '"') return near("a value without quotes");
      const std::size_t closing = tag.find('"', equals + 2);
      if (closing == std::string_view::npos) return near("an open quote");
      equals = tag.find('=', closing);
    }
    if (tag.starts_with('/')) {
      if (open.empty() || "/" + open.back() != tag) return near("a closing tag out of order");
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.push_back(name);
    }
    at = end + 1;
  }
  return open.empty() ? "" : "not closed: " + open.back();
}

// How often `part` stands in `text`.
inline int occurrences(std::string_view text, std::string_view part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace mrec::report
