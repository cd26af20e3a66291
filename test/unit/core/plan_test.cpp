// Which statements go together, and which stand alone.
// SPDX-License-Identifier: PostgreSQL
#include "test/unit/core/plan_scripts.h"

namespace migrate {
namespace {

TEST(Plan, NothingIsNoStep)
{
    EXPECT_EQ(planned(script({})), "");
    EXPECT_EQ(planned({begin(), commit()}), "");
}

TEST(Plan, OneTransaction)
{
    EXPECT_EQ(planned({plain("a")}), "[a]");
    EXPECT_EQ(planned({plain("a"), plain("b"), plain("c")}), "[a; b; c]");
}

TEST(Plan, AloneSplitsTheGroup)
{
    EXPECT_EQ(planned({alone("x")}), "<x>");
    EXPECT_EQ(planned({plain("a"), plain("b"), alone("x"), plain("c")}), "[a; b] <x> [c]");
    EXPECT_EQ(planned({alone("x"), alone("y")}), "<x> <y>");
}

TEST(Plan, StatementsKeepTheirNumbersAndLines)
{
    const Script s = script({section({plain("a"), alone("x"), begin(), plain("b"), commit()})});
    const std::vector<Step> steps = plan_script("v1", s, DirectiveKind::up, facts());
    ASSERT_EQ(shape(steps), "[a] <x> {b}");
    EXPECT_EQ(steps[0].statements[0].number, 1);
    EXPECT_EQ(steps[1].statements[0].number, 2);
    EXPECT_EQ(steps[2].statements[0].number, 4);
    EXPECT_EQ(steps[2].statements[0].statement.line, 5);
}

TEST(Plan, WrittenBlocks)
{
    EXPECT_EQ(planned({begin(), plain("a"), plain("b"), commit()}), "{a; b}");
    EXPECT_EQ(planned({plain("a"), begin(), plain("b"), commit(), plain("c")}), "[a] {b} [c]");
    EXPECT_EQ(planned({begin(), plain("a"), commit(), begin(), plain("b"), commit()}), "{a} {b}");
    EXPECT_EQ(planned({begin(), plain("a"), commit(), alone("x")}), "{a} <x>");
}

TEST(Plan, SavepointsStayInTheirBlock)
{
    EXPECT_EQ(planned({plain("a"), role("SAVEPOINT s", Role::savepoint), plain("b"),
                       role("ROLLBACK TO s", Role::savepoint)}),
              "[a; SAVEPOINT s; b; ROLLBACK TO s]");
}

TEST(Plan, OptionsOfBegin)
{
    const std::pair<const char *, const char *> cases[] = {
        {"BEGIN", ""},
        {"begin work", ""},
        {"BEGIN TRANSACTION", ""},
        {"START TRANSACTION", ""},
        {"BEGIN ISOLATION LEVEL SERIALIZABLE", "ISOLATION LEVEL SERIALIZABLE"},
        {"begin work isolation level repeatable read", "isolation level repeatable read"},
        {"start transaction read write , deferrable", "read write , deferrable"},
        {"BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED", "ISOLATION LEVEL READ COMMITTED"},
    };
    for (const auto &[text, options] : cases) {
        const Script s = script({section({begin(text), plain("a"), commit(), plain("b")})});
        const std::vector<Step> steps = plan_script("v1", s, DirectiveKind::up, facts());
        ASSERT_EQ(shape(steps), "{a} [b]");
        EXPECT_EQ(steps[0].begin_options, options) << text;
        EXPECT_EQ(steps[1].begin_options, "") << text;
    }
}

TEST(Plan, TransactionNever)
{
    const TransactionMode never = TransactionMode::never;
    EXPECT_EQ(planned(script({section({plain("a"), plain("b")}, never)})), "[a] [b]");
    EXPECT_EQ(planned(script({section({plain("a"), alone("x"), plain("b")}, never)})),
              "[a] <x> [b]");
    EXPECT_EQ(planned(script({section({begin(), plain("a"), plain("b"), commit()}, never)})),
              "{a; b}");
}

TEST(Plan, TransactionAlways)
{
    const TransactionMode always = TransactionMode::always;
    EXPECT_EQ(planned(script({section({plain("a"), plain("b")}, always)})), "{a; b}");
    // The author insists: an added value is not split off, even if the server will refuse its use.
    EXPECT_EQ(planned(script({section({add_value("m", "x"), plain("use 'x'")}, always)})),
              "{ALTER TYPE m ADD VALUE 'x'; use 'x'}");
}

TEST(Plan, SectionsOfOneKind)
{
    const auto down = [](std::vector<Statement> statements) {
        return section(std::move(statements), TransactionMode::automatic, DirectiveKind::down);
    };
    const Script s = script({section({plain("a")}), down({plain("-a1"), plain("-a2")}),
                             section({plain("b")}), down({plain("-b")})});
    EXPECT_EQ(planned(s), "[a; b]");
    EXPECT_EQ(planned(s, 0, facts(), DirectiveKind::down), "[-b; -a1; -a2]");
    EXPECT_EQ(planned(s, 0, facts(), DirectiveKind::verify), "");
    // "after" counts in the order of running.
    EXPECT_EQ(planned(s, 1, facts(), DirectiveKind::down), "[-a1; -a2]");
}

TEST(Plan, SectionsWithAModeKeepToThemselves)
{
    const TransactionMode always = TransactionMode::always, never = TransactionMode::never;
    EXPECT_EQ(planned(script({section({plain("a")}, always), section({plain("b")}, always)})),
              "{a} {b}");
    EXPECT_EQ(planned(script({section({plain("a")}, always), section({plain("b")})})), "{a} [b]");
    EXPECT_EQ(planned(script({section({plain("a")}), section({plain("b")}, always)})), "[a] {b}");
    EXPECT_EQ(planned(script({section({plain("a")}), section({plain("b")}, never)})), "[a] [b]");
}

TEST(Plan, StatementsInOrder)
{
    const Script s = script({section({plain("a")}),
                             section({plain("-a")}, TransactionMode::always, DirectiveKind::down),
                             section({begin(), plain("b"), commit()}),
                             section({plain("-b")}, TransactionMode::never, DirectiveKind::down)});
    const auto texts = [&](DirectiveKind kind) {
        std::string all;
        for (const NumberedStatement &n : statements_in_order(s, kind))
            all += std::to_string(n.number) + ":" + n.statement.text + " ";
        return all;
    };
    EXPECT_EQ(texts(DirectiveKind::up), "1:a 2:BEGIN 3:b 4:COMMIT ");
    EXPECT_EQ(texts(DirectiveKind::down), "1:-b 2:-a ");
    EXPECT_EQ(texts(DirectiveKind::contract), "");
}

TEST(PlanEnum, SplitBeforeTheFirstUse)
{
    EXPECT_EQ(planned({plain("a"), add_value("m", "sad"), plain("b"), plain("use 'sad'")}),
              "[a; ALTER TYPE m ADD VALUE 'sad'; b] [use 'sad']");
    EXPECT_EQ(planned({add_value("m", "sad"), plain("b")}), "[ALTER TYPE m ADD VALUE 'sad'; b]");
    EXPECT_EQ(planned({plain("use 'sad'"), add_value("m", "sad")}),
              "[use 'sad'; ALTER TYPE m ADD VALUE 'sad']");
}

TEST(PlanEnum, SplitOnceForAllValues)
{
    EXPECT_EQ(
        planned({add_value("m", "x1"), add_value("m", "x2"), plain("use 'x2'"), plain("use 'x1'")}),
        "[ALTER TYPE m ADD VALUE 'x1'; ALTER TYPE m ADD VALUE 'x2'] [use 'x2'; use 'x1']");
}

TEST(PlanEnum, AllLabelsAtOnce)
{
    EXPECT_EQ(planned({add_value("m", "sad"), plain("SELECT ENUM_LAST(NULL::m)")}),
              "[ALTER TYPE m ADD VALUE 'sad'] [SELECT ENUM_LAST(NULL::m)]");
}

TEST(PlanEnum, UseInCopiedData)
{
    Statement copy = role("COPY t FROM STDIN", Role::copy_in);
    copy.copy = CopyData{"1\tsad\n", 3};
    EXPECT_EQ(planned({add_value("m", "sad"), copy}),
              "[ALTER TYPE m ADD VALUE 'sad'] [COPY t FROM STDIN]");
    copy.copy = CopyData{"1\tglad\n", 3};
    EXPECT_EQ(planned({add_value("m", "sad"), copy}),
              "[ALTER TYPE m ADD VALUE 'sad'; COPY t FROM STDIN]");
}

TEST(PlanEnum, TypeMadeInTheSameTransaction)
{
    const std::vector<Statement> statements = {create_enum("m"), add_value("m", "x"),
                                               plain("use 'x'")};
    const Script s = script({section(statements)});
    EXPECT_EQ(planned(s, 0, facts(false, false)),
              "[CREATE TYPE m AS ENUM (); ALTER TYPE m ADD VALUE 'x'] [use 'x']");
    EXPECT_EQ(planned(s, 0, facts(false, true)),
              "[CREATE TYPE m AS ENUM (); ALTER TYPE m ADD VALUE 'x'; use 'x']");
    // What stands alone between them ends the transaction in which the type is new.
    const Script broken =
        script({section({create_enum("m"), alone("c"), add_value("m", "x"), plain("use 'x'")})});
    EXPECT_EQ(planned(broken, 0, facts(false, true)),
              "[CREATE TYPE m AS ENUM ()] <c> [ALTER TYPE m ADD VALUE 'x'] [use 'x']");
}

TEST(PlanEnum, WrittenBlocksAreNotSplit)
{
    EXPECT_EQ(planned({begin(), add_value("m", "x"), plain("use 'x'"), commit()}),
              "{ALTER TYPE m ADD VALUE 'x'; use 'x'}");
}

TEST(PlanMaybe, TheServerDecides)
{
    for (const Alone why : {Alone::reindex_maybe, Alone::cluster_maybe, Alone::subscription_maybe,
                            Alone::procedure_maybe}) {
        const Script s = script({section({plain("a"), alone("x", why), plain("b")})});
        EXPECT_EQ(planned(s, 0, facts(false)), "[a; x; b]");
        EXPECT_EQ(planned(s, 0, facts(true)), "[a] <x> [b]");
    }
}

TEST(PlanMaybe, SettledInTheStep)
{
    const Script s = script({section({alone("x", Alone::procedure_maybe)})});
    EXPECT_EQ(
        plan_script("v1", s, DirectiveKind::up, facts(false))[0].statements[0].statement.alone,
        Alone::no);
    EXPECT_EQ(plan_script("v1", s, DirectiveKind::up, facts(true))[0].statements[0].statement.alone,
              Alone::procedure_maybe);
}

TEST(PlanMaybe, AskedWithWhatStandsBefore)
{
    std::vector<std::string> asked;
    PlanFacts f;
    f.stands_alone = [&](const Statement &s, const std::vector<const Statement *> &earlier) {
        std::string before;
        for (const Statement *e : earlier)
            before += e->text + " ";
        asked.push_back(s.text + " after " + before);
        return false;
    };
    planned(script({section({plain("a"), alone("certain"), begin(), plain("b"),
                             alone("x", Alone::procedure_maybe), commit()}),
                    section({alone("y", Alone::cluster_maybe)})}),
            0, f);
    EXPECT_EQ(asked, (std::vector<std::string>{"x after a certain BEGIN b ",
                                               "y after a certain BEGIN b x COMMIT "}));
}

TEST(PlanNames, Modes)
{
    EXPECT_EQ(name_of(Mode::transaction), "transaction");
    EXPECT_EQ(name_of(Mode::alone), "alone");
}

} // namespace
} // namespace migrate
