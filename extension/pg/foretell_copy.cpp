// COPY: into a relation as INSERT, out of it as a read of its own kind, which opens no index.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_query.h"
#include "pg/foretell_statements.h"

extern "C" {
#include "utils/lsyscache.h"
#include "utils/rls.h"
}

namespace migrate::pg {

namespace {

Bitmapset *copied_columns(Oid relation, List *names)
{
    Bitmapset *columns = nullptr;
    ListCell *cell;
    foreach (cell, names) {
        const AttrNumber column = get_attnum(relation, strVal(lfirst(cell)));
        if (column > 0)
            columns = bms_add_member(columns, column);
    }
    if (names == NIL)
        columns = bms_add_range(nullptr, 1, MaxHeapAttributeNumber);
    return columns;
}

bool may_copy(Oid relation, bool into)
{
    const AclMode right = into ? ACL_INSERT : ACL_SELECT;
    return pg_class_aclcheck(relation, GetUserId(), right) == ACLCHECK_OK ||
           pg_attribute_aclcheck_all(relation, GetUserId(), right, ACLMASK_ANY) == ACLCHECK_OK;
}

} // namespace

void foretell_copy(Foretelling &answer, const CopyStmt *statement)
{
    Scan scan{answer, Depth::executed, NIL, false};
    if (statement->query != nullptr)
        return scan_query(scan, statement->query);
    const Oid relation = relation_of(statement->relation);
    if (!OidIsValid(relation))
        return;
    if (!may_copy(relation, statement->is_from)) {
        answer.refused = true;
        return;
    }
    if (statement->is_from)
        return change_relation(scan, {CMD_INSERT, relation, false, false,
                                      copied_columns(relation, statement->attlist), false});
    // Row security makes it a query.
    if (check_enable_rls(relation, InvalidOid, true) == RLS_ENABLED)
        return scan_relation(scan, relation, false, AccessShareLock);
    want(answer, relation, AccessShareLock);
    goes_over(answer, relation);
}

} // namespace migrate::pg
