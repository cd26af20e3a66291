// The way back, code of the previous release, and classes.
// SPDX-License-Identifier: PostgreSQL
#include "core/compatibility.h"
#include "core/type_change.h"
#include "test/unit/core/rules/studies.h"

namespace migrate {
namespace {

using enum ActionKind;

StudiedStatement of(const Action &a)
{
    return statement("...", {a});
}

std::string way(const Action &a)
{
    const Reversal reversal = reversal_of(of(a));
    return std::string(name_of(reversal.way)) + ": " + reversal.reason;
}

std::string verdict(const Action &a)
{
    return std::string(name_of(compatibility_of(study({of(a)})).verdict));
}

Action renamed(ActionKind kind, const std::string &from, const std::string &to)
{
    Action a = action(kind, small(), from);
    a.new_name = to;
    return a;
}

Action retyped(const Relation &table, const char *from, const char *to)
{
    Action a = action(alter_type, table, "amount");
    a.old_type = from;
    a.type = to;
    return a;
}

TEST(Reversal, OfColumns)
{
    EXPECT_EQ(way(action(add_column, large(), "Note")), "derived: DROP COLUMN \"Note\"");
    EXPECT_EQ(way(action(drop_column, small(), "note")),
              "data is lost: the values of column \"note\" of colours are lost");
    EXPECT_EQ(way(action(drop_column, empty(), "note")), "derived: ADD COLUMN note");
    EXPECT_EQ(way(renamed(rename_column, "a", "b")), "derived: RENAME COLUMN b TO a");
    EXPECT_EQ(way(action(set_not_null, large(), "a")), "derived: ALTER COLUMN a DROP NOT NULL");
    EXPECT_EQ(way(retyped(large(), "integer", "bigint")),
              "derived: ALTER COLUMN amount TYPE integer");
    EXPECT_TRUE(way(retyped(large(), "numeric", "integer")).starts_with("data is lost"));
    EXPECT_TRUE(way(retyped(empty(), "numeric", "integer")).starts_with("derived"));
}

TEST(Reversal, OfWhatDoesNotLast)
{
    for (const ActionKind kind : {passing, prepare, select})
        EXPECT_EQ(way(action(kind)), "not needed: ");
    EXPECT_EQ(way(action(execute)), "unknown: what its code does cannot be told");
}

TEST(Reversal, OfTheRest)
{
    EXPECT_EQ(way(action(create_table, fresh())), "derived: DROP TABLE invoices");
    EXPECT_EQ(way(action(add_check, large(), "c")), "derived: DROP CONSTRAINT c");
    EXPECT_EQ(way(action(drop_constraint, large(), "c")), "derived: ADD CONSTRAINT c");
    EXPECT_EQ(way(action(drop_table, large())), "data is lost: the rows of orders are lost");
    EXPECT_EQ(way(action(drop_table, empty())), "derived: CREATE TABLE drafts");
    EXPECT_TRUE(way(action(update, large())).starts_with("unknown"));
    EXPECT_TRUE(way(action(insert, large())).starts_with("unknown"));
    EXPECT_TRUE(way(action(delete_rows, large())).starts_with("data is lost"));
    EXPECT_TRUE(way(action(truncate, large())).starts_with("data is lost"));
    EXPECT_TRUE(way(action(truncate, empty())).starts_with("not needed"));
    EXPECT_TRUE(way(action(update, fresh())).starts_with("not needed"));
    EXPECT_TRUE(way(action(add_enum_value, {}, "mood")).starts_with("unknown"));
    EXPECT_TRUE(way(action(call)).starts_with("unknown"));
    EXPECT_TRUE(way(action(drop_owned)).starts_with("data is lost"));
    for (const ActionKind kind : {select, analyze, vacuum, reindex, cluster, set_setting,
                                  validate_constraint, lock_table, refresh_materialized_view})
        EXPECT_TRUE(way(action(kind, large())).starts_with("not needed"));
    Action there = action(drop_table, large());
    there.already_so = true;
    EXPECT_TRUE(way(there).starts_with("not needed"));
    // Every kind has an answer.
    for (int kind = 0; kind <= static_cast<int>(call); kind++)
        EXPECT_FALSE(way(action(static_cast<ActionKind>(kind), large(), "x")).empty());
}

TEST(Reversal, OfAScriptIsTheWorst)
{
    const Study s = study({of(action(add_column, large(), "a")), of(action(drop_table, large()))});
    EXPECT_EQ(reversal_of(s).way, WayBack::lost);
    EXPECT_EQ(reversal_of(s).reason, "statement 2: the rows of orders are lost");
    EXPECT_EQ(reversal_of(study({})).way, WayBack::not_needed);
}

TEST(OldCode, FailsWithoutWhatItUses)
{
    for (const ActionKind kind :
         {drop_table, rename_table, drop_column, rename_column, set_schema}) {
        EXPECT_EQ(verdict(action(kind, large(), "x")), "fails");
        EXPECT_EQ(verdict(action(kind, fresh(), "x")), "works");
        EXPECT_EQ(verdict(action(kind, temporary(), "x")), "works");
    }
    Action required = action(add_column, large(), "a");
    EXPECT_EQ(verdict(required), "works");
    required.not_null = true;
    EXPECT_EQ(verdict(required), "fails");
    required.default_kind = DefaultKind::constant;
    EXPECT_EQ(verdict(required), "works");
}

TEST(OldCode, MayFailWhereLessIsAllowed)
{
    for (const ActionKind kind : {add_check, add_foreign_key, add_unique, add_primary_key,
                                  add_exclusion, set_not_null, drop_not_null, drop_default})
        EXPECT_EQ(verdict(action(kind, large(), "x")), "may fail");
    Action index = action(create_index, large(), "i");
    EXPECT_EQ(verdict(index), "works");
    index.unique = true;
    EXPECT_EQ(verdict(index), "may fail");
    for (const ActionKind kind : {create_table, create_view, set_default, validate_constraint,
                                  insert, update, analyze, drop_index, comment})
        EXPECT_EQ(verdict(action(kind, large(), "x")), "works");
    EXPECT_EQ(verdict(retyped(large(), "integer", "bigint")), "works");
    EXPECT_EQ(verdict(retyped(large(), "text", "character varying(9)")), "may fail");
    EXPECT_EQ(verdict(retyped(large(), "text", "integer")), "fails");
    EXPECT_EQ(verdict(retyped(large(), "mood", "temper")), "may fail");
}

std::string class_name(std::vector<Action> actions)
{
    return std::string(name_of(class_of(study({statement("...", std::move(actions))}))));
}

TEST(Class, OfMigrations)
{
    EXPECT_EQ(class_name({}), "additive");
    EXPECT_EQ(class_name({action(create_table, fresh()), action(add_column, large(), "a")}),
              "additive");
    EXPECT_EQ(class_name({action(insert, fresh())}), "additive");
    EXPECT_EQ(class_name({action(update, large())}), "data");
    EXPECT_EQ(class_name({action(update, large()), renamed(rename_column, "a", "b")}), "breaking");
    EXPECT_EQ(class_name({action(drop_column, empty(), "a")}), "breaking");
    EXPECT_EQ(class_name({action(drop_column, large(), "a")}), "irreversible");
    EXPECT_EQ(class_name({action(add_enum_value, {}, "mood")}), "irreversible");
}

TEST(TypeChange, OfPairs)
{
    const std::tuple<const char *, const char *, TypeChange> cases[] = {
        {"integer", "integer", TypeChange::wider},
        {"integer", "bigint", TypeChange::wider},
        {"bigint", "integer", TypeChange::narrower},
        {"integer", "numeric", TypeChange::wider},
        {"numeric", "integer", TypeChange::narrower},
        {"numeric(10,2)", "numeric(12,2)", TypeChange::wider},
        {"numeric(10,2)", "numeric(10,4)", TypeChange::narrower},
        {"numeric(10,2)", "numeric", TypeChange::wider},
        {"numeric", "numeric(10,2)", TypeChange::narrower},
        {"character varying(20)", "character varying(40)", TypeChange::wider},
        {"character varying(40)", "character varying(20)", TypeChange::narrower},
        {"character varying(40)", "text", TypeChange::wider},
        {"text", "character varying", TypeChange::wider},
        {"character varying", "character varying(9)", TypeChange::narrower},
        {"text[]", "text", TypeChange::other},
        {"timestamp without time zone", "timestamp with time zone", TypeChange::wider},
        {"timestamp with time zone", "date", TypeChange::narrower},
        {"timestamp(6) without time zone", "timestamp(3) without time zone", TypeChange::narrower},
        {"json", "jsonb", TypeChange::wider},
        {"uuid", "text", TypeChange::other},
        {"mood", "text", TypeChange::unknown},
        {"", "text", TypeChange::unknown},
        {"numeric(", "numeric)", TypeChange::unknown},
        {"numeric(x)", "numeric(9)", TypeChange::wider}};
    for (const auto &[from, to, expected] : cases)
        EXPECT_EQ(compare_types(from, to), expected) << from << " to " << to;
}

} // namespace
} // namespace migrate
