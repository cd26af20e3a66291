// DROP INDEX takes ACCESS EXCLUSIVE on the table, but for no longer than a change of the catalogs: worth a word
// about a large table, no more.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"
#include "core/rules/remedy.h"

namespace migrate::rules {

void require_concurrent_index_deletion(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::drop_index}, [&](const Place &at) {
        const Action &action = at.action;
        const Effect *const lock = strongest_effect(at.statement);
        if (action.concurrently || action.already_so || !in_use(action.relation) || !lock ||
            lock->lock != LockMode::access_exclusive ||
            lock->relation.bytes <= study.options.small_table)
            return;
        const bool online = at.statement.course != Course::as_written;
        findings.push_back(finding_of(
            "require-concurrent-index-deletion", Severity::info, at,
            {"dropping index \"" + action.name + "\"" +
                 (online ? " is run online and blocks nobody"
                         : " blocks reads and writes of " + lock->relation.name + " for a moment"),
             (online ? "As written: " : "") + lock_in_words(at.statement),
             with_concurrently(at.statement, {"index"})}));
    });
}

} // namespace migrate::rules
