// SPDX-License-Identifier: PostgreSQL
#include "pg/settings.h"

#include "pg/boundary.h"
#include "pg/compat_trees.h"
#include "pg/workspace.h"

extern "C" {
#include "utils/varlena.h"
}

namespace migrate::pg {

namespace {

constexpr int warn = 0, refuse = 1;
const config_enum_entry out_of_order_choices[] = {
    {"warn", warn, false}, {"refuse", refuse, false}, {nullptr, 0, false}};
const config_enum_entry on_blocker_choices[] = {
    {"wait", static_cast<int>(OnBlocker::wait), false},
    {"cancel", static_cast<int>(OnBlocker::cancel), false},
    {"terminate", static_cast<int>(OnBlocker::terminate), false},
    {nullptr, 0, false}};

const config_enum_entry online_choices[] = {
    {"off", static_cast<int>(online::Mode::off), false},
    {"auto", static_cast<int>(online::Mode::automatic), false},
    {"always", static_cast<int>(online::Mode::always), false},
    {nullptr, 0, false}};
const config_enum_entry lint_choices[] = {{"off", static_cast<int>(LintLevel::off), false},
                                          {"warning", static_cast<int>(LintLevel::warning), false},
                                          {"error", static_cast<int>(LintLevel::error), false},
                                          {nullptr, 0, false}};

constexpr int minute = 60 * 1000;

bool allow_drop = false;
int out_of_order = warn;
char *role = nullptr;
int wait_timeout = 0;
int worker_timeout = 30000;
int blocker_age = 100;
int queue_limit = 10;
int row_wait_limit = 500;
int lock_patience = 5 * minute;
int max_lock_hold = 0;
int on_blocker = static_cast<int>(OnBlocker::wait);
int on_blocker_after = 30000;
char *protected_roles = nullptr;
int small_table = 1024; // kB
int online = static_cast<int>(online::Mode::automatic);
int lint = static_cast<int>(LintLevel::error);

extern "C" {
static bool check_protected_roles(char **value, void **, GucSource)
{
    List *names = NIL;
    char *copy = pstrdup(*value);
    const bool good = SplitIdentifierString(copy, ',', &names);
    if (!good)
        GUC_check_errdetail("List syntax is invalid.");
    pfree(copy);
    list_free(names);
    return good;
}
}

// C: for use inside call().
void define_time(const char *name, const char *what, const char *more, int *value, int least)
{
    DefineCustomIntVariable(name, what, more, value, *value, least, INT_MAX, PGC_USERSET,
                            GUC_UNIT_MS, nullptr, nullptr, nullptr);
}

void define_running_settings()
{
    DefineCustomBoolVariable("migrate.allow_drop",
                             "Allows DROP EXTENSION migrate although it holds history.", nullptr,
                             &allow_drop, false, PGC_USERSET, 0, nullptr, nullptr, nullptr);
    DefineCustomEnumVariable(
        "migrate.out_of_order",
        "What to do with a pending migration that is older than the last one applied.",
        "\"warn\" runs and records it with a warning; \"refuse\" raises an error before anything "
        "ran.",
        &out_of_order, warn, out_of_order_choices, PGC_USERSET, 0, nullptr, nullptr, nullptr);
    DefineCustomStringVariable("migrate.role", "Role that scripts run and create objects as.",
                               "Empty: the current role.", &role, "", PGC_USERSET, 0, nullptr,
                               nullptr, nullptr);
    DefineCustomEnumVariable(
        "migrate.lint", "What findings do to a migration before anything of it ran.",
        "\"error\": those of severity error stop it; \"warning\": all are only reported; \"off\": "
        "nothing is looked for.",
        &lint, lint, lint_choices, PGC_USERSET, 0, nullptr, nullptr, nullptr);
    DefineCustomEnumVariable(
        "migrate.online", "Whether statements that block others are replaced by ones that don't.",
        "\"auto\": where they would block for long; \"always\": whatever the size; \"off\": never.",
        &online, online, online_choices, PGC_USERSET, 0, nullptr, nullptr, nullptr);
    define_time("migrate.wait_timeout", "Longest time to wait for another run to end.",
                "0 waits for ever.", &wait_timeout, 0);
    define_time("migrate.worker_timeout", "Longest time to wait for a free background worker.",
                nullptr, &worker_timeout, 0);
}

void define_lock_settings()
{
    define_time(
        "migrate.blocker_age", "Age of a transaction from which a step doesn't queue behind it.",
        "It waits, outside of the queue, until that transaction has ended.", &blocker_age, 0);
    define_time("migrate.lock_patience", "Longest time that a step spends on getting its locks.",
                "Then it fails and names who was in the way.", &lock_patience, 0);
    define_time("migrate.max_lock_hold",
                "Longest time that a step holds a lock which stops reads or writes.",
                "Then it is cancelled and rolled back.  0 means no limit.", &max_lock_hold, 0);
    DefineCustomEnumVariable(
        "migrate.on_blocker", "What to do with sessions that are in the way of a step.",
        "\"wait\" leaves them alone; \"cancel\" cancels their statement, \"terminate\" ends them, "
        "once their transaction is older than migrate.on_blocker_after.",
        &on_blocker, on_blocker, on_blocker_choices, PGC_USERSET, 0, nullptr, nullptr, nullptr);
    define_time("migrate.on_blocker_after",
                "Age of a transaction from which migrate.on_blocker applies to it.", nullptr,
                &on_blocker_after, 0);
    DefineCustomStringVariable(
        "migrate.protected_roles", "Roles whose sessions migrate.on_blocker never touches.",
        "Members of these roles are protected, too.", &protected_roles, "", PGC_USERSET,
        GUC_LIST_INPUT, check_protected_roles, nullptr, nullptr);
    define_time(
        "migrate.queue_limit", "Longest time that a step stands in the queue for its locks.",
        "Everybody who wants the same relations waits behind it for as long.", &queue_limit, 1);
    define_time("migrate.row_wait_limit", "Longest time that a step waits for a row of others.",
                "Then it is rolled back, and begun again when the row is free.", &row_wait_limit,
                1);
    DefineCustomIntVariable(
        "migrate.small_table", "Size up to which work on a table counts as short.",
        "Longer work isn't done in one transaction with locks that stop reads or writes.",
        &small_table, small_table, 0, INT_MAX, PGC_USERSET, GUC_UNIT_KB, nullptr, nullptr, nullptr);
}

std::vector<std::string> role_list(const char *text)
{
    std::vector<std::string> roles;
    if (text == nullptr || *text == '\0')
        return roles;
    Workspace workspace;
    List *names = NIL;
    call([&] { SplitIdentifierString(pstrdup(text), ',', &names); });
    ListCell *cell;
    foreach (cell, names)
        roles.emplace_back(static_cast<const char *>(lfirst(cell)));
    workspace.close();
    return roles;
}

void use_own_setting(const std::string &name, const std::string &value, bool change,
                     GucAction action = GUC_ACTION_SET)
{
    const std::string full = name.rfind("migrate.", 0) == 0 ? name : "migrate." + name;
    const char *key = full.c_str(), *text = value.c_str();
    call([&] {
        set_config_option(key, text, superuser() ? PGC_SUSET : PGC_USERSET, PGC_S_SESSION, action,
                          change, 0, false);
    });
}

} // namespace

void define_settings()
{
    call([] {
        define_running_settings();
        define_lock_settings();
        MarkGUCPrefixReserved("migrate");
    });
}

Settings settings()
{
    return {role ? role : "", out_of_order == refuse, wait_timeout, worker_timeout, allow_drop};
}

LockSettings lock_settings()
{
    LockSettings now;
    now.blocker_age = blocker_age;
    now.queue_limit = queue_limit;
    now.row_wait_limit = row_wait_limit;
    now.patience = lock_patience;
    now.max_hold = max_lock_hold;
    now.on_blocker = static_cast<OnBlocker>(on_blocker);
    now.on_blocker_after = on_blocker_after;
    now.protected_roles = role_list(protected_roles);
    now.deadlock_timeout = DeadlockTimeout;
    return now;
}

std::uint64_t small_table_bytes()
{
    return static_cast<std::uint64_t>(small_table) * 1024;
}

online::Mode online_mode()
{
    return static_cast<online::Mode>(online);
}

LintLevel lint_level()
{
    return static_cast<LintLevel>(lint);
}

void set_own_setting(const std::string &name, const std::string &value)
{
    use_own_setting(name, value, true);
}

void check_own_setting(const std::string &name, const std::string &value)
{
    use_own_setting(name, value, false);
}

void with_own_settings(const std::vector<std::pair<std::string, std::string>> &given,
                       const std::function<void()> &f)
{
    const int level = call([] { return NewGUCNestLevel(); });
    for (const auto &[name, value] : given)
        use_own_setting(name, value, true, GUC_ACTION_SAVE);
    f();
    call([&] { AtEOXact_GUC(true, level); }); // back to what it was: they were saved
}

void with_settings_restored(const std::function<void()> &f)
{
    const int level = call([] { return NewGUCNestLevel(); });
    f();
    call([&] { AtEOXact_GUC(false, level); });
}

void set_for_now(const std::string &name, const std::string &value)
{
    const char *key = name.c_str(), *text = value.c_str();
    call([&] {
        set_config_option(key, text, superuser() ? PGC_SUSET : PGC_USERSET, PGC_S_SESSION,
                          GUC_ACTION_SAVE, true, 0, false);
    });
}

int max_worker_processes()
{
    return ::max_worker_processes;
}

bool added_enum_values_usable()
{
    return compat::new_enum_accepts_added_values;
}

bool not_null_is_constraint()
{
    return compat::not_null_is_constraint;
}

bool worker_may_skip_login()
{
    return compat::worker_may_skip_login;
}

} // namespace migrate::pg
