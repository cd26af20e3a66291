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

constexpr std::uint64_t heap_bytes = 522002432;
constexpr double rows = 3e6;

Work over(std::uint64_t bytes)
{
    Work work;
    work.bytes = bytes;
    return work;
}

IndexBuild btree(std::uint64_t bytes, bool collated = false)
{
    IndexBuild index;
    index.rows = rows;
    index.bytes = bytes;
    index.collated = collated;
    return index;
}

double to_build(const IndexBuild &index)
{
    Work work = over(heap_bytes);
    work.scans = true;
    work.indexes = {index};
    return estimated_seconds(work);
}

// Within a third of what was measured.
void expect_about(double estimated, double measured)
{
    EXPECT_NEAR(estimated, measured, measured / 3);
}

// The table that the constants were measured on, statement by statement; see the source.
TEST(Effect, SecondsOfScansAndRewritesAsMeasured)
{
    Work work = over(heap_bytes);
    EXPECT_EQ(estimated_seconds(work), 0);
    work.scans = true;
    expect_about(estimated_seconds(work), 0.21);
    work.rewrites = true;
    expect_about(estimated_seconds(work), 4.0);
    work.indexes = {btree(67411968), btree(67411968), btree(286728192, true)};
    expect_about(estimated_seconds(work), 9.1);
}

TEST(Effect, SecondsOfIndexesAsMeasured)
{
    expect_about(to_build(btree(67411968)), 1.03);
    expect_about(to_build(btree(94650368)), 1.44);
    expect_about(to_build(btree(286728192)), 2.5);
    expect_about(to_build(btree(286728192, true)), 3.9);
    expect_about(to_build(btree(94650368, true)), 1.84);
    IndexBuild index = btree(1 << 20);
    index.method = IndexBuild::Method::block_range;
    expect_about(to_build(index), 0.3);
    index.method = IndexBuild::Method::other;
    expect_about(to_build(index), 3.7);
}

TEST(Effect, SecondsOfJoinsAsMeasured)
{
    Work work = over(heap_bytes);
    work.scans = true;
    const double scan = estimated_seconds(work);
    expect_about(scan + seconds_of_join(rows, 1000), 0.22);
    expect_about(scan + seconds_of_join(rows, 200000), 1.2);
}

TEST(Effect, SecondsOfRowsAsMeasured)
{
    expect_about(seconds_of_rows(5e5, Writing::versions, 0), 2.4);
    expect_about(seconds_of_rows(5e5, Writing::versions, 3), 8.0);
    expect_about(seconds_of_rows(5e5, Writing::marks, 0), 0.9);
    EXPECT_EQ(seconds_of_rows(5e5, Writing::marks, 3), seconds_of_rows(5e5, Writing::marks, 0));
    expect_about(seconds_of_rows(rows, Writing::new_table, 0), 2.9);
}

TEST(Effect, SecondsOfNothing)
{
    Work work = over(0);
    work.scans = work.rewrites = true;
    work.indexes = {IndexBuild{}, IndexBuild{}};
    EXPECT_EQ(estimated_seconds(work), 0);
    for (const Writing writing : {Writing::versions, Writing::marks, Writing::new_table}) {
        EXPECT_EQ(seconds_of_rows(0, writing, 3), 0);
        EXPECT_EQ(seconds_of_rows(-1, writing, 3), 0);
    }
    EXPECT_EQ(seconds_of_plan(-1), 0);
    EXPECT_EQ(seconds_of_join(0, 0), 0);
    EXPECT_GT(seconds_of_plan(1e9), 60);
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
