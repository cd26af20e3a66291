// DROP, and what it takes along.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretelling.h"

extern "C" {
#include "catalog/index.h"
}

namespace migrate::pg {

void foretell_drop(Foretelling &answer, const DropStmt *statement)
{
    ListCell *cell;
    switch (statement->removeType) {
    case OBJECT_TABLE:
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
    case OBJECT_SEQUENCE:
    case OBJECT_FOREIGN_TABLE:
    case OBJECT_INDEX:
        break;
    default:
        return;
    }
    foreach (cell, statement->objects) {
        const Oid relation = relation_of(static_cast<List *>(lfirst(cell)));
        const Form_pg_class row = OidIsValid(relation) ? class_of(relation) : nullptr;
        if (row == nullptr)
            continue;
        const LOCKMODE mode =
            statement->concurrent ? ShareUpdateExclusiveLock : AccessExclusiveLock;
        want_all(answer, with_descendants(relation), mode);
        want_all(answer, indexes_of(relation), mode);
        want(answer, parent_of(row), mode);
        if (statement->removeType == OBJECT_INDEX)
            want_all(answer, with_descendants(IndexGetRelation(relation, true)), mode);
    }
}

} // namespace migrate::pg
