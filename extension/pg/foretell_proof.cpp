// What constraints prove of all rows, so that nobody has to read them again.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_alter.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/indexing.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_constraint.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

namespace {

// Calls `with(name, conditions)` for each valid CHECK: all rows are known to meet this list of AND.
template <typename With>
void for_each_valid_check(Oid relation, With with)
{
    ScanKeyData key[1];
    key_is(key[0], Anum_pg_constraint_conrelid, relation);
    scan_catalog(ConstraintRelationId, ConstraintRelidTypidNameIndexId, key, 1,
                 [&](HeapTuple row, TupleDesc columns) {
                     const auto *found = reinterpret_cast<Form_pg_constraint>(GETSTRUCT(row));
                     bool null;
                     const Datum tree =
                         heap_getattr(row, Anum_pg_constraint_conbin, columns, &null);
                     if (found->contype != CONSTRAINT_CHECK || !found->convalidated || null)
                         return;
                     auto *condition = static_cast<Node *>(stringToNode(TextDatumGetCString(tree)));
                     condition = eval_const_expressions(nullptr, condition);
                     Expr *plain = canonicalize_qual(reinterpret_cast<Expr *>(condition), true);
                     with(NameStr(found->conname), make_ands_implicit(plain));
                 });
}

List *proven_conditions(Oid relation)
{
    List *all = NIL;
    for_each_valid_check(
        relation, [&](const char *, List *conditions) { all = list_concat(all, conditions); });
    return all;
}

NullTest *not_null_test(const FormData_pg_attribute &attribute)
{
    auto *test = makeNode(NullTest);
    test->arg = reinterpret_cast<Expr *>(makeVar(1, attribute.attnum, attribute.atttypid,
                                                 attribute.atttypmod, attribute.attcollation, 0));
    test->nulltesttype = IS_NOT_NULL;
    test->location = -1;
    return test;
}

// The columns that are NOT NULL, as conditions.
List *not_null_columns(Oid relation)
{
    List *tests = NIL;
    const Form_pg_class row = class_of(relation);
    for (AttrNumber number = 1; row != nullptr && number <= row->relnatts; number++) {
        HeapTuple column =
            SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(number));
        if (!HeapTupleIsValid(column))
            continue;
        const auto *attribute = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(column));
        if (attribute->attnotnull && !attribute->attisdropped)
            tests = lappend(tests, not_null_test(*attribute));
        ReleaseSysCache(column);
    }
    return tests;
}

} // namespace

bool is_proven_by_checks(Oid relation, List *conditions)
{
    auto *all = reinterpret_cast<Node *>(make_ands_explicit(conditions));
    all = eval_const_expressions(nullptr, all);
    Expr *plain = canonicalize_qual(reinterpret_cast<Expr *>(all), true);
    List *proven = list_concat(proven_conditions(relation), not_null_columns(relation));
    return predicate_implied_by(make_ands_implicit(plain), proven, true);
}

bool is_proven_not_null(Oid relation, const char *column)
{
    HeapTuple row = SearchSysCacheAttName(relation, column);
    if (!HeapTupleIsValid(row))
        return true;
    const auto attribute = *reinterpret_cast<Form_pg_attribute>(GETSTRUCT(row));
    ReleaseSysCache(row);
    return attribute.attnotnull || predicate_implied_by(list_make1(not_null_test(attribute)),
                                                        proven_conditions(relation), true);
}

List *proofs_of_not_null(Oid relation, const char *column)
{
    HeapTuple row = SearchSysCacheAttName(relation, column);
    if (!HeapTupleIsValid(row))
        return NIL;
    List *test = list_make1(not_null_test(*reinterpret_cast<Form_pg_attribute>(GETSTRUCT(row))));
    ReleaseSysCache(row);
    List *names = NIL;
    for_each_valid_check(relation, [&](const char *name, List *conditions) {
        if (predicate_implied_by(test, conditions, true))
            names = lappend(names, makeString(pstrdup(name)));
    });
    return names;
}

} // namespace migrate::pg
