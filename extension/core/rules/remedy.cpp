// SPDX-License-Identifier: PostgreSQL
#include "core/rules/remedy.h"

#include "core/identifier.h"
#include "core/text.h"

#include <algorithm>
#include <cctype>

namespace migrate::rules {

namespace {

bool is_word_at(std::string_view text, std::size_t at, std::string_view word);
std::string after_add(const std::string &text);

} // namespace

std::string alter_table(const Relation &relation, std::string_view command)
{
    return "ALTER TABLE " + relation.name + " " + std::string(command) + ";";
}

std::string with_concurrently(const StudiedStatement &statement,
                              std::initializer_list<std::string_view> words)
{
    const std::string lower = lower_ascii(statement.statement.text);
    std::size_t end = lower.npos;
    for (const std::string_view word : words)
        for (std::size_t at = lower.find(word); at != lower.npos; at = lower.find(word, at + 1))
            if (is_word_at(lower, at, word)) {
                end = std::min(end, at + word.size());
                break;
            }
    if (end == lower.npos)
        return "";
    std::string text = statement.statement.text;
    return text.insert(end, " CONCURRENTLY") + ";";
}

std::string constraint_name(const Action &action, std::string_view suffix)
{
    if (!action.name.empty() || !action.chosen_name.empty())
        return action.name.empty() ? action.chosen_name : action.name;
    std::string name = bare_name(action.relation.name);
    for (const std::string &column : action.columns)
        if (!column.empty())
            name += "_" + column;
    return name + "_" + std::string(suffix);
}

std::string constraint_definition(const Action &action)
{
    if (!action.text.empty() && !action.constraint_of_column)
        return after_add(action.text);
    if (action.kind == ActionKind::add_check)
        return "CHECK (" + action.condition + ")";
    const std::string columns = "(" + quote_identifiers(action.columns) + ")";
    if (action.kind != ActionKind::add_foreign_key)
        return columns;
    return "FOREIGN KEY " + columns + " REFERENCES " + action.referenced.name +
           (action.referenced_columns.empty()
                ? ""
                : " (" + quote_identifiers(action.referenced_columns) + ")");
}

std::string add_and_validate(const Action &action, std::string_view suffix)
{
    const std::string name = quote_identifier(constraint_name(action, suffix));
    return alter_table(action.relation, "ADD CONSTRAINT " + name + " " +
                                            constraint_definition(action) + " NOT VALID") +
           "\n-- in a transaction of its own:\n" +
           alter_table(action.relation, "VALIDATE CONSTRAINT " + name);
}

std::string index_and_attach(const Action &action, std::string_view type, std::string_view suffix)
{
    const std::string name = quote_identifier(constraint_name(action, suffix));
    return "CREATE UNIQUE INDEX CONCURRENTLY " + name + " ON " + action.relation.name + " (" +
           quote_identifiers(action.columns) + ");\n" +
           alter_table(action.relation,
                       "ADD CONSTRAINT " + name + " " + std::string(type) + " USING INDEX " + name);
}

std::string not_null_by_check(const Relation &relation, const std::string &column)
{
    const std::string quoted = quote_identifier(column);
    const std::string name = quote_identifier(bare_name(relation.name) + "_" + column + "_check");
    return alter_table(relation,
                       "ADD CONSTRAINT " + name + " CHECK (" + quoted + " IS NOT NULL) NOT VALID") +
           "\n-- in a transaction of its own:\n" +
           alter_table(relation, "VALIDATE CONSTRAINT " + name) + "\n" +
           alter_table(relation, "ALTER COLUMN " + quoted + " SET NOT NULL") + "\n" +
           alter_table(relation, "DROP CONSTRAINT " + name);
}

namespace {

bool is_letter(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '"';
}

bool is_word_at(std::string_view text, std::size_t at, std::string_view word)
{
    const std::size_t end = at + word.size();
    return (at == 0 || !is_letter(text[at - 1])) && (end == text.size() || !is_letter(text[end]));
}

// What is behind "ADD" and "ADD CONSTRAINT name".
std::string after_add(const std::string &text)
{
    std::string_view rest = trim(text);
    if (lower_ascii(rest.substr(0, 4)) == "add ")
        rest = trim(rest.substr(4));
    if (lower_ascii(rest.substr(0, 11)) != "constraint ")
        return std::string(rest);
    rest = trim(rest.substr(11));
    std::size_t end = 0;
    for (bool quoted = false; end < rest.size(); end++) {
        if (rest[end] == '"')
            quoted = !quoted;
        else if (!quoted && std::isspace(static_cast<unsigned char>(rest[end])) != 0)
            break;
    }
    return std::string(trim(rest.substr(end)));
}

} // namespace

} // namespace migrate::rules
