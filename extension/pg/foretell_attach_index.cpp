// Which indexes of a partition the server takes for those of its partitioned table, as DefineIndex() and
// AttachPartitionEnsureIndexes() look for them, and which it would have to build.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_alter.h"

extern "C" {
#include "access/attmap.h"
#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/index.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_index.h"
#include "nodes/execnodes.h"
#include "utils/lsyscache.h"
#include "utils/relcache.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

namespace {

struct Pair
{
    Relation parent, parent_index, partition;
    AttrMap *map;
    bool constraint; // the parent's index has one
};

bool has_constraint(Relation table, Relation index)
{
    return OidIsValid(
        get_relation_idx_constraint_oid(RelationGetRelid(table), RelationGetRelid(index)));
}

bool is_match(const Pair &pair, Relation index)
{
    return !index->rd_rel->relispartition &&
           CompareIndexInfo(BuildIndexInfo(index), BuildIndexInfo(pair.parent_index),
                            index->rd_indcollation, pair.parent_index->rd_indcollation,
                            index->rd_opfamily, pair.parent_index->rd_opfamily, pair.map) &&
           (!pair.constraint || has_constraint(pair.partition, index));
}

List *matches_in(const Pair &pair)
{
    List *matches = NIL, *indexes = indexes_of(RelationGetRelid(pair.partition));
    ListCell *cell;
    list_sort(indexes, list_oid_cmp);
    foreach (cell, indexes) {
        Relation index = RelationIdGetRelation(lfirst_oid(cell));
        if (index == nullptr)
            continue;
        if (is_match(pair, index))
            matches = lappend_oid(matches, lfirst_oid(cell));
        RelationClose(index);
    }
    return matches;
}

// False if there is none.
bool copy_index(Oid index, FormData_pg_index *copy)
{
    HeapTuple row = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
    if (!HeapTupleIsValid(row))
        return false;
    memcpy(copy, GETSTRUCT(row), sizeof(*copy));
    ReleaseSysCache(row);
    return true;
}

// Of the matches one that is valid, and a primary key where the parent's is one, if that counts.
bool has_usable(Oid parent_index, List *matches)
{
    FormData_pg_index parent, own;
    ListCell *cell;
    const bool exact = compat::attached_keys_are_alike &&
                       OidIsValid(get_index_constraint(parent_index)) &&
                       copy_index(parent_index, &parent);
    foreach (cell, matches)
        if (copy_index(lfirst_oid(cell), &own) && own.indisvalid &&
            (!exact || own.indisprimary == parent.indisprimary))
            return true;
    return false;
}

} // namespace

List *index_matches(Oid parent_index, Oid partition)
{
    List *matches = NIL;
    Pair pair{nullptr, RelationIdGetRelation(parent_index), nullptr, nullptr, false};
    if (pair.parent_index != nullptr)
        pair.parent = RelationIdGetRelation(pair.parent_index->rd_index->indrelid);
    if (pair.parent != nullptr)
        pair.partition = RelationIdGetRelation(partition);
    if (pair.partition != nullptr) {
        pair.map = compat::columns_by_name(RelationGetDescr(pair.partition),
                                           RelationGetDescr(pair.parent));
        pair.constraint = has_constraint(pair.parent, pair.parent_index);
        matches = matches_in(pair);
        RelationClose(pair.partition);
    }
    if (pair.parent != nullptr)
        RelationClose(pair.parent);
    if (pair.parent_index != nullptr)
        RelationClose(pair.parent_index);
    return matches;
}

List *indexes_missing_on(Oid parent, Oid partition)
{
    List *missing = NIL;
    ListCell *cell;
    // Of a partition that is detached before, its indexes are still those of another.
    if (get_rel_relispartition(partition))
        return NIL;
    foreach (cell, indexes_of(parent))
        if (get_rel_relkind(lfirst_oid(cell)) == RELKIND_PARTITIONED_INDEX &&
            !has_usable(lfirst_oid(cell), index_matches(lfirst_oid(cell), partition)))
            missing = lappend_oid(missing, lfirst_oid(cell));
    return missing;
}

} // namespace migrate::pg
