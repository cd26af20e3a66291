// When a statement is rewritten at all, and indexes.
// SPDX-License-Identifier: PostgreSQL
#include "cases.h"

namespace migrate::online {
namespace {

TEST(Online, LeavesAloneWhatDoesNotBlock)
{
    StudiedStatement light = alter_table({check()});
    light.effects[0].scans = false;
    EXPECT_EQ(runs(light), Texts{});
    light = alter_table({check()});
    light.effects[0].lock = LockMode::share_update_exclusive;
    EXPECT_EQ(runs(light), Texts{});
    light = alter_table({check()});
    light.work_bytes = small_table;
    EXPECT_EQ(runs(light), Texts{});
    EXPECT_EQ(runs(light, Mode::always).size(), 2u);
}

TEST(Online, CanBeOff)
{
    EXPECT_EQ(runs(alter_table({check()}), Mode::off), Texts{});
    EXPECT_EQ(runs(heavy("CREATE INDEX", {create_index_on()}), Mode::off), Texts{});
}

TEST(Online, LeavesAloneWhatNobodyUses)
{
    for (const bool temporary : {false, true}) {
        Action action = check();
        Action made = create_index_on();
        action.relation.is_new = made.relation.is_new = !temporary;
        action.relation.is_temporary = made.relation.is_temporary = temporary;
        EXPECT_EQ(runs(alter_table({action}), Mode::always), Texts{});
        EXPECT_EQ(runs(heavy("CREATE INDEX", {made}), Mode::always), Texts{});
    }
    Action missing = check();
    missing.relation.id = 0;
    EXPECT_EQ(runs(alter_table({missing}), Mode::always), Texts{});
}

TEST(Online, LeavesAloneWhatIsRefused)
{
    StudiedStatement refused = alter_table({check()});
    refused.refused = true;
    EXPECT_EQ(runs(refused, Mode::always), Texts{});
}

TEST(OnlineIndex, IsBuiltConcurrently)
{
    const std::vector<Part> found = parts(heavy("CREATE INDEX", {create_index_on()}));
    EXPECT_EQ(texts(found), Texts{"CREATE INDEX CONCURRENTLY by_day ON orders (day)"});
    EXPECT_EQ(found[0].undo, Texts{"DROP INDEX CONCURRENTLY IF EXISTS public.by_day"});
    EXPECT_EQ(found[0].bad_rows, "");
}

TEST(OnlineIndex, TellsDuplicateRows)
{
    Action unique = create_index_on();
    unique.unique = true;
    const auto bad_rows = [&] { return parts(heavy("CREATE INDEX", {unique}))[0].bad_rows; };
    EXPECT_EQ(bad_rows(), "SELECT day, count(*) FROM public.orders WHERE day IS NOT NULL GROUP BY "
                          "day HAVING count(*) > 1");
    unique.nulls_not_distinct = true;
    EXPECT_EQ(bad_rows(),
              "SELECT day, count(*) FROM public.orders GROUP BY day HAVING count(*) > 1");
    unique.has_condition = true;
    EXPECT_EQ(bad_rows(), "");
    unique.has_condition = false;
    unique.columns = {""};
    EXPECT_EQ(bad_rows(), "");
}

TEST(OnlineIndex, Exceptions)
{
    Action action = create_index_on();
    const auto count = [&] { return parts(heavy("CREATE INDEX", {action}), Mode::always).size(); };
    EXPECT_EQ(count(), 1u);
    action.concurrently = true;
    EXPECT_EQ(count(), 0u);
    action = create_index_on();
    action.if_exists = action.already_so = true;
    EXPECT_EQ(count(), 0u);
    action.left_invalid = true;
    EXPECT_EQ(count(), 1u);
    action = create_index_on(partitioned());
    EXPECT_EQ(count(), 1u);
    action.only = true;
    EXPECT_EQ(count(), 0u);
    action = create_index_on();
    action.relation.kind = RelationKind::materialized_view;
    EXPECT_EQ(count(), 1u);
    action.relation.kind = RelationKind::foreign_table;
    EXPECT_EQ(count(), 0u);
}

TEST(OnlineIndex, IsDroppedConcurrently)
{
    Action action = of(drop_index, "", index());
    action.definition = "DROP INDEX CONCURRENTLY by_day";
    const auto count = [&] { return parts(heavy("DROP INDEX", {action}), Mode::always).size(); };
    EXPECT_EQ(runs(heavy("DROP INDEX", {action})), Texts{action.definition});
    EXPECT_EQ(parts(heavy("DROP INDEX", {action}))[0].undo, Texts{});
    EXPECT_EQ(runs(heavy("DROP INDEX", {action, action}), Mode::always), Texts{}); // several
    const Action plain = action;
    action.cascade = true;
    EXPECT_EQ(count(), 0u);
    action = plain;
    action.using_index = true; // of a constraint: the server refuses it
    EXPECT_EQ(count(), 0u);
    action = plain;
    action.relation.is_partition = true;
    EXPECT_EQ(count(), 0u);
    action = plain;
    action.relation.kind = RelationKind::partitioned_index;
    EXPECT_EQ(count(), 0u);
}

TEST(OnlineIndex, IsBuiltAnewConcurrently)
{
    Action action = of(reindex, "", index());
    action.object_type = "index";
    action.definition = "REINDEX INDEX CONCURRENTLY by_day";
    EXPECT_EQ(runs(heavy("REINDEX", {action})), Texts{action.definition});
    action.has_exclusion = true;
    EXPECT_EQ(runs(heavy("REINDEX", {action}), Mode::always), Texts{});
    action.has_exclusion = false;
    for (const char *type : {"schema", "database"}) {
        action.object_type = type;
        EXPECT_EQ(runs(heavy("REINDEX", {action}), Mode::always), Texts{}) << type;
    }
}

} // namespace
} // namespace migrate::online
