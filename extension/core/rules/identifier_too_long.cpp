// The server cuts names that are too long, with a NOTICE that scripts don't read; two of them may then be one.
// Names in the parse tree are cut already, so the text is looked at.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

#include <cctype>

namespace migrate::rules {

namespace {

using View = std::string_view;

bool begins_name(char c)
{
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_of_name(char c)
{
    return begins_name(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '$';
}

// Behind the quote that ends what begins at `at`; a doubled quote stands for one.
std::size_t end_of_quoted(View text, std::size_t at, bool backslashes)
{
    const char quote = text[at];
    for (std::size_t i = at + 1; i < text.size(); i++) {
        if (backslashes && text[i] == '\\')
            i++;
        else if (text[i] == quote && i + 1 < text.size() && text[i + 1] == quote)
            i++;
        else if (text[i] == quote)
            return i + 1;
    }
    return text.size();
}

// Behind a string in dollars; `at` + 1 if it is none.
std::size_t end_of_dollars(View text, std::size_t at)
{
    std::size_t end = at + 1;
    while (end < text.size() && is_of_name(text[end]) && text[end] != '$')
        end++;
    if (end >= text.size() || text[end] != '$')
        return at + 1;
    const View mark = text.substr(at, end - at + 1);
    const std::size_t close = text.find(mark, end + 1);
    return close == View::npos ? text.size() : close + mark.size();
}

std::size_t length_of_quoted(View name)
{
    std::size_t length = 0;
    for (std::size_t i = 1; i + 1 < name.size(); i++, length++)
        if (name[i] == '"')
            i++;
    return length;
}

// The first name of more than `limit` bytes, or nothing.
View long_name(View text, std::size_t limit)
{
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at + 1;
        if (text[at] == '\'') {
            const bool escapes = at > 0 && (text[at - 1] == 'e' || text[at - 1] == 'E');
            end = end_of_quoted(text, at, escapes);
        } else if (text[at] == '$') {
            end = end_of_dollars(text, at);
        } else if (text[at] == '"') {
            end = end_of_quoted(text, at, false);
            if (length_of_quoted(text.substr(at, end - at)) > limit)
                return text.substr(at + 1, end - at - 2);
        } else if (begins_name(text[at])) {
            while (end < text.size() && is_of_name(text[end]))
                end++;
            if (end - at > limit)
                return text.substr(at, end - at);
        }
        at = end;
    }
    return {};
}

} // namespace

void identifier_too_long(const Study &study, Findings &findings)
{
    const auto limit = static_cast<std::size_t>(study.options.max_identifier);
    for (const StudiedStatement &statement : study.statements) {
        const std::string name(long_name(statement.statement.tokens, limit));
        if (name.empty())
            continue;
        const Action none;
        findings.push_back(finding_of(
            "identifier-too-long", Severity::warning,
            Place{study, statement, statement.actions.empty() ? none : statement.actions.front()},
            {"name \"" + name + "\" is longer than " + std::to_string(limit) + " bytes",
             "The server cuts it, so that it is not found under this name, and another one that "
             "begins alike is the same.",
             "Choose a shorter name."}));
    }
}

} // namespace migrate::rules
