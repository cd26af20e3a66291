// EXCLUDE builds its index under ACCESS EXCLUSIVE, and there is no other way to have one.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void adding_exclusion_constraint(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::add_exclusion}, [&](const Place &at) {
        if (at.action.already_so || !in_use(at.action.relation))
            return;
        add_work(
            "adding-exclusion-constraint", at,
            {"building an exclusion constraint of " + at.action.relation.name,
             "PostgreSQL can neither build it concurrently nor take it over from an index.",
             "Add it while the table is small or in a quiet hour; or make a new table with the "
             "constraint and move the rows over."},
            findings);
    });
}

} // namespace migrate::rules
