// SPDX-License-Identifier: PostgreSQL
#include "pg/settings.h"

#include "pg/boundary.h"

namespace migrate::pg {

namespace {

constexpr int warn = 0, refuse = 1;
const config_enum_entry out_of_order_choices[] = {
    {"warn", warn, false}, {"refuse", refuse, false}, {nullptr, 0, false}};

bool allow_drop = false;
int out_of_order = warn;
char *role = nullptr;
int wait_timeout = 0;
int worker_timeout = 30000;

void use_own_setting(const std::string &name, const std::string &value, bool change)
{
    const std::string full = name.rfind("migrate.", 0) == 0 ? name : "migrate." + name;
    const char *key = full.c_str(), *text = value.c_str();
    call([&] {
        set_config_option(key, text, superuser() ? PGC_SUSET : PGC_USERSET, PGC_S_SESSION,
                          GUC_ACTION_SET, change, 0, false);
    });
}

} // namespace

void define_settings()
{
    call([] {
        DefineCustomBoolVariable(
            "migrate.allow_drop", "Allows DROP EXTENSION migrate although it holds history.",
            nullptr, &allow_drop, false, PGC_USERSET, 0, nullptr, nullptr, nullptr);
        DefineCustomEnumVariable(
            "migrate.out_of_order",
            "What to do with a pending migration that is older than the last one applied.",
            "\"warn\" runs and records it with a warning; \"refuse\" raises an error before "
            "anything "
            "ran.",
            &out_of_order, warn, out_of_order_choices, PGC_USERSET, 0, nullptr, nullptr, nullptr);
        DefineCustomStringVariable("migrate.role", "Role that scripts run and create objects as.",
                                   "Empty: the current role.", &role, "", PGC_USERSET, 0, nullptr,
                                   nullptr, nullptr);
        DefineCustomIntVariable("migrate.wait_timeout",
                                "Longest time to wait for another run to end.", "0 waits for ever.",
                                &wait_timeout, 0, 0, INT_MAX, PGC_USERSET, GUC_UNIT_MS, nullptr,
                                nullptr, nullptr);
        DefineCustomIntVariable("migrate.worker_timeout",
                                "Longest time to wait for a free background worker.", nullptr,
                                &worker_timeout, 30000, 0, INT_MAX, PGC_USERSET, GUC_UNIT_MS,
                                nullptr, nullptr, nullptr);
        MarkGUCPrefixReserved("migrate");
    });
}

Settings settings()
{
    return {role ? role : "", out_of_order == refuse, wait_timeout, worker_timeout, allow_drop};
}

void set_own_setting(const std::string &name, const std::string &value)
{
    use_own_setting(name, value, true);
}

void check_own_setting(const std::string &name, const std::string &value)
{
    use_own_setting(name, value, false);
}

int max_worker_processes()
{
    return ::max_worker_processes;
}

bool added_enum_values_usable()
{
    return compat::new_enum_accepts_added_values;
}

bool worker_may_skip_login()
{
    return compat::worker_may_skip_login;
}

} // namespace migrate::pg
