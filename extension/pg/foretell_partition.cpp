// Partitions attached, detached and made: the default partition, the other side of every foreign key of the
// partitioned table, and its indexes.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_alter.h"

extern "C" {
#include "catalog/index.h"
#include "catalog/partition.h"
#include "catalog/pg_inherits.h"
#include "utils/lsyscache.h"
}

namespace migrate::pg {

namespace {

List *with_partitions(Oid relation)
{
    return get_rel_relkind(relation) == RELKIND_PARTITIONED_TABLE ? with_descendants(relation)
                                                                  : list_make1_oid(relation);
}

// The same columns by name, on the same table: one that the partition brings along and keeps.
bool is_same_key(const ForeignKey *inherited, const ForeignKey *own)
{
    if (own->referenced != inherited->referenced || own->count != inherited->count ||
        own->on_delete != inherited->on_delete || own->on_update != inherited->on_update ||
        OidIsValid(own->parent_constraint))
        return false;
    for (int i = 0; i < own->count; i++) {
        const char *here = get_attname(own->referencing, own->referencing_columns[i], true);
        const char *there =
            get_attname(inherited->referencing, inherited->referencing_columns[i], true);
        if (own->referenced_columns[i] != inherited->referenced_columns[i] || here == nullptr ||
            there == nullptr || strcmp(here, there) != 0)
            return false;
    }
    return true;
}

bool brings(List *own_keys, const ForeignKey *inherited)
{
    ListCell *cell;
    foreach (cell, own_keys)
        if (is_same_key(inherited, static_cast<const ForeignKey *>(lfirst(cell))))
            return true;
    return false;
}

bool is_child_key(List *keys, const ForeignKey *key)
{
    ListCell *cell;
    foreach (cell, keys)
        if (static_cast<const ForeignKey *>(lfirst(cell))->constraint == key->parent_constraint)
            return true;
    return false;
}

// The partition takes over the partitioned table's own foreign keys.
void take_over_keys(Foretelling &answer, Oid parent, Oid partition)
{
    List *keys = foreign_keys_of(parent), *own = foreign_keys_of(partition);
    ListCell *cell, *leaf;
    foreach (cell, keys) {
        const auto *key = static_cast<const ForeignKey *>(lfirst(cell));
        if (is_child_key(keys, key))
            continue;
        want_all(answer, with_partitions(key->referenced), ShareRowExclusiveLock);
        if (brings(own, key))
            // The triggers of the partition's own key go.
            want(answer, key->referenced, AccessExclusiveLock);
        else
            foreach (leaf, with_partitions(partition))
                if (get_rel_relkind(lfirst_oid(leaf)) == RELKIND_RELATION)
                    foretell_foreign_key_scan(answer, lfirst_oid(leaf), key->referenced);
    }
}

List *names_of_referenced(const ForeignKey *key)
{
    List *names = NIL;
    for (int i = 0; i < key->count; i++)
        if (char *name = get_attname(key->referenced, key->referenced_columns[i], true))
            names = lappend(names, makeString(name));
    return names;
}

// What a foreign key of a partition takes at the other side, beside what its triggers need.
void reference(Foretelling &answer, const ForeignKey *key)
{
    ListCell *cell;
    foreach (cell, with_partitions(key->referenced)) {
        want(answer, lfirst_oid(cell), ShareRowExclusiveLock);
        want(answer, referenced_index(lfirst_oid(cell), names_of_referenced(key)), AccessShareLock);
    }
}

// Whoever references the partitioned table now references the partition too.
void take_over_references(Foretelling &answer, Oid parent, Oid partition)
{
    ListCell *cell;
    foreach (cell, foreign_keys_to(parent)) {
        const auto *key = static_cast<const ForeignKey *>(lfirst(cell));
        want(answer, key->referencing, ShareRowExclusiveLock);
        want(answer, referenced_index(partition, names_of_referenced(key)), AccessShareLock);
    }
}

// It is proven that nobody references rows of the partition, and its part of the constraint goes, from
// the referencing table.
void give_up_references(Foretelling &answer, Oid parent, Oid partition)
{
    ListCell *cell, *member;
    foreach (cell, foreign_keys_to(partition)) {
        const auto *key = static_cast<const ForeignKey *>(lfirst(cell));
        if (!OidIsValid(key->parent_constraint))
            continue;
        want(answer, key->referencing, AccessExclusiveLock);
        want_indexes(answer, key->referencing, AccessShareLock);
        goes_over(answer, key->referencing, work_lookup);
        foreach (member, with_partitions(partition))
            if (compat::planner_opens_partitioned_indexes ||
                get_rel_relkind(lfirst_oid(member)) == RELKIND_RELATION)
                want_indexes(answer, lfirst_oid(member), AccessShareLock);
        want_all(answer, get_partition_ancestors(parent), AccessShareLock);
    }
}

} // namespace

void foretell_attach(Altering &altering, const PartitionCmd *command)
{
    Foretelling &answer = altering.answer;
    const Oid partition = relation_of(command->name);
    if (!OidIsValid(partition) || refuses_other_owner(answer, partition))
        return;
    const Oid default_partition = default_partition_of(altering.relation);
    PartitionDemands demands{"", "", InvalidOid, false, false};
    if (altering.row->relkind == RELKIND_PARTITIONED_TABLE)
        demands_of(altering.relation, partition,
                   static_cast<PartitionBoundSpec *>(copyObjectImpl(command->bound)), &demands);
    want_all(answer, with_descendants(partition), AccessExclusiveLock);
    if (OidIsValid(default_partition)) {
        want_all(answer, with_partitions(default_partition), AccessExclusiveLock);
        if (!demands.default_proven)
            goes_over_all(answer, with_partitions(default_partition));
    }
    if (!demands.proven)
        goes_over_all(answer, with_descendants(partition));
    if (indexes_missing_on(altering.relation, partition) != NIL)
        goes_over_all(answer, with_descendants(partition), work_build);
    if (altering.row->relispartition)
        want_all(answer, get_partition_ancestors(altering.relation), AccessShareLock);
    want_indexes(answer, altering.relation, ShareUpdateExclusiveLock);
    take_over_keys(answer, altering.relation, partition);
    take_over_references(answer, altering.relation, partition);
}

void foretell_new_partition(Foretelling &answer, Oid parent, PartitionBoundSpec *bound)
{
    const Oid default_partition = default_partition_of(parent);
    ListCell *cell;
    want(answer, parent, AccessExclusiveLock);
    if (OidIsValid(default_partition)) {
        want_all(answer, with_partitions(default_partition), AccessExclusiveLock);
        if (!is_default_proven(parent, bound))
            goes_over_all(answer, with_partitions(default_partition));
    }
    want_indexes(answer, parent, ShareUpdateExclusiveLock);
    List *keys = foreign_keys_of(parent);
    foreach (cell, keys) {
        const auto *key = static_cast<const ForeignKey *>(lfirst(cell));
        if (!is_child_key(keys, key))
            reference(answer, key);
    }
    foreach (cell, foreign_keys_to(parent))
        want(answer, static_cast<const ForeignKey *>(lfirst(cell))->referencing,
             ShareRowExclusiveLock);
}

void foretell_attach_index(Altering &altering, const PartitionCmd *command)
{
    Foretelling &answer = altering.answer;
    const Oid index = relation_of(command->name);
    if (!OidIsValid(index) || refuses_other_owner(answer, index))
        return;
    want(answer, index, AccessExclusiveLock);
    want(answer, IndexGetRelation(altering.relation, true), AccessShareLock);
    want(answer, IndexGetRelation(index, true), AccessShareLock);
}

void foretell_detach(Altering &altering, const PartitionCmd *command)
{
    Foretelling &answer = altering.answer;
    const Oid partition = relation_of(command->name);
    const LOCKMODE mode = command->concurrent ? ShareUpdateExclusiveLock : AccessExclusiveLock;
    ListCell *cell;
    if (!OidIsValid(partition))
        return;
    want_all(answer, with_descendants(partition), mode);
    if (command->concurrent)
        return;
    want(answer, default_partition_of(altering.relation), mode);
    foreach (cell, indexes_of(partition))
        if (has_superclass(lfirst_oid(cell)))
            want(answer, lfirst_oid(cell), mode);
    List *keys = foreign_keys_of(partition);
    foreach (cell, keys) {
        const auto *key = static_cast<const ForeignKey *>(lfirst(cell));
        if (OidIsValid(key->parent_constraint) && !is_child_key(keys, key))
            want_all(answer, with_partitions(key->referenced), ShareRowExclusiveLock);
    }
    give_up_references(answer, altering.relation, partition);
}

} // namespace migrate::pg
