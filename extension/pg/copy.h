// COPY ... FROM STDIN with data that stands in the script.  For pg/ only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstddef>

#include "pg/error_context.h"

namespace migrate::pg {

// Runs the COPY statement of `where` on the data, with the checks of a client's COPY.
// REQUIRES: called inside call(); it is C.
void copy_in(StatementContext &where, const char *data, std::size_t size, MemoryContext memory);

} // namespace migrate::pg
