// Dropping a table loses its rows.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void ban_drop_table(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::drop_table}, [&](const Place &at) {
        add_loss("ban-drop-table", at,
                 {"dropping " + at.action.relation.name + " loses its rows",
                  "Code of the previous release that names the table fails from this moment on.",
                  "Release code that does not use the table first; then drop it with\n"
                  "-- migrate:allow ban-drop-table REASON"},
                 findings);
    });
}

} // namespace migrate::rules
