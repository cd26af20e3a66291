// Triggers that guard the ledger: against plain SQL that writes it, and against DROP.
// SPDX-License-Identifier: PostgreSQL
#include "pg/triggers.h"
#include "engine/guard.h"
#include "pg/boundary.h"

using namespace migrate;

MIGRATE_FUNCTION(migrate_guard_restore)
{
    return pg::guarded_insert(fcinfo, [](const std::string &table, const pg::InsertedValue &value) {
        restore_row(table, value);
    });
}

MIGRATE_FUNCTION(migrate_guard_drop)
{
    require_drop_allowed(pg::dropped_by(fcinfo));
    return Datum(0);
}
