// Bodies: of SQL functions, which are checked when they are made, of prepared statements and cursors, and what
// EXPLAIN explains.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_query.h"
#include "pg/foretell_statements.h"

extern "C" {
#include "commands/defrem.h"
#include "commands/prepare.h"
#include "parser/parser.h"
#include "utils/guc.h"
#include "utils/plancache.h"
}

namespace migrate::pg {

namespace {

void scan_body(Scan &scan, Node *statement)
{
    if (statement == nullptr)
        return;
    if (IsA(statement, List)) {
        ListCell *cell;
        foreach (cell, reinterpret_cast<List *>(statement))
            scan_body(scan, static_cast<Node *>(lfirst(cell)));
    } else if (IsA(statement, RawStmt))
        scan_body(scan, reinterpret_cast<RawStmt *>(statement)->stmt);
    else if (IsA(statement, ReturnStmt))
        scan_expression(scan, reinterpret_cast<ReturnStmt *>(statement)->returnval);
    else if (IsA(statement, SelectStmt) || IsA(statement, InsertStmt) ||
             IsA(statement, UpdateStmt) || IsA(statement, DeleteStmt) || IsA(statement, MergeStmt))
        scan_query(scan, statement);
}

} // namespace

void foretell_create_function(Foretelling &answer, const CreateFunctionStmt *statement)
{
    Scan scan{answer, Depth::rewritten, NIL, false};
    const char *language = statement->sql_body ? "sql" : "";
    List *body = NIL;
    ListCell *cell;
    foreach (cell, statement->options) {
        const auto *option = static_cast<const DefElem *>(lfirst(cell));
        if (strcmp(option->defname, "language") == 0)
            language = strVal(option->arg);
        else if (strcmp(option->defname, "as") == 0)
            body = castNode(List, option->arg);
    }
    if (statement->sql_body != nullptr)
        scan_body(scan, statement->sql_body);
    else if (strcmp(language, "sql") == 0 && body != NIL && check_function_bodies)
        scan_body(scan,
                  reinterpret_cast<Node *>(raw_parser(strVal(linitial(body)), RAW_PARSE_DEFAULT)));
}

void foretell_prepare(Foretelling &answer, const PrepareStmt *statement)
{
    Scan scan{answer, Depth::rewritten, NIL, false};
    scan_body(scan, statement->query);
}

void foretell_execute(Foretelling &answer, const ExecuteStmt *statement)
{
    PreparedStatement *prepared = FetchPreparedStatement(statement->name, false);
    Scan scan{answer, Depth::executed, NIL, false};
    ListCell *cell;
    if (prepared == nullptr)
        return;
    foreach (cell, prepared->plansource->query_list) {
        auto *query = static_cast<Query *>(lfirst(cell));
        if (query->commandType == CMD_UTILITY)
            answer.opaque = true;
        else
            scan_action(scan, query, InvalidOid);
    }
}

bool explain_executes(const ExplainStmt *statement)
{
    bool executes = false;
    ListCell *cell;
    foreach (cell, statement->options) {
        auto *option = static_cast<DefElem *>(lfirst(cell));
        if (strcmp(option->defname, "analyze") == 0)
            executes = defGetBoolean(option);
    }
    return executes;
}

void foretell_explain(Foretelling &answer, const ExplainStmt *statement)
{
    Scan scan{answer, explain_executes(statement) ? Depth::executed : Depth::planned, NIL, false};
    Node *query = statement->query;
    if (IsA(query, CreateTableAsStmt))
        query = reinterpret_cast<CreateTableAsStmt *>(query)->query;
    else if (IsA(query, DeclareCursorStmt))
        query = reinterpret_cast<DeclareCursorStmt *>(query)->query;
    if (IsA(query, ExecuteStmt))
        foretell_execute(answer, reinterpret_cast<ExecuteStmt *>(query));
    else
        scan_body(scan, query);
}

void foretell_declare(Foretelling &answer, const DeclareCursorStmt *statement)
{
    Scan scan{answer, Depth::executed, NIL, false};
    scan_body(scan, statement->query);
}

} // namespace migrate::pg
