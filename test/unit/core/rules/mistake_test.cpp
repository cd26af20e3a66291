// What fails, or is not what its author sees.
// SPDX-License-Identifier: PostgreSQL
#include "test/unit/core/rules/studies.h"

namespace migrate {
namespace {

using enum ActionKind;

TEST(BanDuplicateColumnAssignments, SpeaksOfTheSecond)
{
    const auto sets = [](ActionKind kind, std::vector<std::string> columns) {
        Action a = action(kind, large());
        a.by_key = true;
        a.columns = std::move(columns);
        return study({statement("UPDATE orders SET ...", {a})});
    };
    EXPECT_EQ(said(sets(update, {"a", "b", "a"}), "ban-duplicate-column-assignments"), "error 1");
    EXPECT_EQ(said(sets(insert, {"a", "a"}), "ban-duplicate-column-assignments"), "error 1");
    expect_words(sets(update, {"a", "a"}), "ban-duplicate-column-assignments",
                 {"column \"a\" of orders is assigned twice"});
    EXPECT_EQ(alarms(sets(update, {"a", "A", "b"})), "");
    EXPECT_EQ(alarms(sets(update, {})), "");
}

std::string length_verdict(const std::string &text)
{
    return said(study({statement(text, {})}), "identifier-too-long");
}

TEST(IdentifierTooLong, MeasuresNamesInBytes)
{
    const std::string fits(63, 'a'), cut(64, 'a'),
        umlauts = "\"" + std::string(32, 'x') + "\xc3\xa4";
    EXPECT_EQ(length_verdict("create table " + fits + " ( )"), "");
    EXPECT_EQ(length_verdict("create table " + cut + " ( )"), "warning 1");
    EXPECT_EQ(length_verdict("create table \"" + fits + "\" ( )"), "");
    EXPECT_EQ(length_verdict("create table \"" + cut + "\" ( )"), "warning 1");
    // A doubled quote is one character of the name.
    EXPECT_EQ(length_verdict("create table \"" + std::string(62, 'a') + "\"\"\" ( )"), "");
    std::string many;
    for (int i = 0; i < 32; i++)
        many += "\xc3\xa4";
    EXPECT_EQ(length_verdict("create table " + many + " ( )"), "warning 1");
    expect_words(study({statement("create table " + cut + " ( )", {})}), "identifier-too-long",
                 {cut, "63 bytes"});
}

TEST(IdentifierTooLong, LooksAtNamesOnly)
{
    const std::string cut(64, 'a');
    EXPECT_EQ(length_verdict("select '" + cut + "'"), "");
    EXPECT_EQ(length_verdict("select 'it''s " + cut + "'"), "");
    EXPECT_EQ(length_verdict("select e'it\\'s " + cut + "' , 1"), "");
    EXPECT_EQ(length_verdict("do $$ " + cut + " $$"), "");
    EXPECT_EQ(length_verdict("do $body$ " + cut + " $$ $body$"), "");
    EXPECT_EQ(length_verdict("select 'open " + cut), "");
    EXPECT_EQ(length_verdict("select $1 , " + cut), "warning 1");
    EXPECT_EQ(length_verdict("select " + std::string(64, '1')), "");
    EXPECT_EQ(length_verdict(""), "");
}

TEST(UndefinedTable, SpeaksOfEach)
{
    StudiedStatement s = statement("INSERT INTO a SELECT * FROM b", {action(insert)});
    s.unknown_relations = {"a", "app.b"};
    EXPECT_EQ(said(study({s}), "undefined-table"), "warning 1, warning 1");
    expect_words(study({s}), "undefined-table", {"relation app.b does not exist"});
    s.unknown_relations.clear();
    EXPECT_EQ(alarms(study({s})), "");
}

TEST(CannotInspect, IsInformation)
{
    StudiedStatement s = statement("CALL clean()", {action(call)});
    s.statement.tag = "CALL";
    EXPECT_EQ(said(study({s}), "cannot-inspect"), "");
    s.opaque = true;
    EXPECT_EQ(said(study({s}), "cannot-inspect"), "info 1");
    EXPECT_EQ(alarms(study({s})), "");
}

} // namespace
} // namespace migrate
