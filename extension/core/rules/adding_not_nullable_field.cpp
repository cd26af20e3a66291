// SET NOT NULL reads the table under ACCESS EXCLUSIVE, unless a valid CHECK proves that there is no NULL.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"
#include "core/rules/remedy.h"

namespace migrate::rules {

void adding_not_nullable_field(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::set_not_null, ActionKind::add_not_null},
                    [&](const Place &at) {
                        const Action &action = at.action;
                        if (action.not_valid || action.already_so || action.proven ||
                            action.constraint_of_column || !in_use(action.relation))
                            return;
                        // A named constraint has its column in `columns`.
                        const std::string column =
                            action.kind == ActionKind::add_not_null && !action.columns.empty()
                                ? action.columns.front()
                                : action.name;
                        add_work("adding-not-nullable-field", at,
                                 {"checking every row of " + action.relation.name +
                                      " for a NULL in \"" + column + "\"",
                                  "A valid CHECK constraint spares the server that reading.",
                                  not_null_by_check(action.relation, column)},
                                 findings);
                    });
    for_each_action(study, {ActionKind::add_primary_key}, [&](const Place &at) {
        const Action &action = at.action;
        if (!action.using_index || action.nullable_columns.empty() || action.already_so ||
            !in_use(action.relation))
            return;
        std::string safe;
        for (const std::string &column : action.nullable_columns)
            safe += (safe.empty() ? "" : "\n") + not_null_by_check(action.relation, column);
        add_work("adding-not-nullable-field", at,
                 {"making " + names_in_words(action.nullable_columns) + " of " +
                      action.relation.name + " NOT NULL for a primary key",
                  "The index is there, but the columns of a primary key have to be NOT NULL.",
                  safe},
                 findings);
    });
}

} // namespace migrate::rules
