// Code of the previous release, and the way back.
// SPDX-License-Identifier: PostgreSQL
#include "test/unit/core/rules/studies.h"

namespace migrate {
namespace {

using enum ActionKind;
using enum LockMode;

StudiedStatement renames(ActionKind kind, const Relation &table, const std::string &name,
                         const std::string &new_name, const std::string &type = "")
{
    Action a = action(kind, table, name);
    a.new_name = new_name;
    a.object_type = type;
    return statement("ALTER ... RENAME ...", {a});
}

TEST(RenamingColumn, SpeaksOfTablesInUse)
{
    const Study s = study({renames(rename_column, small(), "name", "Title")});
    EXPECT_EQ(said(s, "renaming-column"), "warning 1");
    EXPECT_EQ(said(down(s), "renaming-column"), "info 1");
    expect_words(s, "renaming-column", {"column \"name\" of colours", "Add column \"Title\""});
    EXPECT_EQ(alarms(study({renames(rename_column, fresh(), "name", "title")})), "");
    EXPECT_EQ(alarms(study({renames(rename_column, temporary(), "name", "title")})), "");
}

TEST(RenamingTable, SpeaksUnlessTheOldNameIsThereAgain)
{
    const StudiedStatement s = renames(rename_table, large(), "", "purchases");
    EXPECT_EQ(said(study({s}), "renaming-table"), "warning 1");
    EXPECT_EQ(said(down(study({s})), "renaming-table"), "info 1");
    expect_words(study({s}), "renaming-table", {"CREATE VIEW orders AS SELECT * FROM purchases;"});
    Relation view = fresh("orders");
    view.kind = RelationKind::view;
    const StudiedStatement makes =
        statement("CREATE VIEW orders AS ...", {action(create_view, view, "orders")});
    EXPECT_EQ(alarms(study({s, makes})), "");
    EXPECT_EQ(said(study({s, in_group(1, makes)}), "renaming-table"), "warning 1");
    // A swap.
    EXPECT_EQ(alarms(study({s, renames(rename_table, fresh("orders_new"), "", "orders")})), "");
    EXPECT_EQ(alarms(study({renames(rename_table, fresh(), "", "bills")})), "");
}

TEST(Renaming, OfOtherThings)
{
    const auto of = [](const std::string &type) {
        return study({renames(rename_other, {}, "app", "shop", type)});
    };
    EXPECT_EQ(said(of("schema"), "renaming-schema"), "warning 1");
    EXPECT_EQ(said(of("schema"), "renaming-object"), "");
    EXPECT_EQ(said(down(of("schema")), "renaming-schema"), "info 1");
    EXPECT_EQ(said(of("function"), "renaming-object"), "warning 1");
    EXPECT_EQ(said(of("type"), "renaming-object"), "warning 1");
    for (const char *type : {"trigger", "policy", "rule", "object", "constraint"})
        EXPECT_EQ(alarms(of(type)), "") << type;
    EXPECT_EQ(alarms(study({renames(rename_index, large(), "a", "b")})), "");
    EXPECT_EQ(alarms(study({renames(rename_constraint, large(), "a", "b")})), "");

    StudiedStatement value = renames(rename_enum_value, {}, "mood", "glad");
    value.actions[0].value = "happy";
    EXPECT_EQ(said(study({value}), "renaming-enum-value"), "warning 1");
    expect_words(study({value}), "renaming-enum-value", {"value \"happy\" of enum \"mood\""});
    EXPECT_EQ(said(down(study({value})), "renaming-enum-value"), "info 1");
}

TEST(ChangingSchema, SpeaksOfWhatIsInUse)
{
    const Study s = study({renames(set_schema, large(), "", "archive", "table")});
    EXPECT_EQ(said(s, "changing-schema"), "warning 1");
    EXPECT_EQ(said(down(s), "changing-schema"), "info 1");
    expect_words(s, "changing-schema", {"moving orders to schema \"archive\""});
    EXPECT_EQ(alarms(study({renames(set_schema, fresh(), "", "archive", "table")})), "");
}

TEST(BanDropNotNull, IsInformation)
{
    const auto drops = [](const Relation &table) {
        return study({statement("ALTER ...", {action(drop_not_null, table, "note")})});
    };
    EXPECT_EQ(said(drops(large()), "ban-drop-not-null"), "info 1");
    EXPECT_EQ(alarms(drops(large())), "");
    EXPECT_EQ(said(drops(fresh()), "ban-drop-not-null"), "");
}

StudiedStatement drops(const std::string &type, const Relation &relation,
                       const std::string &name = "f")
{
    StudiedStatement s = statement("DROP ...", {action(drop_other, relation, name)});
    s.actions[0].object_type = type;
    return s;
}

TEST(DroppingObject, SpeaksOfWhatCodeUsesByName)
{
    Relation view = empty("totals");
    view.kind = RelationKind::view;
    EXPECT_EQ(said(study({drops("view", view)}), "dropping-object"), "warning 1");
    EXPECT_EQ(said(down(study({drops("view", view)})), "dropping-object"), "info 1");
    EXPECT_EQ(said(study({drops("function", {})}), "dropping-object"), "warning 1");
    expect_words(study({drops("view", view)}), "dropping-object", {"dropping view totals"});
    EXPECT_EQ(alarms(study({drops("trigger", large())})), "");
    EXPECT_EQ(alarms(study({drops("policy", large())})), "");
    StudiedStatement nothing = drops("function", {});
    nothing.actions[0].already_so = true;
    EXPECT_EQ(alarms(study({nothing})), "");
    // Made anew in the same transaction.
    Relation anew = fresh("totals");
    EXPECT_EQ(alarms(study({drops("view", view),
                            statement("CREATE VIEW totals ...", {action(create_view, anew)})})),
              "");
    EXPECT_EQ(alarms(study({drops("function", {}), statement("CREATE FUNCTION f ...",
                                                             {action(create_function, {}, "f")})})),
              "");
}

StudiedStatement drops_column(const std::string &name, const Relation &table = empty())
{
    return statement("ALTER ...", {action(drop_column, table, name)});
}

TEST(BigBang, SpeaksOfSeveralBreakingChanges)
{
    const StudiedStatement rename = renames(rename_column, small(), "name", "title");
    const Study s = study({rename, drops_column("note")});
    EXPECT_EQ(said(s, "big-bang"), "warning 0");
    expect_words(s, "big-bang",
                 {"2 changes", "statement 1:", "statement 2:", "\"note\" of drafts"});
    EXPECT_EQ(said(down(s), "big-bang"), "");
    EXPECT_EQ(said(study({rename}), "big-bang"), "");
    EXPECT_EQ(said(study({rename, drops_column("note", fresh())}), "big-bang"), "");
    const StudiedStatement check = statement("ALTER ...", {action(add_check, small(), "c")});
    EXPECT_EQ(said(study({rename, check, check}), "big-bang"), "");
}

TEST(BigBang, CountsWhatOldCodeMisses)
{
    const auto column = [](const char *from, const char *to) {
        return renames(rename_column, small(), from, to);
    };
    const StudiedStatement there = column("name", "title"), back = column("title", "name");
    EXPECT_EQ(alarms(study({there, back})), "");
    EXPECT_EQ(alarms(study({there, column("title", "label"), column("label", "name")})), "");
    // One name is missed, not two.
    EXPECT_EQ(said(study({there, column("title", "label")}), "big-bang"), "");
    EXPECT_EQ(said(study({there, column("title", "label")}), "renaming-column"), "warning 1");
    // For a moment it is.
    EXPECT_EQ(said(study({there, in_group(1, back)}), "renaming-column"), "warning 1");
    // Another table's.
    EXPECT_EQ(
        said(study({there, renames(rename_column, large(), "title", "name")}), "renaming-column"),
        "warning 1, warning 2");
    Relation renamed = large();
    renamed.name = "purchases";
    EXPECT_EQ(alarms(study({renames(rename_table, large(), "", "purchases"),
                            renames(rename_table, renamed, "", "orders")})),
              "");
    EXPECT_EQ(alarms(study({renames(rename_other, {}, "f", "g", "function"),
                            renames(rename_other, {}, "g", "f", "function")})),
              "");
}

TEST(NoWayBack, SpeaksIfNothingLeadsBack)
{
    Study s = study({drops_column("note", small())});
    s.options.has_down = false;
    EXPECT_EQ(said(s, "no-way-back"), "warning 0");
    expect_words(s, "no-way-back",
                 {"statement 1: the values of column \"note\" of colours are lost"});
    s.options.has_down = true;
    EXPECT_EQ(said(s, "no-way-back"), "");
    s.options.has_down = false;
    EXPECT_EQ(said(down(s), "no-way-back"), "");
}

TEST(NoWayBack, IsQuietIfOneIsDerived)
{
    Action one = action(update, large());
    one.by_key = true;
    Study s =
        study({drops_column("note", empty()), renames(rename_table, fresh(), "", "b"),
               statement("CREATE TABLE a ()", {action(create_table, fresh("a"))}),
               statement("UPDATE a ...", {action(update, fresh("a"))}),
               statement("CREATE INDEX i ON orders (a)", {action(create_index, large(), "i")}),
               statement("ANALYZE", {action(analyze)})});
    s.options.has_down = false;
    EXPECT_EQ(said(s, "no-way-back"), "");
    s.statements.push_back(statement("UPDATE orders ...", {one}));
    EXPECT_EQ(said(s, "no-way-back"), "info 0");
    expect_words(s, "no-way-back", {"the values that rows of orders had before are not kept"});
    Study value = study({statement("ALTER TYPE ...", {action(add_enum_value, {}, "mood")})});
    value.options.has_down = false;
    EXPECT_EQ(said(value, "no-way-back"), "info 0");
}

} // namespace
} // namespace migrate
