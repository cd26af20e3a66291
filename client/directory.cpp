// SPDX-License-Identifier: PostgreSQL
#include "directory.h"

#include "core/text.h"
#include "core/version.h"
#include "failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace migrate::client {
namespace {

namespace fs = std::filesystem;

bool is_migration_file(const fs::directory_entry &entry);
void refuse_same_names(const std::vector<File> &files);
void check_text(const File &file);
std::size_t sequence_length(std::string_view rest);

} // namespace

std::vector<File> read_directory(const fs::path &directory)
{
    std::error_code problem;
    fs::directory_iterator entries(directory, problem);
    if (problem)
        throw client_failure(ExitCode::usage,
                             fmt::format("could not read directory \"{}\": {}", directory.string(),
                                         problem.message()),
                             {},
                             "Name the folder of migrations with --dir, or begin one with "
                             "pg_migrate new NAME.");
    std::vector<File> files;
    for (const fs::directory_entry &entry : entries)
        if (is_migration_file(entry))
            files.push_back(read_file(entry.path()));
    std::sort(files.begin(), files.end(), [](const File &a, const File &b) {
        const auto order = compare_names(a.name, b.name);
        return order != 0 ? order < 0 : a.path < b.path;
    });
    refuse_same_names(files);
    return files;
}

File read_file(const fs::path &path)
{
    errno = 0;
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream content;
    if (stream && stream.peek() != std::ifstream::traits_type::eof())
        content << stream.rdbuf();
    if (!stream.is_open() || stream.bad() || content.bad())
        throw client_failure(ExitCode::failed, fmt::format("could not read file \"{}\": {}",
                                                           path.string(), std::strerror(errno)));
    File file{path.string(), name_of_path(path.filename().string()), std::move(content).str()};
    check_text(file);
    return file;
}

std::optional<std::size_t> invalid_byte(std::string_view text)
{
    std::size_t offset = 0;
    while (offset < text.size()) {
        const std::size_t length = sequence_length(text.substr(offset));
        if (length == 0)
            return offset;
        offset += length;
    }
    return std::nullopt;
}

std::vector<std::string> names_of(const std::vector<File> &files)
{
    std::vector<std::string> names;
    for (const File &file : files)
        names.push_back(file.name);
    return names;
}

namespace {

bool is_migration_file(const fs::directory_entry &entry)
{
    const std::string filename = entry.path().filename().string();
    std::error_code ignored; // a dangling link is no file
    return filename.front() != '.' && lower_ascii(filename).ends_with(".sql") &&
           entry.is_regular_file(ignored);
}

// REQUIRES: files are sorted by name.
void refuse_same_names(const std::vector<File> &files)
{
    const auto twice = std::adjacent_find(
        files.begin(), files.end(), [](const File &a, const File &b) { return a.name == b.name; });
    if (twice == files.end())
        return;
    throw client_failure(
        ExitCode::failed, fmt::format("migration \"{}\" is there twice", twice->name),
        fmt::format("The files are \"{}\" and \"{}\".", twice->path, std::next(twice)->path),
        "Rename or remove one of them.");
}

void check_text(const File &file)
{
    if (const auto offset = invalid_byte(file.name))
        throw client_failure(ExitCode::failed,
                             fmt::format("name of file \"{}\" is not valid UTF-8", file.path),
                             fmt::format("The byte at offset {} does not belong there.", *offset),
                             "Rename the file.");
    const auto offset = invalid_byte(file.content);
    if (!offset)
        return;
    const auto byte = static_cast<unsigned char>(file.content[*offset]);
    const std::string where = fmt::format("byte 0x{:02x} at offset {}, line {}", byte, *offset,
                                          line_at(file.content, *offset));
    const bool utf16 = file.content.starts_with("\xff\xfe") || file.content.starts_with("\xfe\xff");
    if (byte == 0)
        throw client_failure(ExitCode::failed,
                             fmt::format("file \"{}\" holds a NUL byte", file.path),
                             fmt::format("It is {}.", where), "SQL text cannot hold NUL bytes.");
    throw client_failure(ExitCode::failed, fmt::format("file \"{}\" is not valid UTF-8", file.path),
                         fmt::format("The first invalid byte is {}.", where),
                         fmt::format("Convert it, for example with iconv -f {} -t UTF-8.",
                                     utf16 ? "UTF-16" : "LATIN1"));
}

// Bytes of the character at the start of rest by Unicode table 3-7 (no overlong forms, surrogates or
// values over 10FFFF); 0 if there is none.
std::size_t sequence_length(std::string_view rest)
{
    const auto byte = [&](std::size_t i) -> unsigned {
        return i < rest.size() ? static_cast<unsigned char>(rest[i]) : 0U;
    };
    const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
    const unsigned first = byte(0), second = byte(1);
    if (first == 0)
        return 0;
    if (first < 0x80)
        return 1;
    if (first < 0xC2 || first > 0xF4 || !continues(1))
        return 0;
    if (first < 0xE0)
        return 2;
    if (!continues(2))
        return 0;
    if (first == 0xE0 && second < 0xA0)
        return 0;
    if (first == 0xED && second > 0x9F)
        return 0;
    if (first < 0xF0)
        return 3;
    if (!continues(3))
        return 0;
    if (first == 0xF0 && second < 0x90)
        return 0;
    if (first == 0xF4 && second > 0x8F)
        return 0;
    return 4;
}

} // namespace
} // namespace migrate::client
