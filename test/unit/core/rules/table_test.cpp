// Whole tables: written anew, attached, refreshed, locked, changed.
// SPDX-License-Identifier: PostgreSQL
#include "test/unit/core/rules/studies.h"

namespace migrate {
namespace {

using enum ActionKind;
using enum LockMode;

StudiedStatement writes(ActionKind kind, const Relation &table, double seconds,
                        const std::string &value = "")
{
    Action a = action(kind, table);
    a.value = value;
    return statement("ALTER TABLE " + table.name + " ...", {a},
                     {rewrites(table, access_exclusive, seconds)});
}

TEST(TableRewrite, SpeaksOfLargeTablesOnly)
{
    for (const ActionKind kind :
         {set_persistence, set_tablespace, set_access_method, set_expression, alter_composite}) {
        EXPECT_EQ(said(study({writes(kind, large(), 30)}), "table-rewrite"), "error 1");
        EXPECT_EQ(said(study({writes(kind, large(), 0.5)}), "table-rewrite"), "warning 1");
        EXPECT_EQ(alarms(study({writes(kind, small(), 0.01)})), "");
        EXPECT_EQ(alarms(study({statement("ALTER TABLE ...", {action(kind, large())},
                                          {locks(large(), access_exclusive)})})),
                  "");
    }
    expect_words(study({writes(set_tablespace, large(), 30, "fast")}), "table-rewrite",
                 {"copying orders to tablespace \"fast\" blocks reads and writes for about 30 s"});
}

TEST(TableRewrite, LeavesToOthersWhatTheyTell)
{
    for (const ActionKind kind : {alter_type, cluster, vacuum_full, refresh_materialized_view})
        EXPECT_EQ(said(study({writes(kind, large(), 30)}), "table-rewrite"), "");
}

TEST(PreferRepack, SpeaksOfLargeTablesOnly)
{
    EXPECT_EQ(said(study({alone(writes(vacuum_full, large(), 30))}), "prefer-repack"), "error 1");
    expect_words(study({writes(cluster, large(), 30)}), "prefer-repack",
                 {"CLUSTER of orders blocks reads and writes", "pg_squeeze"});
    EXPECT_EQ(alarms(study({alone(writes(vacuum_full, small(), 0.1))})), "");
    EXPECT_EQ(alarms(study({alone(statement("VACUUM orders", {action(vacuum, large())},
                                            {scans(large(), share_update_exclusive, 9)}))})),
              "");
}

StudiedStatement attaches(const Relation &partition, double seconds)
{
    Relation parent = empty("events");
    parent.kind = RelationKind::partitioned_table;
    Action a = action(attach_partition, parent);
    a.partition = partition;
    a.condition = "at >= '2026-01-01'";
    return statement(
        "ALTER TABLE events ATTACH PARTITION ...", {a},
        {locks(parent, share_update_exclusive), scans(partition, access_exclusive, seconds)});
}

TEST(AttachPartitionScan, SpeaksUnlessProven)
{
    const Study s = study({attaches(large("events_1"), 4)});
    EXPECT_EQ(said(s, "attach-partition-scan"), "error 1");
    expect_words(s, "attach-partition-scan",
                 {"attaching events_1 to events",
                  "ALTER TABLE events_1 ADD CONSTRAINT events_1_bounds CHECK (at >= '2026-01-01') "
                  "NOT VALID;",
                  "VALIDATE CONSTRAINT events_1_bounds;", "DROP CONSTRAINT events_1_bounds;"});
    EXPECT_EQ(alarms(study({attaches(small("events_1"), 0.01)})), "");
    EXPECT_EQ(alarms(study({online(attaches(large("events_1"), 4))})), "");
    StudiedStatement proven = attaches(large("events_1"), 0);
    proven.actions[0].proven = true;
    proven.effects[1] = locks(large("events_1"), access_exclusive);
    EXPECT_EQ(alarms(study({proven})), "");
}

TEST(AttachPartitionScan, SpeaksOfTheDefaultPartition)
{
    StudiedStatement s = attaches(small("events_1"), 0);
    s.actions[0].proven = true;
    s.actions[0].default_text = "NOT (at >= '2026-01-01')";
    s.effects[1] = locks(small("events_1"), access_exclusive);
    s.effects.push_back(scans(large("events_rest"), access_exclusive, 4));
    expect_words(study({s}), "attach-partition-scan",
                 {"the default partition", "CHECK (NOT (at >= '2026-01-01')) NOT VALID"});
}

TEST(RequireConcurrentPartitionDetach, IsInformationUnlessKeysAreSearched)
{
    const auto detaches = [](const Relation &partition) {
        StudiedStatement s = attaches(partition, 0);
        s.actions[0].kind = detach_partition;
        s.effects = {locks(s.actions[0].relation, access_exclusive),
                     locks(partition, access_exclusive)};
        return s;
    };
    const Study s = study({detaches(large("events_1"))});
    EXPECT_EQ(said(s, "require-concurrent-partition-detach"), "info 1");
    EXPECT_EQ(alarms(s), "");
    expect_words(s, "require-concurrent-partition-detach",
                 {"DETACH PARTITION events_1 CONCURRENTLY;"});
    EXPECT_EQ(said(study({detaches(small("events_1"))}), "require-concurrent-partition-detach"),
              "");
    StudiedStatement concurrent = detaches(large("events_1"));
    concurrent.actions[0].concurrently = true;
    EXPECT_EQ(said(study({concurrent}), "require-concurrent-partition-detach"), "");
    StudiedStatement referenced = detaches(large("events_1"));
    referenced.effects.push_back(scans(large("clicks"), share, 4));
    EXPECT_EQ(said(study({referenced}), "require-concurrent-partition-detach"), "error 1");
}

TEST(RefreshBlocksReads, SpeaksIfItTakesLong)
{
    Relation view = small("totals");
    view.kind = RelationKind::materialized_view;
    const auto refreshes = [&](const Relation &source, double seconds) {
        return statement(
            "REFRESH MATERIALIZED VIEW totals", {action(refresh_materialized_view, view)},
            {rewrites(view, access_exclusive, 0), scans(source, access_share, seconds)});
    };
    const Study s = study({refreshes(large(), 20)});
    EXPECT_EQ(said(s, "refresh-blocks-reads"), "error 1");
    expect_words(s, "refresh-blocks-reads",
                 {"refreshing totals blocks reads and writes for about 20 s",
                  "REFRESH MATERIALIZED VIEW CONCURRENTLY totals;"});
    EXPECT_EQ(alarms(study({refreshes(small(), 0.1)})), "");
    StudiedStatement concurrent = refreshes(large(), 20);
    concurrent.actions[0].concurrently = true;
    concurrent.effects[0].lock = exclusive;
    EXPECT_EQ(alarms(study({concurrent})), "");
}

TEST(ExplicitLock, SpeaksOfStrongLocksOnTablesInUse)
{
    const auto takes = [](const Relation &table, LockMode mode) {
        return study({statement("LOCK TABLE " + table.name, {action(lock_table, table)},
                                {locks(table, mode)})});
    };
    EXPECT_EQ(said(takes(large(), access_exclusive), "explicit-lock"), "warning 1");
    expect_words(takes(large(), share), "explicit-lock",
                 {"locking orders in SHARE blocks writes until the transaction ends"});
    EXPECT_EQ(said(takes(small(), access_exclusive), "explicit-lock"), "info 1");
    EXPECT_EQ(said(takes(large(), row_exclusive), "explicit-lock"), "");
    EXPECT_EQ(said(takes(fresh(), access_exclusive), "explicit-lock"), "");
}

Action changes(ActionKind kind, const Relation &table, double rows)
{
    Action a = action(kind, table);
    a.has_condition = true;
    a.rows = rows;
    return a;
}

StudiedStatement changing(const Action &a, double seconds = 30)
{
    StudiedStatement s = statement("UPDATE orders SET state = 1 WHERE state = 0", {a},
                                   {locks(a.relation, row_exclusive)});
    s.seconds = seconds;
    return s;
}

TEST(LargeDataChange, SpeaksOfManyRows)
{
    for (const ActionKind kind : {update, delete_rows, merge, insert})
        EXPECT_EQ(said(study({changing(changes(kind, large(), 5e6))}), "large-data-change"),
                  "warning 1");
    const Study s = study({changing(changes(update, large(), 5e6))});
    expect_words(s, "large-data-change",
                 {"updating about 5000000 rows of orders in one transaction",
                  "-- migrate:backfill\nUPDATE orders SET state = 1"});
    EXPECT_EQ(
        said(study({in_batches(changing(changes(update, large(), 5e6)))}), "large-data-change"),
        "info 1");
    expect_words(study({changing(changes(update, large(), large().rows))}), "large-data-change",
                 {"updating up to 20000000 rows"});
    // It is not a statement of its own that could be run in batches.
    Action enclosed = changes(delete_rows, large(), 5e6);
    enclosed.enclosed = true;
    EXPECT_EQ(words(study({changing(enclosed)}), "large-data-change").find("migrate:backfill"),
              std::string::npos);
    // Without a condition it is all of them.
    Action all = changes(update, large(), 0);
    all.has_condition = false;
    EXPECT_EQ(said(study({changing(all)}), "large-data-change"), "warning 1");
}

TEST(LargeDataChange, IsQuietAboutFewRows)
{
    EXPECT_EQ(alarms(study({changing(changes(update, large(), 500))})), "");
    EXPECT_EQ(alarms(study({changing(changes(update, small(), 20000))})), "");
    EXPECT_EQ(alarms(study({changing(changes(update, fresh(), 5e6))})), "");
    EXPECT_EQ(alarms(study({changing(changes(update, temporary(), 5e6))})), "");
    EXPECT_EQ(alarms(study({changing(changes(insert, large(), 50000), 0.4)})), "");
    Action one = changes(update, large(), 5e6);
    one.by_key = true;
    EXPECT_EQ(alarms(study({changing(one)})), "");
    EXPECT_EQ(alarms(study({changing(changes(update, large(), 0))})), "");
}

} // namespace
} // namespace migrate
