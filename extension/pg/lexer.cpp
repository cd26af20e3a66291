// SPDX-License-Identifier: PostgreSQL
#include "pg/lexer.h"

#include <cstring>

#include "pg/boundary.h"

extern "C" {
#include "common/keywords.h"
#include "parser/parser.h"
}

namespace migrate::pg {

void Lexer::restart(std::size_t offset)
{
    base_ = offset;
    const char *rest = text_.c_str() + offset;
    call([&] { scanner_ = scanner_init(rest, &extra_, &ScanKeywords, ScanKeywordTokens); });
    extra_.escape_string_warning = false; // said when the statement runs
    extra_.standard_conforming_strings = standard_conforming_strings_;
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

} // namespace migrate::pg
