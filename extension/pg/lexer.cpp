// SPDX-License-Identifier: PostgreSQL
#include "pg/lexer.h"

#include <cstring>

#include "pg/boundary.h"

extern "C" {
#include "common/keywords.h"
#include "mb/pg_wchar.h"
#include "parser/parser.h"
}

namespace migrate::pg {

void Lexer::restart(std::size_t offset)
{
    base_ = offset;
    const char *rest = text_.c_str() + offset;
    call([&] {
        MemoryContext outer = MemoryContextSwitchTo(memory_);
        if (scanner_ != nullptr)
            scanner_finish(scanner_);
        scanner_ = scanner_init(rest, &extra_, &ScanKeywords, ScanKeywordTokens);
        MemoryContextSwitchTo(outer);
    });
    extra_.escape_string_warning = false; // said when the statement runs
    extra_.standard_conforming_strings = standard_conforming_strings_;
}

void Lexer::skip(std::size_t begin, std::size_t end)
{
    std::memset(extra_.scanbuf + (begin - base_), ' ', end - begin);
}

void Lexer::set_standard_conforming_strings(bool on)
{
    standard_conforming_strings_ = on;
    extra_.standard_conforming_strings = on;
}

Token Lexer::next()
{
    core_YYSTYPE value;
    YYLTYPE location = 0;
    Token token;
    token.code = call([&] { return core_yylex(&value, &location, scanner_); });
    token.begin = base_ + static_cast<std::size_t>(location);
    if (token.code == 0) {
        token.begin = token.end = text_.size();
        return token;
    }
    // The scanner keeps the end of the current token marked by a zero byte in its buffer.
    token.end = token.begin + std::strlen(extra_.scanbuf + location);
    return token;
}

std::string Lexer::text_of(const Token &token) const
{
    return text_.substr(token.begin, token.end - token.begin);
}

std::size_t byte_offset(std::string_view text, int characters)
{
    const char *at = text.data(), *end = text.data() + text.size();
    for (; characters > 0 && at < end; characters--)
        at += pg_mblen(at);
    return static_cast<std::size_t>((at < end ? at : end) - text.data());
}

int characters(std::string_view text)
{
    return pg_mbstrlen_with_len(text.data(), static_cast<int>(text.size()));
}

} // namespace migrate::pg
