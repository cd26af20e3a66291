// Settings of backfills, and what a worker does to its session for them.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>
#include <string>

#include "pg/catalog.h"

namespace migrate::pg::backfill {

// Registers the settings.  REQUIRES: before pg::define_settings(), which reserves the prefix.
void define_settings();

struct Settings
{
    int batch_time;           // migrate.batch_time in milliseconds
    int max_replica_lag;      // migrate.max_replica_lag in milliseconds, 0 for none
    int max_replica_lag_size; // migrate.max_replica_lag_size in megabytes, 0 for none
    std::string replicas;     // migrate.replicas
    int small_update;         // migrate.small_update in rows
    int deadlock_timeout;     // the server's, in milliseconds
};
Settings settings();

// Batches see what is committed when they begin, whatever role and database say; and may write.
// Returns what was set before, for pg::take_over_settings().
std::string impose_isolation();

// For the rest of the transaction no lock is waited for longer than this.
void limit_lock_waits(int milliseconds);

// All statements of the transaction see what was committed when the first of them began.
// REQUIRES: a transaction in which nothing has run.
void keep_one_snapshot();

// For the rest of the transaction: its commit waits neither for the disk nor for a standby, so that rows are
// not held meanwhile.  What it did and that it was done are lost together, if at all, and the end of the run
// is a commit that waits, behind all of them in the log.
void commit_lazily();

// For the rest of the transaction scans use this process alone, and ANALYZE pauses as autovacuum does.
void leave_processors_alone();

// The log's end, in bytes.
std::int64_t log_position();

// Rows in the table, without a scan; as the planner sees it, also of one that was never analysed.
std::int64_t estimated_rows(ObjectId table);

} // namespace migrate::pg::backfill
