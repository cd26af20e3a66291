// SPDX-License-Identifier: PostgreSQL
#include "pg/backfill/settings.h"

#include "pg/boundary.h"

extern "C" {
#include "access/table.h"
#include "access/xlog.h"
#include "optimizer/plancat.h"
#include "storage/bufmgr.h"
#include "storage/proc.h"
#include "utils/rel.h"
}

namespace migrate::pg::backfill {

namespace {

int batch_time = 100;
int max_replica_lag = 10000;
int max_replica_lag_size = 256;
char *replicas = nullptr;
int small_update = 10000;

void set_local(const char *name, const char *value)
{
    call([=] {
        set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0,
                          false);
    });
}

} // namespace

void define_settings()
{
    call([] {
        DefineCustomIntVariable("migrate.batch_time", "Time that a batch of a backfill aims at.",
                                nullptr, &batch_time, 100, 1, 60000, PGC_USERSET, GUC_UNIT_MS,
                                nullptr, nullptr, nullptr);
        DefineCustomIntVariable("migrate.max_replica_lag",
                                "Delay of a standby at which backfills hold still.",
                                "0 means no limit.", &max_replica_lag, 10000, 0, INT_MAX,
                                PGC_USERSET, GUC_UNIT_MS, nullptr, nullptr, nullptr);
        DefineCustomIntVariable(
            "migrate.max_replica_lag_size",
            "Amount of log not replayed by a standby at which backfills hold still.",
            "0 means no limit.", &max_replica_lag_size, 256, 0, INT_MAX, PGC_USERSET, GUC_UNIT_MB,
            nullptr, nullptr, nullptr);
        DefineCustomStringVariable("migrate.replicas",
                                   "Standbys that backfills must not leave behind.",
                                   "A list of application names; empty: all that are connected.",
                                   &replicas, "", PGC_USERSET, 0, nullptr, nullptr, nullptr);
        DefineCustomIntVariable("migrate.small_update",
                                "Rows up to which a data change of a migration runs as written.",
                                nullptr, &small_update, 10000, 0, INT_MAX, PGC_USERSET, 0, nullptr,
                                nullptr, nullptr);
    });
}

Settings settings()
{
    return {batch_time,   max_replica_lag, max_replica_lag_size, replicas ? replicas : "",
            small_update, DeadlockTimeout};
}

std::string impose_isolation()
{
    static const char *const wanted[][2] = {{"default_transaction_isolation", "read committed"},
                                            {"default_transaction_read_only", "off"},
                                            {"default_transaction_deferrable", "off"}};
    std::string before;
    for (const auto &[name, value] : wanted) {
        const char *setting = name, *text = value;
        const char *old = call([&] { return GetConfigOption(setting, false, false); });
        before.append(setting).push_back('\0');
        before.append(old).push_back('\0');
        call([&] {
            set_config_option(setting, text, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SET, true, 0,
                              false);
        });
    }
    return before;
}

void limit_lock_waits(int milliseconds)
{
    set_local("lock_timeout", std::to_string(milliseconds).c_str());
}

void keep_one_snapshot()
{
    set_local("transaction_isolation", "repeatable read");
}

void commit_lazily()
{
    set_local("synchronous_commit", "off");
}

void leave_processors_alone()
{
    set_local("max_parallel_workers_per_gather", "0");
    set_local("vacuum_cost_delay", "2");
}

std::int64_t log_position()
{
    return call([] { return static_cast<std::int64_t>(GetXLogInsertRecPtr()); });
}

std::int64_t estimated_rows(ObjectId table)
{
    return call([&] {
        Relation relation = table_open(table, AccessShareLock);
        BlockNumber pages = 0;
        double tuples = 0, visible = 0;
        estimate_rel_size(relation, nullptr, &pages, &tuples, &visible);
        // The planner takes a new table for larger than it is.
        const BlockNumber real = RelationGetNumberOfBlocks(relation);
        if (real < pages)
            tuples *= static_cast<double>(real) / static_cast<double>(pages);
        table_close(relation, AccessShareLock);
        return static_cast<std::int64_t>(tuples);
    });
}

} // namespace migrate::pg::backfill
