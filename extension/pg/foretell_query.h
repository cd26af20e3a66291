// What the parts of foretell() that look into queries share.  For pg/ only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "pg/foretelling.h"

extern "C" {
#include "catalog/namespace.h"
}

namespace migrate::pg {

// How far the server gets with a query.  Each level locks what those before it lock, and more.
enum class Depth
{
    analyzed,  // CREATE VIEW: the relations that it names
    rewritten, // PREPARE, bodies of SQL functions: what views stand for
    planned,   // EXPLAIN: indexes, partitions and children
    executed   // triggers, defaults, foreign keys
};

struct Scan
{
    Foretelling &answer;
    Depth depth;
    List *common_names;     // names of the WITH clauses around, as String
    bool for_update;        // an outer FOR UPDATE reaches into subqueries and views
    Oid point = InvalidOid; // the relation of which the WHERE clause finds one row by a unique key
};

// True if the WHERE clause, a raw tree, sets all columns of a unique key of the relation equal to values that
// do not come from a row.
bool finds_by_key(Oid relation, Node *where);

// A relation that a query reads in this mode.  `inherit` as in RangeVar: without ONLY.
void scan_relation(Scan &scan, Oid relation, bool inherit, LOCKMODE mode);

// An analyzed query or expression, as views, rules, policies and defaults are stored.
void scan_stored(Scan &scan, Node *tree, Oid except);

// The query of a view; null if it is none.
Query *stored_view(Oid view);

// The policies of a relation whose row security applies to the current role.
void scan_policies(Scan &scan, Oid relation);

// A function that is called by this oid: marks the answer if its locks cannot be told.
void scan_function(Foretelling &answer, Oid function);

// All functions of this name, whatever they take.
FuncCandidateList candidates_named(List *name);
// True if there is a function of this name.
bool is_function(List *name);

// One that a raw parse tree calls, with its arguments.
void scan_function(Scan &scan, const FuncCall *call);

// A relation that a statement changes.
struct Change
{
    CmdType command;
    Oid relation;
    bool inherit;
    bool all_columns;      // of UPDATE: any may change
    Bitmapset *columns;    // INSERT: those given a value; UPDATE: those set (attribute numbers)
    bool conflict_arbiter; // INSERT ... ON CONFLICT
};
void change_relation(Scan &scan, const Change &change);

// A stored query that may change something: an action of a rule on `relation`, a prepared statement.
void scan_action(Scan &scan, Query *action, Oid relation);

// What the triggers of foreign keys and of users do after it; part of change_relation().
void fire_triggers(Scan &scan, const Change &change);

// The same for TRUNCATE.
void fire_truncate_triggers(Foretelling &answer, Oid relation);

// The raw statement itself: SELECT, INSERT, UPDATE, DELETE or MERGE.
void scan_query(Scan &scan, Node *statement);

// A raw expression without relations of its own.
void scan_expression(Scan &scan, Node *expression);

// True for EXPLAIN ANALYZE.
bool explain_executes(const ExplainStmt *statement);

// A raw query or expression that is only analyzed and kept; may be null.
void depend_on_tree(Foretelling &answer, Node *tree);

} // namespace migrate::pg
