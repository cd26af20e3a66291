// What the error context callback knows of the statement that runs.  Plain data; for pg/ only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "pg/compat.h"

namespace migrate::pg {

struct StatementContext
{
    const char *migration;
    int number; // of the statement in its script, from 1
    int line;   // of the statement in the file
    const char *text;
    int copy_line;           // of the first row of COPY data in the file
    const uint64 *data_line; // COPY's own line counter while it reads
};

} // namespace migrate::pg
