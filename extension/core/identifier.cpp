// SPDX-License-Identifier: PostgreSQL
#include "core/identifier.h"

#include <algorithm>
#include <iterator>

namespace migrate {

namespace {

// Every keyword of PostgreSQL 15 to 18 that is not unreserved, in the order of their bytes.
constexpr std::string_view keywords[] = {"all",
                                         "analyse",
                                         "analyze",
                                         "and",
                                         "any",
                                         "array",
                                         "as",
                                         "asc",
                                         "asymmetric",
                                         "authorization",
                                         "between",
                                         "bigint",
                                         "binary",
                                         "bit",
                                         "boolean",
                                         "both",
                                         "case",
                                         "cast",
                                         "char",
                                         "character",
                                         "check",
                                         "coalesce",
                                         "collate",
                                         "collation",
                                         "column",
                                         "concurrently",
                                         "constraint",
                                         "create",
                                         "cross",
                                         "current_catalog",
                                         "current_date",
                                         "current_role",
                                         "current_schema",
                                         "current_time",
                                         "current_timestamp",
                                         "current_user",
                                         "dec",
                                         "decimal",
                                         "default",
                                         "deferrable",
                                         "desc",
                                         "distinct",
                                         "do",
                                         "else",
                                         "end",
                                         "except",
                                         "exists",
                                         "extract",
                                         "false",
                                         "fetch",
                                         "float",
                                         "for",
                                         "foreign",
                                         "freeze",
                                         "from",
                                         "full",
                                         "grant",
                                         "greatest",
                                         "group",
                                         "grouping",
                                         "having",
                                         "ilike",
                                         "in",
                                         "initially",
                                         "inner",
                                         "inout",
                                         "int",
                                         "integer",
                                         "intersect",
                                         "interval",
                                         "into",
                                         "is",
                                         "isnull",
                                         "join",
                                         "json",
                                         "json_array",
                                         "json_arrayagg",
                                         "json_exists",
                                         "json_object",
                                         "json_objectagg",
                                         "json_query",
                                         "json_scalar",
                                         "json_serialize",
                                         "json_table",
                                         "json_value",
                                         "lateral",
                                         "leading",
                                         "least",
                                         "left",
                                         "like",
                                         "limit",
                                         "localtime",
                                         "localtimestamp",
                                         "merge_action",
                                         "national",
                                         "natural",
                                         "nchar",
                                         "none",
                                         "normalize",
                                         "not",
                                         "notnull",
                                         "null",
                                         "nullif",
                                         "numeric",
                                         "offset",
                                         "on",
                                         "only",
                                         "or",
                                         "order",
                                         "out",
                                         "outer",
                                         "overlaps",
                                         "overlay",
                                         "placing",
                                         "position",
                                         "precision",
                                         "primary",
                                         "real",
                                         "references",
                                         "returning",
                                         "right",
                                         "row",
                                         "select",
                                         "session_user",
                                         "setof",
                                         "similar",
                                         "smallint",
                                         "some",
                                         "substring",
                                         "symmetric",
                                         "system_user",
                                         "table",
                                         "tablesample",
                                         "then",
                                         "time",
                                         "timestamp",
                                         "to",
                                         "trailing",
                                         "treat",
                                         "trim",
                                         "true",
                                         "union",
                                         "unique",
                                         "user",
                                         "using",
                                         "values",
                                         "varchar",
                                         "variadic",
                                         "verbose",
                                         "when",
                                         "where",
                                         "window",
                                         "with",
                                         "xmlattributes",
                                         "xmlconcat",
                                         "xmlelement",
                                         "xmlexists",
                                         "xmlforest",
                                         "xmlnamespaces",
                                         "xmlparse",
                                         "xmlpi",
                                         "xmlroot",
                                         "xmlserialize",
                                         "xmltable"};

bool is_plain(std::string_view name);
std::string in_quotes(std::string_view text, char quote);

} // namespace

std::string quote_identifier(std::string_view name)
{
    return is_plain(name) ? std::string(name) : in_quotes(name, '"');
}

std::string quote_identifiers(const std::vector<std::string> &names)
{
    std::string list;
    for (const std::string &name : names) {
        list += list.empty() ? "" : ", ";
        list += name.empty() ? "(...)" : quote_identifier(name);
    }
    return list;
}

std::string quote_literal(std::string_view text)
{
    return in_quotes(text, '\'');
}

std::string bare_name(std::string_view qualified)
{
    std::string name;
    bool quoted = false;
    for (std::size_t i = 0; i < qualified.size(); i++) {
        const char c = qualified[i];
        if (c == '"' && quoted && i + 1 < qualified.size() && qualified[i + 1] == '"')
            name += qualified[i++];
        else if (c == '"')
            quoted = !quoted;
        else if (c == '.' && !quoted)
            name.clear();
        else
            name += c;
    }
    return name;
}

std::size_t begin_of_last_part(std::string_view qualified)
{
    std::size_t begin = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < qualified.size(); i++) {
        quoted = quoted != (qualified[i] == '"');
        if (qualified[i] == '.' && !quoted)
            begin = i + 1;
    }
    return begin;
}

namespace {

bool is_plain(std::string_view name)
{
    const auto begins = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    const auto goes_on = [&](char c) { return begins(c) || (c >= '0' && c <= '9'); };
    return !name.empty() && begins(name.front()) &&
           std::all_of(name.begin(), name.end(), goes_on) &&
           !std::binary_search(std::begin(keywords), std::end(keywords), name);
}

std::string in_quotes(std::string_view text, char quote)
{
    std::string quoted(1, quote);
    for (const char c : text) {
        quoted += c;
        if (c == quote)
            quoted += c;
    }
    return quoted + quote;
}

} // namespace

} // namespace migrate
