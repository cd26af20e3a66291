// The ledger of backfills: all SQL on its tables.  A batch and what it means for its piece are one
// transaction; that is all the crash safety there is, and all that is needed.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "engine/backfill/job.h"
#include "engine/backfill/target.h"
#include "pg/backfill/batches.h"

namespace migrate::backfill::record {

using pg::backfill::Key;

struct Stored
{
    std::int64_t run = 0;
    Options options;
    std::string relation, method, role;
    std::vector<std::string> key_indexes; // of the tables that it began with
    pg::ObjectId table = 0;
    std::string outcome; // of the run: done, failed, interrupted, or empty
    bool role_is_superuser = false;
    bool abandoned = false;
};
std::optional<Stored> find(std::int64_t run);

// The latest run of that statement that is not done and not abandoned.  Waits for others that begin one.
std::optional<Stored> find_unfinished(const std::string &tokens, const std::string &relation);

// A new run with its pieces.
struct NewRun
{
    const Job &job;
    const pg::backfill::Facts &facts;
    const Target &target;
    const Method &method;
    std::vector<std::optional<Key>> ends; // a leaf each; none: it is empty
};
std::int64_t begin(const NewRun &run);
void abandon(std::int64_t run);
// What a later call asks for is what counts; the way of cutting stays.
void take_options(std::int64_t run, const Options &options);
void take_table(std::int64_t run, pg::ObjectId table);
// Tables of the run's names, whichever they are now.
void take_tables(std::int64_t run, const std::vector<Leaf> &leaves);

// Another process takes over: claims of earlier ones are void.  Waits for batches under way.
int take_lead(std::int64_t run);

// What the operator wants, and where the run stands.
struct Control
{
    bool paused = false, abandoned = false;
    double rows_per_second = 0;
    int workers = 1, leader = 0;
    std::int64_t units_left = 0; // estimated; what others have claimed included
};
Control control(std::int64_t run);
// False if there is no such unfinished run.
bool pause(std::int64_t run, bool paused);
bool throttle(std::int64_t run, std::optional<double> rows_per_second, std::optional<int> workers);

// A table, and how it is cut.
struct Cut
{
    std::string relation; // quoted and qualified
    pg::ObjectId table = 0;
    std::optional<KeyIndex> key; // none: by blocks
};
struct Piece : Cut
{
    std::int64_t piece = 0;
    std::optional<Key> low = std::nullopt;
    Key high = {};
};
struct Claim
{
    std::int64_t run = 0;
    int leader = 0, worker = 0;
};
// A range that nobody has, the whole of it; locked until the transaction ends.
std::optional<Piece> claim(const Claim &claim);
// Keeps it up to `to`, gives the rest back.
void keep_part(const Claim &claim, const Piece &piece, const Key &to);

// At the beginning of a batch: locks the piece.  False if the claim is void.
bool still_ours(const Claim &claim, std::int64_t piece);
// At its end.
struct Done
{
    std::int64_t piece = 0;
    std::optional<Key> low; // what is done; none: the piece is
    std::int64_t rows = 0, units = 0, size = 0;
};
void batch_done(const Claim &claim, const Done &done);

void add_rows(std::int64_t run, const Piece &range, const std::vector<Key> &keys);
// Rows that were locked and are due to be tried again; locked until the transaction ends.
struct LateRow : Cut
{
    std::int64_t piece = 0;
    Key row;
    double locked_seconds = 0;
};
std::vector<LateRow> due_rows(std::int64_t run, int most);
void row_done(std::int64_t run, std::int64_t piece);
void row_still_locked(std::int64_t run, std::int64_t piece);
std::int64_t rows_late(std::int64_t run);
void rows_changed(const Claim &claim, std::int64_t rows);

void add_range(std::int64_t run, const Piece &range, std::int64_t units);
void next_pass(std::int64_t run);

void worker_starts(const Claim &claim);
void worker_waits(const Claim &claim, const std::string &reason);
void worker_at(const Claim &claim, const Piece &piece, const std::optional<Key> &to);

struct Skipped
{
    std::string relation;
    Key key;
    std::string column;
    Error error{"", ""};
};
void skip(std::int64_t run, const Skipped &row);
std::int64_t skipped(std::int64_t run);
bool is_skipped(std::int64_t run, const std::string &relation, const Key &key);

void phase(std::int64_t run, const std::string &name);
Report totals(std::int64_t run);
void note_end(const Job &job, std::int64_t run, const std::string &relation);

} // namespace migrate::backfill::record
