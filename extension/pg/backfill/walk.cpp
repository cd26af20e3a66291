// Entries only: no heap page is visited, so a batch costs no second visit of its rows, and a table full of
// dead ones no more than a full one.  Bounds are compared as the executor does, with row comparisons for
// several columns, so that a leading column with few values costs nothing.
// SPDX-License-Identifier: PostgreSQL
#include "pg/backfill/walk.h"

#include "pg/backfill/courtesy.h"
#include "pg/boundary.h"

extern "C" {
#include "access/genam.h"
#include "access/nbtree.h"
#include "access/relscan.h"
#include "access/table.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
}

namespace migrate::pg::backfill {

namespace {

struct Bound
{
    ScanKeyData members[most_columns];
};

void make_key(const KeyShape &shape, StrategyNumber strategy, const Datum *values, ScanKey key,
              Bound *bound)
{
    if (shape.columns == 1) {
        const KeyColumn &c = shape.column[0];
        const Oid op = get_opfamily_member(c.family, c.input_type, c.input_type, strategy);
        ScanKeyEntryInitialize(key, 0, 1, strategy, c.input_type, c.index_collation, get_opcode(op),
                               values[0]);
        return;
    }
    for (int i = 0; i < shape.columns; i++) {
        const KeyColumn &c = shape.column[i];
        const int flags = SK_ROW_MEMBER | (i + 1 == shape.columns ? SK_ROW_END : 0);
        const Oid compare = get_opfamily_proc(c.family, c.input_type, c.input_type, BTORDER_PROC);
        ScanKeyEntryInitialize(&bound->members[i], flags, static_cast<AttrNumber>(i + 1), strategy,
                               c.input_type, c.index_collation, compare, values[i]);
    }
    MemSet(key, 0, sizeof(ScanKeyData));
    key->sk_flags = SK_ROW_HEADER;
    key->sk_attno = 1;
    key->sk_strategy = strategy;
    key->sk_argument = PointerGetDatum(bound->members);
}

void keep_values(IndexScanDesc scan, const KeyShape &shape, Walked *walked)
{
    TupleDesc descriptor = scan->xs_itupdesc;
    for (int i = 0; i < shape.columns; i++) {
        bool null = false;
        const Datum value = index_getattr(scan->xs_itup, i + 1, descriptor, &null);
        const Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
        walked->values[i] = datumCopy(value, attribute->attbyval, attribute->attlen);
    }
}

void scan_index(Oid table, const KeyShape &shape, ScanKey keys, int count, ScanDirection direction,
                int64 wanted, Walked *walked)
{
    Relation heap = table_open(table, AccessShareLock);
    Relation index = index_open(shape.index, AccessShareLock);
    const bool snapshot = !ActiveSnapshotSet();
    if (snapshot)
        PushActiveSnapshot(GetTransactionSnapshot());
    IndexScanDesc scan = compat::index_beginscan(heap, index, GetActiveSnapshot(), count);
    scan->xs_want_itup = true;
    index_rescan(scan, keys, count, nullptr, 0);
    walked->entries = 0;
    while (walked->entries < wanted && index_getnext_tid(scan, direction) != nullptr) {
        CHECK_FOR_INTERRUPTS();
        row_passed(); // no page is locked between entries
        walked->entries++;
    }
    if (walked->entries > 0 && walked->entries == wanted)
        keep_values(scan, shape, walked);
    index_endscan(scan);
    if (snapshot)
        PopActiveSnapshot();
    index_close(index, AccessShareLock);
    table_close(heap, AccessShareLock);
}

// Against the index's order if all its columns are descending.
ScanDirection direction_of(const KeyShape &shape, bool ascending)
{
    return shape.column[0].descending == ascending ? BackwardScanDirection : ForwardScanDirection;
}

} // namespace

void walk_forward(Oid table, const KeyShape &shape, const Datum *after, const Datum *limit,
                  int64 wanted, Walked *walked)
{
    ScanKeyData keys[2];
    Bound bounds[2];
    int count = 0;
    if (after != nullptr) {
        make_key(shape, BTGreaterStrategyNumber, after, &keys[count], &bounds[count]);
        count++;
    }
    if (limit != nullptr) {
        make_key(shape, BTLessEqualStrategyNumber, limit, &keys[count], &bounds[count]);
        count++;
    }
    scan_index(table, shape, keys, count, direction_of(shape, true), wanted, walked);
}

void walk_to_last(Oid table, const KeyShape &shape, Walked *walked)
{
    scan_index(table, shape, nullptr, 0, direction_of(shape, false), 1, walked);
}

} // namespace migrate::pg::backfill
