// SPDX-License-Identifier: PostgreSQL
#include "blocker.h"

#include <gtest/gtest.h>

using namespace migrate::client;

namespace {

Blocker session(const char *state, double seconds)
{
    Blocker blocker;
    blocker.pid = 4711;
    blocker.role = "app";
    blocker.state = state;
    blocker.state_seconds = seconds;
    blocker.transaction_seconds = seconds;
    blocker.relation = "public.users";
    return blocker;
}

TEST(ClientBlocker, Sessions)
{
    Blocker blocker = session("idle in transaction", 12.9);
    EXPECT_EQ(wait_text(blocker),
              "waiting for pid 4711 (app, idle in transaction for 12 s) on users");
    blocker.application = "psql";
    EXPECT_EQ(wait_text(blocker),
              "waiting for pid 4711 (app, psql, idle in transaction for 12 s) on users");
    EXPECT_EQ(wait_brief(blocker),
              "waiting for pid 4711 (app, idle in transaction for 12 s) on users");
    blocker.application = "app";
    EXPECT_EQ(wait_text(blocker),
              "waiting for pid 4711 (app, idle in transaction for 12 s) on users");
    blocker.query = "UPDATE users\n   SET x = 1";
    EXPECT_EQ(wait_text(blocker), "waiting for pid 4711 (app, idle in transaction for 12 s) on "
                                  "users: UPDATE users SET x = 1");
    EXPECT_EQ(wait_brief(blocker),
              "waiting for pid 4711 (app, idle in transaction for 12 s) on users");
    blocker.role.clear();
    blocker.application = "psql";
    EXPECT_EQ(wait_brief(blocker),
              "waiting for pid 4711 (psql, idle in transaction for 12 s) on users");
}

TEST(ClientBlocker, AtWork)
{
    Blocker blocker = session("active", 3600);
    blocker.relation = "app.users";
    EXPECT_EQ(wait_text(blocker), "waiting for pid 4711 (app, active for 1 h 0 min) on app.users");
    blocker.state_seconds = 0.2;
    EXPECT_EQ(wait_text(blocker),
              "waiting for pid 4711 (app, active, in a transaction for 1 h 0 min) on app.users");
}

TEST(ClientBlocker, Several)
{
    Blocker blocker = session("active", 3);
    blocker.others = 2;
    blocker.query = "SELECT 1";
    EXPECT_EQ(wait_text(blocker),
              "waiting for pid 4711 (app, active for 3 s) on users, and 2 more: SELECT 1");
    EXPECT_EQ(wait_summary(blocker), "waiting for pid 4711 (app, active) on users, and 2 more");
}

TEST(ClientBlocker, PreparedTransactions)
{
    Blocker blocker = session("prepared", 130);
    blocker.pid = 0;
    blocker.gid = "order 7";
    EXPECT_EQ(wait_text(blocker),
              "waiting for prepared transaction 'order 7' (app, prepared 2 min 10 s ago) on users");
}

TEST(ClientBlocker, LittleKnown)
{
    Blocker blocker;
    blocker.pid = 4711;
    EXPECT_EQ(wait_text(blocker), "waiting for pid 4711");
    blocker.state = "autovacuum worker";
    EXPECT_EQ(wait_text(blocker), "waiting for pid 4711 (autovacuum worker for 0 s)");
}

TEST(ClientBlocker, CannotMoveTheCursor)
{
    Blocker blocker = session("active", 3);
    blocker.role = "a\x1b[2J\nb";
    blocker.relation = "public.\"x\r\x1b[Ky\"";
    blocker.query = "SELECT '\x1b]0;\x07'";
    for (const std::string &text : {wait_text(blocker), wait_brief(blocker), wait_summary(blocker)})
        for (const char c : text)
            EXPECT_GE(c, ' ') << text;
    blocker.gid = "\x1b[1m";
    EXPECT_EQ(wait_summary(blocker),
              "waiting for prepared transaction ' [1m' (a [2J b, active) on \"x  [Ky\"");
}

} // namespace
