// The folder of migrations: which files there are, in which order, and what is in them.
// Only files named *.sql directly in the folder count; hidden files and subfolders do not.  Text is
// checked here because the server could only say that some parameter is malformed, not where.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::client {

struct File
{
    std::string path; // as it is shown and sent
    std::string name; // the migration's
    std::string content;
};

// Reads all migrations of a folder, in their order.
// Throws: Failure if the folder or a file cannot be read, if a text is not UTF-8 or holds a NUL, and
// if two files have the same migration name.
std::vector<File> read_directory(const std::filesystem::path &directory);

// Reads one file, checked in the same way.
File read_file(const std::filesystem::path &path);

// Offset of the first byte that PostgreSQL would not take as UTF-8 text (NUL included).
std::optional<std::size_t> invalid_byte(std::string_view text);

std::vector<std::string> names_of(const std::vector<File> &files);

} // namespace migrate::client
