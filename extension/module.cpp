// What the server calls when it loads the library.
// SPDX-License-Identifier: PostgreSQL
#include "pg/backfill/plan.h"
#include "pg/backfill/settings.h"
#include "pg/boundary.h"
#include "pg/settings.h"

extern "C" {
PG_MODULE_MAGIC;

void _PG_init(void);

void _PG_init(void)
{
    migrate::pg::entry([] {
        migrate::pg::backfill::define_settings();
        migrate::pg::define_settings();
        migrate::pg::backfill::install_planner_hook();
    });
}
}
