// What the parts of foretell() share: the answer as it grows, and questions to the catalogs.  All of it is
// C that runs inside one call(): what it makes is palloc'd and goes with the caller's memory context.
//
// No relation is opened or locked here, so a relation may be gone or changed between two lookups: every
// one of them copes with finding nothing.  For pg/ only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "pg/boundary.h"

extern "C" {
#include "catalog/pg_class.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pg_list.h"
#include "nodes/primnodes.h"
#include "utils/acl.h"
}

namespace migrate::pg {

// One lock wanted of one relation.  A relation may have several until the end.
struct Wanted
{
    Oid relation;
    LOCKMODE mode;
    bool whole; // read, written or built over whole
};

// Trivial, so that a longjmp may pass it.
struct Foretelling
{
    Wanted *wanted;
    int count, capacity;
    bool opaque, refused;
};

void want(Foretelling &answer, Oid relation, LOCKMODE mode);
void want_all(Foretelling &answer, List *relations, LOCKMODE mode);

// The statement goes over all of the relation.
void goes_over(Foretelling &answer, Oid relation);

// A copy of the relation's pg_class row; null if there is no such relation (any more).
Form_pg_class class_of(Oid relation);

// The relation that a name means now; InvalidOid if there is none.
Oid relation_of(const RangeVar *name);
Oid relation_of(List *qualified_name);

// The relation and all that inherit from it, at any depth; just itself if the statement says ONLY.
List *with_descendants(Oid relation);
List *named_with_descendants(const RangeVar *name);

// Its indexes, its children or partitions one level down, the one table that it is a partition of.
List *indexes_of(Oid relation);
List *children_of(Oid relation);
Oid parent_of(const Form_pg_class row);

// True, and the answer is marked as refused, if the current role does not own the relation.
bool refuses_other_owner(Foretelling &answer, Oid relation);

// True, and the answer is marked as refused, if the current role has none of these rights on it.
bool refuses_without(Foretelling &answer, Oid relation, AclMode rights);

// The server's tree walkers take the function as 15 declared it, without a prototype; from 16 on their
// macros cast whatever they are given.
using UntypedWalker = bool (*)();
inline UntypedWalker untyped(bool (*walker)(Node *, void *))
{
    return reinterpret_cast<UntypedWalker>(reinterpret_cast<void (*)()>(walker));
}

// One statement of any kind.
void foretell_statement(Foretelling &answer, Node *statement);

void foretell_alter_table(Foretelling &answer, const AlterTableStmt *statement);
void foretell_create_index(Foretelling &answer, const IndexStmt *statement);
void foretell_drop(Foretelling &answer, const DropStmt *statement);
void foretell_truncate(Foretelling &answer, const TruncateStmt *statement);
void foretell_lock(Foretelling &answer, const LockStmt *statement);
void foretell_query(Foretelling &answer, Node *statement);

} // namespace migrate::pg
