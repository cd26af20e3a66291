// CREATE of tables, views, sequences, triggers, rules, policies, statistics, publications and functions: what
// they are made on, from, or in dependence of.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_alter.h"
#include "pg/foretell_query.h"
#include "pg/foretell_statements.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/index.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/partition.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_publication.h"
#include "parser/parse_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
}

namespace migrate::pg {

namespace {

bool exists(const RangeVar *name)
{
    return OidIsValid(relation_of(name));
}

void reference(Foretelling &answer, const Constraint *constraint)
{
    const Oid referenced = relation_of(constraint->pktable);
    ListCell *cell;
    if (!OidIsValid(referenced))
        return;
    foreach (cell, get_rel_relkind(referenced) == RELKIND_PARTITIONED_TABLE
                       ? with_descendants(referenced)
                       : list_make1_oid(referenced)) {
        want(answer, lfirst_oid(cell), ShareRowExclusiveLock);
        want(answer, referenced_index(lfirst_oid(cell), constraint->pk_attrs), AccessShareLock);
    }
}

void add_constraints(Foretelling &answer, List *constraints)
{
    ListCell *cell;
    foreach (cell, constraints) {
        const auto *constraint = static_cast<const Constraint *>(lfirst(cell));
        if (constraint->contype == CONSTR_FOREIGN)
            reference(answer, constraint);
        else if (constraint->raw_expr != nullptr)
            depend_on_tree(answer, constraint->raw_expr);
    }
}

// Sequences behind the defaults that are copied.
void copy_defaults(Foretelling &answer, Oid relation)
{
    Scan scan{answer, Depth::analyzed, NIL, false};
    ScanKeyData key[1];
    key_is(key[0], Anum_pg_attrdef_adrelid, relation);
    scan_catalog(
        AttrDefaultRelationId, AttrDefaultIndexId, key, 1, [&](HeapTuple row, TupleDesc columns) {
            bool null;
            const Datum tree = heap_getattr(row, Anum_pg_attrdef_adbin, columns, &null);
            if (!null)
                scan_stored(scan, static_cast<Node *>(stringToNode(TextDatumGetCString(tree))),
                            InvalidOid);
        });
}

void like(Foretelling &answer, const TableLikeClause *clause)
{
    const Oid relation = relation_of(clause->relation);
    if (!OidIsValid(relation))
        return;
    want(answer, relation, AccessShareLock);
    if (clause->options & CREATE_TABLE_LIKE_DEFAULTS)
        copy_defaults(answer, relation);
}

void add_elements(Foretelling &answer, List *elements)
{
    ListCell *cell;
    foreach (cell, elements) {
        auto *element = static_cast<Node *>(lfirst(cell));
        if (IsA(element, ColumnDef)) {
            const auto *column = reinterpret_cast<const ColumnDef *>(element);
            add_constraints(answer, column->constraints);
        } else if (IsA(element, TableLikeClause))
            like(answer, reinterpret_cast<const TableLikeClause *>(element));
        else if (IsA(element, Constraint))
            add_constraints(answer, list_make1(element));
    }
}

// OWNED BY table.column.
void own_by(Foretelling &answer, List *options)
{
    ListCell *cell;
    foreach (cell, options) {
        const auto *option = static_cast<const DefElem *>(lfirst(cell));
        if (strcmp(option->defname, "owned_by") != 0 || option->arg == nullptr)
            continue;
        List *name = castNode(List, option->arg);
        if (list_length(name) > 1)
            want(answer, relation_of(list_truncate(list_copy(name), list_length(name) - 1)),
                 AccessShareLock);
    }
}

bool may_create(Foretelling &answer, const RangeVar *name)
{
    if (name->schemaname == nullptr && name->relpersistence == RELPERSISTENCE_TEMP)
        return true;
    const Oid schema = name->schemaname ? get_namespace_oid(name->schemaname, true)
                                        : RangeVarGetCreationNamespace(name);
    if (!OidIsValid(schema) || compat::may_create_in(schema))
        return true;
    answer.refused = true;
    return false;
}

} // namespace

void foretell_create_table(Foretelling &answer, const CreateStmt *statement)
{
    ListCell *cell;
    if ((statement->if_not_exists && exists(statement->relation)) ||
        !may_create(answer, statement->relation))
        return;
    foreach (cell, statement->inhRelations) {
        const Oid parent = relation_of(static_cast<const RangeVar *>(lfirst(cell)));
        if (!OidIsValid(parent))
            continue;
        if (refuses_other_owner(answer, parent))
            return;
        copy_defaults(answer, parent);
        if (statement->partbound != nullptr)
            foretell_new_partition(
                answer, parent,
                static_cast<PartitionBoundSpec *>(copyObjectImpl(statement->partbound)));
        else
            want(answer, parent, ShareUpdateExclusiveLock);
    }
    if (statement->ofTypename != nullptr)
        want(answer, get_typ_typrelid(LookupTypeNameOid(nullptr, statement->ofTypename, true)),
             AccessShareLock);
    add_elements(answer, statement->tableElts);
    add_constraints(answer, statement->constraints);
}

void foretell_create_table_as(Foretelling &answer, const CreateTableAsStmt *statement)
{
    const bool skips = statement->if_not_exists && exists(statement->into->rel);
    if (!skips && !may_create(answer, statement->into->rel))
        return;
    if (IsA(statement->query, ExecuteStmt)) {
        if (!skips)
            foretell_statement(answer, statement->query);
        return;
    }
    Scan scan{answer, skips || statement->into->skipData ? Depth::analyzed : Depth::executed, NIL,
              false};
    scan_query(scan, statement->query);
}

void foretell_create_view(Foretelling &answer, const ViewStmt *statement)
{
    const Oid existing = relation_of(statement->view);
    if (OidIsValid(existing) && refuses_other_owner(answer, existing))
        return;
    if (!may_create(answer, statement->view))
        return;
    if (OidIsValid(existing) && statement->replace)
        want(answer, existing, AccessExclusiveLock);
    depend_on_tree(answer, statement->query);
}

void foretell_create_sequence(Foretelling &answer, const CreateSeqStmt *statement)
{
    if ((!statement->if_not_exists || !exists(statement->sequence)) &&
        may_create(answer, statement->sequence))
        own_by(answer, statement->options);
}

void foretell_alter_sequence(Foretelling &answer, const AlterSeqStmt *statement)
{
    const Oid sequence = relation_of(statement->sequence);
    if (!OidIsValid(sequence) || refuses_other_owner(answer, sequence))
        return;
    want(answer, sequence, ShareRowExclusiveLock);
    own_by(answer, statement->options);
}

void foretell_create_trigger(Foretelling &answer, const CreateTrigStmt *statement)
{
    const Oid relation = relation_of(statement->relation);
    if (!OidIsValid(relation) || refuses_without(answer, relation, ACL_TRIGGER))
        return;
    const bool recurses = statement->row && get_rel_relkind(relation) == RELKIND_PARTITIONED_TABLE;
    want_all(answer, recurses ? with_descendants(relation) : list_make1_oid(relation),
             ShareRowExclusiveLock);
    want(answer, relation_of(statement->constrrel), AccessShareLock);
}

void foretell_create_rule(Foretelling &answer, const RuleStmt *statement)
{
    const Oid relation = relation_of(statement->relation);
    ListCell *cell;
    if (!OidIsValid(relation) || refuses_other_owner(answer, relation))
        return;
    want(answer, relation, AccessExclusiveLock);
    depend_on_tree(answer, statement->whereClause);
    foreach (cell, statement->actions)
        depend_on_tree(answer, static_cast<Node *>(lfirst(cell)));
}

void foretell_policy(Foretelling &answer, const RangeVar *table, Node *qual, Node *with_check)
{
    const Oid relation = relation_of(table);
    if (!OidIsValid(relation) || refuses_other_owner(answer, relation))
        return;
    want(answer, relation, AccessExclusiveLock);
    depend_on_tree(answer, qual);
    depend_on_tree(answer, with_check);
}

void foretell_create_statistics(Foretelling &answer, const CreateStatsStmt *statement)
{
    ListCell *cell;
    foreach (cell, statement->relations) {
        auto *name = static_cast<Node *>(lfirst(cell));
        if (!IsA(name, RangeVar))
            continue;
        const Oid relation = relation_of(reinterpret_cast<const RangeVar *>(name));
        if (OidIsValid(relation) && !refuses_other_owner(answer, relation))
            want(answer, relation, ShareUpdateExclusiveLock);
    }
}

// Tables named in CREATE and ALTER PUBLICATION; children only of ordinary inheritance.
void foretell_publication(Foretelling &answer, List *objects)
{
    ListCell *cell;
    foreach (cell, objects) {
        const auto *object = static_cast<const PublicationObjSpec *>(lfirst(cell));
        if (object->pubtable == nullptr)
            continue;
        const Oid relation = relation_of(object->pubtable->relation);
        if (!OidIsValid(relation) || refuses_other_owner(answer, relation))
            continue;
        const bool recurses = object->pubtable->relation->inh &&
                              get_rel_relkind(relation) != RELKIND_PARTITIONED_TABLE;
        want_all(answer, recurses ? with_descendants(relation) : list_make1_oid(relation),
                 ShareUpdateExclusiveLock);
        depend_on_tree(answer, object->pubtable->whereClause);
    }
}

// SET TABLE takes the others out.
void foretell_alter_publication(Foretelling &answer, const AlterPublicationStmt *statement)
{
    const Oid publication = get_publication_oid(statement->pubname, true);
    if (!OidIsValid(publication) ||
        refuses_other_owner(answer, {PublicationRelationId, publication, 0}))
        return;
    if (statement->action == AP_SetObjects && statement->pubobjects != NIL)
        want_all(answer, GetPublicationRelations(publication, PUBLICATION_PART_ROOT),
                 ShareUpdateExclusiveLock);
    foretell_publication(answer, statement->pubobjects);
}

} // namespace migrate::pg
