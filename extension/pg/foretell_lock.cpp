// TRUNCATE and LOCK.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_query.h"
#include "pg/foretell_statements.h"

extern "C" {
#include "utils/lsyscache.h"
}

namespace migrate::pg {

namespace {

// TRUNCATE CASCADE takes in whatever references the tables, again and again.
List *with_referencing(List *relations)
{
    for (int i = 0; i < list_length(relations); i++) {
        ListCell *cell;
        foreach (cell, foreign_keys_to(list_nth_oid(relations, i)))
            relations = list_append_unique_oid(
                relations, static_cast<const ForeignKey *>(lfirst(cell))->referencing);
    }
    return relations;
}

struct Locking
{
    Foretelling &answer;
    LOCKMODE mode;
    List *views; // being looked into
};

void lock_view(Locking &locking, Oid view);

bool walk(Node *node, void *context)
{
    if (node == nullptr)
        return false;
    if (!IsA(node, Query))
        return expression_tree_walker(node, untyped(walk), context);
    Locking &locking = *static_cast<Locking *>(context);
    auto *query = reinterpret_cast<Query *>(node);
    ListCell *cell;
    foreach (cell, query->rtable) {
        const auto *entry = static_cast<const RangeTblEntry *>(lfirst(cell));
        if (entry->rtekind != RTE_RELATION || list_member_oid(locking.views, entry->relid))
            continue;
        if (entry->relkind == RELKIND_VIEW)
            lock_view(locking, entry->relid);
        else if (entry->relkind == RELKIND_RELATION || entry->relkind == RELKIND_PARTITIONED_TABLE)
            want_all(locking.answer,
                     entry->inh ? with_descendants(entry->relid) : list_make1_oid(entry->relid),
                     locking.mode);
    }
    return query_tree_walker(query, untyped(walk), context, QTW_IGNORE_JOINALIASES);
}

void lock_view(Locking &locking, Oid view)
{
    check_stack_depth();
    want(locking.answer, view, locking.mode);
    locking.views = lappend_oid(locking.views, view);
    walk(reinterpret_cast<Node *>(stored_view(view)), &locking);
    locking.views = list_delete_last(locking.views);
}

} // namespace

void foretell_truncate(Foretelling &answer, const TruncateStmt *statement)
{
    List *relations = NIL;
    ListCell *cell, *inner;
    foreach (cell, statement->relations) {
        const auto *name = static_cast<const RangeVar *>(lfirst(cell));
        const Oid relation = relation_of(name);
        if (!OidIsValid(relation))
            continue;
        if (refuses_without(answer, relation, ACL_TRUNCATE))
            return;
        relations = list_concat_unique_oid(relations, named_with_descendants(name));
    }
    if (statement->behavior == DROP_CASCADE)
        relations = with_referencing(relations);
    foreach (cell, relations) {
        const Oid relation = lfirst_oid(cell);
        want(answer, relation, AccessExclusiveLock);
        // Their files are new ones, and so are those of their indexes.
        if (get_rel_relkind(relation) == RELKIND_RELATION)
            want_indexes(answer, relation, AccessExclusiveLock);
        if (statement->restart_seqs)
            foreach (inner, owned_sequences_of(relation))
                want(answer, lfirst_oid(inner), AccessExclusiveLock);
        fire_truncate_triggers(answer, relation);
    }
}

void foretell_lock(Foretelling &answer, const LockStmt *statement)
{
    ListCell *cell;
    foreach (cell, statement->relations) {
        const auto *name = static_cast<const RangeVar *>(lfirst(cell));
        const Oid relation = relation_of(name);
        if (!OidIsValid(relation))
            continue;
        if (refuses_without(answer, relation, compat::rights_to_lock(statement->mode)))
            return;
        if (get_rel_relkind(relation) == RELKIND_VIEW) {
            Locking locking{answer, static_cast<LOCKMODE>(statement->mode), NIL};
            lock_view(locking, relation);
        } else
            want_all(answer, named_with_descendants(name), statement->mode);
    }
}

} // namespace migrate::pg
