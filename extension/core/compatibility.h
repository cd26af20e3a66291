// What a change means for those around it: can it be taken back, does code of the previous release still work
// against the result, and so what class of migration it is.  Decided from actions; nothing here is about locks.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>
#include <string_view>

#include "core/study.h"

namespace migrate {

// Code that cannot be looked into.  Maintenance of the whole database is none, whatever its locks.
bool runs_code(const StudiedStatement &statement);

// ---- the way back ---------------------------------------------------------------------------------

enum class WayBack
{
    not_needed, // nothing to take back
    derived,    // an inverse follows from the catalogs
    unknown,    // there is none that could be derived, but no data of the schema is lost
    lost        // data is lost
};

struct Reversal
{
    WayBack way = WayBack::not_needed;
    std::string
        reason; // the inverse ("DROP COLUMN phone"), or why there is none ("the values of ... are lost")
};

Reversal reversal_of(const StudiedStatement &statement, const Action &action);
// The worst of its actions.
Reversal reversal_of(const StudiedStatement &statement);
// The worst of its statements; a reason begins with the statement's number.
Reversal reversal_of(const Study &study);

// ---- code of the previous release -----------------------------------------------------------------

enum class OldCode
{
    works,
    may_fail, // with values or in ways that the change forbids
    fails
};

struct Compatibility
{
    OldCode verdict = OldCode::works;
    std::string reason; // "column \"name\" of users is gone"; empty if it works
};

Compatibility compatibility_of(const Study &study, const StudiedStatement &statement,
                               const Action &action);
Compatibility compatibility_of(const Study &study, const StudiedStatement &statement);
Compatibility compatibility_of(const Study &study);

// True if a later statement of the same transaction gives the name that `action` takes away (by a rename or a drop)
// to another object, such as a view over the renamed table: code that uses the name never misses it.
bool is_replaced(const Study &study, const StudiedStatement &statement, const Action &action);

// True for a rename that code of the previous release does not notice: a later one of the same transaction gives the
// old name back, or the script itself gave the name that it takes away.
bool is_unnoticed(const Study &study, const StudiedStatement &statement, const Action &rename);

// ---- classes --------------------------------------------------------------------------------------

enum class MigrationClass
{
    additive,    // old code works, and it can be taken back
    data,        // changes rows
    breaking,    // old code fails
    irreversible // data is lost, or there is no way back
};
MigrationClass class_of(const Study &study);

std::string_view name_of(WayBack way);     // "not needed", "derived", "unknown", "data is lost"
std::string_view name_of(OldCode verdict); // "works", "may fail", "fails"
std::string_view name_of(MigrationClass migration); // "additive", ...

} // namespace migrate
