// Gives the processor to whoever waits for one, between rows, where no lock of the server is held.  Why: a
// session that commits holds WALWriteLock while it waits for the disk; when that is done, it needs a processor at
// once, and all who commit wait with it.  A scheduler that lets a busy process finish its slice (2 to 4 ms)
// before it makes room turns each of those into a stall of that length.  Where nobody waits it costs a system call
// every 50 us.
// SPDX-License-Identifier: PostgreSQL
#pragma once

namespace migrate::pg::backfill {

// From now on the plans of this process give way; for a backfill's worker, once in its life.
void install_courtesy();

// The query of this text, the very same copy of it, is run next: its scans give way, unlike those of triggers and
// functions that it calls.
void give_way_in(const char *text) noexcept;

// A row was done: after some of them, gives way.  Not while a lock of the server is held.
void row_passed() noexcept;

// Milliseconds that others had the processor since the last call.
double given_away() noexcept;

} // namespace migrate::pg::backfill
