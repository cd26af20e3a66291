// Names for people, and the arithmetic of how long work takes.
// SPDX-License-Identifier: PostgreSQL
#include "core/effect.h"

#include <algorithm>
#include <cmath>

namespace migrate {

namespace {

// Measured on PostgreSQL 15 with default settings, two cores shared with other work, a table of 3 million rows
// and 361 MB (two bigint, an integer, a text of 64 characters, a timestamptz), statement by statement with
// \timing: ADD CHECK 0.33 s (1.1 GB/s, all in memory; disks read 0.4 to 2 GB/s); a change of type 6.2 s and a
// volatile default 3.3 s (60 to 130 MB/s); CREATE INDEX 1.6 s on bigint, 1.8 s on integer, 8 to 10 s on the
// text (22 to 130 ns a row and comparison); ADD FOREIGN KEY to 200,000 rows 2.9 s; an UPDATE of 1 million rows
// without indexes 2.9 s, of 500,000 rows with the three indexes 20 s; DELETE of 500,000 rows 1.2 s; INSERT of as
// many 17 s with the three.  The last two vary by five with the order of the keys.
constexpr double scan_bytes_a_second = 800e6;
constexpr double rewrite_bytes_a_second = 100e6;
constexpr double index_seconds_a_comparison = 50e-9;
constexpr double join_seconds_a_row = 1e-6;
constexpr double write_seconds_a_row = 4e-6;
constexpr double write_seconds_an_index_entry = 6e-6;
constexpr double bytes_a_row = 100; // where nothing has counted the rows yet

double rows_of(const Work &work);
double seconds_of_index(double rows);

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
    const double rows = rows_of(work);
    double seconds = 0;
    if (work.rewrites)
        seconds += bytes / rewrite_bytes_a_second + work.indexes * seconds_of_index(rows);
    else if (work.scans || work.builds)
        seconds += bytes / scan_bytes_a_second;
    if (work.builds)
        seconds += seconds_of_index(rows);
    if (work.joins)
        seconds += rows * join_seconds_a_row;
    return seconds;
}

double seconds_of_rows(double rows, int indexes)
{
    return std::max(rows, 0.0) * (write_seconds_a_row + indexes * write_seconds_an_index_entry);
}

namespace {

double rows_of(const Work &work)
{
    return work.rows > 0 ? work.rows : static_cast<double>(work.bytes) / bytes_a_row;
}

// A sort: each row is compared about log2(rows) times.
double seconds_of_index(double rows)
{
    return rows < 2 ? 0 : rows * std::log2(rows) * index_seconds_a_comparison;
}

} // namespace

} // namespace migrate
