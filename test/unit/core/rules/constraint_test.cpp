// Constraints added, validated and taken over from indexes.
// SPDX-License-Identifier: PostgreSQL
#include "test/unit/core/rules/studies.h"

namespace migrate {
namespace {

using enum ActionKind;
using enum LockMode;

Action key_to_users(const Relation &table)
{
    Action a = action(add_foreign_key, table, "orders_user_id_fkey");
    a.text = "ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id)";
    a.columns = {"user_id"};
    a.referenced = large("users");
    a.referenced_columns = {"id"};
    return a;
}

StudiedStatement adds_key(const Relation &table, double seconds)
{
    Effect scan = scans(table, share_row_exclusive, seconds);
    scan.joins = true;
    return statement("ALTER TABLE " + table.name + " ADD CONSTRAINT ...", {key_to_users(table)},
                     {scan, locks(large("users"), share_row_exclusive)});
}

TEST(AddingForeignKeyConstraint, SpeaksOfALargeTable)
{
    const Study s = study({adds_key(large(), 20)});
    EXPECT_EQ(said(s, "adding-foreign-key-constraint"), "error 1");
    expect_words(s, "adding-foreign-key-constraint",
                 {"checking every row of orders against users", "blocks writes for about 20 s",
                  "ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) "
                  "NOT VALID;",
                  "ALTER TABLE orders VALIDATE CONSTRAINT orders_user_id_fkey;"});
}

TEST(AddingForeignKeyConstraint, IsQuietWhereNothingIsRead)
{
    EXPECT_EQ(alarms(study({adds_key(small(), 0.01)})), "");
    StudiedStatement unchecked = adds_key(large(), 0);
    unchecked.actions[0].not_valid = true;
    unchecked.effects = {locks(large(), share_row_exclusive),
                         locks(large("users"), share_row_exclusive)};
    EXPECT_EQ(alarms(study({unchecked})), "");
    // In CREATE TABLE.
    EXPECT_EQ(alarms(study({statement("CREATE TABLE invoices (...)",
                                      {action(create_table, fresh()), key_to_users(fresh())},
                                      {locks(large("users"), share_row_exclusive)})})),
              "");
    // Behind a new column that is NULL everywhere.
    StudiedStatement column =
        statement("ALTER TABLE orders ADD COLUMN user_id bigint REFERENCES users",
                  {action(add_column, large(), "user_id"), key_to_users(large())},
                  {locks(large(), access_exclusive), locks(large("users"), share_row_exclusive)});
    column.actions[1].constraint_of_column = true;
    EXPECT_EQ(alarms(study({column})), "");
}

StudiedStatement adds_check(const Relation &table, double seconds)
{
    Action a = action(add_check, table, "positive");
    a.text = "ADD CONSTRAINT positive CHECK (amount > 0)";
    a.condition = "amount > 0";
    return statement("ALTER TABLE " + table.name + " ADD CONSTRAINT positive CHECK (amount > 0)",
                     {a}, {scans(table, access_exclusive, seconds)});
}

TEST(ConstraintMissingNotValid, SpeaksOfALargeTable)
{
    const Study s = study({adds_check(large(), 3)});
    EXPECT_EQ(said(s, "constraint-missing-not-valid"), "error 1");
    expect_words(
        s, "constraint-missing-not-valid",
        {"checking every row of orders for constraint \"positive\" blocks reads and writes",
         "ADD CONSTRAINT positive CHECK (amount > 0) NOT VALID;", "VALIDATE CONSTRAINT positive;"});
    EXPECT_EQ(said(study({adds_check(large(), 0.3)}), "constraint-missing-not-valid"), "warning 1");
    EXPECT_EQ(alarms(study({adds_check(small(), 0.01)})), "");
    EXPECT_EQ(said(study({online(adds_check(large(), 3))}), "constraint-missing-not-valid"),
              "info 1");
}

TEST(ConstraintMissingNotValid, WritesNamesAsSqlNeedsThem)
{
    StudiedStatement s = adds_check(large("\"Order\""), 3);
    s.actions[0].name = "";
    s.actions[0].text = "ADD CHECK (amount > 0)";
    s.actions[0].columns = {"amount"};
    expect_words(study({s}), "constraint-missing-not-valid",
                 {"ALTER TABLE \"Order\" ADD CONSTRAINT \"Order_amount_check\" CHECK (amount > 0) "
                  "NOT VALID;"});
    s.actions[0].chosen_name = "Order_check1";
    expect_words(study({s}), "constraint-missing-not-valid",
                 {"VALIDATE CONSTRAINT \"Order_check1\";"});
}

StudiedStatement adds_unchecked(const Relation &table)
{
    StudiedStatement s = adds_check(table, 0);
    s.actions[0].not_valid = true;
    s.effects = {locks(table, access_exclusive)};
    return s;
}

StudiedStatement validates(const Relation &table, double seconds)
{
    return statement("ALTER TABLE " + table.name + " VALIDATE CONSTRAINT positive",
                     {action(validate_constraint, table, "positive")},
                     {scans(table, share_update_exclusive, seconds)});
}

TEST(ConstraintMissingNotValid, SpeaksOfValidatingInTheSameTransaction)
{
    const Study s = study({adds_unchecked(large()), validates(large(), 3)});
    EXPECT_EQ(said(s, "constraint-missing-not-valid"), "error 2");
    EXPECT_EQ(said(s, "long-work-after-lock"), "");
    expect_words(
        s, "constraint-missing-not-valid",
        {"in the transaction that adds it", "Statement 1 took ACCESS EXCLUSIVE on orders"});
    EXPECT_EQ(alarms(study({adds_unchecked(large()), in_group(1, validates(large(), 3))})), "");
    EXPECT_EQ(alarms(study({adds_unchecked(large()), alone(validates(large(), 3))})), "");
    EXPECT_EQ(alarms(study({adds_unchecked(small()), validates(small(), 0.01)})), "");
    EXPECT_EQ(alarms(study({validates(large(), 3)})), "");
}

TEST(ConstraintMissingNotValid, KnowsTheNameThatTheServerChooses)
{
    StudiedStatement unnamed = adds_unchecked(large());
    unnamed.actions[0].name = "";
    unnamed.actions[0].chosen_name = "positive";
    EXPECT_EQ(said(study({unnamed, validates(large(), 3)}), "constraint-missing-not-valid"),
              "error 2");
    unnamed.actions[0].chosen_name = "orders_check";
    EXPECT_EQ(said(study({unnamed, validates(large(), 3)}), "constraint-missing-not-valid"), "");
}

TEST(AddingNotNullableField, SpeaksUnlessProven)
{
    const auto sets = [](const Relation &table, double seconds) {
        return statement("ALTER TABLE " + table.name + " ALTER user_id SET NOT NULL",
                         {action(set_not_null, table, "user_id")},
                         {scans(table, access_exclusive, seconds)});
    };
    const Study s = study({sets(large(), 2)});
    EXPECT_EQ(said(s, "adding-not-nullable-field"), "error 1");
    expect_words(s, "adding-not-nullable-field",
                 {"for a NULL in \"user_id\"", "CHECK (user_id IS NOT NULL) NOT VALID;",
                  "ALTER COLUMN user_id SET NOT NULL;", "DROP CONSTRAINT orders_user_id_check;"});
    EXPECT_EQ(alarms(study({sets(small(), 0.01)})), "");
    EXPECT_EQ(alarms(study({sets(fresh(), 0)})), "");
    StudiedStatement proven = sets(large(), 0);
    proven.actions[0].proven = true;
    proven.effects = {locks(large(), access_exclusive)};
    EXPECT_EQ(alarms(study({proven})), "");
    StudiedStatement there = sets(large(), 0);
    there.actions[0].already_so = true;
    EXPECT_EQ(alarms(study({there})), "");
    EXPECT_EQ(alarms(study({online(sets(large(), 2))})), "");
}

TEST(AddingNotNullableField, SpeaksOfNamedConstraintsAndKeys)
{
    Action named = action(add_not_null, large(), "named");
    named.columns = {"user_id"};
    const auto adds = [](const Action &a) {
        return study(
            {statement("ALTER TABLE orders ADD ...", {a}, {scans(large(), access_exclusive, 2)})});
    };
    EXPECT_EQ(said(adds(named), "adding-not-nullable-field"), "error 1");
    expect_words(adds(named), "adding-not-nullable-field", {"for a NULL in \"user_id\""});
    named.not_valid = true;
    EXPECT_EQ(alarms(adds(named)), "");

    Action key = action(add_primary_key, large(), "orders_pkey");
    key.using_index = true;
    key.nullable_columns = {"id"};
    EXPECT_EQ(said(adds(key), "adding-not-nullable-field"), "error 1");
    EXPECT_EQ(said(adds(key), "adding-serial-primary-key-field"), "");
    key.nullable_columns.clear();
    EXPECT_EQ(alarms(adds(key)), "");
}

StudiedStatement adds(ActionKind kind, const Relation &table, double seconds)
{
    Action a = action(kind, table, "");
    a.columns = {"code"};
    a.chosen_name = table.name + "_code_key";
    return statement("ALTER TABLE " + table.name + " ADD ...", {a},
                     {builds(table, access_exclusive, seconds)});
}

TEST(Keys, SpeakOfLargeTablesOnly)
{
    const std::pair<ActionKind, const char *> cases[] = {
        {add_unique, "disallowed-unique-constraint"},
        {add_primary_key, "adding-serial-primary-key-field"},
        {add_exclusion, "adding-exclusion-constraint"}};
    for (const auto &[kind, rule] : cases) {
        EXPECT_EQ(said(study({adds(kind, large(), 30)}), rule), "error 1");
        EXPECT_EQ(said(study({adds(kind, large(), 0.5)}), rule), "warning 1");
        EXPECT_EQ(alarms(study({adds(kind, small(), 0.01)})), "") << rule;
        EXPECT_EQ(alarms(study({adds(kind, fresh(), 0)})), "") << rule;
        EXPECT_EQ(said(study({online(adds(kind, large(), 30))}), rule), "info 1");
    }
}

TEST(Keys, AreTakenOverFromAnIndex)
{
    expect_words(study({adds(add_unique, large(), 30)}), "disallowed-unique-constraint",
                 {"building a unique constraint on \"code\" of orders",
                  "CREATE UNIQUE INDEX CONCURRENTLY orders_code_key ON orders (code);",
                  "ADD CONSTRAINT orders_code_key UNIQUE USING INDEX orders_code_key;"});
    StudiedStatement with_index = adds(add_unique, large(), 0);
    with_index.actions[0].using_index = true;
    with_index.effects = {locks(large(), access_exclusive)};
    EXPECT_EQ(alarms(study({with_index})), "");
    StudiedStatement periods = adds(add_unique, large(), 30);
    periods.actions[0].without_overlaps = true;
    EXPECT_EQ(words(study({periods}), "disallowed-unique-constraint").find("CONCURRENTLY"),
              std::string::npos);
}

TEST(Keys, OfAColumnAreReportedOnce)
{
    Action column = action(add_column, large(), "id");
    column.not_null = column.primary_key = column.serial = column.rewrites = true;
    column.default_kind = DefaultKind::volatile_;
    StudiedStatement s = statement("ALTER TABLE orders ADD id bigserial PRIMARY KEY", {column},
                                   {rewrites(large(), access_exclusive, 60)});
    EXPECT_EQ(said(study({s}), "adding-serial-primary-key-field"), "error 1");
    EXPECT_EQ(said(study({s}), "adding-field-with-default"), "");
    Action key = action(add_primary_key, large());
    key.constraint_of_column = true;
    s.actions.push_back(key);
    EXPECT_EQ(said(study({s}), "adding-serial-primary-key-field"), "error 1");
}

TEST(BanAlterDomainWithAddConstraint, SpeaksIfALargeTableUsesTheDomain)
{
    const auto alters = [](std::vector<Effect> effects) {
        return study({statement("ALTER DOMAIN price ADD CHECK (VALUE > 0)",
                                {action(domain_constraint, {}, "price")}, std::move(effects))});
    };
    const Study s = alters({scans(large(), share, 2)});
    EXPECT_EQ(said(s, "ban-alter-domain-with-add-constraint"), "error 1");
    expect_words(s, "ban-alter-domain-with-add-constraint", {"domain \"price\"", "NOT VALID"});
    EXPECT_EQ(alarms(alters({})), "");
    EXPECT_EQ(alarms(alters({scans(small(), share, 0.01)})), "");
}

Action keyed(const Relation &table)
{
    Action a = key_to_users(table);
    a.lacks_index = a.not_valid = true;
    return a;
}

TEST(ForeignKeyWithoutIndex, SpeaksOfALargeTable)
{
    const auto of = [](const Action &a) { return statement("ALTER TABLE x ADD ...", {a}); };
    const Study s = study({of(keyed(large()))});
    EXPECT_EQ(said(s, "foreign-key-without-index"), "warning 1");
    expect_words(s, "foreign-key-without-index",
                 {"orders", "\"user_id\"", "CREATE INDEX ON orders (user_id);"});
    EXPECT_EQ(said(study({of(keyed(small()))}), "foreign-key-without-index"), "info 1");
    EXPECT_EQ(said(study({of(keyed(fresh()))}), "foreign-key-without-index"), "info 1");
    Action indexed = keyed(large());
    indexed.lacks_index = false;
    EXPECT_EQ(said(study({of(indexed)}), "foreign-key-without-index"), "");
}

TEST(ForeignKeyWithoutIndex, SeesTheIndexThatTheScriptMakes)
{
    Action key = keyed(large());
    key.columns = {"a", "b"};
    const auto with = [&](std::vector<std::string> columns, bool partial) {
        Action index = action(create_index, large(), "i");
        index.columns = std::move(columns);
        index.concurrently = true;
        index.has_condition = partial;
        return said(study({statement("ALTER TABLE orders ADD ...", {key}),
                           alone(statement("CREATE INDEX CONCURRENTLY ...", {index}))}),
                    "foreign-key-without-index");
    };
    EXPECT_EQ(with({"a", "b"}, false), "");
    EXPECT_EQ(with({"b", "a", "c"}, false), "");
    EXPECT_EQ(with({"a"}, false), "warning 1");
    EXPECT_EQ(with({"c", "a", "b"}, false), "warning 1");
    EXPECT_EQ(with({"a", "b"}, true), "warning 1");
}

TEST(MismatchedForeignKeyType, SpeaksOfDifferentTypes)
{
    const auto with = [](const std::string &types) {
        Action key = key_to_users(large());
        key.not_valid = true;
        key.mismatched_type = types;
        return study({statement("ALTER TABLE orders ADD ...", {key})});
    };
    EXPECT_EQ(said(with("user_id integer, id bigint"), "mismatched-foreign-key-type"), "warning 1");
    expect_words(with("user_id integer, id bigint"), "mismatched-foreign-key-type",
                 {"user_id integer, id bigint", "users"});
    EXPECT_EQ(alarms(with("")), "");
    EXPECT_EQ(alarms(with("user_id character varying(20), id text")), "");
    EXPECT_EQ(alarms(with("user_id numeric(10,0), id numeric")), "");
}

} // namespace
} // namespace migrate
