// The portal that a statement runs in; follows what the server does for a simple query message.
// SPDX-License-Identifier: PostgreSQL
#include "pg/execute.h"

#include "pg/abort_cleanup.h"
#include "pg/boundary.h"
#include "pg/copy.h"
#include "pg/error_context.h"

extern "C" {
#include "access/xact.h"
#include "mb/pg_wchar.h"
#include "nodes/makefuncs.h"
#include "parser/analyze.h"
#include "parser/parser.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"
}

namespace migrate::pg {

extern "C" {
// Called by the server for every message raised while a statement runs.  Plain C: it may run while an
// error is on its way.
static void add_statement_context(void *argument)
{
    const auto *where = static_cast<const StatementContext *>(argument);
    const int position = geterrposition();
    int line = where->line;
    if (position > 0) {
        const char *at = where->text;
        for (int i = 1; i < position && *at != '\0'; i++) {
            line += *at == '\n';
            at += pg_mblen(at);
        }
        errposition(0);
        internalerrposition(position);
        internalerrquery(where->text);
    } else if (where->data_line != nullptr) {
        line = where->copy_line + static_cast<int>(*where->data_line) - 1;
        if (line < where->copy_line)
            line = where->line;
    }
    errcontext("migration \"%s\", statement %d, line %d", where->migration, where->number, line);
}
}

namespace {

// The statement's memory: parse and plan trees must outlive the transactions that a statement such as
// CREATE INDEX CONCURRENTLY ends on its way.
MemoryContext statement_memory(Level level)
{
    static MemoryContext top = nullptr;
    return call([&] {
        if (level == Level::nested)
            return AllocSetContextCreate(CurrentMemoryContext, "migrate statement",
                                         ALLOCSET_DEFAULT_SIZES);
        if (top == nullptr)
            top = AllocSetContextCreate(TopMemoryContext, "migrate statement",
                                        ALLOCSET_DEFAULT_SIZES);
        else
            MemoryContextReset(top);
        return top;
    });
}

// One parse tree through analysis, planning and a portal.
void run_portal(RawStmt *tree, const char *text, Level level, MemoryContext memory)
{
    const bool top = level == Level::top;
    MemoryContext outer = MemoryContextSwitchTo(memory);
    bool snapshot = false;
    if (analyze_requires_snapshot(tree)) {
        PushActiveSnapshot(GetTransactionSnapshot());
        snapshot = true;
    }
    List *queries = pg_analyze_and_rewrite_fixedparams(tree, text, nullptr, 0, nullptr);
    List *plans = pg_plan_queries(queries, text, CURSOR_OPT_PARALLEL_OK, nullptr);
    if (snapshot)
        PopActiveSnapshot();
    CHECK_FOR_INTERRUPTS();

    Portal portal = CreateNewPortal();
    portal->visible = false;
    PortalDefineQuery(portal, nullptr, text, CreateCommandTag(tree->stmt), plans, nullptr);
    PortalStart(portal, nullptr, 0, InvalidSnapshot);
    MemoryContextSwitchTo(outer);
    QueryCompletion completion;
    InitializeQueryCompletion(&completion);
    compat::portal_run(portal, top, None_Receiver, &completion);
    PortalDrop(portal, false);
}

// As for a client's statement: log_statement is what audits rely on.
void log_if_wanted(List *trees, const char *text)
{
    if (log_statement == LOGSTMT_NONE)
        return;
    bool wanted = log_statement == LOGSTMT_ALL;
    ListCell *cell;
    foreach (cell, trees)
        wanted = wanted || GetCommandLogLevel(static_cast<Node *>(lfirst(cell))) <= log_statement;
    if (wanted)
        ereport(LOG, errmsg("statement: %s", text), errhidestmt(true));
}

void run_text(const char *text, Level level, MemoryContext memory)
{
    MemoryContext outer = MemoryContextSwitchTo(memory);
    List *trees = pg_parse_query(text);
    MemoryContextSwitchTo(outer);
    // The plan is of single statements; nothing else may hide in one, however strings are read now.
    if (list_length(trees) != 1)
        server_error(ERRCODE_SYNTAX_ERROR, "the server reads this statement as several",
                     "Write strings with backslashes as E'...', so that they mean the same "
                     "whatever standard_conforming_strings is.");
    log_if_wanted(trees, text);
    RawStmt *tree = linitial_node(RawStmt, trees);
    run_portal(tree, text, level, memory);
    // SAVEPOINT and its like only take effect when their command ends.
    if (level == Level::top && IsA(tree->stmt, TransactionStmt) && IsTransactionBlock()) {
        CommitTransactionCommand();
        StartTransactionCommand();
    }
    CommandCounterIncrement();
}

} // namespace

void execute(const Statement &statement, const Place &place, Level level)
{
    // Copied out: what the server sees must not move.
    const std::string migration = place.migration;
    StatementContext where{};
    where.migration = migration.c_str();
    where.number = place.statement;
    where.line = statement.line;
    where.text = statement.text.c_str();
    where.copy_line = statement.copy ? statement.copy->line : 0;

    if (statement.tag == "PREPARE")
        note_prepared(statement.object);
    const MemoryContext memory = statement_memory(level);
    call([&] {
        ErrorContextCallback callback;
        callback.callback = add_statement_context;
        callback.arg = &where;
        callback.previous = error_context_stack;
        error_context_stack = &callback;
        if (statement.role == Role::copy_in)
            copy_in(where, statement.copy->text.data(), statement.copy->text.size(), memory);
        else
            run_text(where.text, level, memory);
        error_context_stack = callback.previous;
    });
    if (level == Level::nested)
        call([&] { MemoryContextDelete(memory); });
}

void execute_own(const std::string &sql, const Place &place, Level level)
{
    Statement statement;
    statement.text = sql;
    execute(statement, place, level);
}

std::string context_of(const Place &place, int line)
{
    return "migration \"" + place.migration + "\", statement " + std::to_string(place.statement) +
           ", line " + std::to_string(line);
}

} // namespace migrate::pg
