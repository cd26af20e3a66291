// The lock by which a backfill is known to be running: the same as a run of migrations has, but held beside
// one, as a backfill may be a step of it.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>

namespace migrate::pg::backfill {

// False if another process has it.  Held to the end of the session, or release_run().
bool hold_run(std::int64_t run);
void release_run(std::int64_t run);

} // namespace migrate::pg::backfill
