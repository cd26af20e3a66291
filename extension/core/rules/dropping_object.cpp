// A view, function, type or sequence that code of the previous release may use.  No data is lost.
// SPDX-License-Identifier: PostgreSQL
#include "core/compatibility.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void dropping_object(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::drop_other}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.object_type == "schema" ||
            compatibility_of(study, at.statement, action).verdict != OldCode::fails)
            return;
        const std::string name = object_in_words(at.action);
        add_break("dropping-object", at,
                  {"dropping " + action.object_type + " " + name + " breaks code that uses it",
                   "The database cannot know which code does.",
                   "Drop it after the release that uses it is gone."},
                  findings);
    });
}

} // namespace migrate::rules
