// Data that is lost: never without a word in a way up, never a word too much in a way down.
// SPDX-License-Identifier: PostgreSQL
#include "test/unit/core/rules/studies.h"

namespace migrate {
namespace {

using enum ActionKind;
using enum LockMode;

StudiedStatement takes(ActionKind kind, const Relation &table)
{
    return statement("DROP ...", {action(kind, table, kind == drop_column ? "note" : "")},
                     {locks(table, access_exclusive)});
}

TEST(Loss, IsAnErrorWhereThereIsData)
{
    const std::pair<ActionKind, const char *> cases[] = {{drop_column, "ban-drop-column"},
                                                         {drop_table, "ban-drop-table"},
                                                         {truncate, "ban-truncate"},
                                                         {delete_rows, "delete-all-rows"}};
    for (const auto &[kind, rule] : cases) {
        // 200 rows are data too.
        for (const Relation &table : {large(), small()}) {
            EXPECT_EQ(said(study({takes(kind, table)}), rule), "error 1") << rule;
            EXPECT_EQ(said(down(study({takes(kind, table)})), rule), "info 1") << rule;
            EXPECT_EQ(alarms(down(study({takes(kind, small())}))), "") << rule;
        }
        for (const Relation &table : {empty(), fresh(), temporary(), Relation()})
            EXPECT_EQ(alarms(study({takes(kind, table)})), "") << rule;
        StudiedStatement nothing = takes(kind, large());
        nothing.actions[0].already_so = true;
        EXPECT_EQ(said(study({nothing}), rule), "") << rule;
        expect_words(study({takes(kind, large())}), rule,
                     {"orders", "(2.0 GB, about 20000000 rows)"});
    }
}

TEST(Loss, CountsThePartitions)
{
    Relation parent = empty("events"), leaf = large("events_1");
    parent.kind = RelationKind::partitioned_table;
    leaf.is_partition = true;
    StudiedStatement s = takes(drop_table, parent);
    EXPECT_EQ(said(study({s}), "ban-drop-table"), "");
    s.effects.push_back(locks(leaf, access_exclusive));
    EXPECT_EQ(said(study({s}), "ban-drop-table"), "error 1");
    expect_words(study({s}), "ban-drop-table", {"events (2.0 GB"});
}

TEST(Loss, IsNotMadeGoodByBatches)
{
    EXPECT_EQ(said(study({in_batches(takes(delete_rows, large()))}), "delete-all-rows"), "error 1");
    StudiedStatement some = takes(delete_rows, large());
    some.actions[0].has_condition = true;
    EXPECT_EQ(said(study({some}), "delete-all-rows"), "");
}

TEST(Loss, OfWholeDatabasesAndRoles)
{
    const Study database =
        study({alone(statement("DROP DATABASE shop", {action(drop_database, {}, "shop")}))});
    EXPECT_EQ(said(database, "ban-drop-database"), "error 1");
    EXPECT_EQ(said(down(database), "ban-drop-database"), "info 1");
    Study nothing = database;
    nothing.statements[0].actions[0].already_so = true;
    EXPECT_EQ(said(nothing, "ban-drop-database"), "");
    const Study owned = study({statement("DROP OWNED BY app", {action(drop_owned)})});
    EXPECT_EQ(said(owned, "ban-drop-owned"), "error 1");
    EXPECT_EQ(said(down(owned), "ban-drop-owned"), "info 1");
}

StudiedStatement drops(const std::string &type, std::vector<Effect> effects, bool cascade = true)
{
    Action a = action(drop_other, {}, "app");
    a.object_type = type;
    a.cascade = cascade;
    return statement("DROP " + type + " app CASCADE", {a}, std::move(effects));
}

TEST(BanDropSchema, SpeaksIfTablesHaveRows)
{
    const auto with = [](const Relation &table, bool cascade) {
        return study({drops("schema", {locks(table, access_exclusive)}, cascade)});
    };
    EXPECT_EQ(said(with(small("app.a"), true), "ban-drop-schema"), "error 1");
    expect_words(with(small("app.a"), true), "ban-drop-schema", {"\"app\"", "app.a (128 kB"});
    EXPECT_EQ(said(down(with(small("app.a"), true)), "ban-drop-schema"), "info 1");
    EXPECT_EQ(said(with(empty("app.a"), true), "ban-drop-schema"), "");
    EXPECT_EQ(said(with(small("app.a"), false), "ban-drop-schema"), "");
    EXPECT_EQ(alarms(study({drops("schema", {})})), "");
}

TEST(BanTruncateCascade, SpeaksOfTablesThatAreNotNamed)
{
    StudiedStatement s = takes(truncate, empty());
    s.actions[0].cascade = true;
    EXPECT_EQ(alarms(study({s})), "");
    s.effects.push_back(locks(large("items"), access_exclusive));
    EXPECT_EQ(said(study({s}), "ban-truncate-cascade"), "error 1");
    expect_words(study({s}), "ban-truncate-cascade", {"items (2.0 GB"});
    EXPECT_EQ(said(down(study({s})), "ban-truncate-cascade"), "info 1");
    s.actions.push_back(action(truncate, large("items")));
    s.actions[1].cascade = true;
    EXPECT_EQ(said(study({s}), "ban-truncate-cascade"), "");
    s.actions.pop_back();
    s.effects[1].relation.bytes = 0;
    EXPECT_EQ(alarms(study({s})), "");
}

TEST(DropCascade, SpeaksOfWhatIsHit)
{
    const Study type = study({drops("type", {locks(large(), access_exclusive)})});
    EXPECT_EQ(said(type, "drop-cascade"), "error 1");
    expect_words(type, "drop-cascade", {"dropping app with CASCADE", "orders (2.0 GB", "values"});
    EXPECT_EQ(said(down(type), "drop-cascade"), "info 1");
    EXPECT_EQ(said(study({drops("function", {locks(large(), access_exclusive)})}), "drop-cascade"),
              "warning 1");
    StudiedStatement table = takes(drop_table, empty());
    table.actions[0].cascade = true;
    EXPECT_EQ(said(study({table}), "drop-cascade"), "");
    // Perhaps only a table that it references.
    StudiedStatement keys = table;
    keys.effects.push_back(locks(large("users"), access_exclusive));
    EXPECT_EQ(said(study({keys}), "drop-cascade"), "info 1");
    Relation view = empty("totals");
    view.kind = RelationKind::view;
    table.effects.push_back(locks(view, access_exclusive));
    EXPECT_EQ(said(study({table}), "drop-cascade"), "warning 1");
    table.actions[0].cascade = false;
    EXPECT_EQ(said(study({table}), "drop-cascade"), "");
}

TEST(DropCascade, BlamesTheTableThatReachesIt)
{
    Relation view = small("totals");
    view.kind = RelationKind::view;
    StudiedStatement both = takes(drop_table, empty("a"));
    both.actions.push_back(action(drop_table, empty("b")));
    both.effects.push_back(locks(empty("b"), access_exclusive));
    both.effects.push_back(locks(view, access_exclusive));
    for (Action &one : both.actions) {
        one.cascade = true;
        one.reaches = {one.relation.id};
    }
    both.actions[1].reaches.push_back(view.id);
    EXPECT_EQ(said(study({both}), "drop-cascade"), "warning 1");
    expect_words(study({both}), "drop-cascade", {"dropping b with CASCADE changes", "totals"});
}

} // namespace
} // namespace migrate
