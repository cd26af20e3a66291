// After the last batch: is anything left?  A scan under one snapshot says; a row that moves while batches run
// can hide from them, not from it.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "engine/backfill/worker.h"

namespace migrate::backfill {

class Proof
{
public:
    Proof(Worker &worker, const Assignment &assignment, const pg::backfill::Facts &facts,
          const Target &target)
        : worker_(worker), assignment_(assignment), facts_(facts), target_(target)
    {
    }

    // True if there are pieces for another pass.
    // Throws: 55000 if rows are left that another pass would not change.
    bool something_left();

    void analyze();

private:
    struct Found
    {
        std::size_t leaf = 0;
        pg::backfill::Left left;
        std::int64_t put_aside = 0;
    };
    bool has_condition() const;
    Found look_at_leaf(std::size_t leaf);
    std::vector<Found> look();
    bool may_go_on(std::int64_t rows);
    void plan_pass(const std::vector<Found> &found);
    [[noreturn]] void report(const std::vector<Found> &found, std::int64_t rows);
    record::Cut cut_of(const Leaf &leaf) const;
    pg::backfill::Batches &batches_of(const Leaf &leaf);

    Worker &worker_;
    const Assignment &assignment_;
    const pg::backfill::Facts &facts_;
    const Target &target_;
    int passes_ = 0;           // that were not held up by locks
    std::int64_t before_ = -1; // rows left after the pass before
};

} // namespace migrate::backfill
