// CREATE INDEX.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_statements.h"

extern "C" {
#include "utils/lsyscache.h"
}

namespace migrate::pg {

void foretell_create_index(Foretelling &answer, const IndexStmt *statement)
{
    const Oid relation = relation_of(statement->relation);
    if (!OidIsValid(relation) || refuses_other_owner(answer, relation))
        return;
    const LOCKMODE mode = statement->concurrent ? ShareUpdateExclusiveLock : ShareLock;
    const bool recurses =
        statement->relation->inh && get_rel_relkind(relation) == RELKIND_PARTITIONED_TABLE;
    List *members = recurses ? with_descendants(relation) : list_make1_oid(relation);
    want_all(answer, members, mode);
    const bool skips = statement->if_not_exists && statement->idxname != nullptr &&
                       OidIsValid(relation_in(get_rel_namespace(relation), statement->idxname));
    if (!skips)
        goes_over_all(answer, members, work_build);
}

} // namespace migrate::pg
