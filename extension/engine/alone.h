// Statements that stand alone: what is noted before, what is done, and what the catalogs say after a
// crash.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>

#include "engine/index.h"

namespace migrate {

// What the ledger keeps about the state before the statement.  REQUIRES: a transaction.
std::string note_before(const Statement &statement);

enum class Decision
{
    done,
    again,
    in_doubt
};

// Whether a statement that was started, and never recorded as done, has happened.
// REQUIRES: a transaction.
Decision decide(const NumberedStatement &statement, const std::string &note);

// Runs it.  REQUIRES: no transaction.
void run_alone(const NumberedStatement &statement, const std::string &note,
               const AloneRunner &runner, const std::function<void()> &as_written);

// Before a migration is taken back in which this statement was begun and did not end: what it left that
// its inverse would stumble over is finished or removed.  REQUIRES: no transaction.
void tidy_half_done(const Statement &statement, const std::string &note, const AloneRunner &runner);

// Waits for every older snapshot in its last phase: not for a caller that must keep one.
bool waits_for_snapshots(const Statement &statement);

} // namespace migrate
