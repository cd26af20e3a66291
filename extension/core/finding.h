// A danger seen in a statement: what it is, what it does to whom, and the safe way.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/study.h"

namespace migrate {

enum class Severity
{
    info,
    warning,
    error
};
std::string_view name_of(Severity severity);

struct Finding
{
    std::string rule; // stable id: "require-concurrent-index-creation"
    Severity severity = Severity::warning;
    int number = 0; // statement in the script; 0: the script as a whole
    int line = 0;   // in the file
    std::string relation;
    std::string message; // one line, lower case, no period: what it does
    std::string why;     // full sentences: what it blocks, for how long, or what is lost
    std::string safe;    // SQL, or a sentence where no SQL is the answer
};

using Findings = std::vector<Finding>;

// All findings of a script, in the order of its statements; those that a directive "allow" accepts are left
// out, and an allow that accepts nothing is a finding itself.
Findings lint(const Study &study);

} // namespace migrate
