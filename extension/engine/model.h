// What the engine works with: a request from a caller, migrations as the ledger has them, tasks and
// report rows.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/directive.h"
#include "core/script.h"

namespace migrate {

enum class Operation
{
    apply,
    rollback_steps,
    rollback_target,
    rollback_run,
    go_to,
    redo,
    backfill // not of migrations: see engine/backfill
};

std::string_view name_of(Operation operation);

// Everything a run needs to know of the call it was asked for by.
struct Request
{
    Operation operation = Operation::apply;
    std::optional<std::string> target;
    std::optional<std::vector<std::string>>
        only; // apply: no other pending ones, but what they require
    int steps = 1;
    std::int64_t run = 0;
    bool cascade = false;
    bool detach = false;
    bool refuse_out_of_order = false;
    bool caller_keeps_snapshot = false; // steps that wait for old snapshots would wait for ever
    int wait_milliseconds = 0;          // for the runner lock; 0: no limit
    std::string role;                   // that scripts run as
    // Of ours, for this call alone; they go before those of a file.
    std::vector<std::pair<std::string, std::string>> call_settings{};
    // The caller's session.
    std::string settings, current_role, session_role, application_name, client_addr;
};

std::string encode(const Request &request);
Request decode_request(std::string_view bytes);

enum class Direction
{
    up,
    down
};
std::string_view name_of(Direction direction);
DirectiveKind section_of(Direction direction);

struct Migration
{
    std::int64_t id = 0;
    std::string name;
    std::vector<std::string> requires_names;
    bool has_down = false;
    bool applied = false;
    std::int64_t applied_order = 0, applied_run = 0;
    std::int64_t unfinished_run = 0; // 0: none
    bool trusted = false;            // uploaded, and restored, by superusers only
    std::string uploaded_by;
};

// One migration to be taken up or down.
struct Task
{
    Migration migration;
    Direction direction = Direction::up;
    bool out_of_order = false;
};

// One step that was run.  Step 0: only the run, of a detached call.
struct ReportRow
{
    std::int64_t run = 0;
    std::string migration;
    int step = 0;
    std::string statement, mode;
    long long duration = 0, lock_wait = 0; // microseconds
};

std::string encode(const ReportRow &row);
ReportRow decode_row(std::string_view bytes);

using Sink = std::function<void(const ReportRow &)>;

} // namespace migrate
