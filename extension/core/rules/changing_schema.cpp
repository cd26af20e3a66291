// Moved to another schema, an object has another name.
// SPDX-License-Identifier: PostgreSQL
#include "core/compatibility.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void changing_schema(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::set_schema}, [&](const Place &at) {
        const Action &action = at.action;
        if (compatibility_of(study, at.statement, action).verdict != OldCode::fails)
            return;
        const std::string name = object_in_words(at.action);
        add_break(
            "changing-schema", at,
            {"moving " + name + " to schema \"" + action.new_name +
                 "\" breaks code that looks for it in the old one",
             "Code that names the schema fails, and so does code whose search_path does not "
             "have the new one.",
             "Put the new schema into every search_path first, or leave a view of the old name."},
            findings);
    });
}

} // namespace migrate::rules
