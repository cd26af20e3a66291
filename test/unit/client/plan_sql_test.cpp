// SPDX-License-Identifier: PostgreSQL
#include "plan_sql.h"

#include <gtest/gtest.h>

using namespace migrate::client;

namespace {

const std::string head = "-- Written by pg_migrate plan --sql; run it with psql -f.\n"
                         "\\set ON_ERROR_STOP on\n";

TEST(ClientPlanSql, GroupsAreTransactionsAndLoneStatementsAreNot)
{
    EXPECT_EQ(plan_as_sql({{"v1", 1, "transaction", 1, "CREATE TABLE a (x int)", ""},
                           {"v1", 1, "transaction", 2, "CREATE TABLE b (x int);", ""},
                           {"v1", 2, "alone", 3, "CREATE INDEX CONCURRENTLY i ON a (x)", "waits"}},
                          std::nullopt),
              head + "\n-- v1\n"
                     "BEGIN;\nCREATE TABLE a (x int);\nCREATE TABLE b (x int);\nCOMMIT;\n"
                     "-- waits\nCREATE INDEX CONCURRENTLY i ON a (x);\n");
}

TEST(ClientPlanSql, OptionsOfTheScriptsOwnBeginAreKept)
{
    EXPECT_EQ(
        plan_as_sql({{"v1", 1, "transaction ISOLATION LEVEL SERIALIZABLE", 2, "SELECT 1", ""}},
                    std::nullopt),
        head + "\n-- v1\nBEGIN ISOLATION LEVEL SERIALIZABLE;\nSELECT 1;\nCOMMIT;\n");
}

TEST(ClientPlanSql, NothingLeaksIntoTheNextMigration)
{
    EXPECT_EQ(
        plan_as_sql({{"v1", 1, "alone", 1, "VACUUM", ""}, {"v2", 1, "alone", 1, "VACUUM", ""}},
                    "own\"er"),
        head + "SET ROLE \"own\"\"er\";\n"
               "\n-- v1\nVACUUM;\n"
               "\nDISCARD ALL;\nSET ROLE \"own\"\"er\";\n"
               "\n-- v2\nVACUUM;\n");
}

TEST(ClientPlanSql, TheSameStepNumberInAnotherMigrationIsAnotherStep)
{
    const std::string sql = plan_as_sql(
        {{"v1", 1, "transaction", 1, "SELECT 1", ""}, {"v2", 1, "transaction", 1, "SELECT 2", ""}},
        {});
    EXPECT_NE(sql.find("SELECT 1;\nCOMMIT;\n"), std::string::npos);
}

TEST(ClientPlanSql, ACommentAtTheEndDoesNotSwallowTheSemicolon)
{
    const auto statement = [](const char *text) {
        return plan_as_sql({{"v1", 1, "alone", 1, text, ""}}, {}).substr(head.size() + 7);
    };
    EXPECT_EQ(statement("SELECT 1 -- one"), "SELECT 1 -- one\n;\n");
    EXPECT_EQ(statement("-- one\nSELECT 1"), "-- one\nSELECT 1;\n");
    EXPECT_EQ(statement("SELECT 1;"), "SELECT 1;\n");
}

TEST(ClientPlanSql, CopyDataStays)
{
    const std::string sql = plan_as_sql(
        {{"v1", 1, "transaction", 1, "COPY t FROM stdin;\n1\t--\n  2\n\\.", ""}}, std::nullopt);
    EXPECT_NE(sql.find("BEGIN;\nCOPY t FROM stdin;\n1\t--\n  2\n\\.\nCOMMIT;\n"),
              std::string::npos);
}

TEST(ClientPlanSql, AMigrationWithoutStatements)
{
    EXPECT_EQ(plan_as_sql({{"v1", 0, "nothing", 0, "", "no statements"}}, {}),
              head + "\n-- v1\n-- no statements\n");
}

TEST(ClientPlanSql, WhatRunsInsteadIsWhatIsPrinted)
{
    PlannedStatement index{"v1", 1, "alone", 1, "CREATE INDEX i ON t (a)", ""};
    index.runs = "CREATE INDEX CONCURRENTLY i ON t (a)";
    PlannedStatement done{"v1", 2, "transaction", 1, "ALTER TABLE t ADD c", "done already"};
    done.runs = "ALTER TABLE t VALIDATE c";
    EXPECT_EQ(plan_as_sql({index, done}, {}), head +
                                                  "\n-- v1\nCREATE INDEX CONCURRENTLY i ON t (a);\n"
                                                  "-- done already: ALTER TABLE t VALIDATE c\n");
}

TEST(ClientPlanSql, ASummaryIsNoStep)
{
    const PlannedStatement summary{"v1", 0, "summary", 0, "", "additive"};
    const PlannedStatement other{"v2", 0, "summary", 0, "", "breaking"};
    EXPECT_EQ(plan_as_sql({{"v1", 1, "alone", 1, "VACUUM", ""}, summary, other}, {}),
              head + "\n-- v1\nVACUUM;\n");
    EXPECT_EQ(plan_as_sql({summary}, {}), head);
}

TEST(ClientPlanSql, StepsDoneAlreadyAreComments)
{
    EXPECT_EQ(
        plan_as_sql({{"v1", 1, "transaction", 1, "CREATE TABLE t (\n  id int)", "done already"},
                     {"v1", 2, "alone", 3, "VACUUM t", "was interrupted"}},
                    {}),
        head + "\n-- v1\n-- done already: CREATE TABLE t ( id int)\n"
               "-- was interrupted\nVACUUM t;\n");
}

TEST(ClientPlanSql, NamesAndNotesStayComments)
{
    EXPECT_NE(plan_as_sql({{"v1\nDROP TABLE x;", 1, "alone", 1, "VACUUM", "a\nb"}}, {})
                  .find("-- v1 DROP TABLE x;\n-- a b\n"),
              std::string::npos);
}

} // namespace
