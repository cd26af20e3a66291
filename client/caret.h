// Where in a file an error of the server stands.  The server names the migration and the line of the
// file in the error's context, and the failing token as a position in the statement; the column in the
// file's line is found by looking for the statement's line in it.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "core/error.h"
#include "directory.h"
#include "display.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::client {

// `migration "NAME", statement N, line L` or `migration "NAME", line L`, out of an error's context.
struct ErrorPlace
{
    std::string migration;
    int line = 0; // in the file, from 1
};

std::optional<ErrorPlace> place_in_context(std::string_view context);

struct Location
{
    std::string path;
    int line = 0;                      // 0: somewhere in the file
    std::string text;                  // that line
    std::optional<std::size_t> offset; // of the failing token in text, in bytes
    // Column in characters, from 1; 0 if it is not known.
    int column() const;
};

// Nothing if the context names no migration, or none of these files.
std::optional<Location> locate(const Error &error, const std::vector<File> &files);

// The token's line within the statement, and its offset in that line, in bytes.  position counts
// characters from 1, as the server does.
struct TokenPlace
{
    std::string_view line;
    std::size_t offset;
};
std::optional<TokenPlace> token_place(std::string_view statement, int position);

// "path:line:column", the line, and a caret under the token.  Of a line that is too long the part
// around the token is shown.
std::string render(const Location &location, Colors colors);

} // namespace migrate::client
