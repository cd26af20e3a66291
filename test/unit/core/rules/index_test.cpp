// Indexes made, dropped and built anew.
// SPDX-License-Identifier: PostgreSQL
#include "test/unit/core/rules/studies.h"

namespace migrate {
namespace {

using enum ActionKind;
using enum LockMode;

Action index_on(const Relation &table, std::vector<std::string> columns = {"user_id"})
{
    Action a = action(create_index, table, "by_user");
    a.columns = std::move(columns);
    return a;
}

StudiedStatement creates(const Relation &table, double seconds = 40)
{
    return statement("CREATE INDEX by_user ON " + table.name + " (user_id)", {index_on(table)},
                     {builds(table, share, seconds)});
}

TEST(RequireConcurrentIndexCreation, SpeaksOfALargeTable)
{
    const Study s = study({creates(large())});
    EXPECT_EQ(said(s, "require-concurrent-index-creation"), "error 1");
    expect_words(s, "require-concurrent-index-creation",
                 {"building index \"by_user\" on orders blocks writes for about 40 s",
                  "It holds SHARE on orders (2.0 GB, about 20000000 rows)",
                  "which blocks writes, DDL.",
                  "CREATE INDEX CONCURRENTLY by_user ON orders (user_id);"});
    for (const Finding &finding : lint(s)) {
        EXPECT_EQ(finding.relation, "orders");
        EXPECT_EQ(finding.line, 1);
    }
}

TEST(RequireConcurrentIndexCreation, IsAWarningWhereTheWorkIsShort)
{
    EXPECT_EQ(said(study({creates(large(), 0.4)}), "require-concurrent-index-creation"),
              "warning 1");
    Study patient = study({creates(large(), 8)});
    patient.options.max_lock_hold = 10;
    EXPECT_EQ(said(patient, "require-concurrent-index-creation"), "warning 1");
    patient.options.max_lock_hold = 5;
    EXPECT_EQ(said(patient, "require-concurrent-index-creation"), "error 1");
}

TEST(RequireConcurrentIndexCreation, IsQuietWhereNothingIsBlockedForLong)
{
    EXPECT_EQ(alarms(study({creates(small(), 0.01)})), "");
    EXPECT_EQ(alarms(study({creates(empty(), 0)})), "");
    EXPECT_EQ(alarms(study({statement("CREATE INDEX i ON invoices (a)", {index_on(fresh())})})),
              "");
    EXPECT_EQ(alarms(study({creates(temporary())})), "");
    StudiedStatement concurrent =
        alone(statement("CREATE INDEX CONCURRENTLY by_user ON orders (user_id)",
                        {index_on(large())}, {builds(large(), share_update_exclusive, 40)}));
    concurrent.actions[0].concurrently = true;
    EXPECT_EQ(alarms(study({concurrent})), "");
    StudiedStatement there = statement("CREATE INDEX IF NOT EXISTS by_user ON orders (user_id)",
                                       {index_on(large())}, {locks(large(), share)});
    there.actions[0].already_so = true;
    EXPECT_EQ(alarms(study({there})), "");
}

TEST(RequireConcurrentIndexCreation, IsInformationWhenRunOnline)
{
    const Study s = study({online(creates(large()))});
    EXPECT_EQ(said(s, "require-concurrent-index-creation"), "info 1");
    EXPECT_EQ(alarms(s), "");
    expect_words(s, "require-concurrent-index-creation",
                 {"is run online and blocks nobody", "As written: It holds SHARE"});
}

TEST(RequireConcurrentIndexCreation, CountsTheLeavesOfAPartitionedTable)
{
    Relation parent = empty("events");
    parent.kind = RelationKind::partitioned_table;
    Relation leaf = large("events_1");
    leaf.is_partition = true;
    const Study s = study({statement("CREATE INDEX ON events (a)", {index_on(parent, {"a"})},
                                     {locks(parent, share), builds(leaf, share, 30)})});
    EXPECT_EQ(said(s, "require-concurrent-index-creation"), "error 1");
    expect_words(s, "require-concurrent-index-creation",
                 {"ON ONLY events (a);", "ATTACH PARTITION leaf_index"});
    leaf.bytes = 0;
    EXPECT_EQ(alarms(study({statement("CREATE INDEX ON events (a)", {index_on(parent, {"a"})},
                                      {locks(parent, share), builds(leaf, share, 0)})})),
              "");
}

StudiedStatement drops(const Relation &table)
{
    Relation index = small("by_user");
    index.kind = RelationKind::index;
    Action a = action(drop_index, index, "by_user");
    a.referenced = table;
    a.columns = {"user_id"};
    return statement("DROP INDEX by_user", {a},
                     {locks(table, access_exclusive), locks(index, access_exclusive)});
}

TEST(RequireConcurrentIndexDeletion, IsInformation)
{
    const Study s = study({drops(large())});
    EXPECT_EQ(said(s, "require-concurrent-index-deletion"), "info 1");
    EXPECT_EQ(alarms(s), "");
    expect_words(
        s, "require-concurrent-index-deletion",
        {"blocks reads and writes of orders for a moment", "DROP INDEX CONCURRENTLY by_user;"});
    EXPECT_EQ(said(study({drops(small())}), "require-concurrent-index-deletion"), "");
    StudiedStatement nothing = drops(large());
    nothing.actions[0].already_so = true;
    EXPECT_EQ(said(study({nothing}), "require-concurrent-index-deletion"), "");
}

TEST(RequireConcurrentReindex, SpeaksOfALargeTableOnly)
{
    const auto reindexes = [](const Relation &table, double seconds) {
        return statement("REINDEX (VERBOSE) TABLE " + table.name, {action(reindex, table)},
                         {builds(table, share, seconds)});
    };
    const Study s = study({reindexes(large(), 30)});
    EXPECT_EQ(said(s, "require-concurrent-reindex"), "error 1");
    expect_words(s, "require-concurrent-reindex",
                 {"rebuilding the indexes of orders", "TABLE CONCURRENTLY orders;"});
    EXPECT_EQ(alarms(study({reindexes(small(), 0.1)})), "");
    StudiedStatement one = reindexes(large("by_user"), 30);
    one.actions[0].object_type = "index";
    expect_words(study({one}), "require-concurrent-reindex", {"rebuilding index by_user blocks"});
    one.actions[0].referenced = large();
    expect_words(study({one}), "require-concurrent-reindex",
                 {"rebuilding index by_user of orders blocks"});
    StudiedStatement concurrent = reindexes(large(), 30);
    concurrent.actions[0].concurrently = true;
    EXPECT_EQ(alarms(study({concurrent})), "");
}

TEST(ReplacingIndex, SpeaksIfTheOldOneGoesFirst)
{
    const Study s = study({alone(drops(large())), alone(online(creates(large())))});
    EXPECT_EQ(said(s, "replacing-index"), "warning 2");
    expect_words(s, "replacing-index", {"orders", "\"user_id\"", "Statement 1"});
}

TEST(ReplacingIndex, IsQuietOtherwise)
{
    EXPECT_EQ(said(study({alone(creates(large())), alone(drops(large()))}), "replacing-index"), "");
    EXPECT_EQ(said(study({drops(large()), creates(large())}), "replacing-index"), "");
    EXPECT_EQ(said(study({alone(drops(small())), alone(creates(small()))}), "replacing-index"), "");
    StudiedStatement other = alone(creates(large()));
    other.actions[0].columns = {"placed_at"};
    EXPECT_EQ(said(study({alone(drops(large())), other}), "replacing-index"), "");
}

} // namespace
} // namespace migrate
