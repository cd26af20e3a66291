// SPDX-License-Identifier: PostgreSQL
#include "plan_text.h"

#include <gtest/gtest.h>

using namespace migrate::client;

namespace {

PlannedStatement statement(int step, std::string text)
{
    PlannedStatement row;
    row.migration = "v1";
    row.step = step;
    row.mode = "transaction";
    row.line = step;
    row.statement = std::move(text);
    return row;
}

PlannedStatement part(int step, std::string written, std::string runs)
{
    PlannedStatement row = statement(step, std::move(written));
    row.line = 1;
    row.runs = std::move(runs);
    return row;
}

PlannedStatement summary()
{
    PlannedStatement row;
    row.migration = "v1";
    row.mode = "summary";
    row.migration_class = "additive";
    row.old_code = "works";
    row.way_back = "a down script";
    return row;
}

std::string text_of(const std::vector<PlannedStatement> &plan, std::size_t width = 0)
{
    return plan_as_text(plan, Colors::off, width);
}

TEST(ClientPlanText, AStatementAsWrittenWithWhatTheServerSaysOfIt)
{
    PlannedStatement row = statement(1, "ALTER TABLE t\n    ADD a int");
    row.locks = "t ACCESS EXCLUSIVE (blocks reads, writes, DDL)";
    row.work = "scans t (8192 bytes, 3 rows)";
    row.hold = "instant";
    row.note = "out of order";
    row.findings = "error: it is\nwarning: it may";
    EXPECT_EQ(text_of({row, summary()}),
              "v1\n"
              "  line 1: ALTER TABLE t ADD a int\n"
              "    step 1, transaction\n"
              "      locks: t ACCESS EXCLUSIVE (blocks reads, writes, DDL)\n"
              "      work: scans t (8192 bytes, 3 rows)\n"
              "      hold: instant\n"
              "      note: out of order\n"
              "      error: it is\n"
              "      warning: it may\n"
              "  class: additive\n"
              "  old code: works\n"
              "  way back: a down script\n");
}

TEST(ClientPlanText, WhatIsRunInsteadStandsBelowTheStatementThatIsShownOnce)
{
    PlannedStatement first = part(1, "ALTER TABLE t ADD c", "ALTER TABLE t ADD c NOT VALID");
    first.findings = "info: online";
    EXPECT_EQ(text_of({first, part(2, "ALTER TABLE t ADD c", "ALTER TABLE t VALIDATE c")}),
              "v1\n"
              "  line 1: ALTER TABLE t ADD c\n"
              "    step 1, transaction: ALTER TABLE t ADD c NOT VALID\n"
              "    step 2, transaction: ALTER TABLE t VALIDATE c\n"
              "      info: online\n");
}

TEST(ClientPlanText, EqualStatementsOnOneLineAreTwo)
{
    PlannedStatement first = statement(1, "SELECT 1"), second = statement(1, "SELECT 1");
    EXPECT_EQ(text_of({first, second}), "v1\n"
                                        "  line 1: SELECT 1\n    step 1, transaction\n"
                                        "  line 1: SELECT 1\n    step 1, transaction\n");
}

TEST(ClientPlanText, MigrationsAreApart)
{
    PlannedStatement other = statement(1, "SELECT 2");
    other.migration = "v2";
    EXPECT_NE(text_of({statement(1, "SELECT 1"), other}).find("transaction\n\nv2\n  line 1"),
              std::string::npos);
}

TEST(ClientPlanText, AMigrationWithoutStatements)
{
    PlannedStatement row;
    row.migration = "v1";
    row.mode = "nothing";
    row.note = "no statements";
    EXPECT_EQ(text_of({row}), "v1\n  no statements\n");
}

TEST(ClientPlanText, TheSummaryHasFindingsOfItsOwn)
{
    PlannedStatement row = summary();
    row.findings = "warning: no way back";
    EXPECT_TRUE(text_of({row}).ends_with("way back: a down script\n  warning: no way back\n"));
}

TEST(ClientPlanText, SqlIsCutToTheTerminal)
{
    const std::string text = text_of({statement(1, std::string(200, 'x'))}, 60);
    EXPECT_NE(text.find("  line 1: " + std::string(47, 'x') + "...\n"), std::string::npos) << text;
    EXPECT_NE(text_of({statement(1, std::string(200, 'x'))}).find(std::string(200, 'x') + "\n"),
              std::string::npos);
}

TEST(ClientPlanText, WhateverTheTextIsItStaysOnItsLine)
{
    PlannedStatement row = statement(1, "SELECT '\x1b[2J'");
    row.migration = "v\n1";
    row.locks = "\"a\nb\" SHARE";
    row.findings = "error: \x1b[2J";
    const std::string text = text_of({row});
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5);
}

TEST(ClientPlanText, SeveritiesHaveColours)
{
    EXPECT_EQ(colored_finding("error: x", Colors::on), "\x1b[1;31merror\x1b[0m: x");
    EXPECT_EQ(colored_finding("warning: x", Colors::on), "\x1b[33mwarning\x1b[0m: x");
    EXPECT_EQ(colored_finding("info: x", Colors::on), "\x1b[2minfo\x1b[0m: x");
    EXPECT_EQ(colored_finding("error: x", Colors::off), "error: x");
    EXPECT_EQ(colored_finding("odd", Colors::off), "odd");
}

} // namespace
