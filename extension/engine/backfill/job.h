// What is asked of a backfill, and what travels to the processes that work on it.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model.h"

namespace migrate::backfill {

// As the caller gave them; a resumed run keeps those it began with.
struct Options
{
    std::string statement;
    std::int64_t batch = 0; // rows (or blocks) in a batch; 0: as many as fit into target
    int pause = 0;          // milliseconds between batches
    int workers = 1;
    int target = 0;             // milliseconds of a batch
    double rows_per_second = 0; // 0: no limit
    bool skip_errors = false;
    double max_skipped = -1; // share of the rows; negative: the default, with some rows let pass
    std::optional<std::string> remaining;
    bool allow_unsafe = false;
    bool may_leave = false; // rows that still match, as the statement as written does
};

// What resumed runs keep and the table of backfills has no column for.
std::vector<std::string> stored_options(const Options &options);
void read_stored_options(const std::vector<std::string> &stored, Options &options);

enum class Duty
{
    lead,   // find or begin the run of a statement, and carry it out
    resume, // carry out the run of this number
    help    // work on the pieces of a run that another process leads
};

struct Job
{
    Duty duty = Duty::lead;
    Request session;
    Options options;
    bool restart = false;
    std::int64_t run = 0, parent_run = 0;
    // Of a helper: what its leader found out.
    int leader = 0, worker = 0;
    bool by_blocks = false, watch_key = false, in_shares = false;
    double rows_per_unit = 1;
    std::string relation, locked_role;
};

bool is_job(std::string_view bytes);
std::string encode(const Job &job);
Job decode_job(std::string_view bytes);

// What the caller gets: the run at once, and at the end what it did.
struct Report
{
    enum class Kind
    {
        begun,
        joined, // another process is at work on that very run: wait for it
        done
    };
    Kind kind = Kind::begun;
    std::int64_t run = 0, rows = 0, skipped = 0, batches = 0;
    long long duration = 0; // microseconds
};

std::string encode(const Report &report);
Report decode_report(std::string_view bytes);

using Announce = std::function<void(const Report &)>;

} // namespace migrate::backfill
