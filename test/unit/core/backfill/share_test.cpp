// Handing out, and how far a run is.
// SPDX-License-Identifier: PostgreSQL
#include "core/backfill/share.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace migrate::backfill {
namespace {

// Workers that take portions, one slower than the other: for how long is the first one idle before the last
// is done?
std::int64_t idle_at_the_end(std::int64_t total, std::int64_t batch, std::vector<int> slowness)
{
    std::vector<std::int64_t> busy_until(slowness.size(), 0);
    std::int64_t rest = total;
    while (rest > 0) {
        const auto next = std::min_element(busy_until.begin(), busy_until.end());
        const std::int64_t part =
            std::min(rest, portion(rest, batch, static_cast<int>(slowness.size())));
        *next += part * slowness[static_cast<std::size_t>(next - busy_until.begin())];
        rest -= part;
    }
    const auto [first, last] = std::minmax_element(busy_until.begin(), busy_until.end());
    return *last - *first;
}

TEST(Portion, NobodyIsIdleForMoreThanABatch)
{
    EXPECT_LE(idle_at_the_end(1000000, 1000, {1, 1}), 1000);
    EXPECT_LE(idle_at_the_end(1000000, 1000, {1, 1, 1, 1}), 1000);
    EXPECT_LE(idle_at_the_end(1000000, 1000, {1, 3}), 3000);
    EXPECT_LE(idle_at_the_end(1234567, 1000, {1, 2, 3, 4}), 4000);
    EXPECT_LE(idle_at_the_end(10, 1000, {1, 1}), 10);
}

TEST(Portion, IsBoundedBothWays)
{
    EXPECT_EQ(portion(1000000000, 1000, 2), 16000);
    EXPECT_EQ(portion(0, 1000, 2), 1000);
    EXPECT_EQ(portion(-5, 1000, 0), 1000) << "an estimate that was too low";
}

TEST(Position, SaysWhatIsDoneAndLeft)
{
    EXPECT_EQ(share_done({}), 0);
    EXPECT_FALSE(seconds_left({}).has_value());
    const Position half{.total_units = 200, .units = 100, .units_at_start = 50, .seconds = 10};
    EXPECT_DOUBLE_EQ(share_done(half), 0.5);
    EXPECT_DOUBLE_EQ(*seconds_left(half), 20) << "at the speed of this process";
    const Position beyond{.total_units = 100, .units = 150, .units_at_start = 0, .seconds = 1};
    EXPECT_DOUBLE_EQ(share_done(beyond), 1);
    EXPECT_DOUBLE_EQ(*seconds_left(beyond), 0);
}

} // namespace
} // namespace migrate::backfill
