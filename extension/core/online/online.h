// A statement that would block others for long, replaced by ones that don't, to the same end.  Pure decisions and
// text over what was studied; names are fixed here, and every part can be taken back by itself.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/identifier.h"
#include "core/study.h"

namespace migrate::online {

enum class Mode
{
    off,
    automatic, // what would block for long
    always     // whatever the size: staging runs what production will
};

// One transaction, or one statement that refuses to be in one.
struct Part
{
    std::vector<std::string> statements;
    bool in_batches = false; // an UPDATE that is run as a backfill
    // What takes it back by itself, if anything has to; or only the migration's own down script can.
    std::vector<std::string> undo;
    bool undoable = true;
    // If rows break what it proves: the SELECT that lists them, by key.
    std::string bad_rows;
    // And the error that the statement as written would raise then: SQLSTATE, a space, message.
    std::string failure;
};

// What has to be asked of the server beside what was studied.
struct Facts
{
    bool not_null_constraints = false;     // from 18 on: NOT NULL has a name, and can be NOT VALID
    bool partitioned_foreign_keys = false; // from 18 on: NOT VALID on partitioned tables
    std::function<std::vector<std::string>(const Relation &)> key_columns; // of the primary key
    std::function<bool(const Relation &)> has_primary_key = [](const Relation &) { return false; };
    // Triggers or rules of the relation, or of its descendants, act on every UPDATE.
    std::function<bool(const Relation &)> watches_updates;
    // "FOR VALUES ..." of a partition.
    std::function<std::string(const Relation &)> bound_of;
    // Rows can be given this value in batches: by a key, or because it is never null.
    std::function<bool(const Action &column, const std::string &value)> can_fill;
    // A descendant of the relation has a column of this name.
    std::function<bool(const Relation &, const std::string &column)> is_below;
    // What a partition lacks of its future parent's indexes and foreign keys, made beforehand; nothing if the server
    // refuses to attach it.
    std::function<std::optional<std::vector<Part>>(const Action &)> attach_preparations;
    // The leaves of a partitioned table that lack what a key or foreign key of it takes over there, each with the
    // name that this one has there.  None if they cannot have it.
    struct Leaf
    {
        Relation relation;
        std::string schema;   // quoted
        std::string key_name; // of the constraint
    };
    std::function<std::vector<Leaf>(const Action &)> leaves;
};

// The parts in order; nothing if it is run as written: it blocks nobody for long, or there is no way to the
// same end.  `small_table` in bytes.
std::vector<Part> parts_of(const StudiedStatement &statement, const Facts &facts, Mode mode,
                           std::uint64_t small_table);

// ---- shared by the files of this folder -----------------------------------------------------------------

// What becomes of one command of an ALTER TABLE.
struct Change
{
    std::vector<Part> before;
    std::vector<std::string> before_main; // in its transaction
    std::string instead;                  // the command in the statement itself; empty: none
    std::vector<std::string> with_main;   // in its transaction, after it
    std::vector<Part> after;
    bool changes = false;
};

// One command with the constraints that are written behind its column.
struct Command
{
    const Action &action;
    std::vector<const Action *> constraints;
};

struct Context
{
    const StudiedStatement &statement;
    const Facts &facts;
    bool whatever_size;
    std::uint64_t small_table;

    // The statement goes over all of this relation under a lock that stops others, and that takes long.
    bool is_heavy(const Relation &relation) const;
    // The statement itself makes this column NOT NULL, as one of its new primary key.
    bool makes_primary_key_of(const std::string &column) const;
    // The statement itself adds a column of one of these names.
    bool adds_one_of(const std::vector<std::string> &columns) const;
    // The statement itself drops a constraint of it, or a column, which may take its keys along.
    bool drops_constraint_of(const Relation &relation) const;
};

Change change_command(const Context &context, const Command &command);
Change change_check(const Context &context, const Action &action);
Change change_foreign_key(const Context &context, const Action &action);
Change change_key(const Context &context, const Action &action);
Change change_not_null(const Context &context, const Action &action);
Change change_new_column(const Context &context, const Command &command);
Change change_attach(const Context &context, const Action &action);
std::vector<Part> detach_parts(const Context &context, const Action &action);
std::vector<Part> index_parts(const Context &context);

// Parts that make a column NOT NULL; the last one does it.
std::vector<Part> not_null_parts(const Context &context, const Action &action,
                                 const std::string &column);
// A unique index, then the constraint over it.
std::vector<Part> key_parts(const Context &context, const Action &action);

// With its schema, so that it means the same under any search_path.
const std::string &sql_name(const Relation &relation);
std::string alter(const Action &action, const std::string &command);
// Of the constraint, as written or as the server would choose it; quoted.
std::string name_of(const Action &action);
// Of a helper: from what it is for, so that it is found again and never cut.
std::string helper_name(const std::string &purpose, const Relation &relation,
                        const std::string &column);
// "SELECT key FROM relation WHERE condition", for bad rows.
std::string bad_rows(const Context &context, const Relation &relation,
                     const std::string &condition);
std::vector<std::string> undo_of_constraint(const Action &action);
// Rows that have the same values in the columns of a key.
std::string duplicate_rows(const Action &action);
Part validate(const Action &action, const std::string &constraint, std::string bad_rows);

} // namespace migrate::online
