// A statement that stands alone is not taken back when what follows fails; with IF [NOT] EXISTS it can be repeated.
// Within a transaction there is no need, and the engine finds out for its own steps anyway.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

#include <algorithm>

namespace migrate::rules {

namespace {

bool can_say_so(const Action &action)
{
    static constexpr ActionKind kinds[] = {ActionKind::create_index, ActionKind::drop_index,
                                           ActionKind::drop_database, ActionKind::create_table,
                                           ActionKind::drop_table};
    return std::find(std::begin(kinds), std::end(kinds), action.kind) != std::end(kinds);
}

} // namespace

void prefer_robust_stmts(const Study &study, Findings &findings)
{
    for (const StudiedStatement &statement : study.statements) {
        if (statement.group >= 0)
            continue;
        for (const Action &action : statement.actions) {
            if (action.if_exists || !can_say_so(action))
                continue;
            const bool unnamed = action.kind == ActionKind::create_index && action.name.empty();
            findings.push_back(finding_of(
                "prefer-robust-stmts", Severity::warning, Place{study, statement, action},
                {statement.statement.tag + " cannot be repeated after a failure",
                 "It is a transaction of its own: what it did stays when a later statement fails.",
                 unnamed ? "Give the index a name, and write IF NOT EXISTS."
                 : action.kind == ActionKind::create_index ||
                         action.kind == ActionKind::create_table
                     ? "Write IF NOT EXISTS."
                     : "Write IF EXISTS."}));
        }
    }
}

} // namespace migrate::rules
