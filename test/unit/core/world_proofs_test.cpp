// What the statements before have proven of all rows, or no longer prove, without a server.
// SPDX-License-Identifier: PostgreSQL
#include "core/world.h"

#include <gtest/gtest.h>

namespace migrate {
namespace {

using enum ActionKind;

Action of(ActionKind kind, const std::string &name, std::uint32_t table = 1)
{
    Action action;
    action.kind = kind;
    action.relation.name = "orders";
    action.relation.id = table;
    action.relation.qualified = "public.orders";
    action.name = name;
    return action;
}

// SET NOT NULL of a column that the catalogs say is proven by the checks "filled" and "positive".
Action proven_column()
{
    Action action = of(set_not_null, "total");
    action.proven = true;
    action.proofs = {"filled", "positive"};
    return action;
}

bool is_proven_after(const std::vector<Action> &before, std::vector<Action> statement = {})
{
    World world;
    world.learn(before);
    statement.push_back(proven_column());
    world.settle(statement);
    return statement.back().proven;
}

TEST(WorldProofs, OneThatIsDroppedProvesNothing)
{
    EXPECT_TRUE(is_proven_after({}));
    EXPECT_TRUE(is_proven_after({of(drop_constraint, "other")}));
    EXPECT_TRUE(is_proven_after({of(drop_constraint, "filled")})) << "there is another one";
    EXPECT_FALSE(is_proven_after({of(drop_constraint, "filled"), of(drop_constraint, "positive")}));
    EXPECT_TRUE(
        is_proven_after({of(drop_constraint, "filled", 2), of(drop_constraint, "positive", 2)}))
        << "of another table";
}

TEST(WorldProofs, AStatementDropsFirst)
{
    EXPECT_FALSE(
        is_proven_after({}, {of(drop_constraint, "filled"), of(drop_constraint, "positive")}));
    EXPECT_FALSE(
        is_proven_after({of(drop_constraint, "filled")}, {of(drop_constraint, "positive")}));
}

TEST(WorldProofs, AColumnMayTakeThemAlong)
{
    EXPECT_FALSE(is_proven_after({of(drop_column, "price")}));
}

TEST(WorldProofs, AConditionIsProvenWhenItIsValidated)
{
    World world;
    Action check = of(add_check, "in_range");
    check.condition = " day >= 1 ";
    check.not_valid = true;
    const Relation table = check.relation;
    world.learn({check});
    EXPECT_FALSE(world.is_proven(table, "day >= 1"));
    world.learn({of(validate_constraint, "in_range")});
    EXPECT_TRUE(world.is_proven(table, "day >= 1"));
    EXPECT_FALSE(world.is_proven(table, "day >= 2"));
    EXPECT_FALSE(world.is_proven(table, ""));
    EXPECT_FALSE(world.is_proven(of(add_check, "", 2).relation, "day >= 1"));
    world.learn({of(drop_constraint, "in_range")});
    EXPECT_FALSE(world.is_proven(table, "day >= 1"));
}

} // namespace
} // namespace migrate
