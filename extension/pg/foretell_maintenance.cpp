// ANALYZE, VACUUM, CLUSTER, REINDEX and REFRESH MATERIALIZED VIEW.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_alter.h"
#include "pg/foretell_query.h"
#include "pg/foretell_statements.h"

extern "C" {
#include "catalog/index.h"
#include "commands/defrem.h"
#include "utils/lsyscache.h"
}

namespace migrate::pg {

namespace {

bool is_on(List *options, const char *name)
{
    ListCell *cell;
    foreach (cell, options) {
        auto *option = static_cast<DefElem *>(lfirst(cell));
        if (strcmp(option->defname, name) == 0)
            return defGetBoolean(option);
    }
    return false;
}

// Who may not maintain a relation, or own it before 17, is refused.
bool refuses_maintenance(Foretelling &answer, Oid relation)
{
    if (compat::acl_maintain != 0 &&
        pg_class_aclcheck(relation, GetUserId(), compat::acl_maintain) == ACLCHECK_OK)
        return false;
    return refuses_other_owner(answer, relation);
}

void vacuum_relation(Foretelling &answer, const VacuumStmt *statement, const RangeVar *name)
{
    const Oid relation = relation_of(name);
    const bool full = is_on(statement->options, "full");
    ListCell *cell;
    if (!OidIsValid(relation) || refuses_maintenance(answer, relation))
        return;
    const bool partitioned = get_rel_relkind(relation) == RELKIND_PARTITIONED_TABLE;
    const LOCKMODE mode = full ? AccessExclusiveLock : ShareUpdateExclusiveLock;
    const bool recurses = partitioned || (compat::vacuum_recurses && name->inh);
    foreach (cell, recurses ? with_descendants(relation) : list_make1_oid(relation)) {
        const Oid member = lfirst_oid(cell);
        want(answer, member, mode);
        // ANALYZE reads a sample, which does not grow with the table.
        if (statement->is_vacuumcmd)
            goes_over(answer, member, full ? work_rewrite : work_scan);
        if (get_rel_relkind(member) != RELKIND_PARTITIONED_TABLE)
            want_indexes(answer, member, full ? AccessExclusiveLock : AccessShareLock);
    }
    // The statistics of a whole inheritance tree.
    if (!recurses)
        want_all(answer, with_descendants(relation), AccessShareLock);
}

} // namespace

void foretell_vacuum(Foretelling &answer, const VacuumStmt *statement)
{
    ListCell *cell;
    if (statement->rels == NIL)
        answer.opaque = true;
    foreach (cell, statement->rels)
        vacuum_relation(answer, statement,
                        static_cast<const VacuumRelation *>(lfirst(cell))->relation);
}

void foretell_cluster(Foretelling &answer, const ClusterStmt *statement)
{
    if (statement->relation == nullptr) {
        answer.opaque = true;
        return;
    }
    const Oid relation = relation_of(statement->relation);
    if (!OidIsValid(relation) || refuses_maintenance(answer, relation))
        return;
    want(answer, relation, AccessExclusiveLock);
    foretell_rewrite(answer, relation);
}

void foretell_reindex(Foretelling &answer, const ReindexStmt *statement)
{
    const Oid relation = relation_of(statement->relation);
    if (statement->relation == nullptr) {
        answer.opaque = true;
        return;
    }
    const bool of_index = statement->kind == REINDEX_OBJECT_INDEX;
    const Oid table = of_index ? IndexGetRelation(relation, true) : relation;
    ListCell *cell;
    if (!OidIsValid(table) || refuses_maintenance(answer, table))
        return;
    const bool concurrent = is_on(statement->params, "concurrently");
    const LOCKMODE on_table = concurrent ? ShareUpdateExclusiveLock : ShareLock;
    const LOCKMODE on_index = concurrent ? ShareUpdateExclusiveLock : AccessExclusiveLock;
    foreach (cell, with_descendants(table)) {
        want(answer, lfirst_oid(cell), on_table);
        goes_over(answer, lfirst_oid(cell), work_build);
        if (!of_index)
            want_indexes(answer, lfirst_oid(cell), on_index);
        if (get_rel_relkind(table) != RELKIND_PARTITIONED_TABLE)
            break;
    }
    if (of_index)
        want_all(answer, with_descendants(relation), on_index);
}

void foretell_refresh(Foretelling &answer, const RefreshMatViewStmt *statement)
{
    const Oid relation = relation_of(statement->relation);
    if (!OidIsValid(relation) || refuses_maintenance(answer, relation))
        return;
    want(answer, relation, statement->concurrent ? ExclusiveLock : AccessExclusiveLock);
    if (statement->concurrent)
        want_indexes(answer, relation, RowExclusiveLock);
    else
        foretell_rewrite(answer, relation);
    if (statement->skipData)
        return;
    Scan scan{answer, Depth::executed, NIL, false};
    scan_stored(scan, reinterpret_cast<Node *>(stored_view(relation)), relation);
}

} // namespace migrate::pg
