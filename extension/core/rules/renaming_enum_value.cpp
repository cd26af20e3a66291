// Code of the previous release knows the value by its old name.
// SPDX-License-Identifier: PostgreSQL
#include "core/compatibility.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void renaming_enum_value(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::rename_enum_value}, [&](const Place &at) {
        if (at.action.already_so || at.action.relation.is_new ||
            is_unnoticed(study, at.statement, at.action))
            return;
        add_break(
            "renaming-enum-value", at,
            {"renaming value \"" + at.action.value + "\" of enum \"" + at.action.name +
                 "\" breaks code that uses the old name",
             "The old value is an error from this moment on, in what code writes and in what it "
             "compares with.",
             "Add the new value, release code that takes both, change the rows in batches."},
            findings);
    });
}

} // namespace migrate::rules
