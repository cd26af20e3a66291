// What happens within one transaction, and where transactions begin and end.
// SPDX-License-Identifier: PostgreSQL
#include "test/unit/core/rules/studies.h"

namespace migrate {
namespace {

using enum ActionKind;
using enum LockMode;

StudiedStatement alters(const Relation &table, double seconds = 0.2)
{
    StudiedStatement s = statement("ALTER TABLE " + table.name + " SET (fillfactor = 90)",
                                   {action(set_options, table)}, {locks(table, access_exclusive)});
    s.seconds = seconds;
    return s;
}

StudiedStatement adds_key(const Relation &table)
{
    return statement(
        "ALTER TABLE x ADD FOREIGN KEY ...", {action(add_foreign_key, table)},
        {locks(table, share_row_exclusive), locks(large("users"), share_row_exclusive)});
}

TEST(SeveralStrongLocks, SpeaksOfSeveralLargeTables)
{
    const Study s = study({alters(large()), alters(large("users"))});
    EXPECT_EQ(said(s, "several-strong-locks"), "warning 2");
    expect_words(s, "several-strong-locks", {"2 tables: orders, users", "under 1 s"});
    EXPECT_EQ(said(study({alters(large(), 0), alters(large("users"), 0)}), "several-strong-locks"),
              "info 2");
}

TEST(SeveralStrongLocks, IsQuietOtherwise)
{
    EXPECT_EQ(said(study({alters(large()), alters(large())}), "several-strong-locks"), "");
    EXPECT_EQ(
        said(study({alters(large()), in_group(1, alters(large("users")))}), "several-strong-locks"),
        "");
    EXPECT_EQ(said(study({alone(alters(large())), alone(alters(large("users")))}),
                   "several-strong-locks"),
              "");
    EXPECT_EQ(said(study({alters(large()), alters(small())}), "several-strong-locks"), "");
    EXPECT_EQ(said(study({alters(large()), alters(fresh())}), "several-strong-locks"), "");
    EXPECT_EQ(said(study({adds_key(large())}), "several-strong-locks"), "");
    StudiedStatement weak = alters(large("users"));
    weak.effects[0].lock = share_update_exclusive;
    EXPECT_EQ(said(study({alters(large()), weak}), "several-strong-locks"), "");
    Relation leaf = large("events_1");
    leaf.is_partition = true;
    EXPECT_EQ(said(study({alters(large()), alters(leaf)}), "several-strong-locks"), "");
}

StudiedStatement works(double seconds)
{
    return statement("UPDATE big SET a = 1 WHERE ...", {action(update, large("big"))},
                     {scans(large("big"), row_exclusive, seconds)});
}

TEST(LongWorkAfterLock, SpeaksIfALockIsHeldMeanwhile)
{
    const Study s = study({alters(large()), works(50)});
    EXPECT_EQ(said(s, "long-work-after-lock"), "error 2");
    expect_words(s, "long-work-after-lock",
                 {"orders, locked by statement 1, stays locked for about 50 s more",
                  "ACCESS EXCLUSIVE on orders", "reads, writes, DDL"});
    // How many rows a condition leaves is not known.
    StudiedStatement some = works(50);
    some.actions[0].has_condition = true;
    some.actions[0].rows = some.actions[0].relation.rows;
    EXPECT_EQ(said(study({alters(large()), some}), "long-work-after-lock"), "warning 2");
    some.actions[0].rows = 5e6;
    EXPECT_EQ(said(study({alters(large()), some}), "long-work-after-lock"), "error 2");
    // A small table's users wait as long.
    EXPECT_EQ(said(study({alters(small()), works(50)}), "long-work-after-lock"), "warning 2");
}

TEST(LongWorkAfterLock, IsQuietOtherwise)
{
    EXPECT_EQ(said(study({works(50), alters(large())}), "long-work-after-lock"), "");
    EXPECT_EQ(said(study({alters(large()), works(0.5)}), "long-work-after-lock"), "");
    EXPECT_EQ(said(study({alters(large()), in_group(1, works(50))}), "long-work-after-lock"), "");
    EXPECT_EQ(said(study({alters(large()), alone(works(50))}), "long-work-after-lock"), "");
    EXPECT_EQ(said(study({alters(large()), in_batches(works(50))}), "long-work-after-lock"), "");
    EXPECT_EQ(said(study({alters(fresh()), works(50)}), "long-work-after-lock"), "");
    Study patient = study({alters(large()), works(50)});
    patient.options.max_lock_hold = 60;
    EXPECT_EQ(said(patient, "long-work-after-lock"), "");
}

TEST(BanConcurrentIndexCreationInTransaction, SpeaksInsideABlock)
{
    StudiedStatement s = statement("CREATE INDEX CONCURRENTLY i ON orders (a)",
                                   {action(create_index, large(), "i")});
    s.actions[0].concurrently = true;
    EXPECT_EQ(said(study({alone(s)}), "ban-concurrent-index-creation-in-transaction"), "");
    s.atomic = true;
    EXPECT_EQ(said(study({s}), "ban-concurrent-index-creation-in-transaction"), "error 1");
    expect_words(study({s}), "ban-concurrent-index-creation-in-transaction",
                 {"CREATE INDEX CONCURRENTLY cannot run inside a transaction block"});
    s.actions[0].concurrently = false;
    EXPECT_EQ(said(study({s}), "ban-concurrent-index-creation-in-transaction"), "");
}

StudiedStatement of_role(Role role)
{
    StudiedStatement s = statement("...", {});
    s.statement.role = role;
    return s;
}

TEST(Blocks, AreBegunAndEnded)
{
    const StudiedStatement begin = of_role(Role::begin), commit = of_role(Role::commit),
                           work = statement("SELECT 1", {action(select)});
    EXPECT_EQ(alarms(study({begin, work, commit, work, begin, commit})), "");
    EXPECT_EQ(alarms(study({begin, work, of_role(Role::rollback)})), "");
    EXPECT_EQ(said(study({begin, begin, commit}), "transaction-nesting"), "error 2");
    EXPECT_EQ(said(study({work, commit}), "transaction-nesting"), "error 2");
    EXPECT_EQ(said(study({begin, work}), "ban-uncommitted-transaction"), "error 1");
    EXPECT_EQ(said(study({begin, work, commit, begin}), "ban-uncommitted-transaction"), "error 4");
    EXPECT_EQ(said(study({begin, work, commit}), "ban-uncommitted-transaction"), "");
}

StudiedStatement adds_value(const std::string &label)
{
    StudiedStatement s = statement("ALTER TYPE mood ADD VALUE '" + label + "'",
                                   {action(add_enum_value, {}, "mood")});
    s.actions[0].value = label;
    return s;
}

StudiedStatement uses(const std::string &label)
{
    return statement("UPDATE people SET mood = '" + label + "' WHERE id = 1", {});
}

TEST(EnumValueInOwnTransaction, SpeaksIfTheValueIsUsed)
{
    const Study s = study({adds_value("glad"), uses("glad")});
    EXPECT_EQ(said(s, "enum-value-in-own-transaction"), "error 2");
    expect_words(s, "enum-value-in-own-transaction",
                 {"value 'glad' of enum \"mood\"", "Statement 1"});
    EXPECT_EQ(alarms(study({adds_value("glad"), uses("sad")})), "");
    EXPECT_EQ(alarms(study({adds_value("glad"), in_group(1, uses("glad"))})), "");
    EXPECT_EQ(alarms(study({alone(adds_value("glad")), uses("glad")})), "");
    EXPECT_EQ(alarms(study({uses("glad"), adds_value("glad")})), "");
    EXPECT_EQ(
        alarms(study({statement("CREATE TYPE mood AS ENUM ()", {action(create_enum, {}, "mood")}),
                      adds_value("glad"), uses("glad")})),
        "");
    StudiedStatement there = adds_value("glad");
    there.actions[0].already_so = true;
    EXPECT_EQ(alarms(study({there, uses("glad")})), "");
    EXPECT_EQ(alarms(study({adds_value("glad"), adds_value("gladder")})), "");
}

} // namespace
} // namespace migrate
