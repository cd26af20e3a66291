// The rules: each one file, one function that looks at a studied script and adds what it finds.  A new rule is a
// new file and a line in rules.cpp.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <span>
#include <string_view>

#include "core/finding.h"

namespace migrate::rules {

enum class Group
{
    safety,
    style // off unless asked for
};

struct Rule
{
    std::string_view id;
    Group group;
    void (*look)(const Study &study, Findings &findings);
    std::string_view summary; // one sentence, for documentation
};

std::span<const Rule> all();
bool is_known(std::string_view id);

} // namespace migrate::rules
