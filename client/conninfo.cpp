// SPDX-License-Identifier: PostgreSQL
#include "conninfo.h"

#include "failure.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace migrate::client {
namespace {

using OptionList = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

std::string percent_decoded(std::string_view text);
std::string without_driver(std::string_view url);
std::string quoted_schema(std::string_view name);
void take_parameter(CleanUrl &clean, std::string_view pair, const std::vector<std::string> &known);
void set_default(ConnectionParameters &parameters, const char *keyword, const char *value);

} // namespace

std::vector<std::string> libpq_keywords()
{
    const OptionList options(PQconndefaults(), PQconninfoFree);
    std::vector<std::string> keywords;
    for (const PQconninfoOption *o = options.get(); o && o->keyword; o++)
        keywords.emplace_back(o->keyword);
    return keywords;
}

CleanUrl clean_url(std::string_view url, const std::vector<std::string> &known)
{
    CleanUrl clean;
    const std::string plain = without_driver(url);
    const bool is_url = plain.starts_with("postgres://") || plain.starts_with("postgresql://");
    const std::size_t question = plain.find('?');
    if (!is_url || question == std::string::npos) {
        clean.conninfo = plain;
        return clean;
    }
    clean.conninfo = plain.substr(0, question);
    std::string_view rest = std::string_view(plain).substr(question + 1);
    bool pooled = false;
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        if (pair.empty())
            continue;
        pooled |= pair == "pgbouncer=true";
        take_parameter(clean, pair, known);
    }
    if (pooled && clean.search_path) {
        clean.search_path.reset();
        clean.dropped.emplace_back("schema");
    }
    return clean;
}

ConnectionParameters connection_parameters(const CleanUrl &url)
{
    char *complaint = nullptr;
    const OptionList options(PQconninfoParse(url.conninfo.c_str(), &complaint), PQconninfoFree);
    if (!options) {
        std::string message = complaint ? complaint : "out of memory\n";
        PQfreemem(complaint);
        message.erase(message.find_last_not_of('\n') + 1);
        throw client_failure(ExitCode::usage, message, {},
                             "Give --url or DATABASE_URL as "
                             "postgres://user@host:5432/database or as host=… dbname=….");
    }
    ConnectionParameters parameters;
    for (const PQconninfoOption *o = options.get(); o->keyword; o++)
        if (o->val && std::string_view(o->keyword) != "client_encoding")
            parameters.emplace_back(o->keyword, o->val);
    parameters.emplace_back("client_encoding", "UTF8");
    set_default(parameters, "fallback_application_name", "pg_migrate");
    const bool by_service =
        std::getenv("PGSERVICE") || std::any_of(parameters.begin(), parameters.end(),
                                                [](auto &p) { return p.first == "service"; });
    if (!by_service) { // a service file's own values would lose against ours
        set_default(parameters, "keepalives_idle", "30");
        set_default(parameters, "keepalives_interval", "10");
        set_default(parameters, "keepalives_count", "6");
    }
    if (url.search_path) {
        set_default(parameters, "options",
                    std::getenv("PGOPTIONS") ? std::getenv("PGOPTIONS") : "");
        for (auto &[keyword, value] : parameters)
            if (keyword == "options")
                value = options_with_search_path(value, *url.search_path);
    }
    return parameters;
}

std::string options_with_search_path(std::string_view options, std::string_view search_path)
{
    std::string result(options);
    if (!result.empty())
        result += ' ';
    result += "-csearch_path=";
    for (const char c : search_path) {
        if (c == ' ' || c == '\\')
            result += '\\';
        result += c;
    }
    return result;
}

namespace {

std::string percent_decoded(std::string_view text)
{
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); i++) {
        const auto digit = [&](std::size_t at) {
            const char c = at < text.size() ? text[at] : '?';
            if (c >= '0' && c <= '9')
                return c - '0';
            if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
            return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        };
        if (text[i] == '%' && digit(i + 1) >= 0 && digit(i + 2) >= 0) {
            decoded += static_cast<char>(digit(i + 1) * 16 + digit(i + 2));
            i += 2;
        } else {
            decoded += text[i];
        }
    }
    return decoded;
}

// SQLAlchemy and JDBC write their driver into the scheme.
std::string without_driver(std::string_view url)
{
    if (url.starts_with("jdbc:postgresql://"))
        url.remove_prefix(5);
    const std::size_t colon = url.find("://");
    const std::string_view scheme = url.substr(0, colon);
    const std::size_t plus = scheme.find('+');
    if (colon == std::string_view::npos || plus == std::string_view::npos ||
        (scheme.substr(0, plus) != "postgresql" && scheme.substr(0, plus) != "postgres"))
        return std::string(url);
    return "postgresql" + std::string(url.substr(colon));
}

// schema= holds one name as it is, not a list of identifiers.
std::string quoted_schema(std::string_view name)
{
    std::string quoted = "\"";
    for (const char c : name) {
        if (c == '"')
            quoted += '"';
        quoted += c;
    }
    return quoted + "\"";
}

void take_parameter(CleanUrl &clean, std::string_view pair, const std::vector<std::string> &known)
{
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string keyword = percent_decoded(pair.substr(0, equals));
    const std::string value = percent_decoded(pair.substr(std::min(equals + 1, pair.size())));
    const bool libpq_reads_it =
        std::find(known.begin(), known.end(), keyword) != known.end() || pair == "ssl=true";
    if (libpq_reads_it) {
        clean.conninfo += clean.conninfo.find('?') == std::string::npos ? '?' : '&';
        clean.conninfo += pair;
    } else if (keyword == "schema") {
        if (!value.empty())
            clean.search_path = quoted_schema(value);
    } else if (keyword == "currentSchema" || keyword == "search_path") {
        if (!value.empty())
            clean.search_path = value;
    } else {
        clean.dropped.push_back(keyword);
    }
}

void set_default(ConnectionParameters &parameters, const char *keyword, const char *value)
{
    const bool there = std::any_of(parameters.begin(), parameters.end(),
                                   [&](auto &p) { return p.first == keyword; });
    if (!there)
        parameters.emplace_back(keyword, value);
}

} // namespace
} // namespace migrate::client
