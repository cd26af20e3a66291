// The diff as a reader sees it; and, on random texts, that it turns one into the other and that
// nothing shorter would.
// SPDX-License-Identifier: PostgreSQL
#include "core/diff.h"

#include "core/text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <limits>
#include <random>
#include <vector>

namespace migrate {
namespace {

constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

TEST(LineDiff, NothingForTheSameText)
{
    EXPECT_EQ(line_diff("", ""), "");
    EXPECT_EQ(line_diff("a\nb\n", "a\nb\n"), "");
    EXPECT_EQ(line_diff("a", "a", 0, 0), "");
}

TEST(LineDiff, OneChangeWithItsContext)
{
    EXPECT_EQ(line_diff("1\n2\n3\n4\n5\n6\n7\n", "1\n2\n3\nfour\n5\n6\n7\n"), "@@ -2,5 +2,5 @@\n"
                                                                              " 2\n"
                                                                              " 3\n"
                                                                              "-4\n"
                                                                              "+four\n"
                                                                              " 5\n"
                                                                              " 6");
}

TEST(LineDiff, AtTheEnds)
{
    EXPECT_EQ(line_diff("a\nb\n", "x\na\nb\n", 1), "@@ -1,1 +1,2 @@\n+x\n a");
    EXPECT_EQ(line_diff("a\nb\n", "a\nb\nx\n", 1), "@@ -2,1 +2,2 @@\n b\n+x");
    EXPECT_EQ(line_diff("a\nb\n", "b\n"), "@@ -1,2 +1,1 @@\n-a\n b");
    EXPECT_EQ(line_diff("a\nb\n", "a\n"), "@@ -1,2 +1,1 @@\n a\n-b");
}

TEST(LineDiff, FromAndToNothing)
{
    EXPECT_EQ(line_diff("", "a\nb\n"), "@@ -0,0 +1,2 @@\n+a\n+b");
    EXPECT_EQ(line_diff("a\nb\n", ""), "@@ -1,2 +0,0 @@\n-a\n-b");
    EXPECT_EQ(line_diff("", "\n"), "@@ -0,0 +1,1 @@\n+");
}

TEST(LineDiff, WithoutContext)
{
    EXPECT_EQ(line_diff("a\nb\nc\n", "a\nx\nb\nc\n", 0), "@@ -1,0 +2,1 @@\n+x");
    EXPECT_EQ(line_diff("a\nb\nc\n", "a\nc\n", 0), "@@ -2,1 +1,0 @@\n-b");
}

TEST(LineDiff, RemovedLinesStandBeforeAddedOnes)
{
    EXPECT_EQ(line_diff("a\nb\n", "c\nd\n"), "@@ -1,2 +1,2 @@\n-a\n-b\n+c\n+d");
}

TEST(LineDiff, HunksMeetWhenTheirContextsTouch)
{
    EXPECT_EQ(line_diff("a\n1\n2\nb\n", "A\n1\n2\nB\n", 1),
              "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n-b\n+B");
    EXPECT_EQ(line_diff("a\n1\n2\n3\nb\n", "A\n1\n2\n3\nB\n", 1),
              "@@ -1,2 +1,2 @@\n-a\n+A\n 1\n@@ -4,2 +4,2 @@\n 3\n-b\n+B");
}

TEST(LineDiff, ContextBeyondTheText)
{
    EXPECT_EQ(line_diff("a\nb\n", "a\nc\n", all), "@@ -1,2 +1,2 @@\n a\n-b\n+c");
}

TEST(LineDiff, ShowsAMissingLineFeed)
{
    EXPECT_EQ(line_diff("a\nb", "a\nb\n"),
              "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b");
    EXPECT_EQ(
        line_diff("a", "b"),
        "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file");
    EXPECT_EQ(line_diff("a\nz", "b\nz"),
              "@@ -1,2 +1,2 @@\n-a\n+b\n z\n\\ No newline at end of file");
}

TEST(LineDiff, LineEndsAndBytesAreCompared)
{
    EXPECT_EQ(line_diff("a\r\n", "a\n"), "@@ -1,1 +1,1 @@\n-a\r\n+a");
    EXPECT_EQ(line_diff("\xC3\xA9\n", "\xE9\n"), "@@ -1,1 +1,1 @@\n-\xC3\xA9\n+\xE9");
    EXPECT_EQ(line_diff("a \n", "a\n"), "@@ -1,1 +1,1 @@\n-a \n+a");
}

TEST(LineDiff, StopsAtMaxLines)
{
    const std::string before = "a\nb\nc\n", after = "d\ne\nf\n"; // seven lines with the hunk's
    EXPECT_EQ(line_diff(before, after, 2, 7), "@@ -1,3 +1,3 @@\n-a\n-b\n-c\n+d\n+e\n+f");
    EXPECT_EQ(line_diff(before, after, 2, 6),
              "@@ -1,3 +1,3 @@\n-a\n-b\n-c\n+d\n+e\n... 1 more line");
    EXPECT_EQ(line_diff(before, after, 2, 1), "@@ -1,3 +1,3 @@\n... 6 more lines");
    EXPECT_EQ(line_diff(before, after, 2, 0), "... 7 more lines");
}

// What `patch` does with a diff; empty hunks have the line before them as their place.
std::string patched(const std::string &before, const std::string &diff)
{
    const std::vector<std::string_view> lines = split_lines(before);
    std::string result;
    std::size_t at = 0;
    const auto copy = [&](std::size_t end) {
        for (; at < end; at++)
            result += std::string(lines.at(at)) + "\n";
    };
    for (const std::string_view line : split_lines(diff)) {
        if (line.starts_with("@@ -")) {
            const std::string text(line.substr(4));
            const std::size_t place = std::stoul(text);
            copy(std::stoul(text.substr(text.find(',') + 1)) == 0 ? place : place - 1);
        } else if (line[0] == '+') {
            result += std::string(line.substr(1)) + "\n";
        } else {
            EXPECT_EQ(line.substr(1), lines.at(at));
            if (line[0] == ' ')
                result += std::string(lines[at]) + "\n";
            at++;
        }
    }
    copy(lines.size());
    return result;
}

std::size_t common_lines(const std::string &left, const std::string &right)
{
    const auto x = split_lines(left), y = split_lines(right);
    std::vector<std::vector<std::size_t>> best(x.size() + 1,
                                               std::vector<std::size_t>(y.size() + 1));
    for (std::size_t i = 1; i <= x.size(); i++) {
        for (std::size_t j = 1; j <= y.size(); j++)
            best[i][j] = x[i - 1] == y[j - 1] ? best[i - 1][j - 1] + 1
                                              : std::max(best[i - 1][j], best[i][j - 1]);
    }
    return best[x.size()][y.size()];
}

TEST(LineDiff, IsCorrectAndShortestOnRandomTexts)
{
    std::mt19937 random(11);
    for (int round = 0; round < 3000; round++) {
        std::string texts[2];
        for (std::string &text : texts) {
            for (std::size_t lines = random() % 14; lines > 0; lines--)
                text += std::string(1, static_cast<char>('a' + random() % 4)) + "\n";
        }
        const std::string diff = line_diff(texts[0], texts[1], random() % 4, all);
        ASSERT_EQ(patched(texts[0], diff), texts[1]) << diff;
        std::size_t edits = 0;
        for (const std::string_view line : split_lines(diff))
            edits += line[0] == '+' || line[0] == '-' ? 1 : 0;
        const std::size_t lines = split_lines(texts[0]).size() + split_lines(texts[1]).size();
        ASSERT_EQ(edits, lines - 2 * common_lines(texts[0], texts[1])) << diff;
    }
}

std::string numbered_lines(int count, const std::string &mark)
{
    std::string text;
    for (int i = 0; i < count; i++)
        text += mark + std::to_string(i) + "\n";
    return text;
}

// Generous, because the sanitizers and a busy machine have their part in it.
class Bounded : public testing::Test
{
protected:
    ~Bounded() override { EXPECT_LT(std::clock() - begin_, 5 * CLOCKS_PER_SEC); }

private:
    const std::clock_t begin_ = std::clock(); // the work done, however busy the machine is
};

TEST_F(Bounded, AllLinesDiffer)
{
    const std::string before = numbered_lines(20000, "a"), after = numbered_lines(20000, "b");
    const std::string diff = line_diff(before, after);
    EXPECT_TRUE(diff.starts_with("@@ -1,20000 +1,20000 @@\n-a0\n-a1\n"));
    EXPECT_TRUE(diff.ends_with("-a58\n... 39941 more lines"));
    EXPECT_EQ(patched(before, line_diff(before, after, 2, all)), after);
}

TEST_F(Bounded, EveryOtherLineDiffers)
{
    std::string before, after;
    for (int i = 0; i < 20000; i++) {
        before += "same\nold" + std::to_string(i) + "\n";
        after += "same\nnew" + std::to_string(i) + "\n";
    }
    EXPECT_EQ(patched(before, line_diff(before, after, 0, all)), after);
}

// Few enough edits, but long runs of equal lines on all of the diagonals: the bound on comparisons
// ends the search, and the texts are shown as replaced.
TEST_F(Bounded, RareLinesAmongEqualOnes)
{
    std::mt19937 random(1);
    std::string texts[2];
    for (std::string &text : texts) {
        for (int i = 0; i < 150000; i++)
            text += random() % 100 == 0 ? "b\n" : "a\n";
    }
    EXPECT_EQ(line_diff(texts[0], texts[1], 0, 2),
              "@@ -156,149839 +156,149839 @@\n-b\n... 299677 more lines");
    EXPECT_EQ(patched(texts[0], line_diff(texts[0], texts[1], 1, all)), texts[1]);
}

TEST_F(Bounded, RepeatedLines)
{
    std::string before, after;
    for (int i = 0; i < 200000; i++)
        before += i % 2 == 0 ? "a\n" : "b\n";
    for (int i = 0; i < 200000; i++)
        after += i % 3 == 0 ? "a\n" : "b\n";
    EXPECT_EQ(patched(before, line_diff(before, after, 2, all)), after);
}

TEST_F(Bounded, FewChangesInAHugeText)
{
    const std::string before = numbered_lines(300000, "x");
    std::string after = before;
    after.insert(after.find("x150000\n"), "inserted\n");
    after.erase(after.find("x299990\n"), 8);
    EXPECT_EQ(line_diff(before, after, 1), "@@ -150000,2 +150000,3 @@\n"
                                           " x149999\n"
                                           "+inserted\n"
                                           " x150000\n"
                                           "@@ -299990,3 +299991,2 @@\n"
                                           " x299989\n"
                                           "-x299990\n"
                                           " x299991");
}

TEST_F(Bounded, ATextAppears)
{
    const std::string after = numbered_lines(100000, "x");
    EXPECT_EQ(patched("", line_diff("", after, 2, all)), after);
    EXPECT_EQ(patched(after, line_diff(after, "", 2, all)), "");
}

} // namespace
} // namespace migrate
