// The size of batches, against a server that is simulated: a unit takes a time, and that changes.
// SPDX-License-Identifier: PostgreSQL
#include "core/backfill/batch_size.h"

#include <cmath>

#include <gtest/gtest.h>

namespace migrate::backfill {
namespace {

void run(BatchSize &size, int batches, double unit_milliseconds)
{
    for (int i = 0; i < batches; i++)
        size.committed(size.size(), static_cast<double>(size.size()) * unit_milliseconds);
}

TEST(BatchSize, GrowsToTheTargetTimeByDoubling)
{
    BatchSize size({.target_milliseconds = 100, .start = 10});
    std::int64_t before = size.size();
    for (int i = 0; i < 20; i++) {
        run(size, 1, 0.01);
        EXPECT_LE(size.size(), before * 2);
        before = size.size();
    }
    EXPECT_NEAR(static_cast<double>(size.size()), 10000, 100);
}

TEST(BatchSize, AnswersSlownessAtOnceAndSpeedByDegrees)
{
    BatchSize size({.target_milliseconds = 100, .start = 10});
    run(size, 20, 0.01);
    size.committed(size.size(), 200); // twice as slow
    EXPECT_NEAR(static_cast<double>(size.size()), 5000, 100);
    const std::int64_t slow = size.size();
    run(size, 1, 0.001);
    EXPECT_LE(size.size(), slow * 2);
}

TEST(BatchSize, SettlesWhereTimeJumpsAbout)
{
    BatchSize size({.target_milliseconds = 100, .start = 10});
    for (int i = 0; i < 200; i++)
        run(size, 1, i % 2 == 0 ? 0.008 : 0.012);
    EXPECT_GT(size.size(), 7000);
    EXPECT_LT(size.size(), 12000);
}

TEST(BatchSize, ShrinksAtOnceWhenOthersWait)
{
    BatchSize size({.target_milliseconds = 100, .start = 1000});
    size.others_waited(1000, 10);
    EXPECT_EQ(size.size(), 500);
    size.gave_up();
    EXPECT_EQ(size.size(), 125);
    for (int i = 0; i < 50; i++)
        size.gave_up();
    EXPECT_EQ(size.size(), 1) << "never below the least";
}

// Rows of a batch are held as long as it takes: of two batches of half its size each holds half of them half as long.
TEST(BatchSize, SettlesWhereFewWait)
{
    BatchSize size({.target_milliseconds = 100, .start = 10});
    double waiters = 0;
    int waited = 0;
    for (int i = 0; i < 400; i++) {
        const double rows = static_cast<double>(size.size());
        waiters +=
            3 * rows * rows / 10000 / 10000; // three for a batch of 10000 rows, which takes 100 ms
        if (waiters >= 1) {
            waiters -= std::floor(waiters);
            size.others_waited(size.size(), rows / 100);
            waited += i >= 100;
        } else {
            size.committed(size.size(), rows / 100);
        }
    }
    EXPECT_LT(waited, 100) << "of 300";
    EXPECT_GT(waited, 30);
    EXPECT_LT(size.size(), 5000);
    EXPECT_GT(size.size(), 1000);
}

TEST(BatchSize, ComesBackAfterTrouble)
{
    BatchSize size({.target_milliseconds = 100, .start = 10});
    run(size, 20, 0.01);
    for (int i = 0; i < 50; i++)
        size.gave_up();
    run(size, 20, 0.01);
    EXPECT_NEAR(static_cast<double>(size.size()), 10000, 100);
}

TEST(BatchSize, StaysWithinItsLimits)
{
    BatchSize size({.target_milliseconds = 100, .minimum = 5, .maximum = 50, .start = 1000});
    EXPECT_EQ(size.size(), 50);
    run(size, 20, 0.0001);
    EXPECT_EQ(size.size(), 50);
    run(size, 20, 1000);
    EXPECT_EQ(size.size(), 5);
}

TEST(BatchSize, KeepsASizeThatWasGivenButForTrouble)
{
    BatchSize size({.target_milliseconds = 100, .start = 300, .fixed = true});
    run(size, 20, 0.0001);
    EXPECT_EQ(size.size(), 300);
    run(size, 20, 10);
    EXPECT_EQ(size.size(), 300) << "however long it takes";
    size.others_waited(300, 3);
    EXPECT_EQ(size.size(), 150);
    run(size, 2, 1);
    EXPECT_EQ(size.size(), 300);
}

TEST(BatchSize, ALittlePieceDoesNotMakeBatchesLarger)
{
    BatchSize size({.target_milliseconds = 100, .start = 1000});
    size.committed(10, 0.01);
    EXPECT_EQ(size.size(), 1000);
    size.committed(0, 50);
    EXPECT_EQ(size.size(), 1000);
}

} // namespace
} // namespace migrate::backfill
