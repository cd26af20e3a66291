// What holds a backfill up, against a simulated server with standbys.
// SPDX-License-Identifier: PostgreSQL
#include "core/backfill/throttle.h"

#include <gtest/gtest.h>

namespace migrate::backfill {
namespace {

constexpr std::int64_t megabyte = 1048576;

TEST(Throttle, LetsGoWhenNothingIsInTheWay)
{
    Throttle throttle({});
    EXPECT_EQ(throttle.consider({}).milliseconds, 0);
}

TEST(Throttle, HoldsWhilePaused)
{
    Throttle throttle({});
    Conditions c;
    c.paused = true;
    EXPECT_EQ(throttle.consider(c).reason, "paused");
    c.paused = false;
    EXPECT_EQ(throttle.consider(c).milliseconds, 0);
}

TEST(Throttle, KeepsARateOverAllBatches)
{
    Throttle throttle({});
    Conditions c;
    c.rows_per_second = 1000;
    while (c.now < 60000) {
        const Hold hold = throttle.consider(c);
        if (hold.milliseconds > 0) {
            c.now += hold.milliseconds;
            continue;
        }
        c.rows_done += 170; // a batch
        c.now += 20;
    }
    EXPECT_NEAR(static_cast<double>(c.rows_done), 60000, 600);
}

TEST(Throttle, DoesNotSaveUpWhatWasNotUsed)
{
    Throttle throttle({});
    Conditions c;
    c.rows_per_second = 1000;
    throttle.consider(c);
    c.now = 3600000; // an hour in which nothing was done
    c.rows_done = 5000;
    EXPECT_GT(throttle.consider(c).milliseconds, 0);
}

TEST(Throttle, FollowsAChangedRateAtOnce)
{
    Throttle throttle({});
    Conditions c;
    c.rows_per_second = 10;
    throttle.consider(c);
    c.rows_done = 1000;
    EXPECT_EQ(throttle.consider(c).reason, "rows_per_second 10");
    c.rows_per_second = 0;
    EXPECT_EQ(throttle.consider(c).milliseconds, 0);
}

TEST(Throttle, PausesBetweenBatches)
{
    Throttle throttle({});
    Conditions c;
    c.pause_milliseconds = 50;
    EXPECT_EQ(throttle.consider(c).milliseconds, 0) << "not before the first";
    c.after_batch = true;
    EXPECT_EQ(throttle.consider(c).milliseconds, 50);
    c.after_batch = false;
    c.now = 49;
    EXPECT_GT(throttle.consider(c).milliseconds, 0);
    c.now = 51;
    EXPECT_EQ(throttle.consider(c).milliseconds, 0);
}

TEST(Throttle, HoldsForAStandbyThatIsTooManyBytesBehind)
{
    Throttle throttle({.bytes = 16 * megabyte, .milliseconds = 0, .names = {}});
    Conditions c;
    c.log_position = 100 * megabyte;
    c.replicas = {{"near", true, 99 * megabyte}, {"far", true, 80 * megabyte}};
    EXPECT_EQ(throttle.consider(c).reason, "standby \"far\" is 20 MB behind");
    c.replicas[1].replayed = 84 * megabyte;
    EXPECT_EQ(throttle.consider(c).milliseconds, 0);
}

TEST(Throttle, CountsOnlyTheStandbysThatAreNamed)
{
    Throttle throttle({.bytes = megabyte, .milliseconds = 0, .names = {"mine"}});
    Conditions c;
    c.log_position = 100 * megabyte;
    c.replicas = {{"other", true, 0}};
    EXPECT_EQ(throttle.consider(c).reason, "standby \"mine\" is not connected");
    c.replicas.push_back({"mine", true, 100 * megabyte});
    EXPECT_EQ(throttle.consider(c).milliseconds, 0);
}

// A standby whose replay is paused reports no delay in time, ever.
TEST(Throttle, MeasuresTheDelayOfAStandbyThatReplaysNothing)
{
    Throttle throttle({.bytes = 0, .milliseconds = 1000, .names = {}});
    Conditions c;
    c.replicas = {{"still", true, 0}};
    double held_at = -1;
    for (; c.now < 5000 && held_at < 0; c.now += 100) {
        if (throttle.consider(c).milliseconds > 0)
            held_at = c.now;
        c.log_position += megabyte;
    }
    EXPECT_NEAR(held_at, 1100, 200);
    c.replicas[0].replayed = c.log_position;
    EXPECT_EQ(throttle.consider(c).milliseconds, 0) << "it has caught up";
}

TEST(Throttle, ASilentServerIsNotBehind)
{
    Throttle throttle({.bytes = 0, .milliseconds = 1000, .names = {}});
    Conditions c;
    c.log_position = megabyte;
    c.replicas = {{"idle", true, megabyte}};
    throttle.consider(c);
    c.now = 1000000;
    EXPECT_EQ(throttle.consider(c).milliseconds, 0);
}

TEST(Throttle, GivesTheProcessorBackToThoseWhoAreShortOfIt)
{
    Throttle throttle({});
    Conditions c;
    c.after_batch = true;
    c.batch_milliseconds = 100;
    c.given_away = 10; // a background process now and then
    EXPECT_EQ(throttle.consider(c).milliseconds, 0);
    c.given_away = 40;
    const Hold hold = throttle.consider(c);
    EXPECT_EQ(hold.milliseconds, 90);
    EXPECT_EQ(hold.reason, "others need the processor");
    c.after_batch = false;
    c.now += 80;
    EXPECT_EQ(throttle.consider(c).milliseconds, 10);
    c.now += 10;
    EXPECT_EQ(throttle.consider(c).milliseconds, 0);
}

TEST(Throttle, GivesTheProcessorBackForAFifthOfASecondAtMost)
{
    Throttle throttle({});
    Conditions c;
    c.after_batch = true;
    c.batch_milliseconds = 1000;
    c.given_away = 990;
    EXPECT_EQ(throttle.consider(c).milliseconds, 200);
}

TEST(Throttle, TheLongestHoldCounts)
{
    class Checkpoint final : public Input
    {
    public:
        Hold consider(const Conditions &) override { return {5000, "a checkpoint"}; }
    };
    Throttle throttle({});
    throttle.add(std::make_unique<Checkpoint>());
    Conditions c;
    c.paused = true;
    EXPECT_EQ(throttle.consider(c).reason, "a checkpoint");
}

TEST(LagClock, ForgetsNoOldestMark)
{
    LagClock clock;
    for (int i = 0; i < 50000; i++)
        clock.note(i * 100.0, (i + 1) * 10);
    EXPECT_NEAR(clock.behind(5000000, 0), 5000000, 1);
    EXPECT_NEAR(clock.behind(5000000, 499990), 100, 100);
    EXPECT_EQ(clock.behind(5000000, 500000), 0);
}

} // namespace
} // namespace migrate::backfill
