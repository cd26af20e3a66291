// What outlives a rolled back transaction, and so a migration that failed in the caller's: prepared
// statements and session-level advisory locks.  They go when that transaction is rolled back.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>

namespace migrate::pg {

// From here on, until the next call of either function or the end of the (sub)transaction: should it be
// rolled back, what the script made is removed, and nothing that was there.
void begin_abort_cleanup();
void end_abort_cleanup();

// The script is about to run PREPARE of this name.
void note_prepared(const std::string &name);

} // namespace migrate::pg
