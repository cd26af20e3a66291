// What one statement does to one relation: the lock it takes, what it reads or writes of it, and how long
// that will take.  Facts told by the server; what follows from them is here.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/lock_mode.h"

namespace migrate {

enum class RelationKind
{
    table,
    partitioned_table,
    index,
    partitioned_index,
    view,
    materialized_view,
    sequence,
    foreign_table,
    composite_type,
    unknown
};
// "table", "partitioned table"
std::string_view name_of(RelationKind kind);

// What statements before in the script leave uncertain about a relation; see core/doubts.h.
struct Doubts
{
    bool target = false;     // its name may mean another one by then
    bool names = false;      // the server may choose another name for what is made on it
    bool shape = false;      // its columns, indexes or constraints are others by then
    bool watchers = false;   // its triggers, rules or policies may be others
    bool partitions = false; // its partitions may be others
};

// A relation as the catalogs know it, or as the script before this statement will have made it.
struct Relation
{
    std::uint32_t id = 0;  // 0: not there yet
    std::string name;      // quoted, and qualified unless the search_path finds it
    std::string qualified; // quoted, and always with its schema; empty if it is not there yet
    RelationKind kind = RelationKind::unknown;
    std::uint64_t bytes = 0; // its files and TOAST, without indexes; of a partitioned table 0
    double rows = 0;         // estimated
    bool is_new =
        false; // made earlier in the script, or by a migration before it: nobody uses it yet
    bool is_renamed = false; // the catalogs know it by another name now
    bool is_partition = false;
    bool has_children = false; // partitions or tables that inherit from it
    bool is_temporary = false;
    Doubts doubts;
};

// How long something takes, by the order of magnitude that an operator thinks in.
enum class Span
{
    instant,      // under 50 ms
    under_second, // under 1 s
    seconds,      // under 1 min
    minutes       // and more
};
// "instant", "under 1 s", "seconds", "minutes"
std::string_view name_of(Span span);
Span span_of(double seconds);

struct Effect
{
    Relation relation;
    LockMode lock = LockMode::none;
    bool scans = false;    // reads it from end to end
    bool rewrites = false; // writes it anew, with its indexes
    bool builds = false;   // reads it for a new index
    bool joins = false;    // joins it with one that it scans, as the planner thinks best
    double seconds = 0;    // what that work will take, estimated
};

// What a lock of this mode stops others from doing, as a list for people: "reads, writes, DDL", or empty.
std::string blocked_by(LockMode mode);
bool blocks_reads(LockMode mode);
bool blocks_writes(LockMode mode);

// One index that is built, anew or for the first time.
struct IndexBuild
{
    enum class Method
    {
        btree,       // sorts its entries
        block_range, // keeps a summary of what is read
        other
    };
    Method method = Method::btree;
    double rows = 0;         // that get an entry
    std::uint64_t bytes = 0; // of the index when it is done
    bool collated = false;   // compares text as a language does, not byte by byte
};

// Estimated seconds for the work of an effect.  Constants measured; see the source.
struct Work
{
    std::uint64_t bytes = 0; // of the relation and its TOAST
    bool scans = false, rewrites = false;
    std::vector<IndexBuild> indexes; // that are built beside it
};
double estimated_seconds(const Work &work);

// Of rows that one statement looks up in a relation of so many, in the way that a foreign key is checked.
double seconds_of_join(double rows, double looked_up);

// Of the rows that one statement writes, beside finding them.
enum class Writing
{
    new_table, // into one that is made for them
    versions,  // INSERT, UPDATE: with an entry in every index
    marks      // DELETE
};
double seconds_of_rows(double rows, Writing writing, int indexes);

// Of a plan: from the cost at which the server's planner puts it.
double seconds_of_plan(double cost);

} // namespace migrate
