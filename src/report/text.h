#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Numbers and names as people read them on a page.
namespace mrec::report {

// Safe as text and within double quotes, in HTML as in SVG. Bytes that are no UTF-8 and control
// characters become U+FFFD, since both make a page invalid.
std::string escaped(std::string_view text);

// Valid UTF-8 of at most `most` characters, with an ellipsis when something was cut off.
std::string shortened(std::string_view text, std::size_t most);

// Number of characters (code points) of valid UTF-8.
std::size_t num_characters(std::string_view text);

// 92834 -> "92,834"
std::string grouped(std::int64_t number);

// For ticks and labels, at most three digits: 0.05, 12.5, 340k, 1.2M.
std::string compact(double number);

// Three digits that count, and whole numbers grouped: 0.0523, 12.5, 1,234.
std::string figure(double number);

// 0.0523 -> "5.2 %" with a no-break space; more digits below one percent.
std::string percent(double share);

// An SVG coordinate: two digits behind the point, no trailing zeros.
std::string pixels(double value);

// "1 artist", "2,000 artists"
std::string counted(std::int64_t number, std::string_view thing);

}  // namespace mrec::report
