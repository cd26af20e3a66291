// The order of names: the cases that real histories hold, and the agreement of sort_key with
// compare_names on names that nobody would choose.
// SPDX-License-Identifier: PostgreSQL
#include "core/version.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace migrate {
namespace {

using Groups = std::vector<std::string>;

int sign(std::strong_ordering order)
{
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

// Each name stands before all that follow it, by both readings of the order.
void expect_ascending(const std::vector<std::string> &names)
{
    for (std::size_t i = 0; i < names.size(); i++) {
        for (std::size_t j = 0; j < names.size(); j++) {
            const int expected = i < j ? -1 : i > j ? 1 : 0;
            EXPECT_EQ(sign(compare_names(names[i], names[j])), expected)
                << names[i] << " against " << names[j];
            EXPECT_EQ(sign(sort_key(names[i]) <=> sort_key(names[j])), expected)
                << names[i] << " against " << names[j];
        }
    }
}

TEST(NumberGroups, AreCutAtSingleSeparators)
{
    EXPECT_EQ(number_groups("20240115_001_add_phone"), (Groups{"20240115", "1"}));
    EXPECT_EQ(number_groups("1.2.3__init"), (Groups{"1", "2", "3"}));
    EXPECT_EQ(number_groups("V2_1__x"), (Groups{"2", "1"}));
    EXPECT_EQ(number_groups("2024-01-15-x"), (Groups{"2024", "1", "15"}));
    EXPECT_EQ(number_groups("1__2"), (Groups{"1"}));
    EXPECT_EQ(number_groups("1_-2"), (Groups{"1"}));
}

TEST(NumberGroups, MayHaveAVersionLetter)
{
    EXPECT_EQ(number_groups("v42"), (Groups{"42"}));
    EXPECT_EQ(number_groups("V042"), (Groups{"42"}));
    EXPECT_EQ(number_groups("vv42"), Groups{});
    EXPECT_EQ(number_groups("v_42"), Groups{});
    EXPECT_EQ(number_groups("v"), Groups{});
    EXPECT_EQ(number_groups("x42"), Groups{});
}

TEST(NumberGroups, LoseLeadingZeros)
{
    EXPECT_EQ(number_groups("007_x"), (Groups{"7"}));
    EXPECT_EQ(number_groups("0"), (Groups{"0"}));
    EXPECT_EQ(number_groups("000.000"), (Groups{"0", "0"}));
    EXPECT_EQ(number_groups("0010"), (Groups{"10"}));
}

TEST(NumberGroups, EndWhereAWordBegins)
{
    EXPECT_EQ(number_groups("2fa_login"), Groups{});
    EXPECT_EQ(number_groups("v42abc"), Groups{});
    EXPECT_EQ(number_groups("001_2fa_login"), (Groups{"1"}));
    EXPECT_EQ(number_groups("1.2b"), (Groups{"1"}));
    EXPECT_EQ(number_groups("5\xC3\xA9t\xC3\xA9"), Groups{}); // "5été"
    EXPECT_EQ(number_groups("5_\xC3\xA9t\xC3\xA9"), (Groups{"5"}));
    EXPECT_EQ(number_groups("5 apples"), (Groups{"5"}));
    EXPECT_EQ(number_groups("5(x)"), (Groups{"5"}));
}

TEST(NumberGroups, AreAbsentFromOtherNames)
{
    EXPECT_EQ(number_groups(""), Groups{});
    EXPECT_EQ(number_groups("add_phone"), Groups{});
    EXPECT_EQ(number_groups("_1"), Groups{});
    EXPECT_EQ(number_groups("-1"), Groups{});
    EXPECT_EQ(number_groups(" 1"), Groups{});
    EXPECT_EQ(number_groups("."), Groups{});
}

TEST(NumberGroups, MayEndInASeparator)
{
    EXPECT_EQ(number_groups("1_"), (Groups{"1"}));
    EXPECT_EQ(number_groups("1."), (Groups{"1"}));
    EXPECT_EQ(number_groups("v1-"), (Groups{"1"}));
}

TEST(NumberGroups, HaveAnyNumberOfDigits)
{
    const std::string digits(5000, '9');
    EXPECT_EQ(number_groups(digits + "_x"), Groups{digits});
    EXPECT_EQ(number_groups(std::string(5000, '0') + "1"), (Groups{"1"}));
}

TEST(NameOrder, IsNumeric)
{
    expect_ascending({"v0", "v1", "v9", "v10", "v042", "v100", "v18446744073709551616",
                      "v99999999999999999999999999999999999999999999"});
}

TEST(NameOrder, PutsFewerGroupsFirst)
{
    expect_ascending({"1", "1_b", "1_0_a", "1.1_a", "1.2", "1.10", "1.10.0", "2"});
}

TEST(NameOrder, ComparesTheRestOnlyAfterAllNumbers)
{
    expect_ascending({"1_2_b", "1_3_a", "2_1", "02_1_a", "2_1_b"});
}

TEST(NameOrder, SeparatorsAndZerosDecideLast)
{
    expect_ascending({"007_x", "07_x", "7_x", "V7_x", "v7_x", "7_y"});
    expect_ascending({"1-2", "1.2", "1_2"});
}

TEST(NameOrder, TimesOfDifferentPrecisionCompareByTime)
{
    expect_ascending({"20230518", "20230518191501", "20240101", "2024010100", "202401010000",
                      "20240101000000", "20240101000000000", "20240101000001", "202401010001",
                      "2024010101", "20240102"});
}

// Histories change their style: Diesel's dashed names follow its older plain ones.
TEST(NameOrder, DatesWrittenInGroupsAreTimesToo)
{
    expect_ascending({"00000000000000_initial", "20140924113530_x", "2017-08-31-230457_x",
                      "2017_09_01_000000_x", "20170901000001", "2026-07-30-140000-0000_x",
                      "2026-07-30-140000-0001_x"});
    expect_ascending({"2024-01-15_a", "2024-01-15-120000_b", "20240115120001", "2024-01-16_a"});
    expect_ascending({"2024_01_15_1_x", "2024_01_15_2_x", "2024_01_16_1_x", "2024_45_01_1_x"});
    expect_ascending({"20140929103759", "20140929103760_x", "20140929103801"});
    expect_ascending({"2024.01.15", "2024.13.01", "20240115", "2024-01-16"});
}

// A 16-digit number is no time; as a number it is smaller than any padded one.
TEST(NameOrder, OddLengthsAreNumbers)
{
    expect_ascending({"2023051819150199", "20230518"});
    expect_ascending({"202305181", "20230518"});
}

TEST(NameOrder, SmallNumbersStandBeforeTimes)
{
    expect_ascending({"1_init", "42_x", "19690101", "20240015", "20240132", "20241301", "99999999",
                      "20240115_x", "20240115_1_x", "20240115_2_x"});
}

TEST(NameOrder, ImpossibleTimesAreNumbers)
{
    const std::string good = "20240115";
    for (const char *number : {"1969010100", "2200010100", "2024010124", "202401012360",
                               "20240101235960", "20240001", "20240100", "1715000000"})
        expect_ascending({number, good});
    expect_ascending({good, "21991231235959999"});
}

TEST(NameOrder, OnlyTheFirstGroupIsATime)
{
    expect_ascending({"1_20240115", "1_2024011500"});
    expect_ascending({"1_2024011500", "1_20240115000000"});
    expect_ascending({"1_20240116", "1_2024011500"});
}

TEST(NameOrder, EqualTimesGoOnWithTheRest)
{
    expect_ascending({"20240115000000_a", "20240115_b"});
    expect_ascending({"20240115000000_a", "20240115_a"}); // '_' is above '0'
    expect_ascending({"20240115", "20240115000000"});
}

TEST(NameOrder, NamesWithoutNumbersComeLast)
{
    expect_ascending({"999999999999999999999_x", "", " ", "2fa_login", "Add", "add", "add_phone",
                      "v", "v_1", "~", "\xC3\xA9t\xC3\xA9"});
}

TEST(NameOrder, PrefixesStandBeforeTheirExtensions)
{
    expect_ascending({"1_a", "1_a\x01", "1_a ", "1_a!", "1_a!!", "1_a\"", "1_a\"A", "1_a#", "1_aa",
                      "1_a\x7F", "1_a\x80"});
    expect_ascending({"a", "a\x01", "a!", "a!a", "a\"", "a#", "aa"});
}

// Short names of a small alphabet: ties, prefixes and near-times come up all the time.
std::vector<std::string> strange_names(std::size_t count)
{
    static constexpr std::string_view pieces[] = {"0",           "1",           "2",
                                                  "9",           "00",          "10",
                                                  "20240115",    "2024011500",  "20240115000000",
                                                  "v",           "V",           "_",
                                                  ".",           "-",           "__",
                                                  "a",           "Z",           "!",
                                                  "\"",          "#",           " ",
                                                  "~",           "\t",          "\x01",
                                                  "\x7F",        "\xC3\xA9",    "\xFF",
                                                  "99999999999", "12345678901", "1999123123"};
    std::mt19937 random(7);
    std::vector<std::string> names;
    while (names.size() < count) {
        std::string name;
        for (std::size_t length = random() % 7; length > 0; length--)
            name += pieces[random() % std::size(pieces)];
        names.push_back(name);
    }
    return names;
}

TEST(SortKey, AgreesWithCompareNames)
{
    const std::vector<std::string> names = strange_names(1200);
    std::vector<std::string> keys;
    for (const std::string &name : names)
        keys.push_back(sort_key(name));
    for (std::size_t i = 0; i < names.size(); i++) {
        for (std::size_t j = i; j < names.size(); j++) {
            const int by_names = sign(compare_names(names[i], names[j]));
            ASSERT_EQ(by_names, sign(keys[i] <=> keys[j])) << names[i] << " / " << names[j];
            ASSERT_EQ(by_names, -sign(compare_names(names[j], names[i])));
            ASSERT_EQ(by_names == 0, names[i] == names[j]) << names[i] << " / " << names[j];
        }
    }
}

TEST(SortKey, AddsNothingButPrintableAscii)
{
    for (const std::string &name : strange_names(2000)) {
        std::string added = sort_key(name);
        ASSERT_TRUE(added.ends_with(name));
        added.resize(added.size() - name.size());
        for (const char c : added)
            ASSERT_TRUE((c >= ' ' && c != '\x7F') || name.find(c) != name.npos) << name;
    }
}

TEST(SortKey, OrdersLengthsOfManyDigits)
{
    expect_ascending({std::string(9, '9'), "1" + std::string(9, '0'), std::string(99, '9'),
                      "1" + std::string(99, '0'), std::string(1000, '1'), std::string(1000, '2')});
}

TEST(SameNumbers, ComparesAllGroups)
{
    EXPECT_TRUE(same_numbers("007_x", "7_y"));
    EXPECT_TRUE(same_numbers("V2_1__x", "2.1"));
    EXPECT_FALSE(same_numbers("7_1_x", "7_x"));
    EXPECT_FALSE(same_numbers("7", "8"));
    EXPECT_FALSE(same_numbers("a", "b"));
    EXPECT_FALSE(same_numbers("", ""));
    EXPECT_FALSE(same_numbers("a", "1"));
    EXPECT_FALSE(same_numbers("20240115", "20240115000000")); // the same time, written as another
}

TEST(Abbreviates, TheNameOrItsNumbers)
{
    for (const char *target : {"v42_add_phone", "v42", "V42", "42", "0042", "v0042"})
        EXPECT_TRUE(abbreviates(target, "v42_add_phone")) << target;
    for (const char *target : {"20240115_001", "20240115.1", "v20240115-01"})
        EXPECT_TRUE(abbreviates(target, "20240115_001_add_phone")) << target;
    EXPECT_TRUE(abbreviates("", ""));
    EXPECT_TRUE(abbreviates("add", "add"));
}

TEST(Abbreviates, NeverAPartOfTheNumbersOrOfTheText)
{
    for (const char *target : {"", "v", "4", "420", "42_", "42.", " 42", "42 ", "v42_add", "42_1",
                               "v42_add_phone_", "V42_add_phone"})
        EXPECT_FALSE(abbreviates(target, "v42_add_phone")) << target;
    EXPECT_FALSE(abbreviates("20240115", "20240115_001_add_phone"));
    EXPECT_FALSE(abbreviates("", "add"));
    EXPECT_FALSE(abbreviates("add", "add_phone"));
}

} // namespace
} // namespace migrate
