// The plans behind Batches.  For pg/ only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <array>

#include "pg/backfill/batches.h"
#include "pg/backfill/plan.h"
#include "pg/backfill/tree.h"

namespace migrate::pg::backfill {

enum class Kind
{
    change,
    ask,
    lock,
    hold,
    left,
    left_rows
};
constexpr std::size_t kinds = 6, ways = 5;

struct Use
{
    KeptPlan plan{};
    std::vector<Oid> types;
};

struct NotPlanning
{
    ~NotPlanning() { planning_is_over(); }
};

// An array of tids; in the current memory context.
Datum tid_array(const std::vector<const char *> &texts);

struct Batches::Impl
{
    std::string text, remaining;
    Cutting cutting;
    KeyShape shape{};
    bool whole_row_lock = false;
    std::array<Use, kinds * ways> uses;

    const KeyShape *key() const { return cutting.index != 0 ? &shape : nullptr; }
    const KeyShape *named() const
    {
        return key() != nullptr || cutting.naming != 0 ? &shape : nullptr;
    }
    Use &use(Kind kind, Rows rows, int limit = 0);
    void make(Use &use, Kind kind, Rows rows, int limit);
    std::vector<Datum> bounds(const Range &range) const;
    std::vector<FoundRow> find(Kind kind, Rows rows, const std::vector<Datum> &values,
                               int limit = 0);
    std::vector<FoundRow> find_key(Kind kind, const Key &key);
    std::int64_t change(Rows rows, const std::vector<Datum> &values);
    Rows rows_of(const Range &range) const
    {
        return range.after || cutting.index == 0 ? Rows::between : Rows::from_start;
    }
    void require_in_range(Tuplestorestate *rows, const Use &use) const;
};

} // namespace migrate::pg::backfill
