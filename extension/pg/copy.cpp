// COPY FROM through the server's data-source callback.  The server checks rights, row security and the
// WHERE clause in DoCopy(), which only reads from a client; BeginCopyFrom() checks nothing.  So those
// checks are repeated here, in DoCopy()'s order.  Everything here is C: it runs inside call().
// SPDX-License-Identifier: PostgreSQL
#include "pg/copy.h"

#include <algorithm>
#include <cstring>

#include "pg/boundary.h"

extern "C" {
#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/pg_attribute.h"
#include "commands/copy.h"
#include "commands/copyfrom_internal.h"
#include "mb/pg_wchar.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_relation.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
}

namespace migrate::pg {

namespace {

// The data being read; the server's callback has no argument of its own.
struct Source
{
    const char *data;
    std::size_t left;
};
Source source;

extern "C" {
static int read_source(void *buffer, int, int most)
{
    const std::size_t size = std::min(source.left, static_cast<std::size_t>(most));
    std::memcpy(buffer, source.data, size);
    source.data += size;
    source.left -= size;
    return static_cast<int>(size);
}
}

// The columns a WHERE clause reads may not be generated: they are computed after it.
void refuse_generated_columns(Relation relation, Node *where)
{
    Bitmapset *columns = nullptr;
    pull_varattnos(where, 1, &columns);
    if (bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, columns)) {
        columns = bms_add_range(columns, 1 - FirstLowInvalidHeapAttributeNumber,
                                RelationGetNumberOfAttributes(relation) -
                                    FirstLowInvalidHeapAttributeNumber);
        columns = bms_del_member(columns, 0 - FirstLowInvalidHeapAttributeNumber);
    }
    for (int i = bms_next_member(columns, -1); i >= 0; i = bms_next_member(columns, i)) {
        const AttrNumber number = static_cast<AttrNumber>(i + FirstLowInvalidHeapAttributeNumber);
        if (number > 0 && TupleDescAttr(RelationGetDescr(relation), number - 1)->attgenerated)
            server_error(ERRCODE_INVALID_COLUMN_REFERENCE,
                         "generated columns are not supported in COPY FROM WHERE conditions",
                         nullptr);
    }
}

Node *transform_where(ParseState *state, ParseNamespaceItem *item, Relation relation, Node *raw)
{
    addNSItemToQuery(state, item, false, true, true);
    Node *where = transformExpr(state, raw, EXPR_KIND_COPY_WHERE);
    where = coerce_to_boolean(state, where, "WHERE");
    assign_expr_collations(state, where);
    refuse_generated_columns(relation, where);
    where = eval_const_expressions(nullptr, where);
    where = reinterpret_cast<Node *>(canonicalize_qual(reinterpret_cast<Expr *>(where), false));
    return reinterpret_cast<Node *>(make_ands_implicit(reinterpret_cast<Expr *>(where)));
}

// Stored text is in the database's encoding already; an ENCODING option speaks of the file as it was,
// and without one the server would take the client's.
List *in_database_encoding(List *options)
{
    Node *encoding = reinterpret_cast<Node *>(makeString(pstrdup(GetDatabaseEncodingName())));
    List *kept = list_make1(makeDefElem(pstrdup("encoding"), encoding, -1));
    ListCell *cell;
    foreach (cell, options) {
        const auto *element = static_cast<DefElem *>(lfirst(cell));
        if (strcmp(element->defname, "encoding") != 0)
            kept = lappend(kept, lfirst(cell));
    }
    return kept;
}

void copy_into(CopyStmt *statement, StatementContext &context)
{
    ParseState *state = make_parsestate(nullptr);
    state->p_sourcetext = context.text;
    Relation relation = table_openrv(statement->relation, RowExclusiveLock);
    ParseNamespaceItem *item =
        addRangeTableEntryForRelation(state, relation, RowExclusiveLock, nullptr, false, false);
    compat::demand_insert(item);
    Node *where = statement->whereClause
                      ? transform_where(state, item, relation, statement->whereClause)
                      : nullptr;
    Bitmapset *columns = nullptr;
    ListCell *cell;
    foreach (cell, CopyGetAttnums(RelationGetDescr(relation), relation, statement->attlist))
        columns = bms_add_member(columns, lfirst_int(cell) - FirstLowInvalidHeapAttributeNumber);
    compat::check_rights(state, item, columns);
    if (check_enable_rls(RelationGetRelid(relation), InvalidOid, false) == RLS_ENABLED)
        server_error(ERRCODE_FEATURE_NOT_SUPPORTED,
                     "COPY FROM not supported with row-level security",
                     "Use INSERT statements instead.");
    if (XactReadOnly && !relation->rd_islocaltemp)
        PreventCommandIfReadOnly("COPY FROM");

    CopyFromState copy =
        BeginCopyFrom(state, relation, where, nullptr, false, read_source, statement->attlist,
                      in_database_encoding(statement->options));
    context.data_line = &copy->cur_lineno;
    CopyFrom(copy);
    context.data_line = nullptr;
    EndCopyFrom(copy);
    table_close(relation, NoLock);
    free_parsestate(state);
}

} // namespace

void copy_in(StatementContext &where, const char *data, std::size_t size, MemoryContext memory)
{
    MemoryContext outer = MemoryContextSwitchTo(memory);
    List *trees = pg_parse_query(where.text);
    auto *statement = castNode(CopyStmt, linitial_node(RawStmt, trees)->stmt);
    PushActiveSnapshot(GetTransactionSnapshot());
    source = Source{data, size};
    copy_into(statement, where);
    PopActiveSnapshot();
    MemoryContextSwitchTo(outer);
    CommandCounterIncrement();
}

} // namespace migrate::pg
