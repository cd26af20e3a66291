// SPDX-License-Identifier: PostgreSQL
#include "core/lock_mode.h"

#include <array>

namespace migrate {

namespace {

constexpr int bit(LockMode mode)
{
    return 1 << static_cast<int>(mode);
}

template <typename... Modes>
constexpr int bits(Modes... modes)
{
    return (bit(modes) | ...);
}

using enum LockMode;

// By the mode's number: what it cannot share a relation with.
constexpr std::array<int, 9> conflicts = {
    0,
    bits(access_exclusive),
    bits(exclusive, access_exclusive),
    bits(share, share_row_exclusive, exclusive, access_exclusive),
    bits(share_update_exclusive, share, share_row_exclusive, exclusive, access_exclusive),
    bits(row_exclusive, share_update_exclusive, share_row_exclusive, exclusive, access_exclusive),
    bits(row_exclusive, share_update_exclusive, share, share_row_exclusive, exclusive,
         access_exclusive),
    bits(row_share, row_exclusive, share_update_exclusive, share, share_row_exclusive, exclusive,
         access_exclusive),
    bits(access_share, row_share, row_exclusive, share_update_exclusive, share, share_row_exclusive,
         exclusive, access_exclusive)};

constexpr std::array<std::string_view, 9> names = {
    "",      "ACCESS SHARE",        "ROW SHARE", "ROW EXCLUSIVE",   "SHARE UPDATE EXCLUSIVE",
    "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"};

} // namespace

std::string_view name_of(LockMode mode)
{
    return names[static_cast<std::size_t>(mode)];
}

bool conflict(LockMode one, LockMode other)
{
    return (conflicts[static_cast<std::size_t>(one)] & bit(other)) != 0;
}

} // namespace migrate
