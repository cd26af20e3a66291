// Names are looked up here for all that looks ahead: first among those that the script changes, then in the
// catalogs.
// SPDX-License-Identifier: PostgreSQL
#include "pg/names_to_come.h"

#include <algorithm>
#include <cstring>

#include "core/identifier.h"
#include "pg/boundary.h"
#include "pg/foretelling.h"

extern "C" {
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_constraint.h"
#include "commands/dbcommands.h"
#include "utils/lsyscache.h"
}

namespace migrate::pg {

namespace {

const NamesToCome *in_force = nullptr;

const NameToCome *find_name(Oid schema, const char *name)
{
    if (in_force != nullptr)
        for (const NameToCome &one : in_force->relations)
            if (one.schema == schema && strcmp(one.name, name) == 0)
                return &one;
    return nullptr;
}

const NameToCome *find_relation(Oid relation)
{
    if (in_force != nullptr)
        for (const NameToCome &one : in_force->relations)
            if (one.relation == relation)
                return &one;
    return nullptr;
}

} // namespace

NamesInForce::NamesInForce(const NamesToCome &names) : outer_(in_force)
{
    in_force = &names;
}

NamesInForce::~NamesInForce()
{
    in_force = outer_;
}

// ---- for the C inside call() ------------------------------------------------------------------------------

Oid relation_in(Oid schema, const char *name)
{
    const NameToCome *found = find_name(schema, name);
    return found != nullptr ? found->relation : get_relname_relid(name, schema);
}

// As RangeVarGetRelid() without a lock.  A name of another database is an error, which running the statement
// reports.
Oid relation_of(const RangeVar *name)
{
    if (name == nullptr ||
        (name->catalogname && strcmp(name->catalogname, get_database_name(MyDatabaseId)) != 0))
        return InvalidOid;
    if (in_force == nullptr || in_force->relations.empty() ||
        name->relpersistence == RELPERSISTENCE_TEMP)
        return RangeVarGetRelid(name, NoLock, true);
    if (name->schemaname != nullptr) {
        const Oid schema = LookupExplicitNamespace(name->schemaname, true);
        return OidIsValid(schema) ? relation_in(schema, name->relname) : InvalidOid;
    }
    ListCell *cell;
    foreach (cell, fetch_search_path(true)) {
        const Oid found = relation_in(lfirst_oid(cell), name->relname);
        if (OidIsValid(found))
            return found;
    }
    return InvalidOid;
}

const char *name_to_come(Oid relation)
{
    const NameToCome *found = find_relation(relation);
    return found != nullptr ? found->name : get_rel_name(relation);
}

Oid schema_to_come(Oid relation)
{
    const NameToCome *found = find_relation(relation);
    return found != nullptr ? found->schema : get_rel_namespace(relation);
}

bool will_be_renamed(Oid relation)
{
    return find_relation(relation) != nullptr;
}

std::optional<DefaultKind> volatility_to_come(const char *function)
{
    std::optional<DefaultKind> worst;
    if (in_force != nullptr)
        for (const FunctionToCome &one : in_force->functions)
            if (strcmp(one.name, function) == 0)
                worst = std::max(worst, std::optional(one.volatility));
    return worst;
}

// ---- following a script -----------------------------------------------------------------------------------

namespace {

std::string key_of(ObjectId schema, const std::string &name)
{
    return std::to_string(schema) + "." + name;
}

// `relation` 0: nobody has it from now on.
void give(NamesToCome &names, ObjectId schema, const std::string &name, ObjectId relation)
{
    NameToCome entry{schema, "", relation};
    std::strncpy(entry.name, name.c_str(), sizeof(entry.name) - 1);
    std::erase_if(names.relations, [&](const NameToCome &one) {
        return one.schema == schema && std::strcmp(one.name, entry.name) == 0;
    });
    names.taken.erase(key_of(schema, name));
    names.relations.push_back(entry);
}

struct Place
{
    ObjectId schema;
    std::string name;
};

Place place_of(ObjectId relation)
{
    const Oid schema = call([&] { return schema_to_come(relation); });
    const char *name = call([&] { return name_to_come(relation); });
    return {schema, name != nullptr ? name : ""};
}

void move(NamesToCome &names, ObjectId relation, const Place &to)
{
    const Place from = place_of(relation);
    if (from.name.empty() || to.schema == 0)
        return;
    give(names, from.schema, from.name, 0);
    give(names, to.schema, to.name, relation);
}

// Its indexes and constraints go with a table.
void drop_parts(NamesToCome &names, ObjectId relation)
{
    List *indexes = call([&] { return indexes_of(relation); });
    ListCell *cell;
    foreach (cell, indexes) {
        const Place index = place_of(lfirst_oid(cell));
        give(names, index.schema, index.name, 0);
    }
    List *constraints = call([&] {
        List *found = NIL;
        ScanKeyData key[1];
        key_is(key[0], Anum_pg_constraint_conrelid, relation);
        scan_catalog(ConstraintRelationId, ConstraintRelidTypidNameIndexId, key, 1,
                     [&](HeapTuple row, TupleDesc) {
                         const auto *one = reinterpret_cast<Form_pg_constraint>(GETSTRUCT(row));
                         found = lappend(found, makeString(pstrdup(NameStr(one->conname))));
                     });
        return found;
    });
    const ObjectId schema = place_of(relation).schema;
    foreach (cell, constraints)
        names.freed.insert(key_of(schema, strVal(lfirst(cell))));
}

void drop(NamesToCome &names, ObjectId relation)
{
    const Place place = place_of(relation);
    if (place.name.empty())
        return;
    drop_parts(names, relation);
    give(names, place.schema, place.name, 0);
}

// A key's index goes with it, and has its name.
void drop_constraint(NamesToCome &names, ObjectId relation, const std::string &name)
{
    const ObjectId schema = place_of(relation).schema;
    names.freed.insert(key_of(schema, name));
    names.taken.erase(key_of(schema, name));
    const char *wanted = name.c_str();
    const Oid index = call(
        [&] { return get_constraint_index(get_relation_constraint_oid(relation, wanted, true)); });
    if (index != 0)
        give(names, schema, name, 0);
}

bool is_relation(const std::string &object_type)
{
    static constexpr const char *types[] = {"table",    "index",        "view", "materialized view",
                                            "sequence", "foreign table"};
    return std::find(std::begin(types), std::end(types), object_type) != std::end(types);
}

bool changes_names(const migrate::Action &action)
{
    switch (action.kind) {
    case ActionKind::rename_table:
    case ActionKind::rename_index:
    case ActionKind::rename_other:
    case ActionKind::rename_constraint:
    case ActionKind::set_schema:
    case ActionKind::drop_table:
    case ActionKind::drop_index:
    case ActionKind::drop_other:
    case ActionKind::drop_constraint:
        return action.relation.id != 0;
    default:
        return false;
    }
}

FunctionToCome function_to_come(const migrate::Action &action)
{
    FunctionToCome function{"", action.default_kind};
    std::strncpy(function.name, bare_name(action.name).c_str(), sizeof(function.name) - 1);
    return function;
}

void follow(const migrate::Action &action, NamesToCome &names)
{
    const ObjectId relation = action.relation.id;
    switch (action.kind) {
    case ActionKind::rename_table:
    case ActionKind::rename_index:
    case ActionKind::rename_other:
        if (is_relation(action.object_type))
            move(names, relation, {place_of(relation).schema, action.new_name});
        break;
    case ActionKind::set_schema: {
        const char *schema = action.new_name.c_str();
        const Oid to = call([&] { return get_namespace_oid(schema, true); });
        move(names, relation, {to, place_of(relation).name});
        break;
    }
    case ActionKind::drop_table:
    case ActionKind::drop_index:
        drop(names, relation);
        break;
    case ActionKind::drop_other:
        if (is_relation(action.object_type))
            drop(names, relation);
        break;
    case ActionKind::drop_constraint:
        drop_constraint(names, relation, action.name);
        break;
    case ActionKind::rename_constraint:
        drop_constraint(names, relation, action.name);
        names.taken.insert(key_of(place_of(relation).schema, action.new_name));
        break;
    default:
        break;
    }
}

} // namespace

bool follow(const std::vector<migrate::Action> &actions, NamesToCome &names)
{
    for (const migrate::Action &action : actions)
        if (action.kind == ActionKind::create_function)
            names.functions.push_back(function_to_come(action));
    if (std::none_of(actions.begin(), actions.end(), changes_names))
        return false;
    const NamesToCome before = names;
    const NamesInForce now(before);
    for (const migrate::Action &action : actions)
        if (action.relation.id != 0)
            follow(action, names);
    return true;
}

} // namespace migrate::pg
