// One task of a run: a migration taken up or down, step by step.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "core/error.h"
#include "engine/index.h"
#include "engine/ledger.h"
#include "engine/planning.h"
#include "engine/run.h"
#include "engine/step_locks.h"
#include "engine/stopwatch.h"
#include "pg/locks.h"

namespace migrate {

class LockWait;

// What the tasks of a run share.
struct RunContext
{
    const Request &request;
    const Where where;
    const Sink &sink;
    std::int64_t run = 0;
    // Steps that stopped others, by their number, and for how many microseconds, their commits included.
    std::vector<std::pair<int, long long>> held{};

    pg::Hold hold() const
    {
        return where == Where::worker ? pg::Hold::session : pg::Hold::transaction;
    }
    // The role that scripts run as.
    const std::string &script_role() const
    {
        return request.role.empty() ? request.current_role : request.role;
    }
    // In the worker a transaction of its own; inline the caller's.
    void in_transaction(const std::function<void()> &work) const;
};

// True if its statements only define things: they leave nothing in the session.
bool only_defines(const Step &step);

class TaskRun
{
public:
    // `first_step`: the number in the run that its first step gets.
    TaskRun(RunContext &context, const CheckedTask &checked, int first_step);

    // Throws: the error of the step that failed; what was done before it is recorded.
    void perform();

    // After perform() threw: what the ledger shall know.  REQUIRES: a transaction, in the worker.
    void record_failure(const std::string &outcome, const Error &error);

    int steps() const { return static_cast<int>(plan_.steps.size()); }

private:
    void perform_steps();
    void tidy();
    void undo_part(const std::string &sql);
    void plan();
    void refresh_session();
    void repeat_settings();
    void record_plan();
    void run_step(PlannedStep &planned, bool last);
    void run_transaction(PlannedStep &planned, bool last);
    void run_alone_step(PlannedStep &planned, bool last);
    void settle_started(PlannedStep &planned);
    void run_started(PlannedStep &planned);
    void throw_in_doubt(const Statement &statement, Error error);
    void run_statements(const Step &step, StepLocks &locks);
    void until_granted(StepLocks &locks, LockWait &wait, const std::function<void()> &work);
    void in_own_transaction(const std::function<void()> &work);
    void attempt_step(const PlannedStep &planned, StepLocks &locks);
    std::optional<LockRefused> try_step(StepLocks &locks, const std::function<void()> &work);
    void record_transaction(const PlannedStep &planned, bool last);
    void record_step_failure();
    void execute_or_skip(const NumberedStatement &statement);
    void keep_locks();
    void report(const Step &step);
    AloneRunner alone_runner(const NumberedStatement &statement);
    void as_script_role(const std::function<void()> &work);

    RunContext &context_;
    const Task task_;
    const Script nothing_;
    const Script *script_;
    TaskPlan plan_;
    const int first_step_;
    bool plan_recorded_ = false;
    bool in_doubt_ = false;       // the failed statement had committed a part of its work
    bool role_is_locked_ = false; // a weaker role's script in a superuser's session
    std::optional<Stopwatch> step_watch_;
    int step_ = 0;                // in the run
    int of_task_ = 1;             // in the task
    ledger::StepOutcome outcome_; // of the step
    long long task_duration_ = 0;
};

} // namespace migrate
