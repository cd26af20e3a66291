// Many changes of type are free: a longer varchar, varchar to text, more digits before the point.  The others write
// the table anew, or read it, or build indexes again, all under ACCESS EXCLUSIVE.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

#include <algorithm>

namespace migrate::rules {

namespace {

// The change of type is all that the statement does, so the work is its.
bool works_alone(const StudiedStatement &statement, bool Effect::*work)
{
    return statement.actions.size() == 1 &&
           std::any_of(statement.effects.begin(), statement.effects.end(),
                       [work](const Effect &effect) { return effect.*work; });
}

} // namespace

void changing_column_type(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::alter_type}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.already_so || !in_use(action.relation))
            return;
        const bool anew = rewrites(at);
        const bool reads = action.scans || works_alone(at.statement, &Effect::scans);
        if (!anew && !reads && !works_alone(at.statement, &Effect::builds))
            return;
        const std::string change =
            action.old_type.empty() ? action.type : action.old_type + " to " + action.type;
        add_work(
            "changing-column-type", at,
            {std::string(anew    ? "writing "
                         : reads ? "checking "
                                 : "indexing ") +
                 action.relation.name + " anew to change column \"" + action.name + "\" from " +
                 change,
             anew ? "All of its indexes are built again as well." : "",
             "Add a column of the new type, keep both in step by a trigger, fill it in batches, "
             "and swap the names."},
            findings);
    });
}

} // namespace migrate::rules
