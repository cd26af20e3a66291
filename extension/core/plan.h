// How a script is carried out: its statements grouped into steps.  A step is either a transaction or one
// statement that refuses a transaction block.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/script.h"

namespace migrate {

enum class Mode
{
    transaction,
    alone
};

struct NumberedStatement
{
    int number = 1; // in its script, counting every statement
    Statement statement;
    std::string online{}; // of its section: migrate.online, if it says so
};

// A step that is one part of a statement which is run online, as others to the same end.
struct OnlinePart
{
    std::string written;           // the statement as it stands in the script
    int part = 1, parts = 1;       // of the statement
    std::vector<std::string> undo; // takes it back by itself
    bool undoable = true;          // or only the down script can
    std::string failure;           // the error of the statement as written: SQLSTATE and message
    std::string bad_rows;          // lists the rows that it fails for, if it proves something
};

struct Step
{
    Mode mode = Mode::transaction;
    std::optional<OnlinePart> online;
    std::string begin_options; // of the script's own BEGIN: "ISOLATION LEVEL SERIALIZABLE"
    bool atomic = false;       // the script wants it whole: BEGIN ... COMMIT, transaction:always
    std::vector<NumberedStatement> statements;
};

// What planning has to ask the server.
struct PlanFacts
{
    // Settles an Alone::..._maybe from the catalogs; `earlier` are the script's statements before it,
    // which may create what it names.
    std::function<bool(const Statement &statement, const std::vector<const Statement *> &earlier)>
        stands_alone;
    // The steps that a statement is run as instead of itself; none if it is run as written.  May be empty.
    std::function<std::vector<Step>(const NumberedStatement &statement)> online;
    // A value added to an enum may be used in the same transaction if the type was made in it.
    bool new_enum_accepts_added_values = false;
};

// The statements of all sections of one kind, in the order to run them: sections as written for up and
// verify, last first for down.
std::vector<NumberedStatement> statements_in_order(const Script &script, DirectiveKind kind);

// The steps of a script.  `name` is for error contexts.  Statements numbered up to `after` are left out:
// they have been run.
// Throws: Error 0A000 for what a migration cannot hold (PREPARE TRANSACTION, COPY TO STDOUT,
// LISTEN, ROLLBACK),
// 25001 for a statement that refuses a transaction block inside BEGIN ... COMMIT or transaction:always,
// 25P01 for COMMIT without BEGIN and BEGIN without COMMIT.
std::vector<Step> plan_script(const std::string &name, const Script &script, DirectiveKind kind,
                              const PlanFacts &facts, int after = 0);

// True if what it does holds to the end of the transaction and is meant for the statements after it.
bool binds_transaction(const Statement &statement);

std::string_view name_of(Mode mode);

} // namespace migrate
