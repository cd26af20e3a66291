// Plans are made when they are first needed; see plan.h for how they are kept to the range.
// SPDX-License-Identifier: PostgreSQL
#include "pg/backfill/batches.h"

#include "pg/backfill/kept_plans.h"
#include "pg/backfill/key_watch.h"
#include "pg/backfill/walk.h"
#include "pg/boundary.h"
#include "pg/transaction.h"
#include "pg/workspace.h"

extern "C" {
#include "access/sysattr.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "catalog/pg_type.h"
#include "storage/bufmgr.h"
#include "storage/lock.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
}

namespace migrate::pg::backfill {

namespace {

Datum tid_of_block(std::int64_t block)
{
    auto *tid = static_cast<ItemPointer>(palloc(sizeof(ItemPointerData)));
    ItemPointerSet(tid, static_cast<BlockNumber>(block), 0);
    return PointerGetDatum(tid);
}

Asked asked_of(Kind kind)
{
    switch (kind) {
    case Kind::lock:
        return Asked::locked;
    case Kind::hold:
        return Asked::held;
    case Kind::left:
        return Asked::left;
    case Kind::left_rows:
        return Asked::left_rows;
    default:
        return Asked::rows;
    }
}

} // namespace

void Batches::Impl::make(Use &u, Kind kind, Rows rows, int limit)
{
    const char *condition = remaining.empty() ? nullptr : remaining.c_str(), *sql = text.c_str();
    const bool proves = kind == Kind::left || kind == Kind::left_rows;
    const char *shown = proves && condition != nullptr ? condition : sql; // errors point into it
    const KeyShape *k = key();
    const int count = parameters_of(rows, k);
    for (int i = 0; i < count; i++)
        u.types.push_back(parameter_type(rows, k, i));
    const NotPlanning guard;
    call([&] {
        Written written = parse_statement(sql);
        if (condition != nullptr)
            written.remaining = parse_condition(condition);
        bind_to(&written, cutting.table);
        RawStmt *tree =
            kind == Kind::change
                ? changing_tree(written, k, rows, cutting.watch_key && rows != Rows::listed)
                : asking_tree(written, k, named(), rows, asked_of(kind), whole_row_lock, limit);
        u.plan = keep_plan(tree, shown, u.types.data(), count);
        u.plan.table = cutting.table;
        // Listed rows are fetched by their tids: no index.
        u.plan.index = rows == Rows::listed ? InvalidOid : cutting.index;
        u.plan.whole_table = rows == Rows::all;
    });
}

Use &Batches::Impl::use(Kind kind, Rows rows, int limit)
{
    Use &u = uses[static_cast<std::size_t>(kind) * ways + static_cast<std::size_t>(rows)];
    if (u.plan.source == nullptr) {
        u.types.clear();
        make(u, kind, rows, limit);
    }
    return u;
}

std::vector<Datum> Batches::Impl::bounds(const Range &range) const
{
    std::vector<Datum> values;
    if (cutting.index == 0) {
        const std::int64_t from = range.after ? std::stoll(range.after->at(0)) : 0;
        const std::int64_t to = std::stoll(range.to.at(0));
        values = {call([&] { return tid_of_block(from); }), call([&] { return tid_of_block(to); })};
        return values;
    }
    if (range.after)
        values = datums_of(shape, *range.after);
    for (const Datum value : datums_of(shape, range.to))
        values.push_back(value);
    return values;
}

std::vector<FoundRow> Batches::Impl::find(Kind kind, Rows rows, const std::vector<Datum> &values,
                                          int limit)
{
    Use &u = use(kind, rows, limit);
    const NotPlanning guard;
    Tuplestorestate *found = nullptr;
    TupleTableSlot *slot = nullptr;
    call([&] {
        found = tuplestore_begin_heap(false, false, work_mem);
        run_plan(u.plan, values.data(), u.types.data(), static_cast<int>(values.size()), found);
        slot = MakeSingleTupleTableSlot(result_of(u.plan), &TTSOpsMinimalTuple);
    });
    std::vector<FoundRow> result;
    while (call([&] { return tuplestore_gettupleslot(found, true, false, slot); })) {
        FoundRow row;
        call([&] { slot_getallattrs(slot); });
        char *tid =
            call([&] { return DatumGetCString(DirectFunctionCall1(tidout, slot->tts_values[0])); });
        row.tid = tid;
        row.key = named() != nullptr ? texts_of(shape, slot->tts_values + 1) : Key{row.tid};
        result.push_back(std::move(row));
    }
    call([&] {
        ExecDropSingleTupleTableSlot(slot);
        tuplestore_end(found);
    });
    return result;
}

// The rows that RETURNING gave: whether each is still in the range.
void Batches::Impl::require_in_range(Tuplestorestate *rows, const Use &use) const
{
    const bool left = call([&] {
        TupleTableSlot *slot = MakeSingleTupleTableSlot(result_of(use.plan), &TTSOpsMinimalTuple);
        bool found = false;
        while (tuplestore_gettupleslot(rows, true, false, slot)) {
            slot_getallattrs(slot);
            found = found || slot->tts_isnull[0] || !DatumGetBool(slot->tts_values[0]);
        }
        ExecDropSingleTupleTableSlot(slot);
        tuplestore_end(rows);
        return found;
    });
    if (left)
        throw Error(sqlstate::prerequisite_state, key_changed, key_changed_detail,
                    key_changed_hint);
}

Batches::Batches(const std::string &statement, const Cutting &cutting, const std::string &remaining)
    : impl_(std::make_unique<Impl>())
{
    impl_->text = statement;
    impl_->cutting = cutting;
    impl_->remaining = remaining;
    KeyShape *shape = &impl_->shape;
    bool whole = true;
    const Oid table = cutting.table, index = cutting.index != 0 ? cutting.index : cutting.naming;
    call([&] {
        if (OidIsValid(index))
            describe_key(index, shape);
    });
    Workspace workspace;
    Use &change = impl_->use(Kind::change, Rows::between);
    call([&] {
        // As the executor decides how strongly it locks a row.
        auto *query = linitial_node(Query, change.plan.source->query_list);
        Relation relation = table_open(table, AccessShareLock);
        if (query->commandType == CMD_UPDATE) {
            Bitmapset *keys = RelationGetIndexAttrBitmap(relation, INDEX_ATTR_BITMAP_KEY);
            whole = false;
            ListCell *cell;
            foreach (cell, query->targetList) {
                const auto *entry = lfirst_node(TargetEntry, cell);
                whole =
                    whole || bms_is_member(entry->resno - FirstLowInvalidHeapAttributeNumber, keys);
            }
        }
        table_close(relation, AccessShareLock);
    });
    impl_->whole_row_lock = whole;
    workspace.close();
}

Batches::~Batches() = default;

void Batches::check_rights()
{
    Workspace workspace;
    for (const Rows rows : {Rows::between, Rows::from_start}) {
        if (rows == Rows::from_start && impl_->cutting.index == 0)
            continue;
        Use &u = impl_->use(Kind::change, rows);
        const NotPlanning guard;
        call([&] { check_plan(u.plan, u.types.data(), static_cast<int>(u.types.size())); });
    }
    workspace.close();
}

void Batches::check_remaining()
{
    Workspace workspace;
    Use &u = impl_->use(Kind::left, Rows::all);
    const NotPlanning guard;
    call([&] { check_plan(u.plan, nullptr, 0); });
    workspace.close();
}

std::optional<Key> Batches::end()
{
    const Oid table = impl_->cutting.table;
    if (impl_->cutting.index == 0) {
        const BlockNumber blocks = call([&] {
            Relation relation = table_open(table, AccessShareLock);
            const BlockNumber count = RelationGetNumberOfBlocks(relation);
            table_close(relation, AccessShareLock);
            return count;
        });
        return blocks == 0 ? std::nullopt : std::optional(Key{std::to_string(blocks)});
    }
    Workspace workspace;
    Walked walked{};
    call([&] { walk_to_last(table, impl_->shape, &walked); });
    std::optional<Key> last;
    if (walked.entries > 0)
        last = texts_of(impl_->shape, walked.values);
    workspace.close();
    return last;
}

Batches::Step Batches::advance(const std::optional<Key> &after, const Key &limit,
                               std::int64_t units)
{
    if (impl_->cutting.index == 0) {
        const std::int64_t from = after ? std::stoll(after->at(0)) : 0;
        const std::int64_t to = std::min<std::int64_t>(from + units, std::stoll(limit.at(0)));
        return {{std::to_string(to)}, to - from};
    }
    Workspace workspace;
    std::vector<Datum> low, high = datums_of(impl_->shape, limit);
    if (after)
        low = datums_of(impl_->shape, *after);
    Walked walked{};
    call([&] {
        walk_forward(impl_->cutting.table, impl_->shape, after ? low.data() : nullptr, high.data(),
                     units, &walked);
    });
    Step step{limit, walked.entries};
    if (walked.entries == units)
        step.to = texts_of(impl_->shape, walked.values);
    workspace.close();
    return step;
}

std::int64_t Batches::Impl::change(Rows rows, const std::vector<Datum> &values)
{
    Use &u = use(Kind::change, rows);
    const NotPlanning guard;
    Tuplestorestate *returned = nullptr;
    const bool watched = cutting.watch_key && rows != Rows::listed;
    const uint64 changed = call([&] {
        if (watched)
            returned = tuplestore_begin_heap(false, false, work_mem);
        return run_plan(u.plan, values.data(), u.types.data(), static_cast<int>(values.size()),
                        returned);
    });
    if (watched)
        require_in_range(returned, u);
    return static_cast<std::int64_t>(changed);
}

std::int64_t Batches::run(const Range &range)
{
    Workspace workspace;
    const std::int64_t changed = impl_->change(impl_->rows_of(range), impl_->bounds(range));
    workspace.close();
    return changed;
}

std::vector<FoundRow> Batches::matching(const Range &range)
{
    Workspace workspace;
    std::vector<FoundRow> found =
        impl_->find(Kind::ask, impl_->rows_of(range), impl_->bounds(range));
    workspace.close();
    return found;
}

std::vector<FoundRow> Batches::lock_free(const Range &range)
{
    Workspace workspace;
    std::vector<FoundRow> found =
        impl_->find(Kind::lock, impl_->rows_of(range), impl_->bounds(range));
    workspace.close();
    return found;
}

std::int64_t Batches::run_rows(const std::vector<FoundRow> &rows)
{
    if (rows.empty())
        return 0;
    Workspace workspace;
    std::int64_t changed = 0;
    if (impl_->cutting.watch_key) {
        for (const FoundRow &row : rows)
            changed += impl_->change(Rows::exactly, datums_of(impl_->shape, row.key));
    } else {
        std::vector<const char *> texts;
        for (const FoundRow &row : rows)
            texts.push_back(row.tid.c_str());
        changed = impl_->change(Rows::listed, {tid_array(texts)});
    }
    workspace.close();
    return changed;
}

Left Batches::left()
{
    Workspace workspace;
    Use &u = impl_->use(Kind::left, Rows::all);
    const NotPlanning guard;
    Left result;
    Left *into = &result;
    call([&] {
        Tuplestorestate *found = tuplestore_begin_heap(false, false, work_mem);
        run_plan(u.plan, nullptr, nullptr, 0, found);
        TupleTableSlot *slot = MakeSingleTupleTableSlot(result_of(u.plan), &TTSOpsMinimalTuple);
        if (tuplestore_gettupleslot(found, true, false, slot)) {
            slot_getallattrs(slot);
            into->rows = DatumGetInt64(slot->tts_values[0]);
            if (into->rows > 0) {
                const auto block = [&](int place) {
                    return ItemPointerGetBlockNumber(
                        reinterpret_cast<ItemPointer>(DatumGetPointer(slot->tts_values[place])));
                };
                into->first_block = block(1);
                into->last_block = block(2);
            }
        }
        ExecDropSingleTupleTableSlot(slot);
        tuplestore_end(found);
    });
    workspace.close();
    return result;
}

std::vector<FoundRow> Batches::first_left(int most)
{
    Workspace workspace;
    std::vector<FoundRow> found = impl_->find(Kind::left_rows, Rows::all, {}, most);
    workspace.close();
    return found;
}

bool Batches::still_fits() const
{
    const Oid table = impl_->cutting.table;
    const KeyShape *shape = impl_->named();
    return shape == nullptr || call([&] { return shape_fits(table, *shape); });
}

void Batches::close()
{
    for (Use &u : impl_->uses) {
        KeptPlan *plan = &u.plan;
        call([&] { drop_plan(plan); });
    }
}

bool others_wait_for_us()
{
    return call([] {
        const TransactionId xid = GetTopTransactionIdIfAny();
        if (!TransactionIdIsValid(xid))
            return false;
        LOCKTAG tag;
        SET_LOCKTAG_TRANSACTION(tag, xid);
        return LockHasWaiters(&tag, ExclusiveLock, false);
    });
}

} // namespace migrate::pg::backfill
