// A lock is held until its transaction ends: whatever long work follows in it, on whatever table, holds up the users
// of the table that was locked for a moment only.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

#include <algorithm>
#include <map>

namespace migrate::rules {

namespace {

struct Lock
{
    const Effect *effect = nullptr;
    int number = 0;
};

// constraint-missing-not-valid has it.
bool is_validate(const StudiedStatement &statement)
{
    return has_any(statement.actions, {ActionKind::validate_constraint});
}

// The time of a change with a condition is that of changing every row.
bool is_guess(const StudiedStatement &statement)
{
    return has_any(statement.actions, {ActionKind::update, ActionKind::delete_rows}) &&
           std::any_of(statement.actions.begin(), statement.actions.end(), is_bound_only);
}

void report(const Study &study, const StudiedStatement &statement, const Lock &lock,
            Findings &findings)
{
    const double seconds = seconds_of(statement);
    if (seconds <= longest_hold(study.options) || is_validate(statement))
        return;
    const Relation &relation = lock.effect->relation;
    Finding finding;
    finding.rule = "long-work-after-lock";
    finding.severity = relation.bytes > study.options.small_table && !is_guess(statement)
                           ? Severity::error
                           : Severity::warning;
    finding.number = statement.number;
    finding.line = statement.statement.line;
    finding.relation = relation.name;
    finding.message = relation.name + ", locked by statement " + std::to_string(lock.number) +
                      ", stays locked for " + seconds_in_words(seconds) + " more";
    finding.why = "Statement " + std::to_string(lock.number) + " took " +
                  std::string(name_of(lock.effect->lock)) + " on " + relation_in_words(relation) +
                  ", which blocks " + blocked_by(lock.effect->lock) +
                  ", and its transaction goes on with this work before it ends.";
    finding.safe =
        "Do the long work in a transaction before, or end the transaction first: COMMIT; "
        "or a migration of its own.";
    findings.push_back(finding);
}

} // namespace

void long_work_after_lock(const Study &study, Findings &findings)
{
    std::map<int, Lock> locks; // the strongest so far, by transaction
    for (const StudiedStatement &statement : study.statements) {
        if (statement.group < 0 || statement.course != Course::as_written)
            continue;
        Lock &lock = locks[statement.group];
        if (lock.effect)
            report(study, statement, lock, findings);
        const Effect *const effect = strongest_effect(statement);
        if (effect && is_strong(effect->lock) && (!lock.effect || effect->lock > lock.effect->lock))
            lock = {effect, statement.number};
    }
}

} // namespace migrate::rules
