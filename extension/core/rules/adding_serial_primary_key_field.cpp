// ADD PRIMARY KEY builds its index, and makes its columns NOT NULL, under ACCESS EXCLUSIVE.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"
#include "core/rules/remedy.h"

namespace migrate::rules {

namespace {

constexpr const char *new_column = "Add the column and fill it in batches, build a unique index "
                                   "concurrently, then ADD PRIMARY KEY USING INDEX.";

} // namespace

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
             online_way ? index_and_attach(action, "PRIMARY KEY", "pkey") : new_column},
            findings);
    });
    // Where only the column says so.
    for_each_action(study, {ActionKind::add_column}, [&](const Place &at) {
        if (at.action.primary_key && !at.action.already_so && in_use(at.action.relation) &&
            !has_any(at.statement.actions, {ActionKind::add_primary_key}))
            add_work("adding-serial-primary-key-field", at,
                     {"building a primary key of " + at.action.relation.name, "", new_column},
                     findings);
    });
}

} // namespace migrate::rules
