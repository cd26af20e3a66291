// The table of conflicts: as the manual prints it, row by row.
// SPDX-License-Identifier: PostgreSQL
#include "core/lock_mode.h"

#include <gtest/gtest.h>

#include <string>

namespace migrate {
namespace {

LockMode mode(int number)
{
    return static_cast<LockMode>(number);
}

std::string conflicts_of(LockMode one)
{
    std::string row;
    for (int other = 1; other <= 8; other++)
        row += conflict(one, mode(other)) ? 'X' : '.';
    return row;
}

TEST(LockMode, ConflictsAsInTheManual)
{
    EXPECT_EQ(conflicts_of(LockMode::access_share), ".......X");
    EXPECT_EQ(conflicts_of(LockMode::row_share), "......XX");
    EXPECT_EQ(conflicts_of(LockMode::row_exclusive), "....XXXX");
    EXPECT_EQ(conflicts_of(LockMode::share_update_exclusive), "...XXXXX");
    EXPECT_EQ(conflicts_of(LockMode::share), "..XX.XXX");
    EXPECT_EQ(conflicts_of(LockMode::share_row_exclusive), "..XXXXXX");
    EXPECT_EQ(conflicts_of(LockMode::exclusive), ".XXXXXXX");
    EXPECT_EQ(conflicts_of(LockMode::access_exclusive), "XXXXXXXX");
}

TEST(LockMode, NothingConflictsWithNone)
{
    for (int other = 0; other <= 8; other++) {
        EXPECT_FALSE(conflict(LockMode::none, mode(other)));
        EXPECT_FALSE(conflict(mode(other), LockMode::none));
    }
}

TEST(LockMode, StrongIsWhatStopsWrites)
{
    for (int number = 0; number <= 8; number++)
        EXPECT_EQ(is_strong(mode(number)),
                  conflict(mode(number), LockMode::row_exclusive) && number != 4)
            << name_of(mode(number));
}

TEST(LockMode, NamesAreThoseOfLockTable)
{
    EXPECT_EQ(name_of(LockMode::share_update_exclusive), "SHARE UPDATE EXCLUSIVE");
    EXPECT_EQ(name_of(LockMode::access_exclusive), "ACCESS EXCLUSIVE");
    EXPECT_EQ(name_of(LockMode::none), "");
}

} // namespace
} // namespace migrate
