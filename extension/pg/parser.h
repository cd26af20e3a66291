// Cuts a script into statements with the server's own lexer and grammar.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>

#include "core/script.h"

namespace migrate::pg {

// The script of a file.  `name` is the migration's, for error contexts.  A text without a section
// directive is one section of kind `whole`.
// REQUIRES: a transaction; `text` is normalize_text's.
// Throws: Error 42601 and whatever the lexer and grammar raise, with the position in
// internal_query and the file's line in the context.
Script cut(const std::string &name, const std::string &text,
           DirectiveKind whole = DirectiveKind::up);

// CREATE INDEX with another name and relation (both quoted already; an empty name lets the server
// choose), the rest of the text as written.
enum class IndexBuild
{
    concurrently,
    plain,
    only
};
std::string rewrite_create_index(const std::string &statement, const std::string &index,
                                 const std::string &relation, IndexBuild build);

} // namespace migrate::pg
