// What the parts of foretell() share: the answer as it grows, and questions to the catalogs.  All of it is
// C that runs inside one call(): what it makes is palloc'd and goes with the caller's memory context.
//
// No relation is opened or locked here, so a relation may be gone or changed between two lookups: every
// one of them copes with finding nothing.  For pg/ only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <optional>

#include "core/action.h"
#include "pg/boundary.h"
#include "pg/compat_trees.h"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pg_list.h"
#include "nodes/primnodes.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
}

namespace migrate::pg {

// One lock wanted of one relation.  A relation may have several until the end.
struct Wanted
{
    Oid relation;
    LOCKMODE mode;
    int work; // what is done to all of it: Work
};

enum Work
{
    work_scan = 1,    // read from end to end
    work_rewrite = 2, // written anew, with its indexes
    work_build = 4,   // read for a new index
    work_lookup = 8   // joined with such a one, as the planner thinks best
};

// Trivial, so that a longjmp may pass it.
struct Foretelling
{
    Wanted *wanted;
    int count, capacity;
    bool opaque, refused;
    List *changes; // of relations whose triggers were looked at: Change *
};

void want(Foretelling &answer, Oid relation, LOCKMODE mode);
void want_all(Foretelling &answer, List *relations, LOCKMODE mode);

// The relation's indexes, in this mode.
void want_indexes(Foretelling &answer, Oid relation, LOCKMODE mode);

// The statement goes over all of the relation, or of each of them.
void goes_over(Foretelling &answer, Oid relation, Work work = work_scan);
void goes_over_all(Foretelling &answer, List *relations, Work work = work_scan);

// ---- rights: true, and the answer is marked as refused, if the current role has not got them ---------

bool refuses_other_owner(Foretelling &answer, Oid relation);
bool refuses_other_owner(Foretelling &answer, const ObjectAddress &object);
bool refuses_without(Foretelling &answer, Oid relation, AclMode any_of);

// ---- questions to the catalogs ----------------------------------------------------------------------

// The fixed part of the relation's pg_class row, a copy; null if there is no such relation (any more).
Form_pg_class class_of(Oid relation);

// The relation that a name means; InvalidOid if there is none.  What a script before renames, moves and drops
// counts as done, see names_to_come.h.
Oid relation_of(const RangeVar *name);
Oid relation_of(List *qualified_name);
Oid relation_in(Oid schema, const char *name);

// What it will be called then, and where it will be; null if it is gone.
const char *name_to_come(Oid relation);
// Of the functions of this name that the script makes, the worst; nothing if it makes none.
std::optional<DefaultKind> volatility_to_come(const char *function);
Oid schema_to_come(Oid relation);
bool will_be_renamed(Oid relation);

// The relation and all that inherit from it at any depth; for a name, just itself if it says ONLY.
List *with_descendants(Oid relation);
List *named_with_descendants(const RangeVar *name);

List *children_of(Oid relation);
List *indexes_of(Oid relation);
List *owned_sequences_of(Oid relation);

// Of a partition; InvalidOid for anything else.
Oid partitioned_parent_of(const FormData_pg_class *row);

// Of a partitioned table; InvalidOid if it has none.
Oid default_partition_of(Oid relation);

struct ForeignKey
{
    Oid constraint, parent_constraint, referencing, referenced;
    char on_delete, on_update;
    bool validated;
    int count;
    AttrNumber referencing_columns[INDEX_MAX_KEYS], referenced_columns[INDEX_MAX_KEYS];
};

// The files of a relation and its TOAST, in bytes, as the file system says; what is gone counts nothing.
uint64 bytes_of(Oid relation);

// How many rows it has by estimate; 0 for what holds none.
double rows_of(Oid relation);

// Lists of ForeignKey *: those that the relation has, and those of any relation that reference it.
List *foreign_keys_of(Oid relation);
List *foreign_keys_to(Oid relation);

// Tables that are OF a composite type.
List *typed_tables_of(Oid type);

// Of identity columns.
struct Identity
{
    AttrNumber column;
    Oid sequence;
};
List *identity_columns_of(Oid relation); // Identity *

// The constraint of that name; InvalidOid if there is none.
Oid constraint_of(Oid relation, const char *name);

// The object of this type that a parse tree names, as get_object_address() finds it but without its lock.
// `relation` is the table whose trigger, rule, policy or constraint it is.  InvalidOid if there is none.
ObjectAddress object_of(ObjectType type, Node *name, Oid *relation);

// Calls f(row, columns) for every row of a catalog that an index finds by the key's columns, in their order.
template <typename F>
void scan_catalog(Oid catalog, Oid index, ScanKeyData *keys, int count, F f)
{
    Relation relation = table_open(catalog, AccessShareLock);
    SysScanDesc scan = systable_beginscan(relation, index, true, nullptr, count, keys);
    for (HeapTuple row = systable_getnext(scan); HeapTupleIsValid(row);
         row = systable_getnext(scan))
        f(row, RelationGetDescr(relation));
    systable_endscan(scan);
    table_close(relation, AccessShareLock);
}

inline void key_is(ScanKeyData &key, AttrNumber column, Oid value)
{
    ScanKeyInit(&key, column, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(value));
}

// ---- statements ---------------------------------------------------------------------------------------

// One statement of any kind.
void foretell_statement(Foretelling &answer, Node *statement);

// What goes when these objects (a list of ObjectAddress *) are dropped.
void foretell_deletion(Foretelling &answer, List *objects, DropBehavior behavior);

} // namespace migrate::pg
