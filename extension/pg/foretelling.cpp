// SPDX-License-Identifier: PostgreSQL
#include "pg/foretelling.h"

extern "C" {
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
    answer.wanted[answer.count++] = {relation, mode, 0};
}

void want_all(Foretelling &answer, List *relations, LOCKMODE mode)
{
    ListCell *cell;
    foreach (cell, relations)
        want(answer, lfirst_oid(cell), mode);
}

void want_indexes(Foretelling &answer, Oid relation, LOCKMODE mode)
{
    want_all(answer, indexes_of(relation), mode);
}

void goes_over(Foretelling &answer, Oid relation, Work work)
{
    want(answer, relation, NoLock);
    if (OidIsValid(relation))
        answer.wanted[answer.count - 1].work = work;
}

void goes_over_all(Foretelling &answer, List *relations, Work work)
{
    ListCell *cell;
    foreach (cell, relations)
        goes_over(answer, lfirst_oid(cell), work);
}

bool refuses_other_owner(Foretelling &answer, Oid relation)
{
    const Form_pg_class row = class_of(relation);
    if (row != nullptr && !has_privs_of_role(GetUserId(), row->relowner))
        answer.refused = true;
    return answer.refused;
}

// As object_ownercheck() of 16 does it, for 15 too.
bool refuses_other_owner(Foretelling &answer, const ObjectAddress &object)
{
    const int cache = get_object_catcache_oid(object.classId);
    const AttrNumber column = get_object_attnum_owner(object.classId);
    if (cache == -1 || column == InvalidAttrNumber)
        return answer.refused;
    HeapTuple tuple = SearchSysCache1(cache, ObjectIdGetDatum(object.objectId));
    if (!HeapTupleIsValid(tuple))
        return answer.refused;
    bool null;
    const Oid owner = DatumGetObjectId(SysCacheGetAttr(cache, tuple, column, &null));
    ReleaseSysCache(tuple);
    if (!has_privs_of_role(GetUserId(), owner))
        answer.refused = true;
    return answer.refused;
}

bool refuses_without(Foretelling &answer, Oid relation, AclMode any_of)
{
    if (pg_class_aclcheck(relation, GetUserId(), any_of) != ACLCHECK_OK)
        answer.refused = true;
    return answer.refused;
}

} // namespace migrate::pg
