// Text as files really hold it: byte order marks, every kind of line end, characters of several
// bytes and bytes that are none.
// SPDX-License-Identifier: PostgreSQL
#include "core/text.h"

#include <gtest/gtest.h>

#include <limits>

namespace migrate {
namespace {

using Lines = std::vector<std::string_view>;

TEST(NormalizeText, TurnsEveryLineEndIntoLf)
{
    EXPECT_EQ(normalize_text("a\r\nb\rc\nd"), "a\nb\nc\nd");
    EXPECT_EQ(normalize_text("\r\r\n\n"), "\n\n\n");
    EXPECT_EQ(normalize_text("a\n\rb"), "a\n\nb");
    EXPECT_EQ(normalize_text("a\r"), "a\n");
    EXPECT_EQ(normalize_text("\r"), "\n");
    EXPECT_EQ(normalize_text(""), "");
}

TEST(NormalizeText, TakesAwayOneByteOrderMark)
{
    EXPECT_EQ(normalize_text("\xEF\xBB\xBFselect"), "select");
    EXPECT_EQ(normalize_text("\xEF\xBB\xBF"), "");
    EXPECT_EQ(normalize_text("\xEF\xBB\xBF\r\n"), "\n");
    EXPECT_EQ(normalize_text("\xEF\xBB"), "\xEF\xBB");
    EXPECT_EQ(normalize_text("a\xEF\xBB\xBF"), "a\xEF\xBB\xBF");
    EXPECT_EQ(normalize_text("\xEF\xBB\xBF\xEF\xBB\xBF"), "\xEF\xBB\xBF");
}

TEST(NormalizeText, LeavesTheRestAlone)
{
    const std::string text("tab\t nul\0 \xFF \xC3\xA9 \xE2\x80\xA8", 18);
    EXPECT_EQ(normalize_text(text), text);
    EXPECT_EQ(normalize_text(normalize_text("a\r\r\nb")), normalize_text("a\r\r\nb"));
}

TEST(SplitLines, ALineFeedEndsALine)
{
    EXPECT_EQ(split_lines(""), Lines{});
    EXPECT_EQ(split_lines("\n"), Lines{""});
    EXPECT_EQ(split_lines("a"), Lines{"a"});
    EXPECT_EQ(split_lines("a\n"), Lines{"a"});
    EXPECT_EQ(split_lines("a\n\n"), (Lines{"a", ""}));
    EXPECT_EQ(split_lines("\na"), (Lines{"", "a"}));
    EXPECT_EQ(split_lines("a\r\nb"), (Lines{"a\r", "b"}));
}

TEST(SplitLines, ManyLines)
{
    EXPECT_EQ(split_lines(std::string(1000000, '\n')).size(), 1000000u);
}

TEST(LineAt, CountsFromOne)
{
    EXPECT_EQ(line_at("", 0), 1);
    EXPECT_EQ(line_at("a\nb", 0), 1);
    EXPECT_EQ(line_at("a\nb", 1), 1); // the line feed belongs to the line it ends
    EXPECT_EQ(line_at("a\nb", 2), 2);
    EXPECT_EQ(line_at("a\nb", 3), 2);
    EXPECT_EQ(line_at("a\n", 2), 2);
    EXPECT_EQ(line_at("\n\n\n", 3), 4);
    EXPECT_EQ(line_at("a\nb", 1000), 2);
}

TEST(Trim, KnowsTheLexersWhiteSpace)
{
    EXPECT_EQ(trim(" \t\r\n\f\va b\v\f\n\r\t "), "a b");
    EXPECT_EQ(trim(" \t\r\n"), "");
    EXPECT_EQ(trim(""), "");
    EXPECT_EQ(trim("\xC2\xA0x"), "\xC2\xA0x"); // a no-break space is no white space to PostgreSQL
}

TEST(LowerAscii, LeavesOtherLettersAlone)
{
    EXPECT_EQ(lower_ascii("AZ az [@`{ \xC3\x89 0"), "az az [@`{ \xC3\x89 0");
    EXPECT_EQ(lower_ascii(""), "");
}

TEST(Abbreviate, FoldsWhiteSpace)
{
    EXPECT_EQ(abbreviate("  ALTER\n\tTABLE \r\n t  ", 80), "ALTER TABLE t");
    EXPECT_EQ(abbreviate(" \n ", 80), "");
    EXPECT_EQ(abbreviate("", 0), "");
}

TEST(Abbreviate, CutsOnlyWhatIsTooLong)
{
    EXPECT_EQ(abbreviate("abcdef", 6), "abcdef");
    EXPECT_EQ(abbreviate("abcdef  \n", 6), "abcdef");
    EXPECT_EQ(abbreviate("abcdef", 5), "abcde ...");
    EXPECT_EQ(abbreviate("ab    cd", 5), "ab cd");
    EXPECT_EQ(abbreviate("SELECT 1", 7), "SELECT ...");
    EXPECT_EQ(abbreviate("SELECT 1", 6), "SELECT ...");
    EXPECT_EQ(abbreviate("x", 0), " ...");
}

TEST(Abbreviate, CountsCharacters)
{
    EXPECT_EQ(abbreviate("\xC3\xA9\xC3\xA9\xC3\xA9", 3), "\xC3\xA9\xC3\xA9\xC3\xA9");
    EXPECT_EQ(abbreviate("\xC3\xA9\xC3\xA9\xC3\xA9", 2), "\xC3\xA9\xC3\xA9 ...");
    EXPECT_EQ(abbreviate("\xE0\xB8\xAA\xE0\xB8\xA7x", 1), "\xE0\xB8\xAA ...");
    EXPECT_EQ(abbreviate("\xF0\x9F\x98\x80\xF0\x9F\x98\x80", 1), "\xF0\x9F\x98\x80 ...");
}

TEST(Abbreviate, CutsBytesThatAreNotUtf8Too)
{
    EXPECT_EQ(abbreviate("\x80\x80\x80", 2), "\x80\x80 ...");
    EXPECT_EQ(abbreviate("\xE9t\xE9", 2), "\xE9t ..."); // Latin-1
    EXPECT_EQ(abbreviate("\xE0\xB8", 1), "\xE0 ...");
    EXPECT_EQ(abbreviate("\xF0", 1), "\xF0");
}

TEST(Abbreviate, ReadsNoMoreThanItNeeds)
{
    const std::string huge(50000000, 'x');
    EXPECT_EQ(abbreviate(huge, 3), "xxx ...");
}

TEST(NameOfPath, IsTheFileWithoutItsSuffix)
{
    EXPECT_EQ(name_of_path("db/migrations/v42_add_phone.sql"), "v42_add_phone");
    EXPECT_EQ(name_of_path("v42.SQL"), "v42");
    EXPECT_EQ(name_of_path("C:\\db\\v42.Sql"), "v42");
    EXPECT_EQ(name_of_path("/v1.2.3__x.sql"), "v1.2.3__x");
    EXPECT_EQ(name_of_path("a.sql.sql"), "a.sql");
    EXPECT_EQ(name_of_path("a.sql.bak"), "a.sql.bak");
    EXPECT_EQ(name_of_path("asql"), "asql");
    EXPECT_EQ(name_of_path("db.sql/a"), "a");
    EXPECT_EQ(name_of_path("db/"), "");
    EXPECT_EQ(name_of_path(".sql"), "");
    EXPECT_EQ(name_of_path(""), "");
    EXPECT_EQ(name_of_path("\xC3\xA9.sql"), "\xC3\xA9");
}

TEST(FormatDuration, Milliseconds)
{
    EXPECT_EQ(format_duration(0), "0 ms");
    EXPECT_EQ(format_duration(499), "0 ms");
    EXPECT_EQ(format_duration(500), "1 ms");
    EXPECT_EQ(format_duration(12000), "12 ms");
    EXPECT_EQ(format_duration(999499), "999 ms");
}

TEST(FormatDuration, RoundingMovesIntoTheNextUnit)
{
    EXPECT_EQ(format_duration(999500), "1.0 s");
    EXPECT_EQ(format_duration(1500000), "1.5 s");
    EXPECT_EQ(format_duration(59949999), "59.9 s");
    EXPECT_EQ(format_duration(59950000), "1 min 0 s");
    EXPECT_EQ(format_duration(123000000), "2 min 3 s");
    EXPECT_EQ(format_duration(3599499999), "59 min 59 s");
    EXPECT_EQ(format_duration(3599500000), "1 h 0 min");
    EXPECT_EQ(format_duration(3720000000), "1 h 2 min");
    EXPECT_EQ(format_duration(49 * 3600000000LL + 180000000), "49 h 3 min");
}

TEST(FormatDuration, DoesNotOverflow)
{
    EXPECT_EQ(format_duration(std::numeric_limits<long long>::max()), "2562047788 h 1 min");
}

} // namespace
} // namespace migrate
