// Whose scripts a superuser may be led into running, or into looking at: what a weaker role uploaded runs as such a role,
// and so it is looked at.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <functional>
#include <string>

#include "engine/model.h"

namespace migrate {

bool role_is_superuser(const std::string &role);

// Before a run.  Throws: 42501 if a superuser would run what a weaker role uploaded.
void require_trust(const Request &request, const Task &task);

// Runs `look`, which studies or plans the task's script.  For a superuser who looks at what a weaker role uploaded, as
// the role that it would run as: the one asked for, or the one that uploaded it.
// Throws: 42501 as above where there is no such role, or it is a superuser by now.
// REQUIRES: a transaction.
void as_planning_role(const Request &request, const Task &task, const std::function<void()> &look);

} // namespace migrate
