// character(n) is padded with spaces, which take room and don't count in comparisons.
// SPDX-License-Identifier: PostgreSQL
#include "core/identifier.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void ban_char_field(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::add_column, ActionKind::alter_type}, [&](const Place &at) {
        const std::string &type = at.action.type;
        if (type != "character" && !type.starts_with("character("))
            return;
        findings.push_back(finding_of(
            "ban-char-field", Severity::warning, at,
            {"column \"" + at.action.name + "\" of " + at.action.relation.name + " is " + type,
             "Values are padded with spaces up to the length, which take room and surprise in "
             "comparisons.",
             quote_identifier(at.action.name) + " text"}));
    });
}

} // namespace migrate::rules
