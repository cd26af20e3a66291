// What a script will have made of the types of columns, and which code, without a server.
// SPDX-License-Identifier: PostgreSQL
#include "core/world.h"

#include <gtest/gtest.h>

namespace migrate {
namespace {

using enum ActionKind;

Relation there(std::uint32_t id, const std::string &name)
{
    Relation relation;
    relation.name = name;
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

Action key_of_orders()
{
    Action key = of(add_foreign_key, there(1, "orders"));
    key.referenced = there(2, "users");
    key.columns = {"buyer"};
    key.referenced_columns = {"id"};
    key.column_types = {"integer"};
    key.referenced_types = {"bigint"};
    return key;
}

std::string mismatch(const World &world, std::vector<Action> before = {})
{
    before.push_back(key_of_orders());
    world.settle(before);
    return before.back().mismatched_type;
}

TEST(WorldTypes, KnowsTheTypesOfColumnsThatWereChanged)
{
    Action widen = of(alter_type, there(1, "orders"), "buyer");
    widen.type = "bigint";
    World world;
    EXPECT_EQ(mismatch(world), "buyer integer, id bigint");
    EXPECT_EQ(mismatch(world, {widen}), "");
    world.learn({widen});
    EXPECT_EQ(mismatch(world), "");
    Action other = of(alter_type, there(2, "users"), "id");
    other.type = "numeric";
    world.learn({other});
    EXPECT_EQ(mismatch(world), "buyer bigint, id numeric");
    Action renamed = of(rename_column, there(1, "orders"), "buyer");
    renamed.new_name = "client";
    world.learn({renamed});
    EXPECT_EQ(mismatch(world), "buyer integer, id numeric");
}

TEST(WorldCode, KnowsWhatWasMade)
{
    World world({"app", "public"});
    Action code = of(create_function, {}, "f"), plain = of(create_function, {}, "public.g");
    code.default_kind = DefaultKind::volatile_;
    plain.default_kind = DefaultKind::constant;
    world.learn({code, plain});
    EXPECT_TRUE(world.is_new_code("f"));
    EXPECT_TRUE(world.is_new_code("app.f"));
    EXPECT_FALSE(world.is_new_code("public.f"));
    EXPECT_FALSE(world.is_new_code("g"));
}

} // namespace
} // namespace migrate
