// Everything that differs between PostgreSQL 15, 16, 17 and 18, each with its reason, and the one way
// in which server headers are included.  For pg/ and the entry files only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
extern "C" {
#include "postgres.h"

#include "access/genam.h"
#include "access/xact.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "parser/parse_node.h"
#include "postmaster/bgworker.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "storage/sinvaladt.h"
#include "tcop/pquery.h"
#include "utils/backend_status.h"
#include "utils/guc.h"
#include "utils/guc_tables.h"
#include "utils/memutils.h"
#include "utils/regproc.h"
#include "utils/timeout.h"
}

#if PG_VERSION_NUM < 150000
#error "migrate needs PostgreSQL 15 or later"
#endif

namespace migrate::pg {
// The server's, where core has one of its own.
using ::Relation;

// The server's tree walkers take the function as 15 declared it, without a prototype; from 16 on their
// macros cast whatever they are given.
using UntypedWalker = bool (*)();
template <typename Tree>
UntypedWalker untyped(bool (*walker)(Tree *, void *))
{
    return reinterpret_cast<UntypedWalker>(reinterpret_cast<void (*)()>(walker));
}
} // namespace migrate::pg

namespace migrate::pg::compat {

// 18 dropped the run_once argument, which had no effect any more.
inline bool portal_run(Portal portal, bool is_top_level, DestReceiver *receiver,
                       QueryCompletion *qc)
{
#if PG_VERSION_NUM >= 180000
    return PortalRun(portal, FETCH_ALL, is_top_level, receiver, receiver, qc);
#else
    return PortalRun(portal, FETCH_ALL, is_top_level, true, receiver, receiver, qc);
#endif
}

// 16 can report a malformed name without raising.
inline List *qualified_name(const char *text)
{
#if PG_VERSION_NUM >= 160000
    return stringToQualifiedNameList(text, nullptr);
#else
    return stringToQualifiedNameList(text);
#endif
}

// 17 merged LockOrStrongerHeldByMe into LockHeldByMe.
inline bool lock_held_by_me(const LOCKTAG *tag, LOCKMODE mode)
{
#if PG_VERSION_NUM >= 170000
    return LockHeldByMe(tag, mode, false);
#else
    return LockHeldByMe(tag, mode);
#endif
}

// 16 returns the array newly made, with its length.
inline struct config_generic **guc_variables(int *count)
{
#if PG_VERSION_NUM >= 160000
    return get_guc_variables(count);
#else
    *count = GetNumConfigOptions();
    return get_guc_variables();
#endif
}

// 17 lets a worker connect as a role that may not log in.
#if PG_VERSION_NUM >= 170000
inline constexpr uint32 bypass_login_check = BGWORKER_BYPASS_ROLELOGINCHECK;
inline constexpr bool worker_may_skip_login = true;
// 17 lets a value added to an enum be used in the transaction that created the type.
inline constexpr bool new_enum_accepts_added_values = true;
#else
inline constexpr uint32 bypass_login_check = 0;
inline constexpr bool worker_may_skip_login = false;
inline constexpr bool new_enum_accepts_added_values = false;
#endif

// 17 has transaction_timeout, which every process arms.
inline const char *const *timeout_settings()
{
    static const char *const names[] = {
        "statement_timeout",
        "lock_timeout",
        "idle_in_transaction_session_timeout",
        "idle_session_timeout",
#if PG_VERSION_NUM >= 170000
        "transaction_timeout",
#endif
        nullptr
    };
    return names;
}

// 16 moved the permission bits from the range table entry to a node of their own.  First what is to be
// checked, before any expression that adds to it; then the check.
inline void demand_insert(ParseNamespaceItem *item)
{
#if PG_VERSION_NUM >= 160000
    item->p_perminfo->requiredPerms = ACL_INSERT;
#else
    item->p_rte->requiredPerms = ACL_INSERT;
#endif
}

inline void check_rights(ParseState *pstate, ParseNamespaceItem *item, Bitmapset *columns)
{
#if PG_VERSION_NUM >= 160000
    item->p_perminfo->insertedCols = columns;
    ExecCheckPermissions(pstate->p_rtable, list_make1(item->p_perminfo), true);
#else
    item->p_rte->insertedCols = columns;
    ExecCheckRTPerms(pstate->p_rtable, true);
#endif
}

// The number of the current transaction among this process's; 0 outside of any.
inline LocalTransactionId local_transaction()
{
#if PG_VERSION_NUM >= 170000
    return MyProc->vxid.lxid;
#else
    return MyProc->lxid;
#endif
}

// 17 names the process of a virtual transaction by the number of its entry, not of its backend, and put
// both halves of the id into one struct.
inline LocalTransactionId local_transaction_of(const PGPROC &process)
{
#if PG_VERSION_NUM >= 170000
    return process.vxid.lxid;
#else
    return process.lxid;
#endif
}

inline int process_number(const VirtualTransactionId &id)
{
#if PG_VERSION_NUM >= 170000
    return id.procNumber;
#else
    return id.backendId;
#endif
}

inline VirtualTransactionId virtual_transaction(int process, LocalTransactionId local)
{
    VirtualTransactionId id;
#if PG_VERSION_NUM >= 170000
    id.procNumber = process;
#else
    id.backendId = process;
#endif
    id.localTransactionId = local;
    return id;
}

inline const PGPROC *process(int number)
{
#if PG_VERSION_NUM >= 170000
    return ProcNumberGetProc(number);
#else
    return BackendIdGetProc(number);
#endif
}

// 16 renamed the function.
inline const PgBackendStatus *backend_status(int index)
{
#if PG_VERSION_NUM >= 160000
    const LocalPgBackendStatus *local = pgstat_get_local_beentry_by_index(index);
#else
    const LocalPgBackendStatus *local = pgstat_fetch_stat_local_beentry(index);
#endif
    return local == nullptr ? nullptr : &local->backendStatus;
}

// Gives the transaction a new virtual id: whoever waits for the old one goes on.
// 17 put both halves of the id into one struct.
inline void renew_virtual_transaction()
{
    VirtualTransactionId id;
    VirtualXactLockTableCleanup();
    id.localTransactionId = GetNextLocalTransactionId();
#if PG_VERSION_NUM >= 170000
    id.procNumber = MyProc->vxid.procNumber;
    VirtualXactLockTableInsert(id);
    MyProc->vxid.lxid = id.localTransactionId;
#else
    id.backendId = MyProc->backendId;
    VirtualXactLockTableInsert(id);
    MyProc->lxid = id.localTransactionId;
#endif
}

// 18 keeps RETURNING in a node of its own.
inline void set_returning(UpdateStmt *statement, List *expressions)
{
#if PG_VERSION_NUM >= 180000
    statement->returningClause = makeNode(ReturningClause);
    statement->returningClause->exprs = expressions;
#else
    statement->returningList = expressions;
#endif
}

// 18 marks a column that a constraint not validated yet keeps from new nulls as not null, too.
inline bool never_null(TupleDesc descriptor, AttrNumber column)
{
#if PG_VERSION_NUM >= 180000
    return TupleDescCompactAttr(descriptor, column - 1)->attnullability == ATTNULLABLE_VALID;
#else
    return TupleDescAttr(descriptor, column - 1)->attnotnull;
#endif
}

// 15 declares walkers without their arguments, as C allows.
using Walker = bool (*)(Node *, void *);
using Mutator = Node *(*)(Node *, void *);

inline bool walk_expression(Node *node, Walker walker, void *argument)
{
#if PG_VERSION_NUM >= 160000
    return expression_tree_walker(node, walker, argument);
#else
    return expression_tree_walker(
        node, reinterpret_cast<bool (*)()>(reinterpret_cast<void *>(walker)), argument);
#endif
}

inline bool walk_query(Query *query, Walker walker, void *argument, int flags)
{
#if PG_VERSION_NUM >= 160000
    return query_tree_walker(query, walker, argument, flags);
#else
    return query_tree_walker(query, reinterpret_cast<bool (*)()>(reinterpret_cast<void *>(walker)),
                             argument, flags);
#endif
}

inline bool walk_raw(Node *node, Walker walker, void *argument)
{
#if PG_VERSION_NUM >= 160000
    return raw_expression_tree_walker(node, walker, argument);
#else
    return raw_expression_tree_walker(
        node, reinterpret_cast<bool (*)()>(reinterpret_cast<void *>(walker)), argument);
#endif
}

inline Node *mutate_expression(Node *node, Mutator mutator, void *argument)
{
#if PG_VERSION_NUM >= 160000
    return expression_tree_mutator(node, mutator, argument);
#else
    return expression_tree_mutator(
        node, reinterpret_cast<Node *(*)()>(reinterpret_cast<void *>(mutator)), argument);
#endif
}

// 18 counts index searches.
inline IndexScanDesc index_beginscan(Relation heap, Relation index, Snapshot snapshot, int keys)
{
#if PG_VERSION_NUM >= 180000
    return ::index_beginscan(heap, index, snapshot, nullptr, keys, 0);
#else
    return ::index_beginscan(heap, index, snapshot, keys, 0);
#endif
}

// Calls visit(relation, columns) for what the statement says it sets; from 16 on that is kept apart.
template <typename Visit>
void for_each_update(const PlannedStmt *statement, Visit visit)
{
    ListCell *cell;
#if PG_VERSION_NUM >= 160000
    foreach (cell, statement->permInfos) {
        const auto *of = lfirst_node(RTEPermissionInfo, cell);
#else
    foreach (cell, statement->rtable) {
        const auto *of = lfirst_node(RangeTblEntry, cell);
        if (of->rtekind != RTE_RELATION)
            continue;
#endif
        if (!bms_is_empty(of->updatedCols))
            visit(of->relid, of->updatedCols);
    }
}

// Raises what the caller lacks for the relations that the query itself names; subqueries are not looked into.
inline void check_rights(const Query *query)
{
#if PG_VERSION_NUM >= 160000
    ExecCheckPermissions(query->rtable, query->rteperminfos, true);
#else
    ExecCheckRTPerms(query->rtable, true);
#endif
}

// 17 can end a session whose transaction takes too long.
inline void disarm_transaction_timeout()
{
#if PG_VERSION_NUM >= 170000
    disable_timeout(TRANSACTION_TIMEOUT, false);
#endif
}

} // namespace migrate::pg::compat
