// SPDX-License-Identifier: PostgreSQL
#include "pg/backfill/key.h"

#include "pg/boundary.h"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_index.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
}

namespace migrate::pg::backfill {

void describe_key(Oid index, KeyShape *shape)
{
    Relation relation = index_open(index, AccessShareLock);
    Relation table = table_open(relation->rd_index->indrelid, AccessShareLock);
    shape->index = index;
    shape->columns = relation->rd_index->indnkeyatts;
    for (int i = 0; i < shape->columns; i++) {
        KeyColumn *column = &shape->column[i];
        column->attribute = relation->rd_index->indkey.values[i];
        column->name = TupleDescAttr(RelationGetDescr(table), column->attribute - 1)->attname;
        const Oid type = TupleDescAttr(RelationGetDescr(table), column->attribute - 1)->atttypid;
        column->type = getBaseType(type);
        column->is_domain = column->type != type;
        column->index_collation = relation->rd_indcollation[i];
        column->family = relation->rd_opfamily[i];
        column->input_type = relation->rd_opcintype[i];
        column->descending = (relation->rd_indoption[i] & INDOPTION_DESC) != 0;
        bool varlena = false;
        getTypeOutputInfo(column->type, &column->output, &varlena);
        getTypeInputInfo(column->type, &column->input, &column->io_parameter);
    }
    table_close(table, AccessShareLock);
    index_close(relation, AccessShareLock);
}

bool shape_fits(Oid table, const KeyShape &shape)
{
    HeapTuple row = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(shape.index));
    if (!HeapTupleIsValid(row))
        return false;
    const auto *index = reinterpret_cast<Form_pg_index>(GETSTRUCT(row));
    const bool usable = index->indisvalid && index->indislive; // not one that was built anew
    ReleaseSysCache(row);
    if (!usable)
        return false;
    for (int i = 0; i < shape.columns; i++) {
        const char *name = get_attname(table, shape.column[i].attribute, true);
        if (name == nullptr || strcmp(name, NameStr(shape.column[i].name)) != 0)
            return false;
    }
    return true;
}

int enter_exact_text()
{
    return call([] {
        const int level = NewGUCNestLevel();
        const auto set = [](const char *name, const char *value) {
            set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                              false);
        };
        set("DateStyle", "ISO, MDY");
        set("IntervalStyle", "postgres");
        set("bytea_output", "hex");
        set("extra_float_digits", "3");
        return level;
    });
}

void leave_exact_text(int level)
{
    call([=] { AtEOXact_GUC(true, level); });
}

std::vector<Datum> datums_of(const KeyShape &shape, const Key &key)
{
    std::vector<Datum> values(static_cast<std::size_t>(shape.columns));
    const bool snapshot = call([] { // domains in it may ask the server
        if (ActiveSnapshotSet())
            return false;
        PushActiveSnapshot(GetTransactionSnapshot());
        return true;
    });
    const int level = enter_exact_text();
    for (int i = 0; i < shape.columns; i++) {
        const KeyColumn &column = shape.column[i];
        char *text = const_cast<char *>(key.at(static_cast<std::size_t>(i)).c_str());
        values[static_cast<std::size_t>(i)] =
            call([&] { return OidInputFunctionCall(column.input, text, column.io_parameter, -1); });
    }
    leave_exact_text(level);
    if (snapshot)
        call([] { PopActiveSnapshot(); });
    return values;
}

Key texts_of(const KeyShape &shape, const Datum *values)
{
    Key key;
    const int level = enter_exact_text();
    for (int i = 0; i < shape.columns; i++) {
        const KeyColumn &column = shape.column[i];
        char *text = call([&] { return OidOutputFunctionCall(column.output, values[i]); });
        key.emplace_back(text);
        pfree(text);
    }
    leave_exact_text(level);
    return key;
}

} // namespace migrate::pg::backfill
