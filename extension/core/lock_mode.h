// The modes of PostgreSQL's relation locks, in its own order, and which of them are in each other's way.
// Source: the table of conflicting lock modes in the manual, "Explicit Locking".
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string_view>

namespace migrate {

// The numbers are the server's.
enum class LockMode
{
    none = 0,
    access_share,
    row_share,
    row_exclusive,
    share_update_exclusive,
    share,
    share_row_exclusive,
    exclusive,
    access_exclusive
};

// "ACCESS EXCLUSIVE", as LOCK TABLE writes it; empty for none.
std::string_view name_of(LockMode mode);

// True if two processes cannot hold the two on one relation.
bool conflict(LockMode one, LockMode other);

// True if it stops an application's reads or writes: SHARE and above.
inline bool is_strong(LockMode mode)
{
    return mode >= LockMode::share;
}

} // namespace migrate
