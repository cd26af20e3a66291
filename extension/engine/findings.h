// What findings do to a migration before anything of it ran.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "core/finding.h"
#include "engine/planning.h"

namespace migrate {

// The findings in what is still to be run.
Findings findings_of(const TaskPlan &plan);

// By migrate.lint: warns of findings, or stops a run upwards for them.
// Throws: 55000 if there are some of severity error.
void stop_for_findings(const Task &task, const TaskPlan &plan);

} // namespace migrate
