// Who is queued behind, who is waited for, who is told to go.
// SPDX-License-Identifier: PostgreSQL
#include "core/lock_policy.h"

#include <gtest/gtest.h>

namespace migrate {
namespace {

Holder session(long long age)
{
    Holder holder;
    holder.pid = 4711;
    holder.age = age;
    return holder;
}

Holder idle(long long age, long long silent)
{
    Holder holder = session(age);
    holder.idle = true;
    holder.silent = silent;
    return holder;
}

Holder of_kind(Holder::Kind kind, long long age = 1'000'000)
{
    Holder holder = session(age);
    holder.kind = kind;
    return holder;
}

TEST(Approach, NobodyHoldsItSoSomebodyWaitsForIt)
{
    EXPECT_EQ(approach({}, {}), Approach::come_back);
}

TEST(Approach, AmongTheYoungItQueues)
{
    EXPECT_EQ(approach({session(0)}, {}), Approach::queue);
    EXPECT_EQ(approach({session(5), session(99)}, {}), Approach::queue);
}

TEST(Approach, OneOldOneIsEnoughToStayOut)
{
    EXPECT_EQ(approach({session(100)}, {}), Approach::stand_by);
    EXPECT_EQ(approach({session(5), session(100), session(5)}, {}), Approach::stand_by);
}

TEST(Approach, AgeIsASetting)
{
    LockSettings settings;
    settings.blocker_age = 1000;
    EXPECT_EQ(approach({session(999)}, settings), Approach::queue);
    settings.blocker_age = 0;
    EXPECT_EQ(approach({session(0)}, settings), Approach::stand_by);
}

TEST(Approach, BetweenTwoStatementsIsNotIdle)
{
    EXPECT_EQ(approach({idle(8, 5)}, {}), Approach::queue);
    EXPECT_EQ(approach({idle(60, 49)}, {}), Approach::queue);
    EXPECT_EQ(approach({idle(60, 50)}, {}), Approach::stand_by);
}

TEST(Approach, WhatHasNoEndInSightIsNotQueuedBehind)
{
    for (const Holder::Kind kind : {Holder::Kind::autovacuum, Holder::Kind::wraparound,
                                    Holder::Kind::walsender, Holder::Kind::prepared})
        EXPECT_EQ(approach({of_kind(kind, 0)}, {}), Approach::stand_by);
}

TEST(Measure, NobodyIsTouchedUnlessAsked)
{
    EXPECT_EQ(measure_against(session(1'000'000), {}), Measure::none);
    EXPECT_EQ(measure_against(idle(1'000'000, 1'000'000), {}), Measure::none);
}

TEST(Measure, AutovacuumGoesUnlessItPreventsWraparound)
{
    EXPECT_EQ(measure_against(of_kind(Holder::Kind::autovacuum, 0), {}), Measure::cancel);
    LockSettings settings;
    settings.on_blocker = OnBlocker::terminate;
    EXPECT_EQ(measure_against(of_kind(Holder::Kind::autovacuum), settings), Measure::cancel);
    EXPECT_EQ(measure_against(of_kind(Holder::Kind::wraparound), settings), Measure::none);
}

TEST(Measure, NeverAWalSenderNorAPreparedTransaction)
{
    LockSettings settings;
    settings.on_blocker = OnBlocker::terminate;
    settings.on_blocker_after = 0;
    EXPECT_EQ(measure_against(of_kind(Holder::Kind::walsender), settings), Measure::none);
    EXPECT_EQ(measure_against(of_kind(Holder::Kind::prepared), settings), Measure::none);
}

TEST(Measure, OnlyFromAnAge)
{
    LockSettings settings;
    settings.on_blocker = OnBlocker::terminate;
    settings.on_blocker_after = 2000;
    EXPECT_EQ(measure_against(session(1999), settings), Measure::none);
    EXPECT_EQ(measure_against(session(2000), settings), Measure::terminate);
    EXPECT_EQ(measure_against(idle(2000, 0), settings), Measure::terminate);
}

TEST(Measure, ThereIsNothingToCancelInAnIdleSession)
{
    LockSettings settings;
    settings.on_blocker = OnBlocker::cancel;
    settings.on_blocker_after = 0;
    EXPECT_EQ(measure_against(session(1), settings), Measure::cancel);
    EXPECT_EQ(measure_against(idle(60'000, 60'000), settings), Measure::none);
}

TEST(LockSettings, NeverReachTheServersOwnLookForDeadlocks)
{
    LockSettings settings;
    EXPECT_EQ(settings.queue_milliseconds(), 10);
    EXPECT_EQ(settings.row_wait_milliseconds(), 500);
    settings.deadlock_timeout = 100;
    EXPECT_EQ(settings.row_wait_milliseconds(), 50);
    settings.deadlock_timeout = 1;
    EXPECT_EQ(settings.queue_milliseconds(), 1);
}

TEST(Pause, DoublesToAQuarterOfASecond)
{
    const LockSettings settings;
    EXPECT_EQ(pause_after(1, settings, 1.0), 10);
    EXPECT_EQ(pause_after(1, settings, 0.0), 5);
    EXPECT_EQ(pause_after(2, settings, 1.0), 20);
    EXPECT_EQ(pause_after(5, settings, 1.0), 160);
    EXPECT_EQ(pause_after(6, settings, 1.0), 250);
    EXPECT_EQ(pause_after(1'000'000, settings, 1.0), 250);
    EXPECT_EQ(pause_after(0, settings, 0.0), 5);
}

TEST(Pause, HasABoundWhateverTheLimitIs)
{
    LockSettings settings;
    settings.queue_limit = 2'000'000'000;
    EXPECT_EQ(pause_after(11, settings, 1.0), 250);
}

} // namespace
} // namespace migrate
