// Functions, types, views, sequences: code knows them by name.  What has a name for the database only (an index, a
// constraint, a trigger, a policy) may be renamed at will.
// SPDX-License-Identifier: PostgreSQL
#include "core/compatibility.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void renaming_object(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::rename_other}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.object_type == "schema" ||
            compatibility_of(study, at.statement, action).verdict != OldCode::fails)
            return;
        const std::string name = object_in_words(at.action);
        add_break(
            "renaming-object", at,
            {"renaming " + action.object_type + " " + name + " breaks code that uses the old name",
             "While both releases run, one of the two names does not exist for one of them.",
             "Make the new one beside the old one, and drop the old one when no code uses it."},
            findings);
    });
}

} // namespace migrate::rules
