// A run: the tasks of a request carried out step by step, in the worker or in the caller's transaction.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "engine/model.h"

namespace migrate {

// In the worker: takes the runner lock, does what the request asks, each step in a transaction of its
// own.  `on_run` hears the number of the run before its first step.
// Throws: the error of the step that failed; the ledger has it by then.
void run_in_worker(const Request &request, const Sink &sink);

// In the caller's own transaction: everything or nothing, with it.
// Throws: 25001 for steps that refuse a transaction block, before anything ran; 55P03 if somebody else
// runs migrations.
void run_inline(const Request &request, const Sink &sink);

// Throws 55P03 if this very process is in a run: its script may not change what the run stands on.
void require_outside_of_run();

// What is told before anything runs: refused plans and rights.  Cuts and plans every script.
// REQUIRES: a transaction.
struct CheckedTask
{
    Task task;
    Script script;
};
std::vector<CheckedTask> check_tasks(const Request &request, const std::vector<Task> &tasks,
                                     bool in_block);

// True if the tasks come to exactly one transactional step.
bool is_single_transaction(const Request &request, const std::vector<CheckedTask> &tasks);

} // namespace migrate
