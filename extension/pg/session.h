// The state of a session that scripts can change: settings, role, temporary objects, prepared
// statements, cursors, listens.  Nothing of it leaks from one migration into the next, nor inline into
// the caller's session.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "pg/locks.h"

namespace migrate::pg {

// Who this session is.
struct SessionInfo
{
    std::string role;         // current_user
    std::string session_role; // session_user
    std::string application_name;
    std::string client_addr;
};
SessionInfo session_info();

bool current_role_is_superuser();
bool session_role_is_superuser();

// Settings that the session or its client changed, timeouts, encodings and the like left out, as
// "name NUL value NUL ..."; and taking them over in a worker.
std::string changed_settings();
void take_over_settings(const std::string &settings);

// In the worker, before each migration: everything as at connection time, `settings` taken over, `role`
// current (empty: the session's own).  REQUIRES: a transaction.
void reset_session(const std::string &settings, const std::string &role);

// Before each statement in the worker, as RESET ALL and a script's SET may have changed them.
void impose_own_settings();
// For the transaction, or for the session: a statement that stands alone commits on its way.
void impose_no_lock_timeout(Hold hold);

// Before each migration: scripts were cut with strings read so, until they themselves say otherwise.
void impose_standard_strings();

// SET ROLE.  Throws: 42501, 22023 as SET ROLE does.
void set_role(const std::string &role);

// Runs f as `role`, which f can not leave: SET ROLE and SET SESSION AUTHORIZATION are refused in it.
// For a superuser's session that runs what a weaker role wrote.
void as_locked_role(const std::string &role, const std::function<void()> &f);

// Runs f in the caller's session and undoes what it changed there: settings, role, temporary tables,
// prepared statements, cursors, listens, advisory locks.  Only the difference, never RESET ALL.
void with_session_restored(const std::function<void()> &f);

// Checks deferred constraints now and closes cursors, so that nothing of the script is left for commit.
void settle_transaction();

// The same, and nothing may be left: a deferred trigger would run at commit, after as_locked_role().
void require_settled();

// What pg_stat_activity shows, and STATEMENT in the log.
void report_activity(const std::string &statement);

} // namespace migrate::pg
