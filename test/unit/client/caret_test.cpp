// SPDX-License-Identifier: PostgreSQL
#include "caret.h"

#include <gtest/gtest.h>

using namespace migrate;
using namespace migrate::client;

namespace {

Error error_at(std::string context, std::string query, int position)
{
    Error error("42601", "syntax error");
    error.context = std::move(context);
    error.internal_query = std::move(query);
    error.internal_position = position;
    return error;
}

std::vector<File> file(std::string content)
{
    return {{"m/v1.sql", "v1", std::move(content)}};
}

TEST(ClientCaret, PlaceIsReadFromTheContext)
{
    const auto place = place_in_context("migration \"v1\", statement 3, line 17");
    ASSERT_TRUE(place);
    EXPECT_EQ(place->migration, "v1");
    EXPECT_EQ(place->line, 17);
}

TEST(ClientCaret, PlaceWithoutAStatement)
{
    EXPECT_EQ(place_in_context("migration \"v1\", line 4")->line, 4);
}

TEST(ClientCaret, PlaceAmongOtherLinesAndWithOddNames)
{
    const auto place = place_in_context("PL/pgSQL function f() line 3 at RAISE\n"
                                        "migration \"a \"b\", line 1\", statement 2, line 9\n"
                                        "migration \"outer\", statement 1, line 1");
    ASSERT_TRUE(place);
    EXPECT_EQ(place->migration, "a \"b\", line 1");
    EXPECT_EQ(place->line, 9);
}

TEST(ClientCaret, NoPlaceInOtherContexts)
{
    EXPECT_FALSE(place_in_context(""));
    EXPECT_FALSE(place_in_context("SQL statement \"SELECT 1\""));
    EXPECT_FALSE(place_in_context("migration \"v1\""));
    EXPECT_FALSE(place_in_context("migration \"v1\", line x"));
}

TEST(ClientCaret, TokenInTheSecondStatementOfALine)
{
    const auto location =
        locate(error_at("migration \"v1\", statement 2, line 1", "CREATE TABLEE bar (bar text)", 8),
               file("CREATE TABLE foo (foo text); CREATE TABLEE bar (bar text);\n"));
    ASSERT_TRUE(location);
    EXPECT_EQ(location->column(), 37);
    EXPECT_EQ(render(*location, Colors::off),
              "m/v1.sql:1:37\n"
              "    CREATE TABLE foo (foo text); CREATE TABLEE bar (bar text);\n" +
                  std::string(4 + 36, ' ') + "^\n");
}

TEST(ClientCaret, MultibyteTextBeforeTheToken)
{
    const auto location =
        locate(error_at("migration \"v1\", statement 1, line 3", "/* สวัสดี hello */ not_valid", 20),
               file("-- migrate:up\n-- line 2\n/* สวัสดี hello */ not_valid;\n"));
    ASSERT_TRUE(location && location->offset);
    EXPECT_EQ(location->text.substr(*location->offset), "not_valid;");
    EXPECT_EQ(location->column(), 20);
    const std::string text = render(*location, Colors::off);
    EXPECT_NE(text.find("\n    " + std::string(display_width("/* สวัสดี hello */ "), ' ') + "^\n"),
              std::string::npos);
}

TEST(ClientCaret, WideCharactersTakeTwoColumns)
{
    const auto location =
        locate(error_at("migration \"v1\", statement 1, line 1", "SELECT '日本' x y", 15),
               file("SELECT '日本' x y"));
    ASSERT_TRUE(location && location->offset);
    EXPECT_EQ(location->column(), 15);
    EXPECT_NE(render(*location, Colors::off).find("\n    " + std::string(16, ' ') + "^"),
              std::string::npos);
}

TEST(ClientCaret, TokenInALaterLineOfAnIndentedStatementWithCrLf)
{
    const auto location =
        locate(error_at("migration \"v1\", statement 1, line 3", "SELECT 1,\n  oops FROM\n  t", 13),
               file("-- migrate:up\r\n    SELECT 1,\r\n  oops FROM\r\n  t;\r\n"));
    ASSERT_TRUE(location && location->offset);
    EXPECT_EQ(location->text, "  oops FROM");
    EXPECT_EQ(*location->offset, 2U);
}

TEST(ClientCaret, FirstLineOfTheStatementMayBeIndentedInTheFile)
{
    const auto location = locate(error_at("migration \"v1\", statement 1, line 1", "not_valid", 1),
                                 file("\t  not_valid; -- x\n"));
    ASSERT_TRUE(location && location->offset);
    EXPECT_EQ(*location->offset, 3U);
    EXPECT_NE(render(*location, Colors::off).find("\n       not_valid; -- x\n       ^\n"),
              std::string::npos);
}

TEST(ClientCaret, AQueryThatIsNotInTheFileGetsTheLineOnly)
{
    const auto location =
        locate(error_at("migration \"v1\", statement 1, line 1", "SELECT hidden", 8),
               file("SELECT f();\n"));
    ASSERT_TRUE(location);
    EXPECT_FALSE(location->offset);
    EXPECT_EQ(location->column(), 0);
    EXPECT_EQ(render(*location, Colors::off), "m/v1.sql:1\n    SELECT f();\n");
}

TEST(ClientCaret, ALineThatTheFileDoesNotHave)
{
    const auto location =
        locate(error_at("migration \"v1\", statement 1, line 9", "x", 1), file("SELECT 1;\n"));
    ASSERT_TRUE(location);
    EXPECT_EQ(render(*location, Colors::off), "m/v1.sql:9\n");
}

TEST(ClientCaret, NoFileNoLocation)
{
    EXPECT_FALSE(locate(error_at("migration \"v2\", statement 1, line 1", "x", 1), file("x")));
    EXPECT_FALSE(locate(error_at("", "x", 1), file("x")));
}

TEST(ClientCaret, TokenPlaceCountsCharacters)
{
    EXPECT_EQ(token_place("é\nab", 4)->line, "ab");
    EXPECT_EQ(token_place("é\nab", 4)->offset, 1U);
    EXPECT_EQ(token_place("ab", 3)->offset, 2U); // the end of the input
    EXPECT_FALSE(token_place("ab", 0));
    EXPECT_FALSE(token_place("ab", 9));
}

TEST(ClientCaret, LongLinesAreShownAroundTheToken)
{
    const std::string before(5000, 'a'), after(5000, 'b');
    const std::string line = before + " HERE " + after;
    const auto location =
        locate(error_at("migration \"v1\", statement 1, line 1", line, 5002), file(line));
    ASSERT_TRUE(location);
    EXPECT_EQ(location->column(), 5002);
    const std::string text = render(*location, Colors::off);
    EXPECT_LT(text.size(), 400U);
    const std::size_t shown = text.find('\n') + 1;
    const std::size_t caret = text.find('^');
    const std::size_t caret_line = text.rfind('\n', caret) + 1;
    EXPECT_EQ(text.substr(shown + (caret - caret_line), 4), "HERE");
}

} // namespace
