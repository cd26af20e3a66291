// A foreign key between columns of different types holds until one of them runs out of range, and its lookups convert.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

#include <algorithm>

namespace migrate::rules {

namespace {

// "integer" of "integer", "character varying" of "character varying(20)".
std::string without_modifier(std::string type)
{
    type.erase(std::min(type.find('('), type.size()));
    return type;
}

bool is_text(const std::string &type)
{
    return type == "text" || type == "character varying";
}

// Only the length or the precision differs, or the kind of text: they compare as they are.
bool is_same_kind(const Action &action)
{
    const std::string &text = action.mismatched_type;
    for (std::size_t i = 0; i < action.columns.size() && i < action.referenced_columns.size();
         i++) {
        const std::string head = action.columns[i] + " ";
        const std::string middle = ", " + action.referenced_columns[i] + " ";
        const std::size_t at = text.find(middle);
        if (!text.starts_with(head) || at == text.npos)
            continue;
        const std::string one = without_modifier(text.substr(head.size(), at - head.size()));
        const std::string other = without_modifier(text.substr(at + middle.size()));
        return one == other || (is_text(one) && is_text(other));
    }
    return false;
}

} // namespace

void mismatched_foreign_key_type(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::add_foreign_key}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.mismatched_type.empty() || action.already_so || is_same_kind(action))
            return;
        findings.push_back(
            finding_of("mismatched-foreign-key-type", Severity::warning, at,
                       {"foreign key of " + action.relation.name +
                            " references a column of another type: " + action.mismatched_type,
                        "Values of the one do not all fit the other, and each check converts.",
                        "Give the referencing columns the types of those of " +
                            action.referenced.name + "."}));
    });
}

} // namespace migrate::rules
