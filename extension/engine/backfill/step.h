// A backfill that is a step of a migration: asked for by "-- migrate:backfill", or because the statement
// changes a large table and batches are provably the same.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "core/script.h"

namespace migrate::backfill {

// Marks the statements that a directive stands before.
// Throws: 0A000 for one that is neither UPDATE nor DELETE, 22023 for an option that makes no sense.
void mark_asked(const std::string &migration, Script &script);

// True if the statement shall run in batches without being asked to.  What cannot be known now (a column that an earlier
// statement adds, a table that somebody has locked) is taken for granted here; see run_step().  Waits for nobody.
// REQUIRES: a transaction.
bool runs_in_batches(const Statement &statement, const std::vector<const Statement *> &earlier);

// What plan() says of such a step.  REQUIRES: a transaction.
std::string describe_step(const Statement &statement);

// What the ledger keeps from before the step, and whether it was done after all.  REQUIRES: a transaction.
std::string note_before_step();
bool step_was_done(const Statement &statement, const std::string &note);

// Runs it in this process, in batches; `as_written` if that turns out not to be the same.
// REQUIRES: a worker, no transaction; the session is the migration's.
void run_step(const Statement &statement, const std::function<void()> &as_written);

} // namespace migrate::backfill
