// SPDX-License-Identifier: PostgreSQL
#include "lint_text.h"

#include <gtest/gtest.h>

using namespace migrate::client;

namespace {

FoundFinding finding(std::string severity, int line)
{
    FoundFinding one;
    one.rule = "some-rule";
    one.severity = std::move(severity);
    one.line = line;
    one.message = "it is so";
    one.json = "{}";
    return one;
}

LintedFile file(std::vector<FoundFinding> findings)
{
    LintedFile one;
    one.path = "a.sql";
    one.findings = std::move(findings);
    return one;
}

TEST(ClientLintText, AFindingBeginsWithItsPlace)
{
    FoundFinding one = finding("error", 7);
    one.why = "Because.";
    one.safe = "COMMIT;\nBEGIN;";
    EXPECT_EQ(render(file({one}), Colors::off), "a.sql:7: error: it is so (some-rule)\n"
                                                "    Because.\n"
                                                "    safe: COMMIT;\n"
                                                "          BEGIN;\n");
}

TEST(ClientLintText, AFindingAboutTheFileHasNoLine)
{
    EXPECT_EQ(render(file({finding("warning", 0)}), Colors::off),
              "a.sql: warning: it is so (some-rule)\n");
}

TEST(ClientLintText, ControlCharactersOfNamesDoNotReachTheTerminal)
{
    FoundFinding one = finding("info", 1);
    one.message = "\"a\x1b[2J\"";
    one.why = "\x1b[1m.";
    EXPECT_EQ(render(file({one}), Colors::off).find('\x1b'), std::string::npos);
}

TEST(ClientLintText, WithoutFindingsThereIsNothingToShow)
{
    EXPECT_EQ(render(file({}), Colors::off), "");
    EXPECT_EQ(summary_of({file({}), file({})}), "0 errors, 0 warnings in 2 files\n");
}

TEST(ClientLintText, AFileThatCannotBeReadIsAnError)
{
    LintedFile broken = file({finding("warning", 1), finding("info", 2)});
    EXPECT_EQ(errors_in(broken), 0U);
    broken.failure = client_failure(ExitCode::failed, "no");
    EXPECT_EQ(errors_in(broken), 1U);
    EXPECT_EQ(summary_of({broken, file({finding("error", 1)})}),
              "2 errors, 1 warning in 2 files\n");
}

TEST(ClientLintText, JsonHasAFileWithItsRows)
{
    EXPECT_EQ(json_of(file({finding("error", 1)})),
              R"({"file":"a.sql","findings":[{}],"error":null})");
    LintedFile broken = file({});
    broken.failure = client_failure(ExitCode::failed, "no");
    EXPECT_NE(json_of(broken).find(R"("error":{"sqlstate":null,"message":"no")"),
              std::string::npos);
}

TEST(ClientCheckText, APointIsALineAndItsEvidenceBelow)
{
    EXPECT_EQ(render(std::vector<CheckedPoint>{{"a point", "ok", "all is well"},
                                               {"another", "failed", "v1: one\nv2: two"},
                                               {"a third", "warning", "v3: three"}},
                     Colors::off),
              "ok       a point (all is well)\n"
              "failed   another\n"
              "           v1: one\n"
              "           v2: two\n"
              "warning  a third\n"
              "           v3: three\n");
}

TEST(ClientCheckText, FineWithSeveralLinesOfEvidence)
{
    EXPECT_EQ(render(std::vector<CheckedPoint>{{"p", "ok", "a\nb"}, {"q", "ok", ""}}, Colors::off),
              "ok       p\n           a\n           b\nok       q\n");
}

} // namespace
