// The table of all rules.  Those of a kind stand together; the order is that of the findings of one statement.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/rules.h"

#include "core/rules/catalogue.h"

#include <algorithm>
#include <iterator>

namespace migrate::rules {

namespace {

constexpr Rule rules[] = {
    {"unknown-rule", Group::safety, unknown_rule, "An allow names a rule that does not exist."},
    {"unused-allow", Group::safety, unused_allow,
     "An allow accepts nothing: its rule has nothing to say about the statement."},
};

} // namespace

std::span<const Rule> all()
{
    return rules;
}

const Rule *find(std::string_view id)
{
    const Rule *const found = std::find_if(std::begin(rules), std::end(rules),
                                           [id](const Rule &rule) { return rule.id == id; });
    return found == std::end(rules) ? nullptr : found;
}

bool is_known(std::string_view id)
{
    return find(id) != nullptr;
}

Findings look(const Study &study)
{
    Findings findings;
    for (const Rule &rule : rules)
        if (rule.group == Group::safety || study.options.style)
            rule.look(study, findings);
    return findings;
}

} // namespace migrate::rules
