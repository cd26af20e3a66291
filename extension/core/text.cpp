// Small facts about text.  White space is what PostgreSQL's lexer takes for it, letters are ASCII
// letters: nothing here depends on a locale.
// SPDX-License-Identifier: PostgreSQL
#include "core/text.h"

#include <algorithm>

namespace migrate {

namespace {

constexpr std::string_view white_space = " \t\n\r\f\v";

std::size_t character_length(std::string_view text);
long long rounded(long long value, long long unit);

} // namespace

std::string normalize_text(std::string_view text)
{
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());

    std::string normal;
    normal.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); i++) {
        if (text[i] != '\r')
            normal += text[i];
        else if (!text.substr(i + 1).starts_with('\n'))
            normal += '\n';
    }
    return normal;
}

std::vector<std::string_view> split_lines(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

int line_at(std::string_view text, std::size_t offset)
{
    const std::string_view before = text.substr(0, offset);
    return static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1;
}

std::string_view trim(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(white_space);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(white_space) + 1 - begin);
}

std::string lower_ascii(std::string_view text)
{
    std::string lower(text);
    for (char &c : lower) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

std::string abbreviate(std::string_view statement, std::size_t width)
{
    std::string line;
    std::string_view left = trim(statement);
    for (std::size_t characters = 0; !left.empty(); characters++) {
        if (characters == width) {
            if (line.ends_with(' '))
                line.pop_back();
            return line + " ...";
        }
        const std::size_t blanks = std::min(left.find_first_not_of(white_space), left.size());
        const std::size_t length = blanks > 0 ? blanks : character_length(left);
        line += blanks > 0 ? std::string_view(" ") : left.substr(0, length);
        left.remove_prefix(length);
    }
    return line;
}

std::string name_of_path(std::string_view path)
{
    constexpr std::string_view suffix = ".sql";
    // A client on Windows sends its own separators.
    std::string_view name = path.substr(path.find_last_of("/\\") + 1);
    if (lower_ascii(name).ends_with(suffix))
        name.remove_suffix(suffix.size());
    return std::string(name);
}

// Each unit is chosen by the rounded value: 999.7 ms is "1.0 s", never "1000 ms".
std::string format_duration(long long microseconds)
{
    constexpr long long millisecond = 1000, second = 1000 * millisecond, minute = 60 * second;
    const long long milliseconds = rounded(microseconds, millisecond);
    if (milliseconds < 1000)
        return std::to_string(milliseconds) + " ms";
    const long long tenths = rounded(microseconds, second / 10);
    if (tenths < 600)
        return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
    const long long seconds = rounded(microseconds, second);
    if (seconds < 3600)
        return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
    const long long minutes = rounded(microseconds, minute);
    return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

namespace {

// Bytes of the first character.  A byte that is not UTF-8 is a character of its own, so that text
// in another encoding is cut somewhere too.
std::size_t character_length(std::string_view text)
{
    const auto first = static_cast<unsigned char>(text[0]);
    std::size_t length = 1;
    if (first >= 0xC0)
        length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (text.size() < length)
        return 1;
    const auto continues = [](char c) { return (c & 0xC0) == 0x80; };
    const bool valid = std::all_of(text.begin() + 1, text.begin() + length, continues);
    return valid ? length : 1;
}

// Division first: adding half a unit could overflow.
long long rounded(long long value, long long unit)
{
    return value / unit + (value % unit >= unit / 2 ? 1 : 0);
}

} // namespace

} // namespace migrate
