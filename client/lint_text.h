// Findings and the checklist as text for people.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "caret.h"
#include "display.h"
#include "failure.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace migrate::client {

// A row of migrate.lint().
struct FoundFinding
{
    std::string rule{}, severity{};
    int line = 0; // 0: the file as a whole
    std::string message{}, why{}, safe{};
    std::string json{};
};

struct LintedFile
{
    std::string path{};
    std::vector<FoundFinding> findings{};
    std::optional<Failure> failure{}; // the server cannot read it
    std::optional<Location> location{};
};

// "path:line: severity: message (rule)", and below it why, and the safe way.
std::string render(const LintedFile &file, Colors colors);
// "2 errors, 1 warning in 3 files"
std::string summary_of(const std::vector<LintedFile> &files);
std::string json_of(const LintedFile &file);
// Findings of severity error; a file that cannot be read is one.
std::size_t errors_in(const LintedFile &file);

// A row of migrate.check().
struct CheckedPoint
{
    std::string point, result, evidence;
};

// A line for each point; what speaks against it is below.
std::string render(const std::vector<CheckedPoint> &points, Colors colors);

} // namespace migrate::client
