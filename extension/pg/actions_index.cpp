// Indexes: made, built anew, and what a dropped one was.
// SPDX-License-Identifier: PostgreSQL
#include "pg/action_reader.h"
#include "pg/actions.h"
#include "pg/boundary.h"
#include "pg/foretelling.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/index.h"
#include "catalog/pg_index.h"
#include "commands/defrem.h"
#include "parser/parse_target.h"
#include "parser/parse_type.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

namespace {

// Of an index without a name: its columns' names, "expr" for an expression.
std::string addition_of(List *elements)
{
    std::string all;
    std::set<std::string> used;
    ListCell *cell;
    foreach (cell, elements) {
        const auto *element = static_cast<const IndexElem *>(lfirst(cell));
        const char *named = element->indexcolname ? element->indexcolname
                            : element->name       ? element->name
                            : element->expr
                                ? call([&] { return FigureIndexColname(element->expr); })
                                : nullptr;
        const std::string name = named ? named : "expr";
        std::string unique = name;
        for (int n = 1; used.contains(unique); n++)
            unique = name + std::to_string(n);
        used.insert(unique);
        all += (all.empty() ? "" : "_") + unique;
    }
    return all.substr(0, NAMEDATALEN - 1);
}

struct IndexFacts
{
    Oid table;
    bool valid, exclusion, constraint, unique;
};

IndexFacts facts_of(Oid index)
{
    return call([&] {
        IndexFacts facts{InvalidOid, true, false, false, false};
        HeapTuple row = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
        if (!HeapTupleIsValid(row))
            return facts;
        const auto *found = reinterpret_cast<Form_pg_index>(GETSTRUCT(row));
        facts.table = found->indrelid;
        facts.valid = found->indisvalid;
        facts.exclusion = found->indisexclusion;
        facts.unique = found->indisunique;
        ReleaseSysCache(row);
        facts.constraint = OidIsValid(get_index_constraint(index));
        return facts;
    });
}

bool has_exclusion(Oid table)
{
    return call([&] {
        ListCell *cell;
        bool found = false;
        foreach (cell, indexes_of(table)) {
            HeapTuple row = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(cell)));
            if (!HeapTupleIsValid(row))
                continue;
            found = found || reinterpret_cast<Form_pg_index>(GETSTRUCT(row))->indisexclusion;
            ReleaseSysCache(row);
        }
        return found;
    });
}

// The statement with CONCURRENTLY, and with this name if it has none.
std::string concurrently(const ActionReader &reader, const std::string &name)
{
    const std::size_t index = reader.find("index", 0, reader.tokens().size()) + 1;
    return reader.slice(0, index) + " CONCURRENTLY " +
           (name.empty() ? std::string() : quoted_name(name.c_str()) + " ") +
           reader.slice(index, reader.tokens().size());
}

} // namespace

void read_index(ActionReader &reader, const IndexStmt *statement)
{
    migrate::Action &action = reader.add(ActionKind::create_index, statement->relation);
    ListCell *cell;
    const Oid schema = schema_of_new(statement->relation);
    action.method = statement->accessMethod;
    action.unique = statement->unique;
    action.concurrently = statement->concurrent;
    action.if_exists = statement->if_not_exists;
    action.only = !statement->relation->inh;
    action.has_condition = statement->whereClause != nullptr;
    action.value = statement->tableSpace ? statement->tableSpace : "";
    foreach (cell, statement->indexParams) {
        const auto *element = static_cast<const IndexElem *>(lfirst(cell));
        action.columns.emplace_back(element->name ? element->name : "");
    }
    foreach (cell, statement->indexIncludingParams)
        action.included.emplace_back(static_cast<const IndexElem *>(lfirst(cell))->name);
    if (statement->idxname != nullptr) {
        action.name = statement->idxname;
        const Oid there = call([&] { return relation_in(schema, statement->idxname); });
        action.already_so = OidIsValid(there);
        action.left_invalid = OidIsValid(there) && !facts_of(there).valid;
        reader.take_name(schema, action.name);
    } else if (action.relation.id != 0)
        action.chosen_name = reader.choose_name(
            schema, statement->relation->relname, addition_of(call([&] {
                return list_concat_copy(statement->indexParams, statement->indexIncludingParams);
            })),
            "idx");
    action.nulls_not_distinct = statement->nulls_not_distinct;
    action.schema = quoted_name(call([&] { return get_namespace_name(schema); }));
    if (!statement->concurrent)
        action.definition = concurrently(reader, action.name.empty() ? action.chosen_name : "");
}

void read_reindex(ActionReader &reader, const ReindexStmt *statement)
{
    migrate::Action &action = reader.add(ActionKind::reindex, statement->relation);
    ListCell *cell;
    action.object_type = statement->kind == REINDEX_OBJECT_INDEX    ? "index"
                         : statement->kind == REINDEX_OBJECT_TABLE  ? "table"
                         : statement->kind == REINDEX_OBJECT_SCHEMA ? "schema"
                                                                    : "database";
    action.name = statement->name ? statement->name : "";
    foreach (cell, statement->params) {
        auto *option = static_cast<DefElem *>(lfirst(cell));
        if (strcmp(option->defname, "concurrently") == 0)
            action.concurrently = call([&] { return defGetBoolean(option); });
    }
    const migrate::Relation &relation = action.relation;
    if (action.object_type == "index" && relation.id != 0)
        if (const Oid table = facts_of(relation.id).table; OidIsValid(table))
            action.referenced = describe_relation(table);
    if (relation.kind == RelationKind::index)
        action.has_exclusion = facts_of(relation.id).exclusion;
    else if (relation.id != 0)
        action.has_exclusion = has_exclusion(relation.id);
    const std::size_t what = reader.find(action.object_type, 0, reader.tokens().size()) + 1;
    if (!action.concurrently)
        action.definition =
            reader.slice(0, what) + " CONCURRENTLY " + reader.slice(what, reader.tokens().size());
}

void read_dropped_index(ActionReader &reader, migrate::Action &action, bool concurrently_written)
{
    const IndexFacts facts = facts_of(action.relation.id);
    action.using_index = facts.constraint;
    action.unique = facts.unique;
    action.columns = key_columns_of(action.relation.id);
    if (!concurrently_written)
        action.definition = concurrently(reader, "");
    if (OidIsValid(facts.table))
        action.referenced = describe_relation(facts.table);
}

} // namespace migrate::pg
