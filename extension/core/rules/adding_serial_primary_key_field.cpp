// ADD PRIMARY KEY builds its index, and makes its columns NOT NULL, under ACCESS EXCLUSIVE.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"
#include "core/rules/remedy.h"

namespace migrate::rules {

void adding_serial_primary_key_field(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::add_primary_key}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.using_index || action.already_so || !in_use(action.relation))
            return;
        const bool online_way = !action.without_overlaps && !column_before(at);
        add_work(
            "adding-serial-primary-key-field", at,
            {"building a primary key of " + action.relation.name,
             "The columns have to be NOT NULL as well, which reads the table once more if they "
             "are not.",
             online_way ? index_and_attach(action, "PRIMARY KEY", "pkey")
                        : "Add the column and fill it in batches, build a unique index "
                          "concurrently, then ADD PRIMARY KEY USING INDEX."},
            findings);
    });
}

} // namespace migrate::rules
