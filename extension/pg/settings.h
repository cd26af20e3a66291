// The settings of the extension, and what the server says of itself.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/lock_policy.h"
#include "core/online/online.h"

namespace migrate::pg {

// Registers the settings.  Called once, when the library is loaded.
void define_settings();

struct Settings
{
    std::string role;         // migrate.role, empty when unset
    bool refuse_out_of_order; // migrate.out_of_order = refuse
    int wait_timeout;         // migrate.wait_timeout in milliseconds, 0 for none
    int worker_timeout;       // migrate.worker_timeout in milliseconds
    bool allow_drop;          // migrate.allow_drop
};
Settings settings();

// What concerns locks, as it stands for the migration that runs.
LockSettings lock_settings();
// migrate.small_table: work on more than this is long.
std::uint64_t small_table_bytes();

// Sets one of our settings for the migration that runs ("-- migrate:set").  Throws: 42704, 22023.
void set_own_setting(const std::string &name, const std::string &value);
// Throws what setting it would: 42704 for one that is not ours, 22023 for a value it does not take.
void check_own_setting(const std::string &name, const std::string &value);

// Runs f with settings of ours as given.  Throws: 42704, 22023.
void with_own_settings(const std::vector<std::pair<std::string, std::string>> &given,
                       const std::function<void()> &f);

int max_worker_processes();
bool added_enum_values_usable(); // see PlanFacts
bool worker_may_skip_login();

// From 18 on: NOT NULL is a constraint with a name, and it and the foreign keys of partitioned tables can be NOT
// VALID.
bool not_null_is_constraint();

// migrate.online and migrate.lint.
online::Mode online_mode();
enum class LintLevel
{
    off,
    warning,
    error
};
LintLevel lint_level();

// Runs f; what it sets with set_for_now(), of any setting, is as before afterwards.
void with_settings_restored(const std::function<void()> &f);
// Throws: the server's error if the value is not good.
void set_for_now(const std::string &name, const std::string &value);

} // namespace migrate::pg
