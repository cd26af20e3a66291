// The ledger: what is read from it and every row the engine writes.  All of the engine's SQL on its own
// tables stands in ledger.cpp and registry.cpp.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/plan.h"
#include "engine/model.h"

namespace migrate::ledger {

// Every migration known and not removed, sorted by name.  Scripts are left out.
std::vector<Migration> migrations();

// The script of a direction, if there is one.
std::optional<std::string> script_text(std::int64_t migration, Direction direction);

// A step as an earlier run planned it.
struct StoredStep
{
    std::int64_t run = 0;
    int step = 0;
    Direction direction = Direction::up;
    Mode mode = Mode::transaction;
    std::string begin_options;
    std::vector<std::string> statements;
    std::vector<int> numbers;
    std::string state, note;
    std::optional<OnlinePart> online;
    bool finished() const { return state == "done" || state == "carried"; }
};
// The steps of one migration in one run, in order.
std::vector<StoredStep> stored_steps(std::int64_t run, std::int64_t migration);

// Nothing was ever applied here.
bool is_virgin();

// How a run ended.  `outcome` is empty while it runs, or if its server died.
struct RunOutcome
{
    bool exists = false;
    std::string outcome;
    bool ended = false;
    Error error{"", ""};
    std::vector<std::string> failed_migrations;
};
RunOutcome outcome_of(std::int64_t run);
// The last run that ended after that moment (a timestamptz as text), if any.
std::optional<std::int64_t> last_run_ended_since(const std::string &moment);
std::string clock_now();
std::vector<ReportRow> report_of(std::int64_t run);

// ---- writing -----------------------------------------------------------------------------------------

// A new run; returns its number.  Notes the log position, and makes a restore point where that is
// allowed.
std::int64_t begin_run(const Request &request, bool in_worker);
void end_run(std::int64_t run, const std::string &outcome, const std::optional<Error> &error);

// How a step went; times in microseconds.
struct StepOutcome
{
    long long duration = -1; // -1: it is not done
    long long lock_wait = 0, lock_held = 0;
    std::string lock_mode; // the strongest that stopped others; empty if none did
    int attempts = 1;
};

struct StepRow
{
    int step = 0; // in the run
    int of_migration = 0, steps_of_migration = 0;
    const Step *plan = nullptr;
    std::string state, note;
    StepOutcome outcome;
};
void record_steps(std::int64_t run, const Task &task, const std::vector<StepRow> &rows);
void record_step_state(std::int64_t run, int step, const std::string &state,
                       const std::string &note = {});
void record_step_failed(std::int64_t run, int step, const StepOutcome &outcome);
void record_step_done(std::int64_t run, int step, const StepOutcome &outcome);
// How long steps really held their locks: known when they are committed.
void record_held(std::int64_t run, const std::vector<std::pair<int, long long>> &held);

// The migration is between states: this run holds its steps.
void record_unfinished(std::int64_t run, std::int64_t migration);
void record_finished(std::int64_t run, const Task &task, const Request &request,
                     long long duration);

// Something that happened to a migration, for history.
struct Event
{
    std::string event;
    std::int64_t migration_id = 0;
    std::string migration;
    std::int64_t run = 0;
    std::string checksum, detail;
    long long duration = -1;
};
std::int64_t record_event(const Event &event, const Request &who);

// The first write of the engine: from now on a dump cannot be restored into these tables.
void seal();

} // namespace migrate::ledger
