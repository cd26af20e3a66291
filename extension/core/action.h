// What a statement does, read off the server's parse tree: one action for each thing that it names, such as
// every command of an ALTER TABLE.  Values only; rules and rewriting decide over them.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/effect.h"

namespace migrate {

enum class ActionKind
{
    other,
    // tables
    create_table, // followed by its columns and constraints as actions with `relation.is_new`
    create_table_as,
    drop_table,
    rename_table,
    set_schema, // of any object; `object_type` says of which
    truncate,
    inherit,
    attach_partition,
    detach_partition,
    set_persistence, // SET LOGGED, SET UNLOGGED
    set_tablespace,
    set_access_method,
    set_options, // SET (...), RESET (...)
    // columns
    add_column,
    drop_column,
    rename_column,
    alter_type,
    set_default,
    drop_default,
    set_not_null,
    drop_not_null,
    add_identity,
    drop_identity,
    set_expression,
    drop_expression,
    // constraints
    add_check,
    add_not_null, // as a named constraint, from 18 on
    add_foreign_key,
    add_unique,
    add_primary_key,
    add_exclusion,
    validate_constraint,
    drop_constraint,
    alter_constraint,
    rename_constraint,
    // indexes
    create_index,
    drop_index,
    reindex,
    rename_index,
    cluster,
    vacuum_full,
    vacuum,
    analyze,
    // types
    create_enum,
    add_enum_value,
    rename_enum_value,
    create_type,
    alter_composite, // ALTER TYPE ... ADD, DROP, ALTER ATTRIBUTE
    create_domain,
    domain_constraint, // ALTER DOMAIN ... ADD CONSTRAINT
    // other objects
    create_view, // `replaces`: OR REPLACE
    create_materialized_view,
    refresh_materialized_view,
    create_sequence,
    create_function,
    create_trigger,
    create_rule,
    create_policy,
    create_schema,
    create_extension,
    create_other,
    drop_other, // view, function, type, schema, ...: `object_type`
    drop_database,
    drop_owned,
    rename_other, // `object_type`
    change_owner,
    grant,
    comment,
    // data
    insert,
    update,
    delete_rows,
    merge,
    copy,
    select,
    // the rest
    lock_table,
    set_setting, // `name`, `value`
    begin,
    commit,
    prepare, // PREPARE: `text` is what it prepares
    execute, // EXECUTE
    passing, // what lasts no longer than the session: SAVEPOINT, DECLARE, DISCARD, NOTIFY, ...
    call,    // CALL, DO: code that cannot be looked into
};

enum class DefaultKind
{
    none,
    constant,  // or immutable: the same for all rows
    stable,    // now(): the same for all rows of one statement
    volatile_, // another for each row
};

struct Action
{
    ActionKind kind = ActionKind::other;
    Relation relation; // that it changes; without a name for what is no relation's
    std::string name; // of the column, constraint, index, object; as the catalogs keep it, unquoted
    std::vector<std::string>
        columns; // of a constraint or index, of SET in an UPDATE; expressions are ""
    std::vector<std::string> included; // INCLUDE of a key or an index
    std::string object_type;     // drop_other, rename_other, set_schema: "view", "schema", ...
    std::string new_name;        // of a rename; schema of set_schema
    std::string quoted_new_name; // of a table, quoted where it has to be
    std::string value;           // set_setting; label of an enum; tablespace
    std::string type;            // of a column: format_type()'s; before alter_type in `old_type`
    std::string old_type;
    std::string written_type; // as written, lower case: "varchar(20)", "serial", "int"
    std::string method;       // access method of an index: "btree"
    std::string text; // this command's own text as written, of an ALTER TABLE: "ADD COLUMN a int"
    std::string definition;  // of a column: its name and type as written, without what follows
    std::string chosen_name; // that the server gives to an unnamed constraint or index
    std::string
        condition; // of a check, its expression as written; of an index or a change its WHERE
    std::vector<Relation> reads;    // of a query: what else it names
    std::vector<std::string> calls; // of a query: functions that the catalogs do not have
    std::string schema;             // of its relation, quoted
    std::vector<std::string> nullable_columns; // of a primary key: those that are not NOT NULL yet
    std::vector<std::string> proofs; // set_not_null: the constraints that each alone prove it
    std::string sequence;            // of a serial column, as the server names it; quoted
    std::string sequence_literal;    // the same as a string constant

    // foreign keys
    Relation referenced;
    std::vector<std::string> referenced_columns;
    bool lacks_index = false;    // no index of the referencing table begins with the columns
    std::string mismatched_type; // "a integer, b bigint", or empty
    std::vector<std::string> column_types, referenced_types; // of existing columns; "" if unknown

    // drop_table, one of several in a statement: what this one locks by itself, by Relation::id
    std::vector<std::uint32_t> reaches;

    // attach_partition, detach_partition, inherit: the partition or parent
    Relation partition;

    DefaultKind default_kind = DefaultKind::none; // of a column; create_function: its volatility
    std::string default_text;                     // as written
    bool concurrently = false;
    bool not_valid = false;
    bool if_exists = false;  // IF EXISTS or IF NOT EXISTS
    bool already_so = false; // there is nothing to do: the name is there, the column is NOT NULL
    bool proven = false;     // set_not_null, attach: a valid constraint proves it
    bool cascade = false;
    bool only = false;        // ONLY
    bool unique = false;      // index
    bool using_index = false; // constraint
    bool deferrable = false, initially_deferred = false;
    bool not_null = false;    // column
    bool primary_key = false; // column
    bool stored = false;      // GENERATED ... STORED
    bool identity = false;
    bool serial = false;
    bool no_inherit = false;
    bool local = false;                 // set_setting: SET LOCAL
    bool domain = false;                // the column's type is a domain with constraints
    bool without_overlaps = false;      // PRIMARY KEY, UNIQUE: from 18 on
    bool ordered = false;               // enum value with BEFORE or AFTER
    bool replaces = false;              // OR REPLACE
    bool has_condition = false;         // UPDATE, DELETE
    bool nulls_not_distinct = false;    // unique
    bool owned = false;                 // its relation belongs to the current role itself
    bool has_exclusion = false;         // reindex: what is built anew holds an exclusion constraint
    bool left_invalid = false;          // create_index: one of this name is there and INVALID
    bool default_proven = false;        // attach: the default partition needs no scan
    bool has_default_partition = false; // detach: the partitioned table has one
    bool is_finalize = false;           // detach: FINALIZE
    bool composite =
        false; // the column's type is one of rows, of which SET NOT NULL thinks otherwise
    bool name_exists = false; // a key: something else has its name now
    bool by_key = false;      // UPDATE, DELETE of one row by a unique key
    bool in_with = false;     // a change written in a WITH clause
    bool enclosed = false;    // the same, or in EXPLAIN ANALYZE or EXECUTE: not its statement
    bool constraint_of_column = false; // written behind a column: its column is the action before
    bool unqualified = false;          // the relation is written without its schema

    // This command alone, whatever else its statement does to the relation: add_column, alter_type,
    // set_expression, alter_constraint, add_primary_key.
    bool rewrites = false; // it writes the relation anew
    bool scans = false;    // it reads the relation from end to end
    double rows = 0;       // insert, update, delete_rows, merge: rows that it writes, estimated
};

} // namespace migrate
