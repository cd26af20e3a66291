// Many changes of type are free: a longer varchar, varchar to text, more digits before the point.  The others write
// the table anew, or read it, or build indexes again, all under ACCESS EXCLUSIVE.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void changing_column_type(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::alter_type}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.already_so || !in_use(action.relation))
            return;
        const Effect *const lock = strongest_effect(at.statement);
        const bool alone = at.statement.actions.size() == 1;
        const bool builds = alone && lock && lock->builds;
        if (!action.rewrites && !action.scans && !builds)
            return;
        const std::string change =
            action.old_type.empty() ? action.type : action.old_type + " to " + action.type;
        add_work(
            "changing-column-type", at,
            {std::string(action.rewrites ? "writing "
                         : action.scans  ? "checking "
                                         : "indexing ") +
                 action.relation.name + " anew to change column \"" + action.name + "\" from " +
                 change,
             action.rewrites ? "All of its indexes are built again as well." : "",
             "Add a column of the new type, keep both in step by a trigger, fill it in batches, "
             "and swap the names."},
            findings);
    });
}

} // namespace migrate::rules
