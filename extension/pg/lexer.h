// The server's own lexer over a text, token by token.  For pg/ only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstddef>
#include <string>

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

// Memory is the current context's; nothing is freed before that context is reset.
class Lexer
{
public:
    // `text` must outlive the lexer.  Throws what the scanner raises.
    explicit Lexer(const std::string &text) : text_(text) { restart(0); }

    // The next token; throws ServerError where the scanner refuses the text.
    Token next();

    // Goes on from this offset, as at the start of a text.
    void restart(std::size_t offset);

    void set_standard_conforming_strings(bool on);
    std::string text_of(const Token &token) const;

    // Where scanning began: the positions of scanner errors count from here.
    std::size_t base() const { return base_; }

private:
    const std::string &text_;
    std::size_t base_ = 0;
    bool standard_conforming_strings_ = true;
    core_yyscan_t scanner_ = nullptr;
    core_yy_extra_type extra_{};
};

} // namespace migrate::pg
