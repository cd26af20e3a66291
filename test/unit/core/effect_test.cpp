// Names, and the arithmetic of how long work takes: the order of magnitude is what counts.
// SPDX-License-Identifier: PostgreSQL
#include "core/effect.h"
#include "core/study.h"

#include <gtest/gtest.h>

namespace migrate {
namespace {

TEST(Effect, Spans)
{
    EXPECT_EQ(span_of(0), Span::instant);
    EXPECT_EQ(span_of(0.049), Span::instant);
    EXPECT_EQ(span_of(0.05), Span::under_second);
    EXPECT_EQ(span_of(1), Span::seconds);
    EXPECT_EQ(span_of(60), Span::minutes);
    EXPECT_EQ(name_of(Span::instant), "instant");
    EXPECT_EQ(name_of(Span::under_second), "under 1 s");
    EXPECT_EQ(name_of(Span::seconds), "seconds");
    EXPECT_EQ(name_of(Span::minutes), "minutes");
}

TEST(Effect, WhatLocksBlock)
{
    EXPECT_EQ(blocked_by(LockMode::access_exclusive), "reads, writes, DDL");
    for (const LockMode mode :
         {LockMode::exclusive, LockMode::share_row_exclusive, LockMode::share})
        EXPECT_EQ(blocked_by(mode), "writes, DDL");
    EXPECT_EQ(blocked_by(LockMode::share_update_exclusive), "DDL");
    for (const LockMode mode :
         {LockMode::none, LockMode::access_share, LockMode::row_share, LockMode::row_exclusive})
        EXPECT_EQ(blocked_by(mode), "");
    EXPECT_TRUE(blocks_reads(LockMode::access_exclusive));
    EXPECT_FALSE(blocks_reads(LockMode::exclusive));
    EXPECT_TRUE(blocks_writes(LockMode::share));
    EXPECT_FALSE(blocks_writes(LockMode::share_update_exclusive));
}

TEST(Effect, KindsHaveNames)
{
    EXPECT_EQ(name_of(RelationKind::table), "table");
    EXPECT_EQ(name_of(RelationKind::partitioned_table), "partitioned table");
    EXPECT_EQ(name_of(RelationKind::materialized_view), "materialized view");
    EXPECT_EQ(name_of(RelationKind::unknown), "relation");
}

Work of(std::uint64_t bytes, double rows)
{
    Work work;
    work.bytes = bytes;
    work.rows = rows;
    return work;
}

// The table that the constants were measured on.
TEST(Effect, SecondsAsMeasured)
{
    Work work = of(378232832, 3e6);
    EXPECT_EQ(estimated_seconds(work), 0);
    work.scans = true;
    EXPECT_NEAR(estimated_seconds(work), 0.4, 0.2);
    work.joins = true;
    EXPECT_NEAR(estimated_seconds(work), 3, 1.5);
    work = of(378232832, 3e6);
    work.builds = true;
    EXPECT_GT(estimated_seconds(work), 1.6);
    EXPECT_LT(estimated_seconds(work), 8);
    work = of(378232832, 3e6);
    work.rewrites = true;
    EXPECT_NEAR(estimated_seconds(work), 4, 2.5);
    work.indexes = 3;
    EXPECT_NEAR(estimated_seconds(work), 20, 10);
    EXPECT_NEAR(seconds_of_rows(1e6, 0), 3, 2);
    EXPECT_NEAR(seconds_of_rows(5e5, 3), 15, 8);
}

TEST(Effect, SecondsOfNothing)
{
    Work work = of(0, 0);
    work.scans = work.builds = work.rewrites = work.joins = true;
    work.indexes = 5;
    EXPECT_EQ(estimated_seconds(work), 0);
    EXPECT_EQ(seconds_of_rows(0, 3), 0);
    EXPECT_EQ(seconds_of_rows(-1, 3), 0);
    // Never counted: by its size.
    work = of(std::uint64_t{10} << 30, 0);
    work.builds = true;
    EXPECT_GT(estimated_seconds(work), 60);
}

TEST(Study, StrongestLockIsOnWhatIsThere)
{
    StudiedStatement s;
    EXPECT_EQ(strongest_lock(s), LockMode::none);
    s.effects.resize(3);
    s.effects[0].lock = LockMode::share;
    s.effects[1].lock = LockMode::share_row_exclusive;
    s.effects[2].lock = LockMode::access_exclusive;
    s.effects[2].relation.is_new = true;
    EXPECT_EQ(strongest_lock(s), LockMode::share_row_exclusive);
}

} // namespace
} // namespace migrate
