// Single rows of a backfill: what is wrong with one, and who holds it.
// SPDX-License-Identifier: PostgreSQL
#include "pg/backfill/kept_plans.h"
#include "pg/boundary.h"
#include "pg/transaction.h"
#include "pg/workspace.h"

extern "C" {
#include "access/sysattr.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
}

namespace migrate::pg::backfill {

Datum tid_array(const std::vector<const char *> &texts)
{
    const char *const *text = texts.data();
    const int count = static_cast<int>(texts.size());
    return call([&] {
        auto *elements = static_cast<Datum *>(palloc(sizeof(Datum) * static_cast<Size>(count)));
        for (int i = 0; i < count; i++)
            elements[i] = DirectFunctionCall1(tidin, CStringGetDatum(text[i]));
        return PointerGetDatum(construct_array(elements, count, TIDOID, sizeof(ItemPointerData),
                                               false, TYPALIGN_SHORT));
    });
}

std::int64_t Batches::run_key(const Key &key)
{
    Workspace workspace;
    const std::int64_t changed = impl_->change(Rows::exactly, datums_of(impl_->shape, key));
    workspace.close();
    return changed;
}

std::vector<FoundRow> Batches::Impl::find_key(Kind kind, const Key &key)
{
    Workspace workspace;
    std::vector<FoundRow> found = find(kind, Rows::exactly, datums_of(shape, key));
    workspace.close();
    return found;
}

std::vector<FoundRow> Batches::lock_key(const Key &key)
{
    return impl_->find_key(Kind::hold, key);
}

std::vector<FoundRow> Batches::matching_key(const Key &key)
{
    return impl_->find_key(Kind::ask, key);
}

namespace {

constexpr const char *no_failure = "00000";

struct DroppedAtLast
{
    KeptPlan &plan;
    ~DroppedAtLast() { drop_plan(&plan); }
};

} // namespace

std::string Batches::failing_column(const FoundRow &row)
{
    Workspace workspace;
    std::string failing;
    const char *sql = impl_->text.c_str();
    const Datum tids = tid_array({row.tid.c_str()});
    for (int n = 0; failing.empty(); n++) {
        const char *column = nullptr;
        KeptPlan plan{};
        const DroppedAtLast dropped{plan};
        const std::optional<Error> error = attempt([&] {
            const NotPlanning guard;
            call([&] {
                const Oid type = TIDARRAYOID;
                Written written = parse_statement(sql);
                bind_to(&written, impl_->cutting.table);
                RawStmt *tree = value_tree(written, n, &column);
                if (tree == nullptr)
                    return;
                plan = keep_plan(tree, sql, &type, 1);
                plan.table = written.table;
                plan.whole_table = true;
                Tuplestorestate *rows = tuplestore_begin_heap(false, false, work_mem);
                run_plan(plan, &tids, &type, 1, rows);
                tuplestore_end(rows);
            });
            throw Error(no_failure, ""); // caught by attempt(): nothing that it did stays
        });
        if (column == nullptr)
            break;
        if (error->sqlstate != no_failure)
            failing = column;
    }
    workspace.close();
    return failing;
}

std::string Batches::holder_of(const FoundRow &row)
{
    Workspace workspace;
    const Oid table = impl_->cutting.table;
    const char *tid = row.tid.c_str();
    const TransactionId holder = call([&] {
        TransactionId xmax = InvalidTransactionId;
        Relation relation = table_open(table, AccessShareLock);
        TupleTableSlot *slot = table_slot_create(relation, nullptr);
        PushActiveSnapshot(GetTransactionSnapshot());
        const auto at = reinterpret_cast<ItemPointer>(
            DatumGetPointer(DirectFunctionCall1(tidin, CStringGetDatum(tid))));
        bool null = true;
        if (table_tuple_fetch_row_version(relation, at, GetActiveSnapshot(), slot))
            xmax = DatumGetTransactionId(
                slot_getsysattr(slot, MaxTransactionIdAttributeNumber, &null));
        PopActiveSnapshot();
        ExecDropSingleTupleTableSlot(slot);
        table_close(relation, AccessShareLock);
        return xmax;
    });
    workspace.close();
    return TransactionIdIsValid(holder) ? std::to_string(holder) : "";
}

std::vector<std::string> Batches::key_columns()
{
    std::vector<std::string> names;
    const KeyShape *shape = impl_->named();
    for (int i = 0; shape != nullptr && i < shape->columns; i++) {
        const AttrNumber column = shape->column[i].attribute;
        names.emplace_back(call([&] { return get_attname(impl_->cutting.table, column, false); }));
    }
    if (names.empty())
        names.emplace_back("ctid");
    return names;
}

} // namespace migrate::pg::backfill
