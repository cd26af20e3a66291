// SPDX-License-Identifier: PostgreSQL
#include "pg/foretelling.h"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/partition.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

void want(Foretelling &answer, Oid relation, LOCKMODE mode)
{
    if (!OidIsValid(relation))
        return;
    if (answer.count == answer.capacity) {
        answer.capacity = answer.capacity ? 2 * answer.capacity : 32;
        const Size size = answer.capacity * sizeof(Wanted);
        answer.wanted =
            static_cast<Wanted *>(answer.wanted ? repalloc(answer.wanted, size) : palloc(size));
    }
    answer.wanted[answer.count++] = {relation, mode, false};
}

void want_all(Foretelling &answer, List *relations, LOCKMODE mode)
{
    ListCell *cell;
    foreach (cell, relations)
        want(answer, lfirst_oid(cell), mode);
}

void goes_over(Foretelling &answer, Oid relation)
{
    want(answer, relation, NoLock);
    answer.wanted[answer.count - 1].whole = true;
}

Form_pg_class class_of(Oid relation)
{
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(tuple))
        return nullptr;
    auto *row = static_cast<Form_pg_class>(palloc(CLASS_TUPLE_SIZE));
    memcpy(row, GETSTRUCT(tuple), CLASS_TUPLE_SIZE);
    ReleaseSysCache(tuple);
    return row;
}

Oid relation_of(const RangeVar *name)
{
    return name ? RangeVarGetRelid(name, NoLock, true) : InvalidOid;
}

Oid relation_of(List *qualified_name)
{
    return relation_of(makeRangeVarFromNameList(qualified_name));
}

List *with_descendants(Oid relation)
{
    return find_all_inheritors(relation, NoLock, nullptr);
}

List *named_with_descendants(const RangeVar *name)
{
    const Oid relation = relation_of(name);
    if (!OidIsValid(relation))
        return NIL;
    return name->inh ? with_descendants(relation) : list_make1_oid(relation);
}

List *children_of(Oid relation)
{
    return find_inheritance_children_extended(relation, false, NoLock, nullptr, nullptr);
}

Oid parent_of(const Form_pg_class row)
{
    return row->relispartition ? get_partition_parent(row->oid, true) : InvalidOid;
}

List *indexes_of(Oid relation)
{
    List *result = NIL;
    ScanKeyData key[1];
    ScanKeyInit(&key[0], Anum_pg_index_indrelid, BTEqualStrategyNumber, F_OIDEQ,
                ObjectIdGetDatum(relation));
    Relation catalog = table_open(IndexRelationId, AccessShareLock);
    SysScanDesc scan = systable_beginscan(catalog, IndexIndrelidIndexId, true, nullptr, 1, key);
    for (HeapTuple row = systable_getnext(scan); HeapTupleIsValid(row);
         row = systable_getnext(scan)) {
        const auto *index = reinterpret_cast<Form_pg_index>(GETSTRUCT(row));
        if (index->indislive)
            result = lappend_oid(result, index->indexrelid);
    }
    systable_endscan(scan);
    table_close(catalog, AccessShareLock);
    return result;
}

bool refuses_other_owner(Foretelling &answer, Oid relation)
{
    const Form_pg_class row = class_of(relation);
    if (row != nullptr && !has_privs_of_role(GetUserId(), row->relowner))
        answer.refused = true;
    return answer.refused;
}

bool refuses_without(Foretelling &answer, Oid relation, AclMode rights)
{
    if (pg_class_aclcheck(relation, GetUserId(), rights) != ACLCHECK_OK)
        answer.refused = true;
    return answer.refused;
}

} // namespace migrate::pg
