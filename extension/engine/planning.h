// From a stored script to the steps of a run: cutting, grouping, and what an earlier run has done.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>
#include <vector>

#include "core/plan.h"
#include "engine/ledger.h"
#include "engine/model.h"
#include "engine/study.h"

namespace migrate {

// A migration's script in one direction, cut; without statements if there is none.
Script load_script(const Task &task);

// A step with what the ledger knows of it.
struct PlannedStep
{
    Step step;
    std::string state =
        "planned"; // or carried, started, failed, in doubt: as an earlier run left it
    std::string note;
};

// Where a plan is carried out.
enum class Where
{
    worker, // a background worker, step by step
    inside  // the caller's transaction: as one, so everything is run as written
};

// What is to be done for the task.
struct TaskPlan
{
    std::vector<PlannedStep> steps;
    Study study; // of the whole script; empty where there is nothing left to decide
    std::vector<std::string>
        undo; // what takes back the finished parts of a statement that is not done
    std::vector<NumberedStatement> finished_settings; // SETs of finished steps, to be made again
    bool resumed = false;
    bool separated = false;    // long work had to be kept apart from strong locks
    bool partial_undo = false; // taking back what was never whole: drops may find nothing
    // Of that way up: what was begun and is not known to have ended, with the note from before it.
    std::vector<std::pair<Statement, std::string>> half_done;
};

// Throws: MG001 if a finished step's text has changed, and plan_script()'s errors.
TaskPlan plan_task(const Task &task, const Script &script, Where where, Prospect &prospect);

// Whether the script can be grouped into steps, and fits what has been run of it; nothing is studied.
// Throws: the same.
void check_script(const Task &task, const Script &script);

// True if some statement of the task has run.
bool has_finished_steps(const Migration &migration);

// True if what has run of it is taken back by its down script: not if all there is are parts of a statement that
// is run online, and each of them can be taken back by itself.
bool needs_down(const Migration &migration);

// Refuses a way down that cannot be gone: 55000, naming both ways out.
void require_down(const Migration &migration);

} // namespace migrate
