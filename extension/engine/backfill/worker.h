// One process that works on a run: claims pieces, runs batches, comes back for rows that were locked.
// The leader is one, its helpers are others; they share nothing but the ledger.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/backfill/batch_size.h"
#include "core/backfill/throttle.h"
#include "engine/backfill/record.h"
#include "engine/stopwatch.h"
#include "pg/backfill/batches.h"
#include "pg/backfill/key_watch.h"

namespace migrate::backfill {

// What all of them need to know.
struct Assignment
{
    record::Claim claim;
    Options options;
    std::string relation;
    bool by_blocks = false, watch_key = false, in_shares = false;
    double rows_per_unit = 1;
    std::string locked_role; // a weaker role's statement in a superuser's session; empty: none
};

class Worker
{
public:
    explicit Worker(const Assignment &assignment);

    enum class Step
    {
        worked,  // or held still for a while
        nothing, // all pieces are claimed by others, or done
        let_go   // the operator wants fewer workers
    };
    Step step();

    // Rows could not be reached because somebody held them, in this pass.
    bool met_locks() const { return met_locks_; }
    void forget_locks() { met_locks_ = false; }
    // Others had the processor for a fifth of the last batch's time or more.
    bool shares_processor() const { return shares_processor_; }

    const record::Control &control() const { return control_; }
    // In the transaction that runs them: nothing of the table changes until it ends.
    // Throws: 55000 if the table or its key is another one than the cut was made by.
    pg::backfill::Batches &batches_of(const record::Cut &cut);
    // For the statement's own code.
    void as_statement_role(const std::function<void()> &work) const;
    void close();

private:
    std::unique_ptr<pg::backfill::Batches> make_batches(const record::Cut &cut);
    bool hold_still();
    bool claim_piece();
    void run_batch();
    std::optional<Error> try_batch(record::Piece &piece, bool skip_locked);
    bool run_range(const record::Piece &piece, const pg::backfill::Range &range, bool skip_locked,
                   record::Done &done);
    bool run_share(const record::Piece &piece, const pg::backfill::Range &range,
                   record::Done &done);
    pg::backfill::Batches::Step next_range(const record::Piece &piece, std::int64_t size);
    void settle() const;
    void run_free_rows(const record::Piece &piece, const pg::backfill::Range &range,
                       record::Done &done);
    void batch_committed(const record::Done &done, double milliseconds, bool waited);
    std::int64_t limited_by_rate(std::int64_t units) const;
    void give_way(const record::Piece &piece, const Error &error);
    void handle_error(record::Piece &piece, const Error &error);
    void run_row_by_row(record::Piece &piece, const Error &first);
    bool run_row(const record::Piece &piece, const pg::backfill::FoundRow &row, record::Done &done);
    bool come_back();
    bool try_late_row(const record::LateRow &row, std::int64_t &changed);
    std::string describe(const record::LateRow &row);
    void put_aside(const record::Piece &piece, const pg::backfill::FoundRow &row,
                   const Error &error);
    void sleep(int milliseconds, const std::string &reason);
    int lock_patience() const;
    std::optional<Error> yielding_transaction(std::int64_t size, const std::function<void()> &work);
    void require_few_skipped() const;

    const Assignment assignment_;
    BatchSize size_;
    Throttle throttle_;
    record::Control control_;
    Conditions conditions_;
    const Stopwatch clock_;
    std::int64_t looked_at_replicas_ = -1000;
    std::optional<record::Piece> piece_;
    // By table and index; "": by blocks.
    std::map<std::pair<pg::ObjectId, std::string>, std::unique_ptr<pg::backfill::Batches>> batches_;
    pg::backfill::KeyWatch key_watch_;
    int conflicts_ = 0;              // in a row
    std::int64_t careful_units_ = 0; // to go through in small batches, as one failed
    bool met_locks_ = false, shares_processor_ = false, waited_ = false;
    pg::backfill::Batches::Step attempted_; // by the last batch, whether it was done or not
    std::optional<record::Key> window_;     // blocks of which shares are left; until here
    std::size_t share_ = 0;                 // rows of a page at a time; 0: not known yet
    std::int64_t rows_seen_ = 0, units_seen_ = 0;
    std::string reason_, named_;
};

} // namespace migrate::backfill
