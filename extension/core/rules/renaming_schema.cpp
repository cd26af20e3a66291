// Code of the previous release knows the schema by its old name.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void renaming_schema(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::rename_other}, [&](const Place &at) {
        if (at.action.object_type != "schema" || at.action.already_so)
            return;
        add_break("renaming-schema", at,
                  {"renaming schema \"" + at.action.name + "\" breaks code that uses the old name",
                   "Every object of the schema has another name from this moment on, and a "
                   "search_path with the old one finds nothing.",
                   "Make a schema of the new name with views of the old tables, release code that "
                   "uses it, then move the tables."},
                  findings);
    });
}

} // namespace migrate::rules
