// Columns added and changed.
// SPDX-License-Identifier: PostgreSQL
#include "test/unit/core/rules/studies.h"

namespace migrate {
namespace {

using enum ActionKind;
using enum LockMode;

Action column(const Relation &table)
{
    Action a = action(add_column, table, "token");
    a.type = "uuid";
    return a;
}

// A default for each row.
Action filled(const Relation &table)
{
    Action a = column(table);
    a.default_kind = DefaultKind::volatile_;
    a.default_text = "gen_random_uuid()";
    a.rewrites = true;
    return a;
}

StudiedStatement adds(const Action &a, std::vector<Effect> effects)
{
    return statement("ALTER TABLE " + a.relation.name + " ADD COLUMN token uuid", {a},
                     std::move(effects));
}

TEST(AddingFieldWithDefault, SpeaksOfAVolatileOne)
{
    Action a = filled(large());
    a.not_null = true;
    const Study s = study({adds(a, {rewrites(large(), access_exclusive, 30)})});
    EXPECT_EQ(said(s, "adding-field-with-default"), "error 1");
    expect_words(s, "adding-field-with-default",
                 {"writing orders anew for column \"token\" blocks reads and writes for about 30 s",
                  "ADD COLUMN token uuid;", "SET DEFAULT gen_random_uuid();", "-- migrate:backfill",
                  "UPDATE orders SET token = gen_random_uuid() WHERE token IS NULL;",
                  "CHECK (token IS NOT NULL) NOT VALID"});
    EXPECT_EQ(said(study({online(adds(a, {rewrites(large(), access_exclusive, 30)}))}),
                   "adding-field-with-default"),
              "info 1");
}

TEST(AddingFieldWithDefault, SpeaksOfGeneratedAndNumberedOnes)
{
    for (bool Action::*what : {&Action::stored, &Action::identity, &Action::serial}) {
        Action a = column(large());
        a.*what = a.rewrites = true;
        const Study s = study({adds(a, {rewrites(large(), access_exclusive, 30)})});
        EXPECT_EQ(said(s, "adding-field-with-default"), "error 1");
        EXPECT_EQ(alarms(s).find("adding-required-field"), std::string::npos);
    }
}

TEST(AddingFieldWithDefault, FindsTheCauseWhereTheActionDoesNotSay)
{
    Action a = filled(large());
    a.rewrites = false;
    const std::vector<Effect> effects = {rewrites(large(), access_exclusive, 30)};
    EXPECT_EQ(said(study({adds(a, effects)}), "adding-field-with-default"), "error 1");
    StudiedStatement both = adds(a, effects);
    both.actions.push_back(column(large()));
    EXPECT_EQ(said(study({both}), "adding-field-with-default"), "error 1");
}

TEST(AddingFieldWithDefault, IsQuietIfTheTableIsNotWritten)
{
    const std::vector<Effect> instant = {locks(large(), access_exclusive)};
    Action constant = column(large());
    constant.default_kind = DefaultKind::constant;
    constant.default_text = "5";
    constant.not_null = true;
    EXPECT_EQ(alarms(study({adds(constant, instant)})), "");
    constant.default_kind = DefaultKind::stable;
    EXPECT_EQ(alarms(study({adds(constant, instant)})), "");
    EXPECT_EQ(alarms(study({adds(column(large()), instant)})), "");
    EXPECT_EQ(alarms(study({adds(filled(small()), {rewrites(small(), access_exclusive, 0.01)})})),
              "");
    EXPECT_EQ(alarms(study({adds(filled(fresh()), {})})), "");
    Action there = filled(large());
    there.already_so = true;
    EXPECT_EQ(alarms(study({adds(there, {locks(large(), access_exclusive)})})), "");
}

TEST(AddingRequiredField, SpeaksWhereThereAreRowsOrOldCode)
{
    Action a = column(large());
    a.not_null = true;
    const Study s = study({adds(a, {locks(large(), access_exclusive)})});
    EXPECT_EQ(said(s, "adding-required-field"), "error 1");
    expect_words(s, "adding-required-field", {"\"token\" of orders", "ADD COLUMN token uuid;"});
    a.relation = empty();
    EXPECT_EQ(said(study({adds(a, {})}), "adding-required-field"), "warning 1");
    a.relation = fresh();
    EXPECT_EQ(alarms(study({adds(a, {})})), "");
    a.relation = large();
    a.default_kind = DefaultKind::constant;
    EXPECT_EQ(said(study({adds(a, {})}), "adding-required-field"), "");
    a.default_kind = DefaultKind::none;
    a.already_so = true;
    EXPECT_EQ(said(study({adds(a, {})}), "adding-required-field"), "");
}

StudiedStatement changes(const Relation &table, const std::string &from, const std::string &to,
                         std::vector<Effect> effects)
{
    Action a = action(alter_type, table, "amount");
    a.old_type = from;
    a.type = to;
    return statement("ALTER TABLE " + table.name + " ALTER amount TYPE " + to, {a},
                     std::move(effects));
}

TEST(ChangingColumnType, SpeaksOfARewrite)
{
    const Study s =
        study({changes(large(), "integer", "bigint", {rewrites(large(), access_exclusive, 60)})});
    EXPECT_EQ(said(s, "changing-column-type"), "error 1");
    expect_words(s, "changing-column-type",
                 {"writing orders anew", "from integer to bigint", "indexes are built again"});
    const Study reads = study(
        {changes(large(), "text", "character varying(20)", {scans(large(), access_exclusive, 3)})});
    expect_words(reads, "changing-column-type", {"checking orders anew"});
}

TEST(ChangingColumnType, IsQuietAboutFreeChanges)
{
    const std::vector<Effect> instant = {locks(large(), access_exclusive)};
    const std::pair<const char *, const char *> free[] = {
        {"character varying(20)", "character varying(40)"},
        {"character varying(20)", "text"},
        {"text", "character varying"},
        {"numeric(10,2)", "numeric(12,2)"},
        {"numeric(10,2)", "numeric"},
        {"timestamp(3) without time zone", "timestamp without time zone"},
        {"cidr", "inet"}};
    for (const auto &[from, to] : free)
        EXPECT_EQ(alarms(study({changes(large(), from, to, instant)})), "") << from << " to " << to;
    EXPECT_EQ(alarms(study({changes(small(), "integer", "bigint",
                                    {rewrites(small(), access_exclusive, 0.01)})})),
              "");
    EXPECT_EQ(alarms(study({changes(fresh(), "integer", "bigint", {})})), "");
}

TEST(ChangingColumnType, IsNotBlamedForWhatAnotherCommandDoes)
{
    StudiedStatement s =
        changes(large(), "character varying(20)", "text", {scans(large(), access_exclusive, 3)});
    Action check = action(add_check, large(), "positive");
    s.actions.push_back(check);
    EXPECT_EQ(said(study({s}), "changing-column-type"), "");
    EXPECT_EQ(said(study({s}), "constraint-missing-not-valid"), "error 1");
}

TEST(IncompatibleColumnType, SpeaksOfAnotherKindOrFewerValues)
{
    const std::vector<Effect> instant = {locks(small(), access_exclusive)};
    const auto of = [&](const char *from, const char *to) {
        return study({changes(small(), from, to, instant)});
    };
    EXPECT_EQ(said(of("text", "integer"), "incompatible-column-type"), "warning 1");
    EXPECT_EQ(said(of("bigint", "integer"), "incompatible-column-type"), "warning 1");
    EXPECT_EQ(said(down(of("bigint", "integer")), "incompatible-column-type"), "info 1");
    EXPECT_EQ(said(of("integer", "bigint"), "incompatible-column-type"), "");
    EXPECT_EQ(said(of("mood", "temper"), "incompatible-column-type"), "");
    expect_words(of("text", "integer"), "incompatible-column-type",
                 {"\"amount\" of colours", "from text to integer"});
}

} // namespace
} // namespace migrate
