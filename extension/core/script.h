// A migration's scripts, cut into statements: what the parser hands to planning.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/directive.h"

namespace migrate {

// What a statement is to the engine.  Most are ordinary.
enum class Role
{
    ordinary,
    begin,               // BEGIN, START TRANSACTION
    commit,              // COMMIT, END
    rollback,            // ROLLBACK, ABORT of the whole transaction
    savepoint,           // SAVEPOINT, RELEASE, ROLLBACK TO
    prepare_transaction, // PREPARE TRANSACTION: never
    copy_in,             // COPY ... FROM STDIN; its data follows
    copy_out,            // COPY ... TO STDOUT: never
    listen,              // LISTEN: never
    session_setting,     // SET, RESET, set_config(..., false): redone when a run is resumed
    enum_value,          // ALTER TYPE ... ADD VALUE
    create_type,         // CREATE TYPE ... AS ENUM
    drop,                // DROP of something, also ALTER TABLE ... DROP
};

// Why a statement must stand outside of any transaction block, and so what is to be done about it after
// a crash.  The *_maybe forms depend on the catalogs: the engine asks them when the statement's turn
// comes.
enum class Alone
{
    no,
    create_index,       // CREATE INDEX CONCURRENTLY
    drop_index,         // DROP INDEX CONCURRENTLY
    reindex,            // REINDEX CONCURRENTLY, SCHEMA, DATABASE, SYSTEM
    detach_partition,   // ALTER TABLE ... DETACH PARTITION ... CONCURRENTLY
    maintenance,        // VACUUM, CLUSTER of all, DISCARD ALL, ALTER SYSTEM: safe to repeat
    create_database,    //
    drop_database,      //
    create_tablespace,  //
    drop_tablespace,    //
    move_database,      // ALTER DATABASE ... SET TABLESPACE: safe to repeat
    subscription,       // CREATE SUBSCRIPTION with a slot, ALTER ... REFRESH, DROP with a slot
    finish_prepared,    // COMMIT PREPARED, ROLLBACK PREPARED
    procedure,          // CALL or DO whose body commits
    requested,          // transaction:never
    reindex_maybe,      // REINDEX TABLE or INDEX: only if partitioned
    cluster_maybe,      // CLUSTER of a partitioned table
    subscription_maybe, // DROP SUBSCRIPTION: only with a slot
    procedure_maybe,    // CALL: only if its body commits
    backfill,           // UPDATE or DELETE in batches, as a directive asks
    backfill_maybe,     // the same: only of a large table, and if it is the same
    backfill_call,      // SELECT migrate.backfill(...)
};

struct CopyData
{
    std::string text; // without the line "\."
    int line = 1;     // of its first row, in the file
};

struct Statement
{
    std::string text; // without its semicolon, comments before it left out
    int line = 1;     // in the file
    std::string tag;  // "CREATE INDEX"
    Role role = Role::ordinary;
    Alone alone = Alone::no;
    std::string object;   // the object named, quoted where needed: index, type, database, procedure
    std::string relation; // the table of an index or a detach, quoted and qualified as written
    std::string extra;    // enum label; partition detached; BEGIN's options
    bool if_exists = false;
    bool validates = false; // ALTER TABLE ... VALIDATE CONSTRAINT and nothing else
    std::optional<CopyData> copy;
    std::vector<Directive> directives; // allow, backfill, ... written before it
    // Its tokens joined by single spaces: equal for texts that differ in comments and white space only.
    std::string tokens;
};

enum class TransactionMode
{
    automatic,
    always,
    never
};

// One "-- migrate:up" (or down, ...) with its statements.  A file may have several pairs.
struct Section
{
    DirectiveKind kind = DirectiveKind::up;
    TransactionMode transaction = TransactionMode::automatic;
    std::string online; // migrate.online for this section; empty: as set
    std::vector<std::string> requires_names;
    std::size_t begin = 0, end = 0; // of its text in the file, directive line included
    std::size_t header = 0;         // length of the directive line
    int line = 1;
    bool blank = true; // nothing in it but white space: not even a comment
    std::vector<Statement> statements;
};

// A whole file or text.
struct Script
{
    std::vector<Section> sections;
    std::map<std::string, std::string> settings; // -- migrate:set
};

// The text of all sections of one kind, each at the lines where it stands in the file (what comes
// between is blanked), or nothing if there is none or all are blank.
std::optional<std::string> section_text(const std::string &file, const Script &script,
                                        DirectiveKind kind);

} // namespace migrate
