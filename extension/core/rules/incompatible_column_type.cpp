// A column of another kind, or one that takes fewer values: whatever the lock, code of the previous release that
// writes or compares the old kind fails.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"
#include "core/type_change.h"

namespace migrate::rules {

void incompatible_column_type(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::alter_type}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.already_so || !in_use(action.relation))
            return;
        const TypeChange change = compare_types(action.old_type, action.type);
        if (change != TypeChange::narrower && change != TypeChange::other)
            return;
        const std::string what = "column \"" + action.name + "\" of " + action.relation.name;
        add_break(
            "incompatible-column-type", at,
            {"changing " + what + " from " + action.old_type + " to " + action.type +
                 (change == TypeChange::narrower ? " makes it take fewer values"
                                                 : " breaks code that knows the old type"),
             change == TypeChange::narrower
                 ? "Values of the previous release may not fit, and those that are there may "
                   "be refused or lose digits."
                 : "Code of the previous release writes and compares values of the old type.",
             "Add a column of the new type, keep both in step by a trigger, release code that "
             "uses it, then drop the old one."},
            findings);
    });
}

} // namespace migrate::rules
