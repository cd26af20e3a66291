// SPDX-License-Identifier: PostgreSQL
#include "pg/session.h"

#include <cstring>
#include <set>

#include "pg/abort_cleanup.h"
#include "pg/boundary.h"
#include "pg/locks.h"
#include "pg/query.h"
#include "pg/role_lock.h"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "commands/async.h"
#include "commands/prepare.h"
#include "commands/sequence.h"
#include "commands/trigger.h"
#include "mb/pg_wchar.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "storage/proc.h"
#include "tcop/tcopprot.h"
#include "utils/acl.h"
#include "utils/backend_status.h"
#include "utils/builtins.h"
#include "utils/guc_tables.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"
#include "utils/varlena.h"
}

namespace migrate::pg {

namespace {

bool travels(const config_generic *setting)
{
    if (setting->source != PGC_S_SESSION && setting->source != PGC_S_CLIENT)
        return false;
    if (setting->context != PGC_USERSET && setting->context != PGC_SUSET)
        return false;
    static const char *const stay[] = {"client_encoding",       "role",
                                       "session_authorization", "transaction_isolation",
                                       "transaction_read_only", "transaction_deferrable",
                                       "is_superuser",          "seed",
                                       "lock_timeout",          nullptr};
    for (const char *const *name = stay; *name != nullptr; name++)
        if (strcmp(setting->name, *name) == 0)
            return false;
    for (const char *const *name = compat::timeout_settings(); *name != nullptr; name++)
        if (strcmp(setting->name, *name) == 0)
            return false;
    return true;
}

GucContext own_context()
{
    return superuser() ? PGC_SUSET : PGC_USERSET;
}

// C: for use inside call().
void set_setting(const char *name, const char *value)
{
    set_config_option(name, value, own_context(), PGC_S_SESSION, GUC_ACTION_SET, true, WARNING,
                      false);
}

// Names by which the difference in a session is told.
struct SessionObjects
{
    std::set<std::string> prepared, cursors, channels, temporary, advisory;
};

// Types and functions too: those of pg_temp are found before all others by whoever comes later.
constexpr const char *temporary_objects =
    "SELECT classid || ' ' || objid, classid::text, objid::text FROM pg_depend"
    " WHERE refclassid = 'pg_namespace'::regclass AND refobjid = pg_my_temp_schema()"
    " AND deptype = 'n'";

std::set<std::string> names(const char *sql)
{
    std::set<std::string> result;
    for (const Row &row : query(sql))
        result.insert(row[0].value_or(""));
    return result;
}

SessionObjects session_objects()
{
    return {names("SELECT name FROM pg_prepared_statements"), names("SELECT name FROM pg_cursors"),
            names("SELECT pg_listening_channels()"), names(temporary_objects),
            names("SELECT classid || ' ' || objid || ' ' || objsubid || ' ' || mode FROM pg_locks"
                  " WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND objsubid <= 2")};
}

// As the server itself empties the schema at a session's end: whoever owns what is in it.
void drop_temporary(const std::set<std::string> &before)
{
    std::vector<ObjectAddress> added;
    for (const Row &row : query(temporary_objects))
        if (!before.contains(*row[0]))
            added.push_back(
                {static_cast<Oid>(std::stoul(*row[1])), static_cast<Oid>(std::stoul(*row[2])), 0});
    if (added.empty())
        return;
    const ObjectAddress *first = added.data(), *end = first + added.size();
    call([&] {
        ObjectAddresses *all = new_object_addresses();
        for (const ObjectAddress *one = first; one != end; one++)
            add_exact_object_address(one, all);
        performMultipleDeletions(all, DROP_CASCADE,
                                 PERFORM_DELETION_INTERNAL | PERFORM_DELETION_QUIETLY);
        free_object_addresses(all);
        CommandCounterIncrement();
    });
}

void undo_difference(const SessionObjects &before)
{
    for (const std::string &name : names("SELECT name FROM pg_prepared_statements"))
        if (!before.prepared.contains(name))
            call([&] { DropPreparedStatement(name.c_str(), false); });
    for (const std::string &name : names("SELECT name FROM pg_cursors"))
        if (!before.cursors.contains(name))
            call([&] {
                Portal portal = GetPortalByName(name.c_str());
                if (PortalIsValid(portal) && portal->status != PORTAL_ACTIVE)
                    PortalDrop(portal, false);
            });
    drop_temporary(before.temporary);
    // A lock of the transaction stays to its end, as PostgreSQL has it, and warns that it is none of the
    // session's.
    const int level = call([] {
        const int inner = NewGUCNestLevel();
        set_config_option("client_min_messages", "error", PGC_USERSET, PGC_S_SESSION,
                          GUC_ACTION_SAVE, true, 0, false);
        return inner;
    });
    for (const Row &row :
         query("SELECT classid::text, objid::text, objsubid::text, mode,"
               " classid || ' ' || objid || ' ' || objsubid || ' ' || mode FROM pg_locks"
               " WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND objsubid <= 2"))
        if (!before.advisory.contains(*row[4])) {
            const std::string suffix = *row[3] == "ShareLock" ? "_shared" : "";
            query("SELECT CASE WHEN $3 = '2' THEN pg_advisory_unlock" + suffix +
                      "($1::bigint::bit(32)::integer, $2::bigint::bit(32)::integer)"
                      " ELSE pg_advisory_unlock" +
                      suffix + "(($1::bigint << 32) | $2::bigint) END",
                  {row[0], row[1], row[2]});
        }
    call([&] { AtEOXact_GUC(true, level); });
}

bool has_deferred_events()
{
    for (const Row &row :
         query("SELECT DISTINCT tgrelid::text FROM pg_trigger WHERE tgdeferrable")) {
        const Oid relation = static_cast<Oid>(std::stoul(*row[0]));
        if (call([&] { return AfterTriggerPendingOnRel(relation); }))
            return true;
    }
    return false;
}

} // namespace

SessionInfo session_info()
{
    SessionInfo info;
    info.role = call([] { return GetUserNameFromId(GetUserId(), false); });
    info.session_role = call([] { return GetUserNameFromId(GetSessionUserId(), false); });
    info.application_name = application_name ? application_name : "";
    const std::vector<Row> rows = query("SELECT coalesce(host(inet_client_addr()), '')");
    info.client_addr = rows[0][0].value_or("");
    return info;
}

bool current_role_is_superuser()
{
    return call([] { return superuser(); });
}

bool session_role_is_superuser()
{
    return call([] { return superuser_arg(GetSessionUserId()); });
}

std::string changed_settings()
{
    int count = 0;
    config_generic **settings = call([&] { return compat::guc_variables(&count); });
    std::string text;
    for (int i = 0; i < count; i++) {
        if (!travels(settings[i]))
            continue;
        const char *name = settings[i]->name;
        const char *value = call([&] { return GetConfigOption(name, true, false); });
        if (value == nullptr)
            continue;
        text.append(name).push_back('\0');
        text.append(value).push_back('\0');
    }
    return text;
}

void take_over_settings(const std::string &settings)
{
    const char *at = settings.data(), *end = at + settings.size();
    while (at < end) {
        const char *name = at, *value = name + strlen(name) + 1;
        call([&] { set_setting(name, value); });
        at = value + strlen(value) + 1;
    }
}

void reset_session(const std::string &settings, const std::string &role)
{
    call([] {
        SetPGVariable("session_authorization", NIL, false);
        SetPGVariable("role", NIL, false);
        ResetAllOptions();
        DropAllPreparedStatements();
        if (ActivePortal == nullptr)
            PortalHashTableDeleteAll();
        Async_UnlistenAll();
        // Catalog rows are not deleted without a snapshot; none is taken if nothing is to be dropped,
        // since a script may set its transaction's isolation level after this.
        if (OidIsValid(LookupExplicitNamespace("pg_temp", true))) {
            PushActiveSnapshot(GetTransactionSnapshot());
            ResetTempTableNamespace();
            PopActiveSnapshot();
        }
        ResetSequenceCaches();
    });
    take_over_settings(settings);
    if (!role.empty())
        set_role(role);
    impose_own_settings();
}

void impose_own_settings()
{
    call([] {
        if (pg_get_client_encoding() != GetDatabaseEncoding())
            set_setting("client_encoding", GetDatabaseEncodingName());
        for (const char *const *name = compat::timeout_settings(); *name != nullptr; name++)
            if (strcmp(*name, "lock_timeout") != 0 &&
                strcmp(GetConfigOption(*name, false, false), "0") != 0)
                set_setting(*name, "0");
    });
}

void impose_no_lock_timeout(Hold hold)
{
    const GucAction action = hold == Hold::session ? GUC_ACTION_SET : GUC_ACTION_LOCAL;
    call([&] {
        if (LockTimeout != 0)
            set_config_option("lock_timeout", "0", PGC_USERSET, PGC_S_SESSION, action, true, 0,
                              false);
    });
}

void impose_standard_strings()
{
    call([] {
        if (!standard_conforming_strings)
            set_setting("standard_conforming_strings", "on");
    });
}

void set_role(const std::string &role)
{
    const char *name = role.c_str();
    call([&] {
        // The check hook only knows that it failed; the error is what SET ROLE raises.
        set_config_option("role", name, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SET, true, 0, false);
    });
}

void as_locked_role(const std::string &role, const std::function<void()> &f)
{
    const char *name = role.c_str();
    const Oid oid = call([&] { return get_role_oid(name, false); });
    const RoleLock lock(oid);
    f();
}

void with_session_restored(const std::function<void()> &f)
{
    const SessionObjects before = session_objects();
    const int level = call([] { return NewGUCNestLevel(); });
    begin_abort_cleanup(CleanupOf::call);
    f();
    end_abort_cleanup(CleanupOf::call);
    // False: as if it had failed, so that plain SETs go back as well.
    call([&] { AtEOXact_GUC(false, level); });
    undo_difference(before);
}

void settle_transaction()
{
    call([] {
        auto *all = makeNode(ConstraintsSetStmt);
        all->deferred = false;
        AfterTriggerSetState(all);
        if (ActivePortal == nullptr)
            PortalHashTableDeleteAll();
    });
}

void require_settled()
{
    constexpr int tries = 10; // a trigger may defer others again
    for (int i = 0; i < tries; i++) {
        settle_transaction();
        if (!has_deferred_events())
            return;
    }
    throw Error(sqlstate::insufficient_privilege, "triggers of the script defer each other again",
                "They would run at the end of the transaction, when the role is not locked.",
                "Leave out SET CONSTRAINTS ALL DEFERRED in trigger functions.");
}

void report_activity(const std::string &statement)
{
    static MemoryContext kept = nullptr;
    const char *text = statement.c_str();
    call([&] {
        if (kept == nullptr)
            kept =
                AllocSetContextCreate(TopMemoryContext, "migrate activity", ALLOCSET_SMALL_SIZES);
        debug_query_string = nullptr;
        MemoryContextReset(kept);
        debug_query_string = MemoryContextStrdup(kept, text);
        pgstat_report_activity(STATE_RUNNING, debug_query_string);
    });
}

} // namespace migrate::pg
