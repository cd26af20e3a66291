// SPDX-License-Identifier: PostgreSQL
#include "pg/index_build.h"

#include "pg/foretelling.h"

extern "C" {
#include "access/htup_details.h"
#include "access/itup.h"
#include "catalog/index.h"
#include "catalog/pg_am.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_index.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

namespace {

constexpr int width_of_expression = 16; // nothing is known of it
constexpr double leaf_fill = 0.9;       // BTREE_DEFAULT_FILLFACTOR

struct Column
{
    int width;
    bool collated;
};

bool is_collated(Oid collation)
{
    return OidIsValid(collation) && collation != C_COLLATION_OID;
}

Column column_of(Oid relation, const char *name)
{
    Oid type, collation;
    int32 modifier;
    const AttrNumber number = get_attnum(relation, name);
    if (number <= 0)
        return {width_of_expression, false};
    get_atttypetypmodcoll(relation, number, &type, &modifier, &collation);
    const int analyzed = get_attavgwidth(relation, number);
    return {analyzed > 0 ? analyzed : get_typavgwidth(type, modifier), is_collated(collation)};
}

IndexBuild::Method method_of(Oid access_method)
{
    return access_method == BTREE_AM_OID  ? IndexBuild::Method::btree
           : access_method == BRIN_AM_OID ? IndexBuild::Method::block_range
                                          : IndexBuild::Method::other;
}

IndexBuild::Method method_of(const migrate::Action &action)
{
    if (action.kind == ActionKind::add_exclusion)
        return IndexBuild::Method::other;
    return action.method.empty() || action.method == "btree" ? IndexBuild::Method::btree
           : action.method == "brin"                         ? IndexBuild::Method::block_range
                                                             : IndexBuild::Method::other;
}

// By its first column, which decides nearly all comparisons.
bool compares_by_language(Oid index)
{
    HeapTuple row = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
    bool null = true, collated = false;
    if (!HeapTupleIsValid(row))
        return false;
    const Datum collations = SysCacheGetAttr(INDEXRELID, row, Anum_pg_index_indcollation, &null);
    if (!null) {
        const auto *list = reinterpret_cast<const oidvector *>(DatumGetPointer(collations));
        collated = list->dim1 > 0 && is_collated(list->values[0]);
    }
    ReleaseSysCache(row);
    return collated;
}

// Of one that is there; a vacuumed index has counted its entries.
IndexBuild described(Oid index)
{
    IndexBuild build;
    const Form_pg_class row = class_of(index);
    if (row == nullptr)
        return build;
    build.method = method_of(row->relam);
    build.rows = row->reltuples > 0 ? static_cast<double>(row->reltuples)
                                    : rows_of(IndexGetRelation(index, true));
    build.bytes = bytes_of(index);
    build.collated = compares_by_language(index);
    return build;
}

} // namespace

std::vector<IndexBuild> indexes_built_anew(ObjectId relation)
{
    const List *indexes = call([&] {
        const char kind = get_rel_relkind(relation);
        return kind == RELKIND_INDEX || kind == RELKIND_PARTITIONED_INDEX ? list_make1_oid(relation)
                                                                          : indexes_of(relation);
    });
    std::vector<IndexBuild> builds;
    for (int i = 0; i < list_length(indexes); i++)
        builds.push_back(call([&] { return described(list_nth_oid(indexes, i)); }));
    return builds;
}

IndexBuild index_to_build(ObjectId relation, const migrate::Action &action, double rows)
{
    IndexBuild build;
    int width = 0;
    bool first = true;
    const auto add = [&](const std::string &name) {
        const Column column = call([&] { return column_of(relation, name.c_str()); });
        width += column.width;
        build.collated = build.collated || (first && column.collated);
        first = false;
    };
    for (const std::string &name : action.columns)
        add(name);
    for (const std::string &name : action.included)
        add(name);
    const auto entry =
        MAXALIGN(sizeof(IndexTupleData) + static_cast<Size>(width)) + sizeof(ItemIdData);
    build.method = method_of(action);
    build.rows = rows;
    build.bytes = static_cast<std::uint64_t>(rows * static_cast<double>(entry) / leaf_fill);
    return build;
}

} // namespace migrate::pg
