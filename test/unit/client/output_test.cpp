// SPDX-License-Identifier: PostgreSQL
#include "output.h"

#include "connection.h"
#include "core/json.h"
#include "files.h"
#include "progress.h"

#include <gtest/gtest.h>

using namespace migrate;
using namespace migrate::client;

namespace {

TEST(ClientExitCode, FollowsTheSqlstate)
{
    EXPECT_EQ(exit_code_of("42601"), ExitCode::failed);
    EXPECT_EQ(exit_code_of("MG001"), ExitCode::history_conflict);
    EXPECT_EQ(exit_code_of("MG002"), ExitCode::interrupted);
    EXPECT_EQ(exit_code_of("MG003"), ExitCode::failed);
    EXPECT_EQ(exit_code_of("MG004"), ExitCode::failed);
    EXPECT_EQ(exit_code_of("55P03"), ExitCode::lock_not_obtained);
    EXPECT_EQ(exit_code_of("57014"), ExitCode::interrupted);
    EXPECT_EQ(exit_code_of("57P01"), ExitCode::interrupted);
    EXPECT_EQ(exit_code_of(""), ExitCode::failed);
}

TEST(ClientExitCode, NumbersAreTheDocumentedOnes)
{
    EXPECT_EQ(static_cast<int>(ExitCode::usage), 2);
    EXPECT_EQ(static_cast<int>(ExitCode::pending), 3);
    EXPECT_EQ(static_cast<int>(ExitCode::history_conflict), 4);
    EXPECT_EQ(static_cast<int>(ExitCode::lock_not_obtained), 5);
    EXPECT_EQ(static_cast<int>(ExitCode::cannot_connect), 6);
    EXPECT_EQ(static_cast<int>(ExitCode::interrupted), 7);
}

TEST(ClientOutput, ServerErrorsReadAsInPsql)
{
    Failure failure{Failure::Origin::server, ExitCode::failed,
                    Error("42P01", "no", "Facts.", "Do.")};
    failure.error.context = "migration \"v1\", statement 1, line 1";
    const Location location{"m/v1.sql", 1, "SELECT x", 7};
    EXPECT_EQ(render(failure, location, Colors::off),
              "ERROR:  no\nm/v1.sql:1:8\n    SELECT x\n           ^\nDETAIL:  Facts.\nHINT:  Do.\n"
              "CONTEXT:  migration \"v1\", statement 1, line 1\n");
}

TEST(ClientOutput, OwnErrorsCarryTheProgramsName)
{
    EXPECT_EQ(
        render(client_failure(ExitCode::usage, "no", "Facts.", "Do."), std::nullopt, Colors::off),
        "pg_migrate: error: no\ndetail: Facts.\nhint: Do.\n");
}

TEST(ClientOutput, ErrorsAsJson)
{
    Failure failure{Failure::Origin::server, ExitCode::history_conflict,
                    Error("MG001", "a \"b\"\n")};
    EXPECT_EQ(failure_json(failure, std::nullopt),
              R"({"error":{"sqlstate":"MG001","message":"a \"b\"\n","detail":null,"hint":null,)"
              R"("context":null,"file":null,"line":null,"column":null,"exit_code":4}})");
    const std::string located = failure_json(failure, Location{"m/v1.sql", 3, "x y", 2});
    EXPECT_NE(located.find(R"("file":"m/v1.sql","line":3,"column":3)"), std::string::npos);
}

TEST(ClientOutput, Notices)
{
    EXPECT_EQ(render(Notice{"NOTICE", "v1 1/1 SELECT 1  1 ms", "", ""}, Colors::off),
              "v1 1/1 SELECT 1  1 ms\n");
    EXPECT_EQ(render(Notice{"WARNING", "late", "Facts.", "Do."}, Colors::off),
              "WARNING:  late\nDETAIL:  Facts.\nHINT:  Do.\n");
}

TEST(ClientJson, EscapesWhatItMust)
{
    EXPECT_EQ(json_string("a\"\\\n\r\t\x01é"), "\"a\\\"\\\\\\n\\r\\t\\u0001é\"");
    EXPECT_EQ(json_strings({"a", "b"}), R"(["a","b"])");
    EXPECT_EQ(JsonObject().text(), "{}");
}

TEST(ClientConnection, ArrayLiterals)
{
    EXPECT_EQ(array_literal({}), "{}");
    EXPECT_EQ(array_literal({"a", "", "NULL", "b\"c\\d,{}"}), R"({"a","","NULL","b\"c\\d,{}"})");
}

TEST(ClientDisplay, Widths)
{
    EXPECT_EQ(display_width("abc"), 3U);
    EXPECT_EQ(display_width("日本"), 4U);
    EXPECT_EQ(display_width("e\u0301"), 1U); // a combining accent
    EXPECT_EQ(display_width("a\tb"), 3U);
    EXPECT_EQ(fitted("abcdef", 6), "abcdef");
    EXPECT_EQ(fitted("abcdefg", 6), "abc...");
    EXPECT_EQ(fitted("日本日本", 6), "日...");
    EXPECT_EQ(fitted("abc", 2), "..");
}

TEST(ClientDisplay, TablesAlignByDisplayWidth)
{
    EXPECT_EQ(table({"name", "state"}, {{{"日本"}, {"applied"}}, {{"a"}, {""}}, {{"b\nc"}, {"x"}}},
                    Colors::off),
              "name  state\n日本  applied\na\nb c   x\n");
    EXPECT_EQ(table({"name"}, {}, Colors::off), "");
    EXPECT_EQ(table({"n"}, {{{"a", Color::green}}}, Colors::on),
              "\x1b[1mn\x1b[0m\n\x1b[32ma\x1b[0m\n");
}

TEST(ClientDisplay, Bars)
{
    EXPECT_EQ(bar(0, 10, 4), "[....]");
    EXPECT_EQ(bar(5, 10, 4), "[##..]");
    EXPECT_EQ(bar(10, 10, 4), "[####]");
    EXPECT_EQ(bar(99, 10, 4), "[####]");
    EXPECT_EQ(bar(-1, 10, 4), "[....]");
    EXPECT_EQ(bar(1, 0, 4), "");
    EXPECT_EQ(bar(4'000'000'000'000, 8'000'000'000'000, 2), "[#.]");
}

TEST(ClientDisplay, Lists)
{
    EXPECT_EQ(counted(1, "step"), "1 step");
    EXPECT_EQ(counted(0, "step"), "0 steps");
    EXPECT_EQ(listed({"a", "b", "c"}, 2), "\"a\", \"b\" and 1 more");
}

TEST(ClientProgress, TextOfAnIndexBuild)
{
    ProgressRow row;
    row.run = 7;
    row.step = 2;
    row.migration = "v42";
    row.doing = "CREATE INDEX CONCURRENTLY i ON t (a)";
    row.phase = "building index: scanning table";
    row.seconds = 12.3;
    row.done = 45;
    row.total = 100;
    EXPECT_EQ(progress_text(row),
              "v42 step 2 [#########...........] 45 % 12.0 s, building index: scanning "
              "table, CREATE INDEX CONCURRENTLY i ON t (a)");
    EXPECT_EQ(progress_summary(row), "v42 step 2, building index: scanning table 45 %");
}

TEST(ClientProgress, TextOfAWait)
{
    ProgressRow row;
    row.migration = "v42";
    row.step = 1;
    row.seconds = 3.9;
    row.doing = "ALTER TABLE users ADD COLUMN phone text";
    row.blocker = Blocker();
    row.blocker->pid = 4711;
    row.blocker->role = "app";
    row.blocker->state = "idle in transaction";
    row.blocker->state_seconds = 12.6;
    row.blocker->relation = "public.users";
    EXPECT_EQ(
        progress_text(row),
        "v42 step 1 3.0 s, waiting for pid 4711 (app, idle in transaction for 12 s) on users");
    EXPECT_EQ(progress_summary(row),
              "v42 step 1, waiting for pid 4711 (app, idle in transaction) on users");
    EXPECT_EQ(progress_text(later(row, 60)),
              "v42 step 1 1 min 3 s, waiting for pid 4711 (app, idle "
              "in transaction for 1 min 12 s) on users");
    EXPECT_EQ(progress_summary(later(row, 60)), progress_summary(row));
    row.blocker->query = "SELECT 1";
    EXPECT_EQ(live_text(row), "waiting for pid 4711 (app, idle in transaction for 12 s) on users, "
                              "v42 step 1 3.0 s");
    row.blocker.reset();
    EXPECT_EQ(live_text(row), progress_text(row));
}

TEST(ClientFiles, NamesOfNewFiles)
{
    EXPECT_EQ(migration_slug("Add Phone  to users"), "add_phone_to_users");
    EXPECT_EQ(migration_slug(" add/phone__x "), "add_phone_x");
    EXPECT_EQ(migration_slug("add_phone.sql"), "add_phone");
    EXPECT_EQ(migration_slug("zusätze"), "zusätze");
    EXPECT_EQ(migration_slug(" / "), "");
    EXPECT_EQ(migration_slug("../../etc"), ".._.._etc");
}

} // namespace
