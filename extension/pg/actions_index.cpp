// Indexes: made, dropped, built anew.
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
    bool valid, exclusion, constraint;
};

IndexFacts facts_of(Oid index)
{
    return call([&] {
        IndexFacts facts{InvalidOid, true, false, false};
        HeapTuple row = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
        if (!HeapTupleIsValid(row))
            return facts;
        const auto *found = reinterpret_cast<Form_pg_index>(GETSTRUCT(row));
        facts.table = found->indrelid;
        facts.valid = found->indisvalid;
        facts.exclusion = found->indisexclusion;
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
    migrate::Action &action =
        reader.add(ActionKind::create_index, relation_named(statement->relation));
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
    if (statement->idxname != nullptr) {
        action.name = statement->idxname;
        const Oid there = call([&] { return get_relname_relid(statement->idxname, schema); });
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
    migrate::Action &action = reader.add(ActionKind::reindex, relation_named(statement->relation));
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
    if (relation.kind == RelationKind::index)
        action.has_exclusion = facts_of(relation.id).exclusion;
    else if (relation.id != 0)
        action.has_exclusion = has_exclusion(relation.id);
    const std::size_t what = reader.find(action.object_type, 0, reader.tokens().size()) + 1;
    if (!action.concurrently)
        action.definition =
            reader.slice(0, what) + " CONCURRENTLY " + reader.slice(what, reader.tokens().size());
}

namespace {

const char *object_name_of(ObjectType type)
{
    switch (type) {
    case OBJECT_VIEW:
        return "view";
    case OBJECT_SEQUENCE:
        return "sequence";
    case OBJECT_FUNCTION:
        return "function";
    case OBJECT_PROCEDURE:
        return "procedure";
    case OBJECT_ROUTINE:
        return "routine";
    case OBJECT_AGGREGATE:
        return "aggregate";
    case OBJECT_TYPE:
        return "type";
    case OBJECT_DOMAIN:
        return "domain";
    case OBJECT_SCHEMA:
        return "schema";
    case OBJECT_EXTENSION:
        return "extension";
    case OBJECT_TRIGGER:
        return "trigger";
    case OBJECT_RULE:
        return "rule";
    case OBJECT_POLICY:
        return "policy";
    case OBJECT_MATVIEW:
        return "materialized view";
    case OBJECT_FOREIGN_TABLE:
        return "foreign table";
    case OBJECT_COLUMN:
        return "column";
    case OBJECT_ATTRIBUTE:
        return "attribute";
    case OBJECT_TABLE:
        return "table";
    case OBJECT_INDEX:
        return "index";
    case OBJECT_PUBLICATION:
        return "publication";
    default:
        return "object";
    }
}

// Of triggers, rules and policies: the table, which stands before the last name.
migrate::Relation relation_of_part(ObjectType type, Node *object)
{
    List *names = IsA(object, List) ? reinterpret_cast<List *>(object) : NIL;
    if ((type != OBJECT_TRIGGER && type != OBJECT_RULE && type != OBJECT_POLICY) ||
        list_length(names) < 2)
        return {};
    return relation_named(
        call([&] { return list_truncate(list_copy(names), list_length(names) - 1); }));
}

std::string object_text(Node *object)
{
    switch (nodeTag(object)) {
    case T_List:
        return dotted(reinterpret_cast<List *>(object));
    case T_String:
        return quoted_name(strVal(object));
    case T_TypeName:
        return call([&] { return TypeNameToString(reinterpret_cast<TypeName *>(object)); });
    case T_ObjectWithArgs:
        return dotted(reinterpret_cast<ObjectWithArgs *>(object)->objname);
    default:
        return {};
    }
}

void read_dropped(ActionReader &reader, const DropStmt *statement, Node *object)
{
    const bool relation =
        statement->removeType == OBJECT_TABLE || statement->removeType == OBJECT_INDEX ||
        statement->removeType == OBJECT_VIEW || statement->removeType == OBJECT_MATVIEW ||
        statement->removeType == OBJECT_SEQUENCE || statement->removeType == OBJECT_FOREIGN_TABLE;
    migrate::Action &action =
        reader.add(statement->removeType == OBJECT_TABLE   ? ActionKind::drop_table
                   : statement->removeType == OBJECT_INDEX ? ActionKind::drop_index
                                                           : ActionKind::drop_other,
                   relation ? relation_named(reinterpret_cast<List *>(object))
                            : relation_of_part(statement->removeType, object));
    action.object_type = object_name_of(statement->removeType);
    action.name = object_text(object);
    action.if_exists = statement->missing_ok;
    action.already_so = relation && action.relation.id == 0 && statement->missing_ok;
    action.cascade = statement->behavior == DROP_CASCADE;
    action.concurrently = statement->concurrent;
    if (statement->removeType != OBJECT_INDEX || action.relation.id == 0)
        return;
    const Oid id = action.relation.id;
    reader.free_name_of(call([&] { return get_rel_namespace(id); }),
                        call([&] { return get_rel_name(id); }));
    const IndexFacts facts = facts_of(action.relation.id);
    action.using_index = facts.constraint;
    if (!statement->concurrent)
        action.definition = concurrently(reader, "");
    if (OidIsValid(facts.table))
        action.referenced = describe_relation(facts.table);
}

} // namespace

void read_drop(ActionReader &reader, const DropStmt *statement)
{
    ListCell *cell;
    foreach (cell, statement->objects)
        read_dropped(reader, statement, static_cast<Node *>(lfirst(cell)));
}

void read_rename(ActionReader &reader, const RenameStmt *statement)
{
    const migrate::Relation relation = relation_named(statement->relation);
    ActionKind kind = ActionKind::rename_other;
    if (statement->renameType == OBJECT_COLUMN)
        kind = ActionKind::rename_column;
    else if (statement->renameType == OBJECT_TABCONSTRAINT)
        kind = ActionKind::rename_constraint;
    else if (statement->renameType == OBJECT_INDEX || relation.kind == RelationKind::index ||
             relation.kind == RelationKind::partitioned_index)
        kind = ActionKind::rename_index;
    else if (statement->renameType == OBJECT_TABLE)
        kind = ActionKind::rename_table;
    migrate::Action &action = reader.add(kind, relation);
    action.object_type = object_name_of(statement->renameType);
    action.name = statement->subname  ? statement->subname
                  : statement->object ? object_text(statement->object)
                                      : "";
    action.new_name = statement->newname ? statement->newname : "";
    action.quoted_new_name = quoted_name(statement->newname);
    action.if_exists = statement->missing_ok;
    action.already_so = statement->missing_ok && statement->relation && relation.id == 0;
}

} // namespace migrate::pg
