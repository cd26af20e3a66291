// Directives as people write them, and the typos that must not become comments.
// SPDX-License-Identifier: PostgreSQL
#include "core/directive.h"

#include "core/error.h"

#include <gtest/gtest.h>

namespace migrate {
namespace {

using Options = std::map<std::string, std::string>;

Directive read(std::string_view comment)
{
    const std::optional<Directive> directive = read_directive(comment);
    if (!directive) {
        ADD_FAILURE() << comment << " is no directive";
        return {};
    }
    return *directive;
}

// The error's message; every error has the same state, the comment as its detail and a way out.
std::string refusal(std::string_view comment)
{
    try {
        read_directive(comment);
    } catch (const Error &error) {
        EXPECT_EQ(error.sqlstate, "42601");
        EXPECT_TRUE(error.detail.starts_with("The comment is \"--")) << error.detail;
        EXPECT_TRUE(error.detail.ends_with("\".")) << error.detail;
        EXPECT_TRUE(error.hint.ends_with('.')) << error.hint;
        return error.message;
    }
    ADD_FAILURE() << comment << " is accepted";
    return {};
}

std::string hint(std::string_view comment)
{
    try {
        read_directive(comment);
    } catch (const Error &error) {
        return error.hint;
    }
    return {};
}

TEST(Directive, EveryKind)
{
    EXPECT_EQ(read("-- migrate:up").kind, DirectiveKind::up);
    EXPECT_EQ(read("-- migrate:down").kind, DirectiveKind::down);
    EXPECT_EQ(read("-- migrate:verify").kind, DirectiveKind::verify);
    EXPECT_EQ(read("-- migrate:contract").kind, DirectiveKind::contract);
    EXPECT_EQ(read("-- migrate:allow drop-table x").kind, DirectiveKind::allow);
    EXPECT_EQ(read("-- migrate:set online = off").kind, DirectiveKind::set);
    EXPECT_EQ(read("-- migrate:backfill").kind, DirectiveKind::backfill);
    EXPECT_EQ(read("-- migrate:online off").kind, DirectiveKind::online);
    EXPECT_EQ(read("-- migrate:reverse a.b = c").kind, DirectiveKind::reverse);
}

TEST(Directive, FourOfThemBeginASection)
{
    for (const char *comment : {"-- migrate:up", "-- migrate:down", "-- migrate:verify",
                                "-- migrate:contract", "-- UP", "-- DOWN"})
        EXPECT_TRUE(begins_section(read(comment))) << comment;
    for (const char *comment :
         {"-- migrate:allow x y", "-- migrate:set a = b", "-- migrate:backfill",
          "-- migrate:online off", "-- migrate:reverse a.b = c"})
        EXPECT_FALSE(begins_section(read(comment))) << comment;
}

TEST(Directive, AnySpacesCaseAndLineEnd)
{
    for (const char *comment :
         {"--migrate:up", "--   migrate:up", "--\tmigrate:up\t", "-- MIGRATE:UP", "-- Migrate:Up  ",
          "-- migrate:up\r", "-- migrate:up\r\n", "-- migrate:up\n", "  -- migrate:up",
          "-- migrate: up", "-- migrate :up", "-- migrate\t:\tup", "-- migrate:up\nmore"}) {
        const Directive directive = read(comment);
        EXPECT_EQ(directive.kind, DirectiveKind::up) << comment;
        EXPECT_FALSE(directive.short_form) << comment;
        EXPECT_EQ(directive.options, Options{}) << comment;
        EXPECT_EQ(directive.argument, "") << comment;
    }
}

TEST(Directive, ShortFormStandsAlone)
{
    for (const char *comment : {"-- UP", "--up", "-- Up\r", "--\tuP \t\r\n"}) {
        EXPECT_EQ(read(comment).kind, DirectiveKind::up) << comment;
        EXPECT_TRUE(read(comment).short_form) << comment;
    }
    EXPECT_EQ(read("-- down").kind, DirectiveKind::down);
    EXPECT_TRUE(read("-- DOWN").short_form);
}

TEST(Directive, OrdinaryComments)
{
    for (const char *comment : {"",
                                "--",
                                "-- ",
                                "-",
                                "up",
                                "migrate:up",
                                "-- UP transaction:never",
                                "-- up to here",
                                "-- UP:",
                                "-- ups",
                                "--- UP",
                                "--- migrate:up",
                                "-- migrate",
                                "-- migrate up",
                                "-- migration:up",
                                "-- migrates: x",
                                "-- we migrate:up",
                                "-- +migrate Up",
                                "-- verify",
                                "-- contract",
                                "/* migrate:up */",
                                "-- \xC3\xA9",
                                "\n-- migrate:up",
                                "\xEF\xBB\xBF-- migrate:up"})
        EXPECT_FALSE(read_directive(comment).has_value()) << comment;
}

TEST(Directive, UnrecognizedWords)
{
    EXPECT_EQ(refusal("-- migrate:donw"), "unrecognized directive \"donw\"");
    EXPECT_EQ(refusal("-- migrate:up;"), "unrecognized directive \"up;\"");
    EXPECT_EQ(refusal("-- migrate:up:x"), "unrecognized directive \"up:x\"");
    EXPECT_EQ(refusal("-- MIGRATE:UPS x\r"), "unrecognized directive \"UPS\"");
    EXPECT_EQ(refusal("-- migrate: the phones"), "unrecognized directive \"the\"");
    EXPECT_EQ(refusal("-- migrate:\xC3\xA9"), "unrecognized directive \"\xC3\xA9\"");
    EXPECT_EQ(refusal("-- migrate:"), "directive is missing after \"migrate:\"");
    EXPECT_EQ(refusal("-- migrate: \r\n"), "directive is missing after \"migrate:\"");
    EXPECT_EQ(hint("-- migrate:donw"),
              "The directives are up, down, verify, contract, allow, set, backfill, online and "
              "reverse.");
}

TEST(Directive, LongCommentsAreCutInErrors)
{
    const std::string message = refusal("-- migrate:" + std::string(100000, 'x'));
    EXPECT_LT(message.size(), 200u);
}

TEST(DirectiveOptions, OfScripts)
{
    EXPECT_EQ(
        read("-- migrate:up transaction:never online:off mode:expand requires:a,B").options,
        (Options{
            {"transaction", "never"}, {"online", "off"}, {"mode", "expand"}, {"requires", "a,B"}}));
    EXPECT_EQ(read("-- MIGRATE:DOWN\tTRANSACTION:Always \t ONLINE:AUTO \r\n").options,
              (Options{{"transaction", "always"}, {"online", "auto"}}));
    EXPECT_EQ(read("-- migrate:up requires:a:b").options, (Options{{"requires", "a:b"}}));
}

TEST(DirectiveOptions, DbmatesTransaction)
{
    EXPECT_EQ(read("-- migrate:up transaction:false\r\n").options["transaction"], "never");
    EXPECT_EQ(read("-- migrate:down transaction:TRUE").options["transaction"], "always");
    EXPECT_EQ(refusal("-- migrate:up online:true"),
              "unrecognized value \"true\" of option \"online\"");
}

TEST(DirectiveOptions, OfBackfill)
{
    EXPECT_EQ(read("-- migrate:backfill batch:5000 pause:100ms workers:2").options,
              (Options{{"batch", "5000"}, {"pause", "100ms"}, {"workers", "2"}}));
    EXPECT_EQ(refusal("-- migrate:backfill transaction:never"),
              "unrecognized option \"transaction\"");
    EXPECT_EQ(hint("-- migrate:backfill rows:1"),
              "The options of \"backfill\" are batch, pause and workers, each written as key:value "
              "without spaces.");
}

TEST(DirectiveOptions, NotKeyValue)
{
    EXPECT_EQ(refusal("-- migrate:up now"), "option \"now\" is not written as key:value");
    EXPECT_EQ(refusal("-- migrate:up :never"), "option \":never\" is not written as key:value");
    EXPECT_EQ(refusal("-- migrate:up transaction: never"),
              "option \"transaction:\" is not written as key:value");
    EXPECT_EQ(refusal("-- migrate:up transaction=never"),
              "option \"transaction=never\" is not written as key:value");
    EXPECT_EQ(refusal("-- migrate:up requires:a b"), "option \"b\" is not written as key:value");
}

TEST(DirectiveOptions, Unrecognized)
{
    EXPECT_EQ(refusal("-- migrate:up transacton:never"), "unrecognized option \"transacton\"");
    EXPECT_EQ(refusal("-- migrate:up batch:5"), "unrecognized option \"batch\"");
    EXPECT_EQ(refusal("-- migrate:verify transaction:never"),
              "unrecognized option \"transaction\"");
    EXPECT_EQ(refusal("-- migrate:contract x"), "option \"x\" is not written as key:value");
    EXPECT_EQ(hint("-- migrate:up a:b"),
              "The options of \"up\" are transaction, online, requires and mode, each written as "
              "key:value without spaces.");
    EXPECT_EQ(hint("-- migrate:verify a:b"), "The directive \"verify\" has no options.");
}

TEST(DirectiveOptions, UnrecognizedValues)
{
    EXPECT_EQ(refusal("-- migrate:up transaction:off"),
              "unrecognized value \"off\" of option \"transaction\"");
    EXPECT_EQ(refusal("-- migrate:up online:never"),
              "unrecognized value \"never\" of option \"online\"");
    EXPECT_EQ(refusal("-- migrate:up mode:exapnd"),
              "unrecognized value \"exapnd\" of option \"mode\"");
    EXPECT_EQ(hint("-- migrate:up transaction:no"),
              "Values of \"transaction\" are: auto, always and never.");
}

TEST(DirectiveOptions, GivenTwice)
{
    EXPECT_EQ(refusal("-- migrate:up online:off ONLINE:auto"), "option \"online\" is given twice");
    EXPECT_EQ(refusal("-- migrate:up requires:a requires:b"), "option \"requires\" is given twice");
}

TEST(DirectiveOptions, EmptyNamesInRequires)
{
    for (const char *comment :
         {"-- migrate:up requires:,", "-- migrate:up requires:a,", "-- migrate:up requires:,a",
          "-- migrate:up requires:a,,b", "-- migrate:up requires:a, b"})
        EXPECT_EQ(refusal(comment), "option \"requires\" has an empty name in its list") << comment;
}

TEST(DirectiveArgument, OfAllow)
{
    const Directive directive = read("-- migrate:ALLOW  Drop-Table \t the table is  empty \r\n");
    EXPECT_EQ(directive.name, "Drop-Table");
    EXPECT_EQ(directive.argument, "Drop-Table \t the table is  empty");
    EXPECT_EQ(read("-- migrate:allow drop-table").argument, "drop-table");
    EXPECT_EQ(refusal("-- migrate:allow"), "directive \"allow\" has no argument");
}

TEST(DirectiveArgument, OfSet)
{
    const Directive directive = read("-- migrate:set  Lock_Patience  =  5 min \r");
    EXPECT_EQ(directive.name, "lock_patience");
    EXPECT_EQ(directive.argument, "5 min");
    EXPECT_EQ(read("-- migrate:set a=b=c").name, "a");
    EXPECT_EQ(read("-- migrate:set a=b=c").argument, "b=c");
    EXPECT_EQ(read("-- migrate:set a =").argument, "");
    EXPECT_EQ(read("-- migrate:set a = B'").argument, "B'");
}

TEST(DirectiveArgument, OfSetWithoutItsParts)
{
    for (const char *comment :
         {"-- migrate:set a b", "-- migrate:set a to b", "-- migrate:set = b", "-- migrate:set ="})
        EXPECT_EQ(refusal(comment), "directive \"set\" is not written as NAME = VALUE") << comment;
    EXPECT_EQ(refusal("-- migrate:set"), "directive \"set\" has no argument");
}

TEST(DirectiveArgument, OfSetInQuotes)
{
    EXPECT_EQ(read("-- migrate:set lock_patience = '10min'").argument, "10min");
    EXPECT_EQ(read("-- migrate:set a=''\r").argument, "");
    EXPECT_EQ(read("-- migrate:set a = ' b '").argument, " b ");
    EXPECT_EQ(read("-- migrate:set a = 'it''s \"B\", c'").argument, "it's \"B\", c");
    EXPECT_EQ(read("-- migrate:set a = ''''").argument, "'");
    for (const char *comment :
         {"-- migrate:set a = '", "-- migrate:set a = 'b", "-- migrate:set a = 'b''",
          "-- migrate:set a = 'b' c", "-- migrate:set a = 'b', 'c'", "-- migrate:set a = '''"})
        EXPECT_EQ(refusal(comment), "value of directive \"set\" is not one string in single quotes")
            << comment;
}

TEST(DirectiveArgument, OfOnline)
{
    EXPECT_EQ(read("-- migrate:online off").argument, "off");
    EXPECT_EQ(read("-- Migrate : ONLINE \t Always \r\n").argument, "always");
    EXPECT_EQ(read("-- migrate:online auto").name, "");
    EXPECT_TRUE(read("-- migrate:online auto").options.empty());
    EXPECT_FALSE(begins_section(read("-- migrate:online off")));
    EXPECT_EQ(refusal("-- migrate:online"), "directive \"online\" has no argument");
    EXPECT_EQ(refusal("-- migrate:online never"),
              "unrecognized value \"never\" of option \"online\"");
    EXPECT_EQ(refusal("-- migrate:online off always"),
              "unrecognized value \"off always\" of option \"online\"");
    EXPECT_EQ(hint("-- migrate:online on"), "Values of \"online\" are: auto, off and always.");
}

TEST(DirectiveArgument, OfReverse)
{
    const Directive directive = read("-- migrate:reverse Users.name = first || ' ' || last\r\n");
    EXPECT_EQ(directive.argument, "Users.name = first || ' ' || last");
    EXPECT_EQ(directive.name, "");
    EXPECT_EQ(refusal("-- migrate:reverse \t"), "directive \"reverse\" has no argument");
}

} // namespace
} // namespace migrate
