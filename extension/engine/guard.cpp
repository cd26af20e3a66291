// SPDX-License-Identifier: PostgreSQL
#include "engine/guard.h"

#include <algorithm>

#include "core/error.h"
#include "pg/query.h"
#include "pg/report.h"
#include "pg/settings.h"

namespace migrate {

namespace {

bool contains(const std::vector<std::string> &list, const std::string &name)
{
    return std::find(list.begin(), list.end(), name) != list.end();
}

void require_unused(const std::string &table)
{
    if (pg::ledger("SELECT 1 FROM migrate.seal").empty())
        return;
    throw Error(sqlstate::insufficient_privilege,
                "the history of migrations cannot be written with SQL",
                "Table migrate." + table +
                    " is written by the extension; a dump can be restored only into a "
                    "database where no migration was registered or run.",
                "Use migrate.mark(), migrate.baseline() or migrate.repair().");
}

} // namespace

bool set_access(const std::string &role, bool allowed)
{
    const std::vector<pg::Row> rows =
        pg::query("SELECT quote_ident(rolname) FROM pg_roles WHERE rolname = $1", {role});
    if (rows.empty())
        return false;
    const std::string sql =
        (allowed ? "GRANT USAGE ON SCHEMA migrate TO " : "REVOKE USAGE ON SCHEMA migrate FROM ") +
        *rows[0][0];
    pg::as_ledger_owner([&] { pg::command(sql); });
    return true;
}

void restore_row(const std::string &table,
                 const std::function<std::string(const char *column)> &value)
{
    require_unused(table);
    if (table != "events")
        return;
    const std::string event = value("event"), role = value("detail");
    if ((event == "granted" || event == "revoked") && !set_access(role, event == "granted"))
        pg::warning("role \"" + role + "\" does not exist", "",
                    "Create it, then call migrate.grant().");
}

void require_drop_allowed(const pg::Dropped &dropped)
{
    const std::vector<pg::Row> rows =
        pg::query("SELECT n.nspname, r.rolname FROM pg_extension e JOIN pg_namespace n ON n.oid = "
                  "e.extnamespace"
                  " JOIN pg_roles r ON r.oid = e.extowner WHERE e.extname = 'migrate'");
    if (rows.empty())
        return;
    const bool drops =
        contains(dropped.extensions, "migrate") || contains(dropped.schemas, "migrate") ||
        contains(dropped.schemas, *rows[0][0]) || contains(dropped.owners, *rows[0][1]);
    if (!drops || pg::settings().allow_drop)
        return;
    const std::string events = *pg::ledger("SELECT count(*)::text FROM migrate.events")[0][0];
    if (events == "0")
        return;
    throw Error(sqlstate::prerequisite_state,
                "cannot drop extension migrate: it holds the history of this database",
                "There are " + events + " events in migrate.history.",
                "SET migrate.allow_drop = on if the history may be lost.");
}

} // namespace migrate
