// Where to connect: a URL as applications carry it in DATABASE_URL, made fit for libpq.
// Other tools put their own parameters into it; libpq refuses those it does not know.  What libpq
// knows stays, `schema` becomes search_path, the rest is dropped and named.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace migrate::client {

struct CleanUrl
{
    std::string conninfo;                   // what libpq can read
    std::optional<std::string> search_path; // from schema=, currentSchema= or search_path=
    std::vector<std::string> dropped;       // parameters that are not libpq's
};

// Keywords that this libpq accepts in a connection string.
std::vector<std::string> libpq_keywords();

// Only the query part of a postgres:// URL is changed (and the driver named in its scheme, as in
// postgresql+asyncpg://); anything else is a libpq connection string and is returned as it is.
// With pgbouncer=true the pooler would refuse a search_path in the startup packet: it is dropped.
CleanUrl clean_url(std::string_view url, const std::vector<std::string> &known);

using ConnectionParameters = std::vector<std::pair<std::string, std::string>>;

// What to hand to PQconnectdbParams: the URL's values and ours (client_encoding, the application's
// name, keepalives so that a dead connection is noticed during a long wait).
// Throws: Failure with ExitCode::usage for what libpq cannot read.
ConnectionParameters connection_parameters(const CleanUrl &url);

// The value for the startup option `options` that adds search_path to the options already there.
std::string options_with_search_path(std::string_view options, std::string_view search_path);

} // namespace migrate::client
