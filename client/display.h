// Text on a terminal: how wide it is, tables, bars, colours.  Pure functions; who prints what where is
// output.h's business.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::client {

enum class Color
{
    plain,
    bold,
    dim,
    red,
    green,
    yellow
};
enum class Colors
{
    off,
    on
};

std::string colored(std::string_view text, Color color, Colors colors);

// Columns that UTF-8 text takes on a terminal: 2 for wide characters, 0 for combining ones.  A tab
// counts as one; show it as a space.
std::size_t display_width(std::string_view text);

// The first characters that fit into width, "..." at the end if something was cut.
std::string fitted(std::string_view text, std::size_t width);

// Control characters as spaces, so that text from a database cannot move the cursor.
std::string one_line(std::string_view text);

struct Cell
{
    std::string text;
    Color color = Color::plain;
};

// Header and rows in columns two spaces apart, no blanks at line ends.  Empty without rows.
std::string table(const std::vector<std::string> &header,
                  const std::vector<std::vector<Cell>> &rows, Colors colors);

// "[######......]", width characters between the brackets; empty if total is not positive.
std::string bar(long long done, long long total, std::size_t width);

// "1 step", "2 steps".
std::string counted(long long count, std::string_view noun);

// `"a", "b", "c" and 4 more`: at most `most` names, quoted.
std::string listed(const std::vector<std::string> &names, std::size_t most = 8);

} // namespace migrate::client
