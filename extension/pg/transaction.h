// Transactions and subtransactions as seen from C++; errors come back as values.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <functional>
#include <optional>

#include "core/error.h"

namespace migrate::pg {

using Body = std::function<void()>;

// Runs f in a subtransaction.  An error rolls it back and is returned; a cancel is thrown on.
// The only way to survive a server error inside a transaction.
std::optional<Error> attempt(const Body &f);

// Runs f, which only lexes and parses: no catalogs, no locks, nothing but memory.  An error is
// returned; no subtransaction is needed, which matters when f runs for every token.
std::optional<Error> attempt_parsing(const Body &f);

// Runs f in a transaction block of its own, as between BEGIN and COMMIT; an error, at commit too,
// aborts it and is returned.
// REQUIRES: a worker, outside of any transaction.
std::optional<Error> transaction(const Body &f);

// The same for what must be recorded: again when a cancel cuts it short, as a caller that ends may cancel
// more than once.
// Throws: any other error; the cancel itself after ten of them.
void transaction_despite_cancel(const Body &f);

// Runs f as a client's single command outside of a transaction block: for statements that refuse one.
// REQUIRES: a worker, outside of any transaction.
std::optional<Error> top_level_command(const Body &f);

// Whether the top_level_command() that just failed had committed something before, as a procedure may.
bool failed_command_committed();

} // namespace migrate::pg
