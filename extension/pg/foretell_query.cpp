// Queries and data changes, TRUNCATE and LOCK.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretelling.h"

namespace migrate::pg {

namespace {

struct Walk
{
    Foretelling *answer;
};

bool walk(Node *node, void *context)
{
    if (node == nullptr)
        return false;
    Foretelling &answer = *static_cast<Walk *>(context)->answer;
    if (IsA(node, RangeVar)) {
        want_all(answer, named_with_descendants(reinterpret_cast<RangeVar *>(node)),
                 AccessShareLock);
        return false;
    }
    return raw_expression_tree_walker(node, untyped(walk), context);
}

const RangeVar *target_of(Node *statement)
{
    switch (nodeTag(statement)) {
    case T_InsertStmt:
        return reinterpret_cast<InsertStmt *>(statement)->relation;
    case T_UpdateStmt:
        return reinterpret_cast<UpdateStmt *>(statement)->relation;
    case T_DeleteStmt:
        return reinterpret_cast<DeleteStmt *>(statement)->relation;
    case T_MergeStmt:
        return reinterpret_cast<MergeStmt *>(statement)->relation;
    default:
        return nullptr;
    }
}

} // namespace

void foretell_query(Foretelling &answer, Node *statement)
{
    Walk context{&answer};
    walk(statement, &context);
    if (const RangeVar *target = target_of(statement))
        want_all(answer, named_with_descendants(target), RowExclusiveLock);
}

void foretell_truncate(Foretelling &answer, const TruncateStmt *statement)
{
    ListCell *cell;
    foreach (cell, statement->relations) {
        const auto *name = static_cast<const RangeVar *>(lfirst(cell));
        const Oid relation = relation_of(name);
        if (!OidIsValid(relation) || refuses_without(answer, relation, ACL_TRUNCATE))
            continue;
        want_all(answer, named_with_descendants(name), AccessExclusiveLock);
    }
}

void foretell_lock(Foretelling &answer, const LockStmt *statement)
{
    ListCell *cell;
    foreach (cell, statement->relations) {
        const auto *name = static_cast<const RangeVar *>(lfirst(cell));
        want_all(answer, named_with_descendants(name), statement->mode);
    }
}

} // namespace migrate::pg
