// Names for people, and the arithmetic of how long work takes.
// SPDX-License-Identifier: PostgreSQL
#include "core/effect.h"

#include <algorithm>
#include <cmath>

namespace migrate {

namespace {

// Measured on PostgreSQL 15 with default settings, two cores and nothing beside it, on a table of 3 million rows
// and 522 MB that the page cache holds (three bigint or integer, a text of 64 characters, a timestamptz, a uuid, a
// numeric, a varchar), statement by statement with \\timing.  Cold disks read 0.4 to 2 GB/s.
//   ADD CHECK, SET NOT NULL 0.17 to 0.25 s; of a regular expression 0.99 s
//   ADD FOREIGN KEY to 1,000 rows 0.19 s, to 200,000 rows 1.0 to 1.3 s
//   change of type 4.0 s, CLUSTER without its indexes 3.1 s, volatile default 5.9 s
//   CREATE INDEX on bigint, integer 0.9 to 1.0 s (67 MB); timestamptz, uuid, numeric 1.3 to 1.7 s (90 MB);
//   text of 64 characters 2.4 s by bytes, 3.6 to 4.2 s by a language (287 MB); short text 1.3 and 1.8 s (95 MB);
//   BRIN 0.3 s, hash 3.4 to 4.0 s
//   change of type with three indexes (bigint, integer, text) 9.1 s
//   CREATE TABLE AS 2.9 s; DELETE of 500,000 rows 0.7 to 1.8 s; UPDATE and INSERT of as many 2.4 and 3.3 s with the
//   check of a foreign key, 8.0 s both with the three indexes
//   SELECT count(*), CREATE MATERIALIZED VIEW with GROUP BY: 1.2 to 2.5 us a unit of planned cost
constexpr double scan_bytes_a_second = 2e9;
constexpr double rewrite_bytes_a_second = 130e6;
constexpr double index_bytes_a_second = 150e6;
constexpr double sort_seconds_a_comparison = 10e-9;
constexpr double sort_seconds_a_collated_comparison = 18e-9;
constexpr double other_index_seconds_a_row = 1.2e-6;
constexpr double join_seconds_a_row =
    0.35e-6; // where what is looked up does not stay near the processor
constexpr double rows_near_processor = 10000;
constexpr double write_seconds_a_row = 4e-6;
constexpr double mark_seconds_a_row = 1.5e-6;
constexpr double new_table_seconds_a_row = 1e-6;
constexpr double write_seconds_an_index_entry = 3e-6;
constexpr double seconds_a_unit_of_cost = 2.5e-6;

double seconds_of(const IndexBuild &index);

} // namespace

std::string_view name_of(RelationKind kind)
{
    switch (kind) {
    case RelationKind::table:
        return "table";
    case RelationKind::partitioned_table:
        return "partitioned table";
    case RelationKind::index:
        return "index";
    case RelationKind::partitioned_index:
        return "partitioned index";
    case RelationKind::view:
        return "view";
    case RelationKind::materialized_view:
        return "materialized view";
    case RelationKind::sequence:
        return "sequence";
    case RelationKind::foreign_table:
        return "foreign table";
    case RelationKind::composite_type:
        return "composite type";
    case RelationKind::unknown:
        break;
    }
    return "relation";
}

std::string_view name_of(Span span)
{
    switch (span) {
    case Span::instant:
        return "instant";
    case Span::under_second:
        return "under 1 s";
    case Span::seconds:
        return "seconds";
    case Span::minutes:
        break;
    }
    return "minutes";
}

Span span_of(double seconds)
{
    return seconds < 0.05 ? Span::instant
           : seconds < 1  ? Span::under_second
           : seconds < 60 ? Span::seconds
                          : Span::minutes;
}

std::string blocked_by(LockMode mode)
{
    if (blocks_reads(mode))
        return "reads, writes, DDL";
    if (blocks_writes(mode))
        return "writes, DDL";
    return mode == LockMode::share_update_exclusive ? "DDL" : "";
}

bool blocks_reads(LockMode mode)
{
    return conflict(mode, LockMode::access_share);
}

// EXCLUSIVE stops SELECT ... FOR UPDATE too, but no plain read.
bool blocks_writes(LockMode mode)
{
    return is_strong(mode);
}

double estimated_seconds(const Work &work)
{
    const double bytes = static_cast<double>(work.bytes);
    double seconds = 0;
    if (work.rewrites)
        seconds += bytes / rewrite_bytes_a_second;
    else if (work.scans)
        seconds += bytes / scan_bytes_a_second;
    for (const IndexBuild &index : work.indexes)
        seconds += seconds_of(index);
    return seconds;
}

double seconds_of_join(double rows, double looked_up)
{
    return looked_up > rows_near_processor ? (rows + looked_up) * join_seconds_a_row : 0;
}

double seconds_of_rows(double rows, Writing writing, int indexes)
{
    const double a_row = writing == Writing::new_table ? new_table_seconds_a_row
                         : writing == Writing::marks
                             ? mark_seconds_a_row
                             : write_seconds_a_row + indexes * write_seconds_an_index_entry;
    return std::max(rows, 0.0) * a_row;
}

double seconds_of_plan(double cost)
{
    return std::max(cost, 0.0) * seconds_a_unit_of_cost;
}

namespace {

// A sort compares each row about log2(rows) times.
double seconds_of(const IndexBuild &index)
{
    if (index.method == IndexBuild::Method::block_range || index.rows < 2)
        return 0;
    if (index.method == IndexBuild::Method::other)
        return index.rows * other_index_seconds_a_row;
    return index.rows * std::log2(index.rows) *
               (index.collated ? sort_seconds_a_collated_comparison : sort_seconds_a_comparison) +
           static_cast<double>(index.bytes) / index_bytes_a_second;
}

} // namespace

} // namespace migrate
