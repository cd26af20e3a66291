// Code of the previous release knows the table by its old name.  A view of that name, made in the same transaction,
// keeps it going; so does a swap that gives the name to another table.
// SPDX-License-Identifier: PostgreSQL
#include "core/compatibility.h"
#include "core/identifier.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void renaming_table(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::rename_table}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.already_so || !in_use(action.relation) ||
            is_replaced(study, at.statement, action) || is_unnoticed(study, at.statement, action))
            return;
        const std::string to = quote_identifier(action.new_name);
        add_break("renaming-table", at,
                  {"renaming " + action.relation.name + " breaks code that uses the old name",
                   "While both releases run, one of the two names does not exist for one of them.",
                   "BEGIN;\nALTER TABLE " + action.relation.name + " RENAME TO " + to +
                       ";\nCREATE VIEW " + action.relation.name + " AS SELECT * FROM " + to +
                       ";\nCOMMIT;\n-- and drop the view when no code uses the old name any more"},
                  findings);
    });
}

} // namespace migrate::rules
