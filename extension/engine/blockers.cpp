// SPDX-License-Identifier: PostgreSQL
#include "engine/blockers.h"

#include <optional>

#include "core/error.h"
#include "core/text.h"
#include "pg/query.h"
#include "pg/relation_locks.h"
#include "pg/report.h"
#include "pg/session.h"
#include "pg/transaction.h"

namespace migrate {

namespace {

bool is_protected(int pid, const LockSettings &settings)
{
    return !pg::ledger("WITH RECURSIVE member (oid) AS (SELECT r.oid FROM pg_roles r"
                       " WHERE r.rolname = ANY ($2::name[]) UNION SELECT m.member FROM"
                       " pg_auth_members m JOIN member ON member.oid = m.roleid)"
                       " SELECT 1 FROM pg_stat_get_activity($1::integer) a"
                       " WHERE a.usesysid IN (TABLE member)",
                       {std::to_string(pid), pg::array_text(settings.protected_roles)})
                .empty();
}

std::string age_of(const pg::Value &microseconds)
{
    // To the second: it is read, not measured.
    constexpr long long second = 1'000'000;
    const long long age = microseconds ? std::stoll(*microseconds) : 0;
    return age < second ? "less than 1 s" : format_duration(age / second * second);
}

std::string sentence_of(const pg::Row &row)
{
    const pg::Value &gid = row[0], &role = row[1], &pid = row[2], &held = row[7], &on = row[8];
    std::string text = gid ? "Prepared transaction '" + *gid + "' (" + role.value_or("") + ")"
                           : "Process " + pid.value_or("?") + " (" + row[3].value_or("") + ")";
    if (row[4] && !gid)
        text += ", " + *row[4] + " for " + age_of(row[5]);
    if (row[6])
        text += ", in a transaction for " + age_of(row[6]);
    const std::string where = on ? " on " + *on : "";
    if (held == "snapshot")
        text += ", holds a snapshot";
    else
        text += held ? ", holds " + *held + where : ", waits in the queue" + where;
    return text + (row[9] ? ": " + *row[9] : ".");
}

} // namespace

std::string blockers_of(std::int64_t run)
{
    std::string sentences;
    for (const pg::Row &row : pg::ledger(
             "SELECT b.gid, b.role, b.pid, concat_ws(', ', b.role, b.application_name,"
             " host(b.client_addr)), b.state, (extract(epoch FROM b.state_age) * 1e6)::bigint,"
             " (extract(epoch FROM b.transaction_age) * 1e6)::bigint, b.mode_held, b.relation,"
             " left(nullif(b.query, ''), 200) FROM migrate.blockers b WHERE b.run = $1::bigint"
             " LIMIT 10",
             {std::to_string(run)}))
        sentences += (sentences.empty() ? "" : "\n") + sentence_of(row);
    return sentences;
}

void Signals::send(int pid, Measure action, const LockSettings &settings, const std::string &role,
                   const std::string &facts)
{
    if (not_allowed_.contains(pid) || is_protected(pid, settings))
        return;
    const bool ends = action == Measure::terminate;
    const std::string who = "process " + std::to_string(pid);
    const std::optional<Error> error =
        pg::attempt([&] { pg::as_locked_role(role, [&] { pg::signal_session(pid, action); }); });
    if (!error)
        return pg::warning((ends ? "terminated " + who : "cancelled the statement of " + who) +
                               ", which was in the way",
                           facts);
    not_allowed_.insert(pid);
    pg::warning(
        "could not " + std::string(ends ? "terminate " : "cancel ") + who + ", which is in the way",
        error->message, "Let a role run the migration that may, or grant it pg_signal_backend.");
}

} // namespace migrate
