// PL/pgSQL as far as it takes to see where its statements end: words, comments, quotes.
// SPDX-License-Identifier: PostgreSQL
#include "core/procedure.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "core/text.h"

namespace migrate {

namespace {

using Words = std::vector<std::string>;

bool is_word(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return c == '_' || byte >= 0x80 || std::isalnum(byte) != 0;
}

// Cuts a body into statements: the words and signs before each semicolon.  A quoted text is one sign, but
// where it is a body in its turn (AS '...', DO $$ ... $$) its statements are taken in.
class Cutter
{
public:
    explicit Cutter(std::string_view text) : text_(text) {}
    std::vector<Words> statements();

private:
    bool skip_comment();
    bool take_quoted();
    bool take_dollar_quoted();
    void take_text(const std::string &text);
    std::size_t find(std::string_view what, std::size_t from) const
    {
        return std::min(text_.find(what, from), text_.size());
    }

    const std::string_view text_;
    std::size_t at_ = 0;
    std::vector<Words> statements_{1};
};

bool Cutter::skip_comment()
{
    if (text_.substr(at_).starts_with("--")) {
        at_ = find("\n", at_);
        return true;
    }
    if (!text_.substr(at_).starts_with("/*"))
        return false;
    int depth = 0;
    do {
        const std::string_view sign = text_.substr(at_, 2);
        depth += sign == "/*" ? 1 : sign == "*/" ? -1 : 0;
        at_ += sign == "/*" || sign == "*/" ? 2 : 1;
    } while (depth > 0 && at_ < text_.size());
    return true;
}

bool Cutter::take_quoted()
{
    const char quote = text_[at_];
    if (quote != '\'' && quote != '"')
        return false;
    const bool escapes = quote == '\'' && at_ > 0 && (text_[at_ - 1] | 0x20) == 'e' &&
                         (at_ == 1 || !is_word(text_[at_ - 2]));
    std::string content;
    for (at_++; at_ < text_.size(); at_++) {
        if (text_[at_] == quote && (at_ + 1 == text_.size() || text_[at_ + 1] != quote))
            break;
        const bool escaped = escapes && text_[at_] == '\\' && at_ + 1 < text_.size();
        if (escaped || text_[at_] == quote)
            at_++;
        content += escaped ? ' ' : text_[at_]; // \n, \t, \': nothing that a word is made of
    }
    at_ = std::min(at_ + 1, text_.size());
    if (escapes)
        statements_.back().pop_back(); // the E
    take_text(quote == '\'' ? content : "");
    return true;
}

bool Cutter::take_dollar_quoted()
{
    if (text_[at_] != '$')
        return false;
    std::size_t end = at_ + 1;
    while (end < text_.size() && is_word(text_[end]))
        end++;
    if (end >= text_.size() || text_[end] != '$' ||
        std::isdigit(static_cast<unsigned char>(text_[at_ + 1])) != 0)
        return false;
    const std::string_view tag = text_.substr(at_, end + 1 - at_);
    const std::size_t closed = find(tag, end + 1);
    const std::string content(text_.substr(end + 1, closed - end - 1));
    at_ = std::min(closed + tag.size(), text_.size());
    take_text(content);
    return true;
}

void Cutter::take_text(const std::string &text)
{
    const Words &words = statements_.back();
    const std::size_t count = words.size();
    const std::string before = count > 0 ? words[count - 1] : "";
    if (before == "as" || before == "do" || (count > 1 && words[count - 2] == "language"))
        for (Words &inner : Cutter(text).statements())
            statements_.push_back(std::move(inner));
    statements_.back().emplace_back("'");
}

std::vector<Words> Cutter::statements()
{
    while (at_ < text_.size()) {
        if (skip_comment() || take_quoted() || take_dollar_quoted())
            continue;
        std::size_t end = at_;
        while (end < text_.size() && (is_word(text_[end]) || (end > at_ && text_[end] == '$')))
            end++;
        if (end > at_)
            statements_.back().push_back(lower_ascii(text_.substr(at_, end - at_)));
        else if (text_[at_] == ';')
            statements_.emplace_back();
        else if (std::isspace(static_cast<unsigned char>(text_[at_])) == 0)
            statements_.back().emplace_back(1, text_[at_]);
        at_ = std::max(end, at_ + 1);
    }
    return std::move(statements_);
}

} // namespace

bool body_commits(std::string_view body)
{
    for (Words &words : Cutter(body).statements()) {
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
    for (const Words &words : Cutter(body).statements())
        if (std::find(words.begin(), words.end(), "call") != words.end())
            return true;
    return false;
}

} // namespace migrate
