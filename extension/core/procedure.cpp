// SPDX-License-Identifier: PostgreSQL
#include "core/procedure.h"

#include <cctype>
#include <string>
#include <vector>

#include "core/text.h"

namespace migrate {

namespace {

bool is_word(char c)
{
    return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// The words and signs of a body, statement by statement: what stands before each semicolon.
std::vector<std::vector<std::string>> statements_of(std::string_view body)
{
    const std::string text = lower_ascii(body);
    std::vector<std::vector<std::string>> statements(1);
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i;
        while (end < text.size() && is_word(text[end]))
            end++;
        if (end > i) {
            statements.back().push_back(text.substr(i, end - i));
            i = end;
            continue;
        }
        if (text[i] == ';')
            statements.emplace_back();
        else if (std::isspace(static_cast<unsigned char>(text[i])) == 0)
            statements.back().push_back(std::string(1, text[i]));
        i++;
    }
    return statements;
}

} // namespace

bool body_commits(std::string_view body)
{
    for (std::vector<std::string> words : statements_of(body)) {
        while (!words.empty() && (words.back() == "chain" || words.back() == "and" ||
                                  words.back() == "no" || words.back() == "work"))
            words.pop_back();
        if (!words.empty() && (words.back() == "commit" || words.back() == "rollback"))
            return true;
    }
    return false;
}

bool body_calls(std::string_view body)
{
    for (const std::vector<std::string> &words : statements_of(body))
        for (const std::string &word : words)
            if (word == "call")
                return true;
    return false;
}

} // namespace migrate
