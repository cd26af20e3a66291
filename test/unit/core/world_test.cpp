// What a script will have made when a statement's turn comes, without a server.
// SPDX-License-Identifier: PostgreSQL
#include "core/world.h"

#include <gtest/gtest.h>

namespace migrate {
namespace {

using enum ActionKind;

// What the catalogs do not have.
Relation missing(const std::string &name)
{
    Relation relation;
    relation.name = name;
    return relation;
}

Relation there(std::uint32_t id, const std::string &name)
{
    Relation relation = missing(name);
    relation.id = id;
    relation.qualified = "public." + name;
    relation.kind = RelationKind::table;
    return relation;
}

Action of(ActionKind kind, const Relation &relation, const std::string &name = "")
{
    Action action;
    action.kind = kind;
    action.relation = relation;
    action.name = name;
    return action;
}

Action if_exists(Action action, bool already_so)
{
    action.if_exists = true;
    action.already_so = already_so;
    return action;
}

Action settled(const World &world, const Action &action)
{
    std::vector<Action> actions = {action};
    world.settle(actions);
    return actions.front();
}

bool is_new(const World &world, const std::string &name)
{
    return settled(world, of(select, missing(name))).relation.is_new;
}

TEST(World, KnowsWhatTheScriptMade)
{
    World world;
    EXPECT_FALSE(is_new(world, "users"));
    Action table = of(create_table, missing("users"));
    table.relation.kind = RelationKind::partitioned_table;
    world.learn({table});
    world.learn({of(create_view, missing("seen")), of(create_sequence, missing("app.ids")),
                 of(create_materialized_view, missing("sums")),
                 of(create_table_as, missing("copies"))});
    for (const char *name :
         {"users", "public.users", "seen", "app.ids", "sums", "public.sums", "copies"})
        EXPECT_TRUE(is_new(world, name)) << name;
    for (const char *name : {"app.users", "ids", "public.ids", "\"users.x\""})
        EXPECT_FALSE(is_new(world, name)) << name;
    const Relation users = settled(world, of(select, missing("public.users"))).relation;
    EXPECT_EQ(users.kind, RelationKind::partitioned_table);
    EXPECT_EQ(users.name, "public.users");
}

TEST(World, LooksAtEveryRelationOfAnAction)
{
    World world;
    world.learn({of(create_table, missing("users"))});
    Action action = of(add_foreign_key, there(7, "orders"));
    action.referenced = action.partition = missing("users");
    action.reads = {missing("users"), there(8, "lines")};
    const Action found = settled(world, action);
    EXPECT_FALSE(found.relation.is_new);
    EXPECT_TRUE(found.referenced.is_new);
    EXPECT_TRUE(found.partition.is_new);
    EXPECT_TRUE(found.reads[0].is_new);
    EXPECT_FALSE(found.reads[1].is_new);
}

TEST(World, TakesNothingOfTheCatalogsForNew)
{
    World world;
    world.learn({of(create_table, there(7, "users"))}); // IF NOT EXISTS
    EXPECT_FALSE(settled(world, of(select, there(7, "users"))).relation.is_new);
    EXPECT_FALSE(is_new(world, "users"));
}

TEST(World, FollowsTheSearchPath)
{
    World world({"app", "public"});
    world.learn({of(create_table, missing("users"))});
    world.learn({of(create_table, missing("public.orders"))});
    EXPECT_TRUE(is_new(world, "app.users"));
    EXPECT_TRUE(is_new(world, "orders"));
    world.set_search_path({"public", "app"});
    EXPECT_TRUE(is_new(world, "users"));
    world.set_search_path({"public"});
    EXPECT_FALSE(is_new(world, "users"));
    EXPECT_TRUE(is_new(world, "app.users"));
    world.set_search_path({});
    EXPECT_FALSE(is_new(world, "users"));
}

TEST(World, KnowsNewSchemas)
{
    World world;
    world.learn({of(create_schema, {}, "Sales")});
    EXPECT_EQ(world.new_schemas(), std::set<std::string>{"\"Sales\""});
    Action drop = of(drop_other, {}, "\"Sales\"");
    drop.object_type = "schema";
    EXPECT_TRUE(settled(world, drop).relation.is_new);
    world.learn({drop});
    EXPECT_TRUE(world.new_schemas().empty());
}

TEST(World, FollowsWhatItMadeUnderANewName)
{
    World world;
    world.learn({of(create_table, missing("users"))});
    world.learn({of(add_column, missing("users"), "email")});
    Action rename = of(rename_table, settled(world, of(select, missing("users"))).relation);
    rename.new_name = "People";
    rename.quoted_new_name = "\"People\"";
    world.learn({rename});
    EXPECT_FALSE(is_new(world, "users"));
    EXPECT_TRUE(is_new(world, "\"People\""));
    EXPECT_TRUE(world.has_new_column(missing("\"People\""), "email"));
    Action move = of(set_schema, settled(world, of(select, missing("\"People\""))).relation);
    move.new_name = "Odd.Schema";
    world.learn({move});
    EXPECT_FALSE(is_new(world, "\"People\""));
    EXPECT_TRUE(is_new(world, "\"Odd.Schema\".\"People\""));
}

TEST(World, FollowsATableIntoANewSchema)
{
    World world;
    world.learn({of(create_schema, {}, "archive")});
    Action move = of(set_schema, there(7, "users"));
    move.new_name = "archive";
    world.learn({move});
    const Relation users = settled(world, of(select, missing("archive.users"))).relation;
    EXPECT_EQ(users.id, 7u);
    EXPECT_EQ(users.qualified, "archive.users");
    EXPECT_TRUE(users.is_renamed);
    EXPECT_FALSE(users.is_new);
}

TEST(World, ForgetsWhatIsDropped)
{
    World world;
    world.learn({of(create_table, missing("users"))});
    const Action drop = if_exists(of(drop_table, missing("users")), true);
    EXPECT_FALSE(settled(world, drop).already_so);
    EXPECT_TRUE(settled(world, drop).relation.is_new);
    world.learn({settled(world, drop)});
    EXPECT_TRUE(settled(world, drop).already_so);
    EXPECT_FALSE(is_new(world, "users"));
}

TEST(World, KeepsATableWhosePartIsDropped)
{
    World world;
    world.learn({of(create_table, missing("users"))});
    Action drop = of(drop_other, missing("users"), "users.changed");
    drop.object_type = "trigger";
    world.learn({drop});
    EXPECT_TRUE(is_new(world, "users"));
}

TEST(World, KnowsIndexes)
{
    World world;
    Action index = of(create_index, there(7, "users"), "by_email");
    index.schema = "public";
    world.learn({index});
    EXPECT_TRUE(settled(world, of(drop_index, missing("by_email"))).relation.is_new);
    EXPECT_TRUE(settled(world, if_exists(index, false)).already_so);
    index.name.clear();
    index.chosen_name = "users_email_idx";
    world.learn({index});
    EXPECT_TRUE(is_new(world, "public.users_email_idx"));
    // of a table that the catalogs do not have either
    world.learn({of(create_index, missing("app.orders"), "by_day")});
    EXPECT_TRUE(is_new(world, "app.by_day"));
}

TEST(World, KnowsWhatComesWithATable)
{
    World world;
    const Relation users = missing("app.\"Users\"");
    Action id = of(add_column, users, "id");
    id.serial = true;
    Action unique = of(add_unique, users);
    unique.columns = {"a", "b"};
    Action index = of(create_index, users);
    index.columns = {"", "c"};
    world.learn({of(create_table, users), id, of(add_primary_key, users), unique});
    world.learn({index});
    for (const char *name : {"app.\"Users_id_seq\"", "app.\"Users_pkey\"", "app.\"Users_a_b_key\"",
                             "app.\"Users_expr_c_idx\""})
        EXPECT_TRUE(is_new(world, name)) << name;
    EXPECT_FALSE(is_new(world, "\"Users_pkey\""));
}

TEST(World, TakesAlreadySoForWhatItWillBe)
{
    World world;
    const Relation users = there(7, "users");
    const Action add = if_exists(of(add_column, users, "email"), false);
    const Action drop = if_exists(of(drop_column, users, "email"), true);
    const Action drop_check = if_exists(of(drop_constraint, users, "named"), true);
    EXPECT_TRUE(settled(world, drop).already_so);
    world.learn({add, of(add_check, users, "named")});
    EXPECT_TRUE(settled(world, add).already_so);
    EXPECT_FALSE(settled(world, drop).already_so);
    EXPECT_FALSE(settled(world, drop_check).already_so);
    world.learn({drop, drop_check});
    EXPECT_FALSE(settled(world, add).already_so);
    EXPECT_TRUE(settled(world, drop).already_so);
    EXPECT_TRUE(settled(world, drop_check).already_so);
    // A new column proves nothing, whatever is said of one that is not there.
    Action required = of(set_not_null, users, "phone");
    world.learn({of(add_column, users, "phone")});
    required.proven = true;
    EXPECT_FALSE(settled(world, required).proven);
    // The catalogs still have what was dropped.
    EXPECT_FALSE(settled(world, if_exists(of(add_column, users, "email"), true)).already_so);
    EXPECT_TRUE(settled(world, if_exists(of(add_column, users, "name"), true)).already_so);
    const Action again = if_exists(of(create_table, missing("orders")), false);
    EXPECT_FALSE(settled(world, again).already_so);
    world.learn({again});
    EXPECT_TRUE(settled(world, again).already_so);
}

TEST(World, KnowsColumns)
{
    World world;
    const Relation users = there(7, "users");
    EXPECT_FALSE(world.has_new_column(users, "email"));
    world.learn({of(add_column, users, "email")});
    EXPECT_TRUE(world.has_new_column(users, "email"));
    EXPECT_TRUE(world.has_new_column(there(7, "people"), "email"));
    EXPECT_FALSE(world.has_new_column(there(8, "users"), "email"));
    Action rename = of(rename_column, users, "email");
    rename.new_name = "address";
    world.learn({rename});
    EXPECT_FALSE(world.has_new_column(users, "email"));
    EXPECT_TRUE(world.has_new_column(users, "address"));
    world.learn({of(drop_column, users, "address")});
    EXPECT_FALSE(world.has_new_column(users, "address"));
}

TEST(World, KnowsWhatIsNotNull)
{
    World world;
    const Relation users = there(7, "users");
    Action column = of(add_column, users, "a");
    column.not_null = true;
    Action key = of(add_primary_key, users, "users_pkey");
    key.columns = {"c", "d"};
    world.learn({column, of(set_not_null, users, "b"), key});
    for (const char *name : {"a", "b", "c", "d"})
        EXPECT_TRUE(world.is_proven_not_null(users, name)) << name;
    EXPECT_FALSE(world.is_proven_not_null(users, "e"));
    EXPECT_FALSE(world.is_proven_not_null(there(8, "orders"), "a"));
    EXPECT_TRUE(settled(world, of(set_not_null, users, "b")).already_so);
    world.learn({of(drop_not_null, users, "b")});
    EXPECT_FALSE(world.is_proven_not_null(users, "b"));
    Action again = of(set_not_null, users, "b");
    again.already_so = again.proven = true; // as the catalogs say
    EXPECT_FALSE(settled(world, again).already_so);
    EXPECT_FALSE(settled(world, again).proven);
}

TEST(World, KnowsWhatAValidCheckProves)
{
    World world;
    const Relation users = there(7, "users");
    Action check = of(add_check, users, "filled");
    check.columns = {"email"};
    check.condition = "email IS NOT NULL";
    check.not_valid = true;
    world.learn({check});
    EXPECT_FALSE(world.is_proven_not_null(users, "email"));
    EXPECT_TRUE(world.is_unproven_constraint(users, "filled"));
    world.learn({of(validate_constraint, users, "filled")});
    EXPECT_TRUE(world.is_proven_not_null(users, "email"));
    EXPECT_FALSE(world.is_unproven_constraint(users, "filled"));
    world.learn({of(drop_constraint, users, "filled")});
    EXPECT_FALSE(world.is_proven_not_null(users, "email"));
}

TEST(World, TakesNoOtherCheckForOne)
{
    World world;
    const Relation users = there(7, "users");
    Action check = of(add_check, users, "filled");
    check.columns = {"email"};
    check.condition = "length(email) > 3 OR email IS NOT NULL";
    world.learn({check});
    EXPECT_FALSE(world.is_proven_not_null(users, "email"));
    check.columns = {"email", "name"};
    check.condition = "email IS NOT NULL";
    world.learn({check});
    EXPECT_FALSE(world.is_proven_not_null(users, "email"));
}

TEST(World, KnowsConstraintsThatAreNotValid)
{
    World world;
    const Relation users = there(7, "users");
    for (const ActionKind kind : {add_check, add_foreign_key, add_not_null}) {
        Action constraint = of(kind, users);
        constraint.chosen_name = "chosen";
        constraint.not_valid = true;
        EXPECT_FALSE(world.is_unproven_constraint(users, "chosen"));
        world.learn({constraint});
        EXPECT_TRUE(world.is_unproven_constraint(users, "chosen"));
        world.learn({of(drop_constraint, users, "chosen")});
    }
}

TEST(World, KnowsTypesAndFunctions)
{
    World world;
    Action drop = if_exists(of(drop_other, {}, "mood"), true);
    drop.object_type = "type";
    EXPECT_TRUE(settled(world, drop).already_so);
    world.learn({of(create_enum, {}, "mood"), of(create_function, {}, "app.twice")});
    EXPECT_TRUE(settled(world, of(rename_enum_value, {}, "mood")).relation.is_new);
    EXPECT_TRUE(settled(world, of(add_enum_value, {}, "public.mood")).relation.is_new);
    EXPECT_FALSE(settled(world, of(add_enum_value, {}, "app.mood")).relation.is_new);
    EXPECT_TRUE(settled(world, drop).relation.is_new);
    EXPECT_FALSE(settled(world, drop).already_so);
    Action function = of(drop_other, {}, "app.twice");
    function.object_type = "function";
    EXPECT_TRUE(settled(world, function).relation.is_new);
    world.learn({drop, function});
    EXPECT_FALSE(settled(world, drop).relation.is_new);
    EXPECT_FALSE(settled(world, function).relation.is_new);
}

TEST(World, FollowsATypeUnderANewName)
{
    World world;
    world.learn({of(create_domain, {}, "code")});
    Action rename = of(rename_other, {}, "code");
    rename.object_type = "domain";
    rename.new_name = rename.quoted_new_name = "codes";
    world.learn({rename});
    EXPECT_FALSE(settled(world, of(domain_constraint, {}, "code")).relation.is_new);
    EXPECT_TRUE(settled(world, of(domain_constraint, {}, "codes")).relation.is_new);
    Action move = of(set_schema, {}, "codes");
    move.object_type = "domain";
    move.new_name = "app";
    world.learn({move});
    EXPECT_TRUE(settled(world, of(domain_constraint, {}, "app.codes")).relation.is_new);
}

TEST(World, AReplacedFunctionMayHaveBeenThere)
{
    World world;
    Action function = of(create_function, {}, "twice");
    function.replaces = true;
    world.learn({function});
    Action drop = of(drop_other, {}, "twice");
    drop.object_type = "function";
    EXPECT_FALSE(settled(world, drop).relation.is_new);
}

} // namespace
} // namespace migrate
