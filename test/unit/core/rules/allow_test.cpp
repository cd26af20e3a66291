// What a script's author accepts, and the order of findings.
// SPDX-License-Identifier: PostgreSQL
#include "test/unit/core/rules/studies.h"

#include <set>

namespace migrate {
namespace {

using enum ActionKind;
using enum LockMode;

StudiedStatement drops(const std::string &column, const Relation &table = large())
{
    return statement("ALTER TABLE ...", {action(drop_column, table, column)},
                     {locks(table, access_exclusive)});
}

TEST(Allow, AcceptsOneRuleOfOneStatement)
{
    EXPECT_EQ(said(study({drops("a")}), "ban-drop-column"), "error 1");
    const Study s = study({allowing("ban-drop-column", drops("a")), drops("b")});
    EXPECT_EQ(said(s, "ban-drop-column"), "error 2");
    EXPECT_EQ(said(s, "unused-allow"), "");
    EXPECT_EQ(alarms(study({allowing("Ban-Drop-Column", drops("a"))})), "");
    const Study other = study({allowing("ban-drop-table", drops("a"))});
    EXPECT_EQ(said(other, "ban-drop-column"), "error 1");
    EXPECT_EQ(said(other, "unused-allow"), "warning 1");
}

TEST(Allow, NeedsNoReason)
{
    StudiedStatement s = drops("a");
    s.statement.directives.push_back(*read_directive("-- migrate:allow ban-drop-column"));
    EXPECT_EQ(alarms(study({s})), "");
}

TEST(Allow, OfTheWholeScriptStandsAnywhere)
{
    Study s = study({drops("a", small()), allowing("no-way-back", drops("b", small()))});
    s.options.has_down = false;
    EXPECT_EQ(said(s, "no-way-back"), "");
    EXPECT_EQ(said(s, "unused-allow"), "");
}

TEST(UnknownRule, SpeaksOfATypo)
{
    const Study s = study({allowing("ban-drop-colum", drops("a"))});
    EXPECT_EQ(said(s, "unknown-rule"), "warning 1");
    EXPECT_EQ(said(s, "unused-allow"), "");
    expect_words(s, "unknown-rule", {"\"ban-drop-colum\""});
}

TEST(UnusedAllow, IsTheSameOnSmallDatabases)
{
    for (const Relation &table : {small(), empty(), fresh()})
        EXPECT_EQ(alarms(study({allowing("ban-drop-column", drops("a", table))})), "");
    const StudiedStatement analyzes = statement("ANALYZE orders", {action(analyze, large())},
                                                {locks(large(), share_update_exclusive)});
    const Study s = study({allowing("ban-drop-column", analyzes)});
    EXPECT_EQ(said(s, "unused-allow"), "warning 1");
    expect_words(s, "unused-allow", {"\"ban-drop-column\"", "Remove the comment."});
}

TEST(UnusedAllow, KnowsStyleThatIsOff)
{
    Action a = action(add_column, large(), "c");
    a.type = "integer";
    EXPECT_EQ(alarms(study({allowing("prefer-bigint-over-int", statement("ALTER ...", {a}))})), "");
    EXPECT_EQ(said(styled(study({allowing("prefer-bigint-over-int", statement("ALTER ...", {a}))})),
                   "prefer-bigint-over-int"),
              "");
}

TEST(UnusedAllow, CanBeAllowed)
{
    const Study s = study({allowing("unused-allow", allowing("ban-drop-table", drops("a")))});
    EXPECT_EQ(said(s, "unused-allow"), "");
}

TEST(Findings, AreInTheOrderOfTheStatements)
{
    Study s = study({drops("a"), drops("b", small())});
    s.options.has_down = false;
    std::vector<int> numbers;
    for (const Finding &finding : lint(s))
        numbers.push_back(finding.number);
    EXPECT_EQ(numbers, (std::vector<int>{1, 2, 0, 0}));
    EXPECT_TRUE(lint(study({})).empty());
}

TEST(Rules, HaveIdsOfTheirOwn)
{
    std::set<std::string_view> ids;
    for (const rules::Rule &rule : rules::all()) {
        EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
        EXPECT_TRUE(rules::is_known(rule.id));
    }
    EXPECT_FALSE(rules::is_known("no-such-rule"));
    EXPECT_FALSE(rules::is_known(""));
}

// Each text is one line that begins in lower case, without a period at its end.
TEST(Findings, AreWrittenAsMessagesAre)
{
    Study s = study(
        {drops("a"), statement("CREATE INDEX i ON orders (a)", {action(create_index, large(), "i")},
                               {builds(large(), share, 40)})});
    s.options.has_down = false;
    for (const Finding &finding : lint(s)) {
        EXPECT_EQ(finding.message.find('\n'), std::string::npos);
        EXPECT_FALSE(finding.message.ends_with('.'));
        EXPECT_TRUE(finding.why.ends_with('.'));
        EXPECT_FALSE(finding.safe.empty());
    }
}

} // namespace
} // namespace migrate
