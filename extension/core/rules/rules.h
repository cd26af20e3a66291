// The rules: each one file, one function that looks at a studied script and adds what it finds.  A new rule is a
// new file, its function in catalogue.h and a line in rules.cpp.
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
const Rule *find(std::string_view id);
bool is_known(std::string_view id);

// What the rules of the groups asked for find, in the order of the rules; nothing is left out.
Findings look(const Study &study);

} // namespace migrate::rules
