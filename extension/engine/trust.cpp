// SPDX-License-Identifier: PostgreSQL
#include "engine/trust.h"

#include "core/error.h"
#include "pg/query.h"
#include "pg/session.h"

namespace migrate {

namespace {

Error untrusted(const Task &task, const std::string &role)
{
    return Error(sqlstate::insufficient_privilege,
                 "migration \"" + task.migration.name +
                     "\" was uploaded by a role that is not a superuser",
                 "It was uploaded by \"" + task.migration.uploaded_by +
                     "\" and would run as superuser \"" + role + "\".",
                 "Run it as a weaker role: set migrate.role, or pass role => '" +
                     task.migration.uploaded_by + "'. Or upload it as a superuser.");
}

bool is_weaker(const std::string &role)
{
    return !pg::query("SELECT 1 FROM pg_roles WHERE rolname = $1 AND NOT rolsuper", {role}).empty();
}

} // namespace

bool role_is_superuser(const std::string &role)
{
    return !pg::query("SELECT 1 FROM pg_roles WHERE rolname = $1 AND rolsuper", {role}).empty();
}

void require_trust(const Request &request, const Task &task)
{
    const std::string &role = request.role.empty() ? request.current_role : request.role;
    if (!task.migration.trusted && role_is_superuser(role))
        throw untrusted(task, role);
}

void as_planning_role(const Request &request, const Task &task, const std::function<void()> &look)
{
    if (task.migration.trusted || !pg::current_role_is_superuser())
        return look();
    const std::string &role = request.role.empty() ? task.migration.uploaded_by : request.role;
    if (!is_weaker(role))
        throw untrusted(task, request.role.empty() ? request.current_role : request.role);
    pg::as_locked_role(role, look);
}

} // namespace migrate
