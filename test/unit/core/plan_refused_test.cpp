// Planning what is left of a script that ran in part, and what no migration can hold.
// SPDX-License-Identifier: PostgreSQL
#include "test/unit/core/plan_scripts.h"

namespace migrate {
namespace {

TEST(PlanResume, LeavesOutWhatHasBeenRun)
{
    const std::vector<Statement> statements = {plain("a"), alone("x"), plain("b"), plain("c")};
    EXPECT_EQ(planned(statements, 1), "<x> [b; c]");
    EXPECT_EQ(planned(statements, 2), "[b; c]");
    EXPECT_EQ(planned(statements, 4), "");
    EXPECT_EQ(planned(statements, 100), "");
}

TEST(PlanResume, WrittenBlocksAreLeftOutWhole)
{
    // 1 a, 2 BEGIN, 3 b, 4 c, 5 COMMIT, 6 d
    const std::vector<Statement> statements = {plain("a"), begin(),  plain("b"),
                                               plain("c"), commit(), plain("d")};
    EXPECT_EQ(planned(statements, 0), "[a] {b; c} [d]");
    EXPECT_EQ(planned(statements, 1), "{b; c} [d]");
    // The last statement of the block is what a finished step ends with: its COMMIT goes as well.
    EXPECT_EQ(planned(statements, 4), "[d]");
    EXPECT_EQ(planned(statements, 5), "[d]");
    EXPECT_EQ(planned(statements, 6), "");
}

TEST(PlanResume, AtASecondBlock)
{
    // 1 BEGIN, 2 a, 3 COMMIT, 4 BEGIN, 5 b, 6 COMMIT
    const std::vector<Statement> statements = {begin(), plain("a"), commit(),
                                               begin(), plain("b"), commit()};
    EXPECT_EQ(planned(statements, 2), "{b}");
    EXPECT_EQ(planned(statements, 3), "{b}");
    EXPECT_EQ(planned(statements, 5), "");
}

TEST(PlanResume, BlocksKeepTheirOptions)
{
    const Script s = script(
        {section({plain("a"), begin("BEGIN ISOLATION LEVEL SERIALIZABLE"), plain("b"), commit()})});
    const std::vector<Step> steps = plan_script("v1", s, DirectiveKind::up, facts(), 1);
    ASSERT_EQ(shape(steps), "{b}");
    EXPECT_EQ(steps[0].begin_options, "ISOLATION LEVEL SERIALIZABLE");
}

TEST(PlanResume, NumbersGoOn)
{
    const Script s = script({section({plain("a"), alone("x"), plain("b")})});
    const std::vector<Step> steps = plan_script("v1", s, DirectiveKind::up, facts(), 2);
    ASSERT_EQ(steps.size(), 1U);
    EXPECT_EQ(steps[0].statements[0].number, 3);
}

TEST(PlanResume, AcrossSections)
{
    const Script s = script({section({plain("a")}, TransactionMode::always),
                             section({plain("b"), alone("x"), plain("c")})});
    EXPECT_EQ(planned(s, 1), "[b] <x> [c]");
    EXPECT_EQ(planned(s, 3), "[c]");
}

TEST(PlanResume, AnAddedValueIsCommitted)
{
    EXPECT_EQ(planned({add_value("m", "x"), plain("use 'x'"), plain("b")}, 1), "[use 'x'; b]");
}

struct Refusal
{
    std::vector<Statement> statements;
    const char *sqlstate, *message;
    int number;
};

TEST(PlanRefusals, StateMessageAndPlace)
{
    const Refusal cases[] = {
        {{plain("a"), role("PREPARE TRANSACTION 'p'", Role::prepare_transaction)},
         "0A000",
         "PREPARE TRANSACTION cannot be used in a migration",
         2},
        {{role("COPY t TO STDOUT", Role::copy_out)},
         "0A000",
         "COPY TO STDOUT cannot be used in a migration",
         1},
        {{role("LISTEN c", Role::listen)}, "0A000", "LISTEN cannot be used in a migration", 1},
        {{begin(), plain("a"), role("ROLLBACK", Role::rollback)},
         "0A000",
         "ROLLBACK cannot be used in a migration",
         3},
        {{begin(), plain("a"), role("COMMIT AND CHAIN", Role::commit, "chain")},
         "0A000",
         "COMMIT AND CHAIN cannot be used in a migration",
         3},
        {{begin(), plain("a"), begin()}, "25001", "there is already a transaction in progress", 3},
        {{begin(), alone("VACUUM t", Alone::maintenance), commit()},
         "25001",
         "VACUUM cannot run inside a transaction block",
         2},
        {{plain("a"), commit()}, "25P01", "there is no transaction in progress", 2},
        {{begin(), plain("a"), commit(), commit()},
         "25P01",
         "there is no transaction in progress",
         4},
        {{plain("a"), begin(), plain("b")}, "25P01", "the transaction is not ended", 2},
    };
    for (const Refusal &c : cases) {
        const Error error = refusal(c.statements);
        EXPECT_EQ(error.sqlstate, c.sqlstate) << c.message;
        EXPECT_EQ(error.message, c.message);
        const std::string number = std::to_string(c.number);
        EXPECT_EQ(error.context, "migration \"v1\", statement " + number + ", line " +
                                     std::to_string(c.number + 1));
        EXPECT_TRUE(error.detail.empty() || error.detail.ends_with('.')) << error.detail;
        EXPECT_TRUE(error.hint.empty() || error.hint.ends_with('.')) << error.hint;
    }
}

TEST(PlanRefusals, AloneUnderTransactionAlways)
{
    const Error error =
        refusal(script({section({plain("a"), alone("VACUUM t")}, TransactionMode::always)}));
    EXPECT_EQ(error.sqlstate, "25001");
    EXPECT_EQ(error.message, "VACUUM cannot run inside a transaction block");
    EXPECT_EQ(error.detail, "The section says transaction:always.");
}

TEST(PlanRefusals, MaybeAloneInsideABlock)
{
    const Script s =
        script({section({begin(), alone("CALL p()", Alone::procedure_maybe), commit()})});
    EXPECT_EQ(planned(s, 0, facts(false)), "{CALL p()}");
    EXPECT_EQ(refusal(s, 0, facts(true)).sqlstate, "25001");
}

TEST(PlanRefusals, SectionsDoNotShareABlock)
{
    EXPECT_EQ(
        refusal(script({section({begin(), plain("a")}), section({plain("b"), commit()})})).sqlstate,
        "25P01");
}

TEST(PlanRefusals, AlsoInWhatHasBeenRun)
{
    EXPECT_EQ(
        refusal(script({section({role("ROLLBACK", Role::rollback), plain("a")})}), 1).sqlstate,
        "0A000");
}

} // namespace
} // namespace migrate
