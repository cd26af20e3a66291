// DROP and RENAME of anything.
// SPDX-License-Identifier: PostgreSQL
#include "pg/action_reader.h"
#include "pg/actions.h"
#include "pg/boundary.h"
#include "pg/foretelling.h"

namespace migrate::pg {

namespace {

struct ObjectName
{
    ObjectType type;
    const char *name;
};

constexpr ObjectName object_names[] = {{OBJECT_VIEW, "view"},
                                       {OBJECT_SEQUENCE, "sequence"},
                                       {OBJECT_FUNCTION, "function"},
                                       {OBJECT_PROCEDURE, "procedure"},
                                       {OBJECT_ROUTINE, "routine"},
                                       {OBJECT_AGGREGATE, "aggregate"},
                                       {OBJECT_TYPE, "type"},
                                       {OBJECT_DOMAIN, "domain"},
                                       {OBJECT_SCHEMA, "schema"},
                                       {OBJECT_EXTENSION, "extension"},
                                       {OBJECT_TRIGGER, "trigger"},
                                       {OBJECT_RULE, "rule"},
                                       {OBJECT_POLICY, "policy"},
                                       {OBJECT_MATVIEW, "materialized view"},
                                       {OBJECT_FOREIGN_TABLE, "foreign table"},
                                       {OBJECT_COLUMN, "column"},
                                       {OBJECT_ATTRIBUTE, "attribute"},
                                       {OBJECT_TABLE, "table"},
                                       {OBJECT_INDEX, "index"},
                                       {OBJECT_PUBLICATION, "publication"}};

bool is_part(ObjectType type)
{
    return type == OBJECT_TRIGGER || type == OBJECT_RULE || type == OBJECT_POLICY;
}

// Of triggers, rules and policies: the table, which stands before the last name.
migrate::Relation relation_of_part(ObjectType type, Node *object)
{
    List *names = IsA(object, List) ? reinterpret_cast<List *>(object) : NIL;
    if (!is_part(type) || list_length(names) < 2)
        return {};
    return relation_named(
        call([&] { return list_truncate(list_copy(names), list_length(names) - 1); }));
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
    action.unqualified = relation && list_length(reinterpret_cast<List *>(object)) == 1;
    action.already_so = statement->missing_ok && is_missing(statement->removeType, object);
    action.cascade = statement->behavior == DROP_CASCADE;
    action.concurrently = statement->concurrent;
    if (statement->removeType == OBJECT_INDEX && action.relation.id != 0)
        read_dropped_index(reader, action, statement->concurrent);
}

} // namespace

const char *object_name_of(ObjectType type)
{
    for (const ObjectName &known : object_names)
        if (known.type == type)
            return known.name;
    return "object";
}

std::string object_text(Node *object)
{
    switch (nodeTag(object)) {
    case T_List:
        return dotted(reinterpret_cast<List *>(object));
    case T_String:
        return quoted_name(strVal(object));
    case T_TypeName:
        return dotted(reinterpret_cast<TypeName *>(object)->names);
    case T_ObjectWithArgs:
        return dotted(reinterpret_cast<ObjectWithArgs *>(object)->objname);
    default:
        return {};
    }
}

bool is_missing(ObjectType type, Node *object)
{
    return call([&] {
        Oid relation;
        const ObjectAddress found = object_of(type, object, &relation);
        // A kind that is not looked up counts as there; a part of a table that is missing is missing.
        return OidIsValid(found.classId) ? !OidIsValid(found.objectId)
                                         : is_part(type) && !OidIsValid(relation);
    });
}

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
    action.unqualified =
        statement->relation != nullptr && statement->relation->schemaname == nullptr;
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
