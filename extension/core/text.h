// Small facts about text that core, engine and client share.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace migrate {

// The text without a UTF-8 byte order mark, with CR LF and lone CR turned into LF.  What is stored
// and compared, so line endings never change a checksum.
std::string normalize_text(std::string_view text);

// Lines without their LF; "a\n" is one line, "" none.
std::vector<std::string_view> split_lines(std::string_view text);

// 1 for the first line; offset in bytes, at most text.size().
int line_at(std::string_view text, std::size_t offset);

std::string_view trim(std::string_view text);
std::string lower_ascii(std::string_view text);

// A statement on one line, white space folded, cut after `width` characters (UTF-8 aware: never in
// the middle of a character) with " ..." appended when something was cut.
std::string abbreviate(std::string_view statement, std::size_t width);

// A file's name without directories and without ".sql" (any case): the migration's name.
std::string name_of_path(std::string_view path);

// "12 ms", "1.5 s", "2 min 3 s", "1 h 2 min".  microseconds >= 0.
std::string format_duration(long long microseconds);

} // namespace migrate
