// Dropping a column loses its values.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void ban_drop_column(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::drop_column}, [&](const Place &at) {
        const Action &action = at.action;
        add_loss("ban-drop-column", at,
                 {"dropping column \"" + action.name + "\" of " + action.relation.name +
                      " loses its values",
                  "Code of the previous release that names the column fails from this moment on.",
                  "Release code that does not use the column first; then drop it with\n"
                  "-- migrate:allow ban-drop-column REASON"},
                 findings);
    });
}

} // namespace migrate::rules
