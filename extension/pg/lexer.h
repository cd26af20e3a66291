// The server's own lexer over a text, token by token.  For pg/ only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "pg/compat.h"

extern "C" {
#include "parser/scanner.h"
}

namespace migrate::pg {

struct Token
{
    int code = 0; // as core_yylex gives it: 0 at the end, characters as themselves
    std::size_t begin = 0, end = 0; // in the whole text
};

// The scanner's memory is in the context that is current when the lexer is made; what a token takes is in
// the one that is current at next(), and may be freed after it.
class Lexer
{
public:
    // `text` must outlive the lexer.  Throws what the scanner raises.
    explicit Lexer(const std::string &text) : text_(text), memory_(CurrentMemoryContext)
    {
        restart(0);
    }

    // The next token; throws ServerError where the scanner refuses the text.
    Token next();

    // Goes on from this offset, as at the start of a text.  Copies what remains.
    void restart(std::size_t offset);

    // Takes a part of the text that comes later for white space.  REQUIRES: it begins behind the byte
    // after the last token.
    void skip(std::size_t begin, std::size_t end);

    void set_standard_conforming_strings(bool on);
    std::string text_of(const Token &token) const;

    // What is being scanned and where it stands in the text: scanner errors give positions in it.
    std::string_view scanned() const { return {extra_.scanbuf, text_.size() - base_}; }
    std::size_t base() const { return base_; }

private:
    const std::string &text_;
    const MemoryContext memory_;
    std::size_t base_ = 0;
    bool standard_conforming_strings_ = true;
    core_yyscan_t scanner_ = nullptr;
    core_yy_extra_type extra_{};
};

// Positions in errors count characters.
std::size_t byte_offset(std::string_view text, int characters);
int characters(std::string_view text);

} // namespace migrate::pg
