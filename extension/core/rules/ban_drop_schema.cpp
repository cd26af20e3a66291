// DROP SCHEMA ... CASCADE takes every table of the schema along.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void ban_drop_schema(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::drop_other}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.object_type != "schema" || !action.cascade || action.already_so)
            return;
        std::string lost;
        for (const Effect &effect : at.statement.effects)
            if (in_use(effect.relation) && effect.relation.bytes > 0 &&
                effect.relation.kind == RelationKind::table)
                lost += (lost.empty() ? "" : ", ") + relation_in_words(effect.relation);
        if (lost.empty())
            return;
        findings.push_back(finding_of(
            "ban-drop-schema", study.options.is_up ? Severity::error : Severity::info, at,
            {"dropping schema \"" + action.name + "\" with CASCADE loses the rows of its tables",
             "Lost are " + lost + ".",
             "Drop each table by name, so that the script says what is lost; then DROP SCHEMA "
             "without CASCADE."}));
    });
}

} // namespace migrate::rules
