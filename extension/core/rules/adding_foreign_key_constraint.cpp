// ADD FOREIGN KEY holds SHARE ROW EXCLUSIVE on both tables while it looks every row of one up in the other.
// A key behind a new column without a default has nothing to look up.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"
#include "core/rules/remedy.h"

namespace migrate::rules {

void adding_foreign_key_constraint(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::add_foreign_key}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.not_valid || action.already_so || !in_use(action.relation))
            return;
        const Action *const column = column_before(at);
        if (column && column->default_kind == DefaultKind::none)
            return;
        add_work("adding-foreign-key-constraint", at,
                 {"checking every row of " + action.relation.name + " against " +
                      action.referenced.name + " for a new foreign key",
                  "Both tables are locked, and each row is looked up in the referenced one.",
                  add_and_validate(action, "fkey")},
                 findings);
    });
}

} // namespace migrate::rules
