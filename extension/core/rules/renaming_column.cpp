// Code of the previous release knows the column by its old name.
// SPDX-License-Identifier: PostgreSQL
#include "core/compatibility.h"
#include "core/identifier.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void renaming_column(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::rename_column}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.already_so || !in_use(action.relation) ||
            is_unnoticed(study, at.statement, action))
            return;
        const std::string from = quote_identifier(action.name),
                          to = quote_identifier(action.new_name);
        add_break("renaming-column", at,
                  {"renaming column \"" + action.name + "\" of " + action.relation.name +
                       " breaks code that uses the old name",
                   "While both releases run, one of the two names does not exist for one of them.",
                   "Add column " + to +
                       ", keep both in step by a trigger, fill it in batches, release "
                       "code that uses it, then drop " +
                       from + "."},
                  findings);
    });
}

} // namespace migrate::rules
