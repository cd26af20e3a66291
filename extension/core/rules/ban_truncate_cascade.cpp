// TRUNCATE ... CASCADE empties every table that references the one named, and those that reference them.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

#include <algorithm>

namespace migrate::rules {

void ban_truncate_cascade(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::truncate}, [&](const Place &at) {
        if (!at.action.cascade || at.action.already_so)
            return;
        const std::vector<Action> &named = at.statement.actions;
        std::string lost;
        for (const Effect &effect : at.statement.effects) {
            const bool is_named = std::any_of(named.begin(), named.end(), [&](const Action &one) {
                return same_relation(one.relation, effect.relation);
            });
            if (!is_named && in_use(effect.relation) && effect.relation.bytes > 0 &&
                !effect.relation.is_partition && effect.relation.kind == RelationKind::table &&
                effect.lock == LockMode::access_exclusive)
                lost += (lost.empty() ? "" : ", ") + relation_in_words(effect.relation);
        }
        // Of several tables named, the first speaks.
        if (lost.empty() || &at.action != &named.front())
            return;
        findings.push_back(finding_of(
            "ban-truncate-cascade", study.options.is_up ? Severity::error : Severity::info, at,
            {"truncating " + at.action.relation.name +
                 " with CASCADE empties tables that the script does not name",
             "Emptied as well: " + lost + ".", "Name each table, and leave CASCADE out."}));
    });
}

} // namespace migrate::rules
