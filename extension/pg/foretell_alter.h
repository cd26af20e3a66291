// What the parts of foretell() that look into ALTER TABLE share.  For pg/ only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "pg/foretelling.h"

namespace migrate::pg {

// One ALTER TABLE: its named relation, and the mode that the server takes for all of its sub-commands.
struct Altering
{
    Foretelling &answer;
    Oid relation;
    Form_pg_class row;
    LOCKMODE mode;
    bool recurse; // no ONLY
};

// The relation with its descendants if the statement recurses, else by itself.
List *members_of(const Altering &altering);

// The table gets a new file, its indexes too.
void foretell_rewrite(Foretelling &answer, Oid relation);

// ---- columns
// Serial and its kin, which the grammar takes for types.
bool is_serial(const TypeName *type);
// The first of this kind that is written behind the column; null if there is none.
const Constraint *constraint_of_kind(const ColumnDef *column, ConstrType kind);
// What the column that is added gets in the rows that are there.  A function that the script makes counts as
// what it will be.
DefaultKind default_kind_of(const ColumnDef *column);
void foretell_add_column(Altering &altering, const AlterTableCmd *command);
void foretell_drop_column(Altering &altering, const AlterTableCmd *command);
void foretell_alter_type(Altering &altering, const AlterTableCmd *command);
void foretell_set_expression(Altering &altering, const AlterTableCmd *command);

// ---- constraints
void foretell_add_constraint(Altering &altering, const Constraint *constraint);
void foretell_drop_constraint(Altering &altering, const AlterTableCmd *command);
void foretell_alter_constraint(Altering &altering, const AlterTableCmd *command);
void foretell_validate_constraint(Altering &altering, const AlterTableCmd *command);
void foretell_set_not_null(Altering &altering, const char *column);
void foretell_drop_not_null(Altering &altering, const char *column);

// True if no row can have null there: the column is NOT NULL, or a valid CHECK spares the server the scan, by
// the same proof.
bool is_proven_not_null(Oid relation, const char *column);
// The valid CHECKs that each alone prove it (String).
List *proofs_of_not_null(Oid relation, const char *column);

// All rows meet these conditions (a list of AND), by the relation's valid checks: the same proof that spares the
// server the scan of a partition.
bool is_proven_by_checks(Oid relation, List *conditions);

// What reading both sides of a foreign key locks, when it is proven for existing rows.
void foretell_foreign_key_scan(Foretelling &answer, Oid referencing, Oid referenced);

// The unique index that a foreign key to these columns (String), or to the primary key, depends on.
Oid referenced_index(Oid relation, List *columns);

// ---- partitions

// What a partition's rows, and those of the default partition, have to meet for it to be attached: as text,
// with whether it is proven already.
struct PartitionDemands
{
    const char *of_partition, *of_default;
    Oid default_partition;
    bool proven, default_proven;
};
// `written` is changed.
void demands_of(Oid parent, Oid partition, PartitionBoundSpec *written, PartitionDemands *demands);

// The indexes (oids) of the partition that the server would take for this one of its partitioned table, first choice
// first, valid or not.
List *index_matches(Oid parent_index, Oid partition);

// The indexes (oids) of a partitioned table that have no match on the partition, and are built when it is attached.
List *indexes_missing_on(Oid parent, Oid partition);

void foretell_attach(Altering &altering, const PartitionCmd *command);
void foretell_attach_index(Altering &altering, const PartitionCmd *command);
// `bound` is changed.
void foretell_new_partition(Foretelling &answer, Oid parent, PartitionBoundSpec *bound);
// No row of the default partition belongs into a new one of this bound, which is changed, by its valid checks.
bool is_default_proven(Oid parent, PartitionBoundSpec *bound);
void foretell_detach(Altering &altering, const PartitionCmd *command);

} // namespace migrate::pg
