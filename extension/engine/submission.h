// A migration as it is handed in, and how a file becomes one.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <optional>
#include <string>
#include <vector>

namespace migrate {

// A migration as it is handed in.
struct Submission
{
    std::string name;
    std::string up;
    std::optional<std::string> down, verify, contract;
    std::vector<std::string> requires_names;
};

// Throws: 22023 for what cannot be a migration's name.
void require_name(const std::string &name);

// A file's content taken apart into its sections.  Throws: 42601 and what the parser raises.
Submission read_file(const std::string &path, const std::string &content);

// Reads the scripts that did not come out of one file, which were not read yet.  Throws: what the parser
// raises.
void require_readable(const Submission &submission);

} // namespace migrate
