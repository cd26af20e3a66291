// DROP OWNED takes whatever a role owns, which no script shows.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void ban_drop_owned(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::drop_owned}, [&](const Place &at) {
        findings.push_back(
            finding_of("ban-drop-owned", study.options.is_up ? Severity::error : Severity::info, at,
                       {"DROP OWNED loses everything that the role owns in this database",
                        "What that is depends on the database, not on the script.",
                        "REASSIGN OWNED first, and drop each object by name."}));
    });
}

} // namespace migrate::rules
