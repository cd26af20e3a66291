// Which indexes the server builds on a partition that is attached: those of the partitioned table that the
// partition has not got, as AttachPartitionEnsureIndexes() looks for them.
// SPDX-License-Identifier: PostgreSQL
#include "pg/actions.h"
#include "pg/foretell_alter.h"

extern "C" {
#include "access/attmap.h"
#include "catalog/index.h"
#include "catalog/pg_constraint.h"
#include "nodes/execnodes.h"
#include "utils/lsyscache.h"
#include "utils/relcache.h"
}

namespace migrate::pg {

namespace {

bool has_constraint(Relation table, Relation index)
{
    return OidIsValid(
        get_relation_idx_constraint_oid(RelationGetRelid(table), RelationGetRelid(index)));
}

bool is_same(Relation parent, Relation parent_index, Relation partition, Relation index,
             AttrMap *map)
{
    return index->rd_index->indisvalid &&
           CompareIndexInfo(BuildIndexInfo(index), BuildIndexInfo(parent_index),
                            index->rd_indcollation, parent_index->rd_indcollation,
                            index->rd_opfamily, parent_index->rd_opfamily, map) &&
           (!has_constraint(parent, parent_index) || has_constraint(partition, index));
}

bool is_there(Relation parent, Relation parent_index, Relation partition, AttrMap *map)
{
    ListCell *cell;
    bool found = false;
    foreach (cell, indexes_of(RelationGetRelid(partition))) {
        Relation index = RelationIdGetRelation(lfirst_oid(cell));
        if (index == nullptr)
            continue;
        found = found || is_same(parent, parent_index, partition, index, map);
        RelationClose(index);
    }
    return found;
}

} // namespace

List *indexes_missing_on(Oid parent, Oid partition)
{
    List *missing = NIL;
    ListCell *cell;
    Relation table = RelationIdGetRelation(parent);
    Relation other = table ? RelationIdGetRelation(partition) : nullptr;
    if (other != nullptr) {
        AttrMap *map = compat::columns_by_name(RelationGetDescr(other), RelationGetDescr(table));
        foreach (cell, indexes_of(parent)) {
            Relation index = RelationIdGetRelation(lfirst_oid(cell));
            if (index == nullptr)
                continue;
            if (!is_there(table, index, other, map))
                missing = lappend_oid(missing, lfirst_oid(cell));
            RelationClose(index);
        }
        RelationClose(other);
    }
    if (table != nullptr)
        RelationClose(table);
    return missing;
}

std::vector<ObjectId> missing_indexes(ObjectId parent, ObjectId partition)
{
    std::vector<ObjectId> missing;
    List *found = call([&] { return indexes_missing_on(parent, partition); });
    ListCell *cell;
    foreach (cell, found)
        missing.push_back(lfirst_oid(cell));
    return missing;
}

} // namespace migrate::pg
