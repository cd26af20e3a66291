// What statements before leave uncertain about those behind them.
// SPDX-License-Identifier: PostgreSQL
#include "core/doubts.h"

#include <gtest/gtest.h>

namespace migrate {
namespace {

using enum ActionKind;

Action on(ActionKind kind, const char *name, std::uint32_t id)
{
    Action action;
    action.kind = kind;
    action.relation.name = name;
    action.relation.id = id;
    action.relation.kind = RelationKind::table;
    action.unqualified = true;
    return action;
}

Action setting(const char *name, bool local = false)
{
    Action action;
    action.kind = set_setting;
    action.name = name;
    action.local = local;
    return action;
}

Doubts doubts_of(const DoubtsOfScript &script, Action action)
{
    std::vector<Action> actions{std::move(action)};
    script.settle(actions);
    return actions.front().relation.doubts;
}

TEST(Doubts, NoneAtFirst)
{
    const Doubts doubts = doubts_of({}, on(add_unique, "t", 7));
    EXPECT_FALSE(doubts.target || doubts.names || doubts.shape || doubts.watchers ||
                 doubts.partitions);
}

TEST(Doubts, ANewRelationOfTheNameHidesIt)
{
    DoubtsOfScript script;
    script.learn({}, {on(create_table, "elsewhere.t", 0)});
    EXPECT_TRUE(doubts_of(script, on(add_unique, "t", 7)).target);
    EXPECT_FALSE(doubts_of(script, on(add_unique, "other", 8)).target);
    Action qualified = on(add_unique, "t", 7);
    qualified.unqualified = false;
    EXPECT_FALSE(doubts_of(script, qualified).target);
}

TEST(Doubts, ARenamedTableDoesNotHideItself)
{
    DoubtsOfScript script;
    Action renames = on(rename_table, "a", 7);
    renames.new_name = "b";
    script.learn({}, {renames});
    EXPECT_FALSE(doubts_of(script, on(add_unique, "b", 7)).target);
    EXPECT_TRUE(doubts_of(script, on(add_unique, "b", 8)).target);
}

TEST(Doubts, WaysToLoseTheSearchPath)
{
    DoubtsOfScript plain;
    plain.learn({}, {setting("search_path")});
    EXPECT_FALSE(doubts_of(plain, on(add_unique, "t", 7)).target);
    Statement back;
    back.role = Role::savepoint;
    back.text = " ROLLBACK TO a";
    plain.learn(back, {});
    EXPECT_TRUE(doubts_of(plain, on(add_unique, "t", 7)).target);
    for (const Action &way :
         {setting("search_path", true), setting("role"), setting("session_authorization")}) {
        DoubtsOfScript script;
        script.learn({}, {way});
        EXPECT_TRUE(doubts_of(script, on(add_unique, "t", 7)).target) << way.name;
    }
    DoubtsOfScript reset;
    reset.learn({}, {setting("")});
    EXPECT_FALSE(doubts_of(reset, on(add_unique, "t", 7)).target);
    reset.learn({}, {setting("search_path")});
    reset.learn({}, {setting("")});
    EXPECT_TRUE(doubts_of(reset, on(add_unique, "t", 7)).target);
}

TEST(Doubts, NamesShapeAndWatchers)
{
    DoubtsOfScript script;
    script.learn({}, {on(drop_column, "t", 7), on(create_trigger, "u", 8)});
    const Doubts t = doubts_of(script, on(add_unique, "t", 7));
    EXPECT_TRUE(t.names && t.shape);
    EXPECT_FALSE(t.watchers);
    const Doubts u = doubts_of(script, on(add_unique, "u", 8));
    EXPECT_TRUE(u.watchers);
    EXPECT_FALSE(u.names || u.shape);
    Action cascade = on(drop_constraint, "v", 9);
    cascade.cascade = true;
    script.learn({}, {cascade});
    EXPECT_TRUE(doubts_of(script, on(add_unique, "u", 8)).names);
}

TEST(Doubts, MovedPartitions)
{
    DoubtsOfScript script;
    Action renames = on(rename_table, "p1", 7);
    renames.new_name = "p1_old";
    Action parent = on(add_unique, "p", 6);
    parent.relation.kind = RelationKind::partitioned_table;
    script.learn({}, {renames});
    EXPECT_FALSE(doubts_of(script, parent).partitions);
    renames.relation.is_partition = true;
    script.learn({}, {renames});
    EXPECT_TRUE(doubts_of(script, parent).partitions);
}

} // namespace
} // namespace migrate
