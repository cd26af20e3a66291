// The text of CREATE INDEX, changed token by token: the only statement the engine ever rewrites as text.
// SPDX-License-Identifier: PostgreSQL
#include "core/text.h"
#include "pg/boundary.h"
#include "pg/lexer.h"
#include "pg/parser.h"
#include "pg/workspace.h"

namespace migrate::pg {

std::string rewrite_create_index(const std::string &statement, const std::string &index,
                                 const std::string &relation, IndexBuild build)
{
    Workspace workspace;
    std::string unique, rest;
    {
        Lexer lexer(statement);
        Token token = lexer.next();
        while (token.code != 0 && lower_ascii(lexer.text_of(token)) != "on") {
            if (lower_ascii(lexer.text_of(token)) == "unique")
                unique = "UNIQUE ";
            token = lexer.next();
        }
        token = lexer.next();
        while (token.code == '(' || lower_ascii(lexer.text_of(token)) == "only")
            token = lexer.next();
        Token after = lexer.next();
        while (after.code == '.') {
            lexer.next();
            after = lexer.next();
        }
        while (after.code == '*' || after.code == ')')
            after = lexer.next();
        rest = statement.substr(after.begin);
    }
    workspace.close();
    return "CREATE " + unique + "INDEX " +
           (build == IndexBuild::concurrently ? "CONCURRENTLY " : "") +
           (index.empty() ? "" : index + " ") + "ON " + (build == IndexBuild::only ? "ONLY " : "") +
           relation + " " + rest;
}

} // namespace migrate::pg
