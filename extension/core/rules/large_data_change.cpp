// One statement that changes very many rows locks them all until it ends, holds back vacuum everywhere, and sends
// replicas one long transaction.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

namespace {

double rows_of(const Action &action)
{
    if (action.by_key)
        return 1;
    const bool whole =
        (action.kind == ActionKind::update || action.kind == ActionKind::delete_rows) &&
        !action.has_condition;
    return whole && action.rows <= 0 ? action.relation.rows : action.rows;
}

std::string verb_of(const Action &action)
{
    switch (action.kind) {
    case ActionKind::update:
        return "updating";
    case ActionKind::delete_rows:
        return "deleting";
    case ActionKind::merge:
        return "merging";
    default:
        return "inserting";
    }
}

void look_at(const Place &at, Findings &findings)
{
    const Action &action = at.action;
    const double rows = rows_of(action);
    if (!in_use(action.relation) || rows <= at.study.options.many_rows ||
        bytes_of(at.statement, action.relation) <= at.study.options.small_table)
        return;
    // New rows are in nobody's way; only the length of the transaction is.
    const double seconds = seconds_of(at.statement);
    if (action.kind == ActionKind::insert && seconds <= longest_hold(at.study.options))
        return;
    const bool batches = at.statement.course != Course::as_written;
    const std::string count = std::to_string(static_cast<long long>(rows));
    const bool can_batch = !action.enclosed && (action.kind == ActionKind::update ||
                                                action.kind == ActionKind::delete_rows);
    findings.push_back(finding_of(
        "large-data-change", batches ? Severity::info : Severity::warning, at,
        {verb_of(action) + (is_bound_only(action) ? " up to " : " about ") + count + " rows of " +
             action.relation.name + (batches ? " is run in batches" : " in one transaction"),
         "It takes " + seconds_in_words(seconds) +
             (batches ? "; batches hold each row's lock for a moment only."
                      : ".  Until it ends the rows are locked, vacuum is held back in the whole "
                        "database, and replicas fall behind."),
         can_batch ? "-- migrate:backfill\n" + at.statement.statement.text + ";"
                   : "Split it into several statements by ranges of a key, each a transaction of "
                     "its own."}));
}

} // namespace

void large_data_change(const Study &study, Findings &findings)
{
    for_each_action(
        study, {ActionKind::insert, ActionKind::update, ActionKind::delete_rows, ActionKind::merge},
        [&](const Place &at) { look_at(at, findings); });
}

} // namespace migrate::rules
