// CREATE INDEX.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretelling.h"

namespace migrate::pg {

void foretell_create_index(Foretelling &answer, const IndexStmt *statement)
{
    const Oid relation = relation_of(statement->relation);
    if (!OidIsValid(relation) || refuses_other_owner(answer, relation))
        return;
    const LOCKMODE mode = statement->concurrent ? ShareUpdateExclusiveLock : ShareLock;
    want_all(answer, named_with_descendants(statement->relation), mode);
}

} // namespace migrate::pg
