// SPDX-License-Identifier: PostgreSQL
#include "display.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>

namespace migrate::client {
namespace {

struct Character
{
    std::size_t bytes;
    std::size_t columns;
};

Character character_at(std::string_view text, std::size_t offset);

} // namespace

std::string colored(std::string_view text, Color color, Colors colors)
{
    if (colors == Colors::off || color == Color::plain)
        return std::string(text);
    const char *code = "0";
    switch (color) {
    case Color::plain:
        break;
    case Color::bold:
        code = "1";
        break;
    case Color::dim:
        code = "2";
        break;
    case Color::red:
        code = "1;31";
        break;
    case Color::green:
        code = "32";
        break;
    case Color::yellow:
        code = "33";
        break;
    }
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::size_t display_width(std::string_view text)
{
    std::size_t width = 0;
    for (std::size_t i = 0; i < text.size();) {
        const Character c = character_at(text, i);
        width += c.columns;
        i += c.bytes;
    }
    return width;
}

std::string fitted(std::string_view text, std::size_t width)
{
    if (display_width(text) <= width)
        return std::string(text);
    const std::string_view dots = std::string_view("...").substr(0, width);
    std::size_t end = 0, used = dots.size();
    while (end < text.size()) {
        const Character c = character_at(text, end);
        if (used + c.columns > width)
            break;
        used += c.columns;
        end += c.bytes;
    }
    return std::string(text.substr(0, end)) + std::string(dots);
}

std::string one_line(std::string_view text)
{
    std::string line(text);
    for (char &c : line)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            c = ' ';
    return line;
}

std::string table(const std::vector<std::string> &header,
                  const std::vector<std::vector<Cell>> &rows, Colors colors)
{
    if (rows.empty())
        return {};
    std::vector<std::vector<Cell>> lines;
    lines.emplace_back();
    for (const std::string &title : header)
        lines.front().push_back({title, Color::bold});
    lines.insert(lines.end(), rows.begin(), rows.end());

    std::vector<std::size_t> widths(header.size(), 0);
    for (const auto &line : lines)
        for (std::size_t i = 0; i < line.size(); i++)
            widths.at(i) = std::max(widths.at(i), display_width(one_line(line[i].text)));

    std::string text;
    for (const auto &line : lines) {
        std::size_t last = line.size();
        while (last > 0 && line[last - 1].text.empty())
            last--;
        for (std::size_t i = 0; i < last; i++) {
            const std::string cell = one_line(line[i].text);
            text += colored(cell, line[i].color, colors);
            if (i + 1 < last)
                text.append(widths[i] - display_width(cell) + 2, ' ');
        }
        text += '\n';
    }
    return text;
}

std::string bar(long long done, long long total, std::size_t width)
{
    if (total <= 0)
        return {};
    const long long part = std::clamp(done, 0LL, total);
    const auto filled = static_cast<std::size_t>(
        static_cast<double>(part) / static_cast<double>(total) * static_cast<double>(width));
    return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "]";
}

std::string counted(long long count, std::string_view noun)
{
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string listed(const std::vector<std::string> &names, std::size_t most)
{
    std::string text;
    const std::size_t shown = std::min(most, names.size());
    for (std::size_t i = 0; i < shown; i++)
        text += fmt::format("{}\"{}\"", i ? ", " : "", one_line(names[i]));
    if (names.size() > shown)
        text += fmt::format(" and {} more", names.size() - shown);
    return text;
}

namespace {

// Width by libpq's tables, the ones psql aligns with.
Character character_at(std::string_view text, std::size_t offset)
{
    static const int utf8 = pg_char_to_encoding("UTF8");
    char bytes[5] = {};
    text.copy(bytes, 4, offset);
    const auto length = std::min<std::size_t>(
        static_cast<std::size_t>(std::max(1, PQmblen(bytes, utf8))), text.size() - offset);
    if (static_cast<unsigned char>(bytes[0]) < 0x20)
        return {1, 1};
    return {length, static_cast<std::size_t>(std::max(0, PQdsplen(bytes, utf8)))};
}

} // namespace
} // namespace migrate::client
