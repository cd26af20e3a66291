// What outlives a rolled back transaction, and so a migration that failed in the caller's: prepared
// statements and session-level advisory locks.  They go when that transaction is rolled back.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>

namespace migrate::pg {

// Two can be watched at a time: all that a call runs in its caller's transaction, and in it one attempt at a
// step.
enum class CleanupOf
{
    call,
    attempt
};

// From here on, until the next call of either function for the same or the end of the (sub)transaction:
// should it be rolled back, what the script made is removed, and nothing that was there.
void begin_abort_cleanup(CleanupOf what);
void end_abort_cleanup(CleanupOf what);

// The script is about to run PREPARE of this name.
void note_prepared(const std::string &name);

} // namespace migrate::pg
