// The background workers' main functions.  An error ends the process: it has been sent to the caller and
// the log by then, the ledger knows, and nobody restarts it.
// SPDX-License-Identifier: PostgreSQL
#include "pg/worker.h"
#include "engine/alone_watch.h"
#include "engine/call.h"
#include "pg/boundary.h"
#include "pg/watcher.h"

extern "C" {

void migrate_worker_main(Datum argument);
void migrate_watcher_main(Datum argument);

void migrate_worker_main(Datum argument)
{
    migrate::pg::entry([=] {
        migrate::pg::run_worker(DatumGetUInt32(argument),
                                [](const std::string &job) { migrate::work(job); });
    });
}
void migrate_watcher_main(Datum argument)
{
    migrate::pg::entry([=] {
        migrate::AloneWatch watch;
        migrate::pg::run_watcher(DatumGetUInt32(argument), [&] { return watch.look(); });
    });
}
}
