// SPDX-License-Identifier: PostgreSQL
#include "engine/alone.h"

#include "core/error.h"
#include "engine/backfill/step.h"
#include "pg/catalog.h"
#include "pg/execute.h"
#include "pg/query.h"
#include "pg/report.h"

namespace migrate {

namespace {

bool exists(const char *sql, const std::string &name)
{
    return !pg::query(sql, {name}).empty();
}

bool database_exists(const std::string &name)
{
    return exists("SELECT 1 FROM pg_database WHERE datname = $1", name);
}

bool tablespace_exists(const std::string &name)
{
    return exists("SELECT 1 FROM pg_tablespace WHERE spcname = $1", name);
}

// Neither detached nor attached: a DETACH CONCURRENTLY stopped between its two transactions.
bool detach_is_pending(const Statement &statement)
{
    const pg::ObjectId partition = pg::relation_id(statement.extra);
    return partition != 0 &&
           !pg::query("SELECT 1 FROM pg_inherits WHERE inhrelid = $1::oid AND inhdetachpending",
                      {std::to_string(partition)})
                .empty();
}

bool is_detached(const Statement &statement)
{
    const pg::ObjectId partition = pg::relation_id(statement.extra);
    return partition != 0 && pg::query("SELECT 1 FROM pg_inherits WHERE inhrelid = $1::oid",
                                       {std::to_string(partition)})
                                 .empty();
}

// Ends a DETACH that stopped half way; false if there is none.
bool finish_detach(const Statement &statement, const AloneRunner &runner)
{
    bool pending = false;
    runner.transaction([&] { pending = detach_is_pending(statement); });
    if (!pending)
        return false;
    pg::notice("finishing an interrupted DETACH of partition " + statement.extra);
    runner.transaction([&] {
        pg::execute_own("ALTER TABLE " + statement.relation + " DETACH PARTITION " +
                            statement.extra + " FINALIZE",
                        {runner.migration, 1}, pg::Level::top);
    });
    return true;
}

Decision happened_if(bool condition)
{
    return condition ? Decision::done : Decision::again;
}

} // namespace

std::string note_before(const Statement &statement)
{
    switch (statement.alone) {
    case Alone::create_index:
    case Alone::reindex:
        return indexes_now(statement);
    case Alone::create_database:
        return database_exists(statement.object) ? "taken" : "free";
    case Alone::create_tablespace:
        return tablespace_exists(statement.object) ? "taken" : "free";
    case Alone::backfill:
    case Alone::backfill_maybe:
    case Alone::backfill_call:
        return backfill::note_before_step();
    default:
        return "";
    }
}

Decision decide(const NumberedStatement &numbered, const std::string &note)
{
    const Statement &statement = numbered.statement;
    switch (statement.alone) {
    case Alone::create_index:
        return happened_if(index_was_built(numbered, note));
    case Alone::drop_index:
        return happened_if(!statement.object.empty() && pg::relation_id(statement.object) == 0);
    case Alone::detach_partition:
        return happened_if(is_detached(statement));
    case Alone::create_database:
        return happened_if(note == "free" && database_exists(statement.object));
    case Alone::drop_database:
        return happened_if(!database_exists(statement.object));
    case Alone::create_tablespace:
        return happened_if(note == "free" && tablespace_exists(statement.object));
    case Alone::drop_tablespace:
        return happened_if(!tablespace_exists(statement.object));
    case Alone::backfill:
    case Alone::backfill_maybe:
    case Alone::backfill_call:
        return happened_if(backfill::step_was_done(statement, note));
    case Alone::subscription:
    case Alone::subscription_maybe:
    case Alone::finish_prepared:
    case Alone::procedure:
    case Alone::procedure_maybe:
        return Decision::in_doubt;
    default:
        return Decision::again; // safe to repeat
    }
}

void run_alone(const NumberedStatement &numbered, const std::string &note,
               const AloneRunner &runner, const std::function<void()> &as_written)
{
    const Statement &statement = numbered.statement;
    switch (statement.alone) {
    case Alone::create_index:
        return build_index(numbered, note, runner);
    case Alone::reindex:
        drop_invalid_since(statement, note, runner);
        try {
            as_written();
        } catch (const Error &error) {
            if (error.sqlstate != sqlstate::query_canceled)
                drop_invalid_since(statement, note, runner);
            throw;
        }
        return;
    case Alone::detach_partition:
        if (!finish_detach(statement, runner))
            as_written();
        return;
    case Alone::backfill:
    case Alone::backfill_maybe:
        return backfill::run_step(statement, as_written);
    default:
        return as_written();
    }
}

void tidy_half_done(const Statement &statement, const std::string &note, const AloneRunner &runner)
{
    if (statement.alone == Alone::detach_partition)
        finish_detach(statement, runner);
    if (statement.alone == Alone::create_index || statement.alone == Alone::reindex)
        drop_invalid_since(statement, note, runner);
}

bool waits_for_snapshots(const Statement &statement)
{
    return statement.alone == Alone::create_index || statement.alone == Alone::drop_index ||
           statement.alone == Alone::reindex || statement.alone == Alone::detach_partition;
}

} // namespace migrate
