// A migration that drops a database.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void ban_drop_database(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::drop_database}, [&](const Place &at) {
        if (at.action.already_so)
            return;
        findings.push_back(finding_of(
            "ban-drop-database", study.options.is_up ? Severity::error : Severity::info, at,
            {"dropping database \"" + at.action.name + "\" loses everything in it",
             "It cannot be taken back, and no transaction protects it.",
             "Drop databases by hand, not in a migration."}));
    });
}

} // namespace migrate::rules
