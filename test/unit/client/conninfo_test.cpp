// SPDX-License-Identifier: PostgreSQL
#include "conninfo.h"

#include "failure.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

using namespace migrate::client;

namespace {

using Names = std::vector<std::string>;

CleanUrl cleaned(std::string_view url)
{
    return clean_url(url, libpq_keywords());
}

std::string value_of(const ConnectionParameters &parameters, const std::string &keyword)
{
    const auto found = std::find_if(parameters.begin(), parameters.end(),
                                    [&](const auto &p) { return p.first == keyword; });
    return found == parameters.end() ? "(none)" : found->second;
}

TEST(ClientConninfo, WhatLibpqKnowsStays)
{
    const CleanUrl url =
        cleaned("postgres://u:p@h:5433/d?sslmode=require&connect_timeout=3&ssl=true");
    EXPECT_EQ(url.conninfo, "postgres://u:p@h:5433/d?sslmode=require&connect_timeout=3&ssl=true");
    EXPECT_TRUE(url.dropped.empty());
    EXPECT_FALSE(url.search_path);
}

TEST(ClientConninfo, OtherToolsParametersAreDroppedAndNamed)
{
    const CleanUrl url =
        cleaned("postgresql://h/d?pool=5&sslmode=disable&pool_timeout=0&connection_limit=1"
                "&statement_cache_size=0&sslaccept=strict&pgbouncer=true");
    EXPECT_EQ(url.conninfo, "postgresql://h/d?sslmode=disable");
    EXPECT_EQ(url.dropped, (Names{"pool", "pool_timeout", "connection_limit",
                                  "statement_cache_size", "sslaccept", "pgbouncer"}));
}

TEST(ClientConninfo, SchemaBecomesSearchPath)
{
    EXPECT_EQ(cleaned("postgres://h/d?schema=app").search_path, "\"app\"");
    EXPECT_EQ(cleaned("postgres://h/d?schema=My%20%22App%22").search_path, "\"My \"\"App\"\"\"");
    EXPECT_EQ(cleaned("postgres://h/d?search_path=app,public").search_path, "app,public");
    EXPECT_EQ(cleaned("jdbc:postgresql://h/d?currentSchema=app").search_path, "app");
    EXPECT_FALSE(cleaned("postgres://h/d?schema=").search_path);
    EXPECT_EQ(cleaned("postgres://h/d?schema=app").conninfo, "postgres://h/d");
}

TEST(ClientConninfo, APoolerTakesNoSearchPath)
{
    const CleanUrl url = cleaned("postgres://h/d?schema=app&pgbouncer=true");
    EXPECT_FALSE(url.search_path);
    EXPECT_EQ(url.dropped, (Names{"pgbouncer", "schema"}));
}

TEST(ClientConninfo, DriversInTheSchemeAreTakenOut)
{
    EXPECT_EQ(cleaned("postgresql+asyncpg://u@h/d").conninfo, "postgresql://u@h/d");
    EXPECT_EQ(cleaned("jdbc:postgresql://h/d?user=u").conninfo, "postgresql://h/d?user=u");
    EXPECT_EQ(cleaned("mysql+x://h/d").conninfo, "mysql+x://h/d");
}

TEST(ClientConninfo, ConnectionStringsAreLibpqsBusiness)
{
    EXPECT_EQ(cleaned("service=prod").conninfo, "service=prod");
    EXPECT_EQ(cleaned("host=h dbname=d?x").conninfo, "host=h dbname=d?x");
    EXPECT_EQ(cleaned("").conninfo, "");
}

TEST(ClientConninfo, OddQueryParts)
{
    EXPECT_EQ(cleaned("postgres://h/d?").conninfo, "postgres://h/d");
    EXPECT_EQ(cleaned("postgres://h/d?&&pool&").dropped, Names{"pool"});
    EXPECT_EQ(cleaned("postgres://h/d?po%6fl=1").dropped, Names{"pool"});
    EXPECT_EQ(cleaned("postgres://h/d?bad%zz=1").dropped, Names{"bad%zz"});
}

TEST(ClientConninfo, OurParametersAreAdded)
{
    unsetenv("PGSERVICE");
    const auto parameters =
        connection_parameters(cleaned("postgres://u@h/d?client_encoding=LATIN1&keepalives_idle=7"));
    EXPECT_EQ(value_of(parameters, "host"), "h");
    EXPECT_EQ(value_of(parameters, "client_encoding"), "UTF8");
    EXPECT_EQ(value_of(parameters, "fallback_application_name"), "pg_migrate");
    EXPECT_EQ(value_of(parameters, "keepalives_idle"), "7");
    EXPECT_EQ(value_of(parameters, "keepalives_count"), "6");
    EXPECT_EQ(value_of(parameters, "options"), "(none)"); // a pooler would refuse it
}

TEST(ClientConninfo, AServiceFilesValuesAreNotOverruled)
{
    const auto parameters = connection_parameters(cleaned("service=prod"));
    EXPECT_EQ(value_of(parameters, "service"), "prod");
    EXPECT_EQ(value_of(parameters, "keepalives_idle"), "(none)");
}

TEST(ClientConninfo, SearchPathIsAddedToOptions)
{
    const auto parameters =
        connection_parameters(cleaned("postgres://h/d?schema=my%20app&options=-cwork_mem%3D1MB"));
    EXPECT_EQ(value_of(parameters, "options"), "-cwork_mem=1MB -csearch_path=\"my\\ app\"");
    EXPECT_EQ(options_with_search_path("", "a\\b"), "-csearch_path=a\\\\b");
}

TEST(ClientConninfo, UnreadableStringsAreAUsageError)
{
    for (const char *text : {"host", "nonsense=1", "postgres://[::1/d"}) {
        try {
            connection_parameters(cleaned(text));
            ADD_FAILURE() << text;
        } catch (const Failure &failure) {
            EXPECT_EQ(failure.code, ExitCode::usage) << text;
            EXPECT_FALSE(failure.error.message.empty());
            EXPECT_FALSE(failure.error.message.ends_with("\n"));
        }
    }
}

} // namespace
