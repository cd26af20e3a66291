// SPDX-License-Identifier: PostgreSQL
#include "options.h"

#include <gtest/gtest.h>

using namespace migrate::client;

namespace {

Options parsed(std::vector<std::string> arguments)
{
    const CommandLine line = parse_command_line(std::move(arguments));
    EXPECT_TRUE(line.options.has_value());
    return line.options.value_or(Options{});
}

Failure refused(std::vector<std::string> arguments)
{
    try {
        parse_command_line(std::move(arguments));
    } catch (const Failure &failure) {
        EXPECT_EQ(failure.code, ExitCode::usage);
        return failure;
    }
    ADD_FAILURE() << "the command line was accepted";
    return client_failure(ExitCode::done, "");
}

TEST(ClientOptions, UpWithItsDefaults)
{
    const Options options = parsed({"up"});
    EXPECT_EQ(options.command, Command::up);
    EXPECT_EQ(options.directory, "migrations");
    EXPECT_FALSE(options.target || options.url || options.wait || options.role);
    EXPECT_FALSE(options.strict || options.dry_run || options.json || options.create_extension);
}

TEST(ClientOptions, UpWithEverything)
{
    const Options options =
        parsed({"up", "v42", "--dir", "db", "--url", "postgres://h/d", "--wait", "30", "--role",
                "owner", "--strict", "--dry-run", "--create-extension", "--json", "--yes"});
    EXPECT_EQ(options.target, "v42");
    EXPECT_EQ(options.directory, "db");
    EXPECT_EQ(options.url, "postgres://h/d");
    EXPECT_EQ(options.wait, "30");
    EXPECT_EQ(options.role, "owner");
    EXPECT_TRUE(options.strict && options.dry_run && options.create_extension && options.json);
}

TEST(ClientOptions, CommonOptionsMayStandBeforeTheCommand)
{
    const Options options = parsed({"--dir", "db", "--json", "status", "--check"});
    EXPECT_EQ(options.command, Command::status);
    EXPECT_EQ(options.directory, "db");
    EXPECT_TRUE(options.json && options.check);
}

TEST(ClientOptions, Settings)
{
    for (const char *command : {"up", "down", "goto", "redo"}) {
        std::vector<std::string> arguments = {command, "--set", "lock_patience=1min",
                                              "--set=migrate.protected_roles=\"a\",b=c"};
        if (std::string(command) == "goto")
            arguments.push_back("v42");
        EXPECT_EQ(settings_json(parsed(arguments).settings),
                  R"({"lock_patience":"1min","migrate.protected_roles":"\"a\",b=c"})");
    }
    EXPECT_EQ(parsed({"up", "--set", "a=", "v42"}).target, "v42");
    EXPECT_EQ(settings_json({"a="}), R"({"a":""})");
    EXPECT_EQ(settings_json({}), std::nullopt);
    EXPECT_NE(refused({"up", "--set", "lock_patience"}).error.message.find("NAME=VALUE"),
              std::string::npos);
    refused({"up", "--set", "=1"});
    refused({"up", "--set"});
    refused({"status", "--set", "a=b"});
}

TEST(ClientOptions, FormsOfDown)
{
    EXPECT_EQ(parsed({"down", "v2"}).target, "v2");
    EXPECT_TRUE(parsed({"down", "v2", "--cascade"}).cascade);
    EXPECT_EQ(parsed({"down", "-n", "3"}).count, 3);
    EXPECT_EQ(parsed({"down", "--to", "v2"}).keep, "v2");
    EXPECT_EQ(parsed({"down", "--run", "17"}).run, 17);
    EXPECT_TRUE(parsed({"down", "--all"}).all);
}

TEST(ClientOptions, FormsOfDownExcludeEachOther)
{
    refused({"down", "v2", "-n", "3"});
    refused({"down", "v2", "--all"});
    refused({"down", "--to", "v2", "--run", "1"});
    refused({"down", "--cascade"});
}

TEST(ClientOptions, NumbersAreChecked)
{
    EXPECT_EQ(refused({"down", "-n", "0"}).error.message,
              "-n: \"0\" is not a whole number from 1 on");
    refused({"down", "-n", "-1"});
    refused({"down", "-n", "many"});
    refused({"redo", "-n", "99999999999"});
    refused({"wait", "x"});
    EXPECT_EQ(parsed({"log", "-n", "0"}).count, 0);
}

TEST(ClientOptions, RecordCommands)
{
    EXPECT_EQ(parsed({"mark", "v1", "applied"}).state, "applied");
    refused({"mark", "v1", "done"});
    refused({"mark", "v1"});
    EXPECT_EQ(parsed({"repair", "v1", "retry"}).decision, "retry");
    EXPECT_EQ(parsed({"repair", "v1", "--file", "x.sql"}).file, "x.sql");
    refused({"repair", "v1", "done", "--file", "x.sql"});
    EXPECT_EQ(parsed({"baseline", "v3"}).target, "v3");
}

TEST(ClientOptions, SqlAndJsonExcludeEachOther)
{
    EXPECT_TRUE(parsed({"plan", "--sql", "--role", "owner"}).sql);
    refused({"plan", "--sql", "--json"});
    refused({"plan", "--role", "owner"});
}

TEST(ClientOptions, MistakesPointToHelp)
{
    EXPECT_EQ(refused({}).error.hint, "Try pg_migrate --help.");
    EXPECT_EQ(refused({"--foo", "aply"}).error.message, "there is no command \"aply\"");
    EXPECT_EQ(refused({"aply"}).error.hint, "Try pg_migrate --help.");
    EXPECT_EQ(refused({"up", "--foo"}).error.hint, "Try pg_migrate up --help.");
    refused({"upp"});
    refused({"new"});
    refused({"new", ""});
}

TEST(ClientOptions, HelpTeaches)
{
    const CommandLine program = parse_command_line({"--help"});
    EXPECT_FALSE(program.options);
    EXPECT_NE(program.text.find("Exit codes:"), std::string::npos);
    EXPECT_NE(program.text.find("pg_migrate up --dry-run"), std::string::npos);
    for (const char *command : {"up", "down", "goto", "redo", "status", "log", "plan", "mark",
                                "baseline", "repair", "wait", "new", "upload"}) {
        const CommandLine line = parse_command_line({command, "--help"});
        EXPECT_FALSE(line.options) << command;
        EXPECT_NE(line.text.find(std::string("Usage: pg_migrate ") + command), std::string::npos)
            << line.text;
        EXPECT_NE(line.text.find(std::string("\n  pg_migrate ") + command), std::string::npos)
            << command << " has no example";
        EXPECT_EQ(line.text.find("Excludes"), std::string::npos);
    }
}

TEST(ClientOptions, LinesOfHelpFitAHundredColumns)
{
    for (const char *command : {"up", "down", "plan", "repair"}) {
        const std::string text = parse_command_line({command, "--help"}).text;
        for (std::size_t begin = 0; begin < text.size(); begin = text.find('\n', begin) + 1)
            EXPECT_LE(text.find('\n', begin) - begin, 102U) << text.substr(begin, 110); // bytes
    }
}

TEST(ClientOptions, IntervalOfAPlainNumberIsSeconds)
{
    EXPECT_EQ(interval_of("30"), "30 seconds");
    EXPECT_EQ(interval_of("1.5"), "1.5 seconds");
    EXPECT_EQ(interval_of("5 min"), "5 min");
    EXPECT_EQ(interval_of(""), "");
}

} // namespace
