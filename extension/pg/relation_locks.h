// Locks that a step takes on the objects of others before its statements do.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "core/lock_mode.h"
#include "core/lock_policy.h"
#include "pg/catalog.h"

namespace migrate::pg {

// What can be locked, as the server names it.
struct LockTag
{
    std::uint32_t field1 = 0, field2 = 0, field3 = 0;
    std::uint16_t field4 = 0;
    std::uint8_t type = 0, method = 0;

    auto operator<=>(const LockTag &) const = default;
};

struct WantedLock
{
    LockTag tag;
    LockMode mode = LockMode::none;

    bool operator==(const WantedLock &) const = default;
};

WantedLock relation_lock(ObjectId relation, LockMode mode);
// The relation, or 0 if the lock is on something else.
ObjectId relation_of(const WantedLock &lock);
// The transaction whose end is waited for, or 0.
std::uint32_t transaction_of(const WantedLock &lock);
// True if it is on an object of the schema, and can be had beforehand.
bool is_on_object(const WantedLock &lock);
// 'relation "public.users"', for messages.
std::string describe(const WantedLock &lock);

// True if this transaction has it already, or a stronger one.
bool is_held(const WantedLock &lock);
// Takes it if nobody is in the way.  Never waits.
bool take_at_once(const WantedLock &lock);
// Takes it, standing in the queue.  Throws the server's error if the wait is ended; see lock_watch.h.
void take_in_queue(const WantedLock &lock);

// Who holds what conflicts with it, this process and its own left out.
std::vector<Holder> holders_of(const WantedLock &lock);
// True if the holder's transaction is over.  Never waits, and asks for no lock that others see.
bool has_ended(const Holder &holder);

// The strongest lock that this transaction holds on a relation that it did not make.
// Looks at the whole lock table.
WantedLock strongest_held();

// Changes whenever another process changed the catalogs; equal numbers: names mean what they meant.
std::uint64_t catalog_changes();

// Ends a session's statement or the session, by the rules of pg_cancel_backend() and
// pg_terminate_backend() for the current role.  Throws: 42501.
void signal_session(int pid, Measure action);
// Cancels an autovacuum worker, as the server does for whoever waits long enough for its lock.
void cancel_autovacuum(int pid);

} // namespace migrate::pg
