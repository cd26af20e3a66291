// Directives: comment lines that mean something in a migration file.
//     -- migrate:up [transaction:auto|always|never] [online:auto|off|always] [requires:a,b] ...
//     -- migrate:down ...   -- migrate:verify   -- migrate:contract
//     -- UP / -- DOWN       (alone on the line; any case)
//     -- migrate:allow RULE reason      -- migrate:set NAME = VALUE      -- migrate:backfill ...
//     -- migrate:online off|auto|always   (of the statement behind it)
//     -- migrate:reverse table.column = expression
// Any case, any spaces or tabs; CR at the end of the line is ignored.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace migrate {

enum class DirectiveKind
{
    up,
    down,
    verify,
    contract,
    allow,
    set,
    backfill,
    reverse,
    online
};

struct Directive
{
    DirectiveKind kind;
    std::map<std::string, std::string> options; // key:value words, keys in lower case
    std::string
        argument; // allow: "RULE reason"; set: the value, unquoted; online: the mode; reverse: the rest
    std::string name;        // allow: RULE; set: NAME in lower case
    bool short_form = false; // "-- UP": weaker, not honoured inside parentheses
};

// Reads one comment line, from its "--" to the end of the line.  Nothing for an ordinary comment.
// Throws: Error 42601 for "migrate:" followed by a word that is no directive (a typo must not
// silently become a comment), for an option that is not key:value or not known, for a value of
// transaction/online that is not known (true and false are read as always and never for
// transaction, as dbmate writes them), for set without "=" or with a quote that is not closed.
std::optional<Directive> read_directive(std::string_view comment);

// up, down, verify and contract begin a section.
bool begins_section(const Directive &directive);

} // namespace migrate
