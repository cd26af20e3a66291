// ADD UNIQUE builds its index under ACCESS EXCLUSIVE.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"
#include "core/rules/remedy.h"

namespace migrate::rules {

void disallowed_unique_constraint(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::add_unique}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.using_index || action.already_so || !in_use(action.relation))
            return;
        const std::string of =
            action.columns.empty() ? "" : " on " + names_in_words(action.columns);
        add_work("disallowed-unique-constraint", at,
                 {"building a unique constraint" + of + " of " + action.relation.name, "",
                  action.without_overlaps ? "There is no way without the lock: take a quiet hour."
                                          : index_and_attach(action, "UNIQUE", "key")},
                 findings);
    });
}

} // namespace migrate::rules
