// ALTER TABLE: the named relation, what the sub-commands recurse to, and the tables at the other side of
// foreign keys.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretelling.h"

extern "C" {
#include "commands/tablecmds.h"
}

namespace migrate::pg {

namespace {

void foretell_foreign_key(Foretelling &answer, const Constraint *constraint)
{
    want_all(answer, with_descendants(relation_of(constraint->pktable)), ShareRowExclusiveLock);
}

} // namespace

void foretell_alter_table(Foretelling &answer, const AlterTableStmt *statement)
{
    const Oid relation = relation_of(statement->relation);
    if (!OidIsValid(relation) || refuses_other_owner(answer, relation))
        return;
    const LOCKMODE mode = AlterTableGetLockLevel(statement->cmds);
    want_all(answer, named_with_descendants(statement->relation), mode);
    ListCell *cell;
    foreach (cell, statement->cmds) {
        const auto *command = static_cast<const AlterTableCmd *>(lfirst(cell));
        if (command->subtype != AT_AddConstraint || !IsA(command->def, Constraint))
            continue;
        const auto *constraint = reinterpret_cast<const Constraint *>(command->def);
        if (constraint->contype == CONSTR_FOREIGN)
            foretell_foreign_key(answer, constraint);
    }
}

} // namespace migrate::pg
