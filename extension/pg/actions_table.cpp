// ALTER TABLE, command by command, and CREATE TABLE.
// SPDX-License-Identifier: PostgreSQL
#include "pg/action_reader.h"
#include "pg/actions.h"
#include "pg/boundary.h"
#include "pg/foretell_alter.h"

extern "C" {
#include "access/htup_details.h"
#include "access/tableam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_index.h"
#include "commands/defrem.h"
#include "commands/tablespace.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

namespace {

struct Piece
{
    std::size_t begin, end; // tokens
};

// Behind the name of the relation: "ALTER TABLE ONLY a.b *".
std::size_t behind_name(const ActionReader &reader, const RangeVar *name)
{
    std::size_t at = reader.token_at(static_cast<std::size_t>(name->location)) + 1;
    while (reader.word(at) == ".")
        at += 2;
    return reader.word(at) == "*" ? at + 1 : at;
}

// Between commas that stand outside of parentheses.
std::vector<Piece> pieces_of(const ActionReader &reader, std::size_t begin, std::size_t end)
{
    std::vector<Piece> pieces;
    std::size_t start = begin, i = begin;
    while (i < end) {
        const int code = reader.tokens()[i].code;
        if (code == '(' || code == '[') {
            i = reader.behind_group(i);
            continue;
        }
        if (code == ',') {
            pieces.push_back({start, i});
            start = i + 1;
        }
        i++;
    }
    pieces.push_back({start, end});
    return pieces;
}

bool column_is_not_null(Oid relation, const char *column)
{
    return call([&] {
        HeapTuple row = SearchSysCacheAttName(relation, column);
        if (!HeapTupleIsValid(row))
            return false;
        const bool result = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(row))->attnotnull;
        ReleaseSysCache(row);
        return result;
    });
}

ActionKind plain_kind(AlterTableType type)
{
    switch (type) {
    case AT_DropColumn:
        return ActionKind::drop_column;
    case AT_DropNotNull:
        return ActionKind::drop_not_null;
    case AT_DropConstraint:
        return ActionKind::drop_constraint;
    case AT_ValidateConstraint:
        return ActionKind::validate_constraint;
    case AT_AlterConstraint:
        return ActionKind::alter_constraint;
    case AT_AddIdentity:
        return ActionKind::add_identity;
    case AT_DropIdentity:
        return ActionKind::drop_identity;
    case AT_DropExpression:
        return ActionKind::drop_expression;
    case AT_SetLogged:
    case AT_SetUnLogged:
        return ActionKind::set_persistence;
    case AT_SetTableSpace:
        return ActionKind::set_tablespace;
    case AT_SetAccessMethod:
        return ActionKind::set_access_method;
    case AT_SetRelOptions:
    case AT_ResetRelOptions:
    case AT_ReplaceRelOptions:
        return ActionKind::set_options;
    case AT_AddInherit:
    case AT_DropInherit:
        return ActionKind::inherit;
    case AT_ClusterOn:
    case AT_DropCluster:
    default:
        return ActionKind::other;
    }
}

void read_partition(ActionReader &reader, const migrate::Relation &relation,
                    const AlterTableCmd *command)
{
    const auto *wanted = reinterpret_cast<const PartitionCmd *>(command->def);
    migrate::Action &action =
        reader.add(command->subtype == AT_AttachPartition ? ActionKind::attach_partition
                                                          : ActionKind::detach_partition,
                   relation);
    action.partition = relation_named(wanted->name);
    action.concurrently = wanted->concurrent;
    action.is_finalize = command->subtype == AT_DetachPartitionFinalize;
    if (relation.id == 0 || action.partition.id == 0)
        return;
    if (command->subtype == AT_AttachPartition)
        read_attach(action, wanted);
    else
        read_detach(reader, action);
}

void read_alter_type(ActionReader &reader, const migrate::Relation &relation,
                     const AlterTableCmd *command)
{
    const auto *wanted = reinterpret_cast<const ColumnDef *>(command->def);
    migrate::Action &action = reader.add(ActionKind::alter_type, relation);
    action.name = command->name;
    action.type = type_text(wanted->typeName);
    action.old_type = column_type(relation.id, command->name);
    action.already_so = action.type == action.old_type && wanted->raw_default == nullptr;
}

void read_set_not_null(ActionReader &reader, const migrate::Relation &relation, const char *column)
{
    migrate::Action &action = reader.add(ActionKind::set_not_null, relation);
    action.name = column;
    action.composite = call([&] {
        const AttrNumber number = get_attnum(relation.id, column);
        return number > 0 && type_is_rowtype(get_atttype(relation.id, number));
    });
    action.already_so = column_is_not_null(relation.id, column);
    if (compat::not_null_is_constraint && relation.id != 0) {
        const Oid id = relation.id;
        const Oid schema = call([&] { return schema_to_come(id); });
        action.chosen_name =
            reader.choose_name(schema, call([&] { return name_to_come(id); }), column, "not_null");
    }
    action.proven =
        relation.id != 0 && call([&] { return is_proven_not_null(relation.id, column); });
    if (action.proven)
        action.proofs = strings_of(call([&] { return proofs_of_not_null(relation.id, column); }));
}

// What it makes, or drops, is known by its kind.
void read_dropped_constraint(migrate::Action &action, const char *name)
{
    const Oid id = action.relation.id;
    char kind = '\0';
    const bool there =
        OidIsValid(id) && call([&] {
            HeapTuple row = SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint_of(id, name)));
            if (!HeapTupleIsValid(row))
                return false;
            kind = reinterpret_cast<Form_pg_constraint>(GETSTRUCT(row))->contype;
            ReleaseSysCache(row);
            return true;
        });
    action.primary_key = kind == CONSTRAINT_PRIMARY;
    action.unique = action.primary_key || kind == CONSTRAINT_UNIQUE;
    action.already_so = action.if_exists && OidIsValid(id) && !there;
}

// The table is moved or written anew, or is there already.
void read_storage(migrate::Action &action, const AlterTableCmd *command)
{
    const Oid id = action.relation.id;
    const Form_pg_class row = OidIsValid(id) ? call([&] { return class_of(id); }) : nullptr;
    const char *const name = command->name;
    const auto is_tablespace = [&] {
        const Oid own = OidIsValid(row->reltablespace) ? row->reltablespace : MyDatabaseTableSpace;
        return get_tablespace_oid(name, true) == own;
    };
    switch (command->subtype) {
    case AT_SetLogged:
    case AT_SetUnLogged: {
        const bool unlogged = command->subtype == AT_SetUnLogged;
        action.value = unlogged ? "unlogged" : "logged";
        action.already_so = row && row->relpersistence == (unlogged ? RELPERSISTENCE_UNLOGGED
                                                                    : RELPERSISTENCE_PERMANENT);
        break;
    }
    case AT_SetTableSpace:
        action.value = name;
        action.already_so = row && call(is_tablespace);
        break;
    default:
        action.value = call([&] { return name ? name : default_table_access_method; });
        action.already_so = row && call([&] {
                                return get_table_am_oid(name ? name : default_table_access_method,
                                                        true) == row->relam;
                            });
    }
}

void read_details(migrate::Action &action, const AlterTableCmd *command)
{
    const Oid id = action.relation.id;
    switch (action.kind) {
    case ActionKind::drop_column:
        action.already_so = action.if_exists && OidIsValid(id) &&
                            call([&] { return get_attnum(id, command->name) <= 0; });
        break;
    case ActionKind::drop_constraint:
        read_dropped_constraint(action, command->name);
        break;
    case ActionKind::set_persistence:
    case ActionKind::set_tablespace:
    case ActionKind::set_access_method:
        read_storage(action, command);
        break;
    default:
        break;
    }
}

void read_added_column(ActionReader &reader, const migrate::Relation &relation,
                       const AlterTableCmd *command, Piece piece)
{
    const std::size_t before = reader.actions.size();
    const auto *column = reinterpret_cast<const ColumnDef *>(command->def);
    const std::size_t name = reader.token_at(static_cast<std::size_t>(column->location));
    read_column(reader, relation, column, name, piece.end);
    reader.actions[before].if_exists = command->missing_ok;
    reader.actions[before].already_so =
        relation.id != 0 && call([&] { return get_attnum(relation.id, column->colname) > 0; });
}

void read_command(ActionReader &reader, const migrate::Relation &relation,
                  const AlterTableCmd *command, Piece piece)
{
    const std::size_t before = reader.actions.size();
    switch (command->subtype) {
    case AT_AddColumn:
        read_added_column(reader, relation, command, piece);
        break;
    case AT_AddConstraint:
        read_constraint(reader, relation, reinterpret_cast<const Constraint *>(command->def),
                        piece.begin, piece.end, nullptr);
        break;
    case AT_AlterColumnType:
        read_alter_type(reader, relation, command);
        break;
    case AT_SetNotNull:
        read_set_not_null(reader, relation, command->name);
        break;
    case AT_ColumnDefault:
        reader.add(command->def ? ActionKind::set_default : ActionKind::drop_default, relation);
        break;
    case AT_AttachPartition:
    case AT_DetachPartition:
    case AT_DetachPartitionFinalize:
        read_partition(reader, relation, command);
        break;
    default:
        reader.add(compat::sets_expression(command->subtype) ? ActionKind::set_expression
                                                             : plain_kind(command->subtype),
                   relation);
    }
    migrate::Action &action = reader.actions[before];
    if (action.kind == ActionKind::drop_constraint && relation.id != 0)
        reader.free_name_of(call([&] { return schema_to_come(relation.id); }), command->name);
    action.text = reader.slice(piece.begin, piece.end);
    if (action.name.empty() && command->name != nullptr)
        action.name = command->name;
    action.cascade = command->behavior == DROP_CASCADE;
    action.if_exists = action.if_exists || command->missing_ok;
    read_details(action, command);
}

} // namespace

void read_alter_table(ActionReader &reader, const AlterTableStmt *statement)
{
    if (statement->objtype == OBJECT_TYPE) {
        reader.add(ActionKind::alter_composite).name = quoted_name(statement->relation);
        return;
    }
    const migrate::Relation relation = relation_named(statement->relation);
    const std::vector<Piece> pieces =
        pieces_of(reader, behind_name(reader, statement->relation), reader.tokens().size());
    if (static_cast<int>(pieces.size()) != list_length(statement->cmds)) {
        reader.add(ActionKind::other, statement->relation);
        return;
    }
    for (std::size_t i = 0; i < pieces.size(); i++) {
        const std::size_t before = reader.actions.size();
        read_command(
            reader, relation,
            static_cast<const AlterTableCmd *>(list_nth(statement->cmds, static_cast<int>(i))),
            pieces[i]);
        for (std::size_t n = before; n < reader.actions.size(); n++) {
            reader.actions[n].only = !statement->relation->inh;
            reader.actions[n].unqualified = statement->relation->schemaname == nullptr;
            reader.actions[n].if_exists = reader.actions[n].if_exists || statement->missing_ok;
        }
    }
}

namespace {

// The column or constraint that begins there.
void read_element(ActionReader &reader, const migrate::Relation &relation, Node *element,
                  Piece piece)
{
    const int location =
        IsA(element, ColumnDef)    ? reinterpret_cast<const ColumnDef *>(element)->location
        : IsA(element, Constraint) ? reinterpret_cast<const Constraint *>(element)->location
                                   : -1;
    if (location < 0 || piece.begin >= piece.end ||
        reader.tokens()[piece.begin].begin != static_cast<std::size_t>(location))
        return;
    if (IsA(element, ColumnDef))
        read_column(reader, relation, reinterpret_cast<const ColumnDef *>(element), piece.begin,
                    piece.end);
    else
        read_constraint(reader, relation, reinterpret_cast<const Constraint *>(element),
                        piece.begin, piece.end, nullptr);
}

} // namespace

// Its columns and constraints stand at the places that the tree gives.
void read_create_table(ActionReader &reader, const CreateStmt *statement)
{
    migrate::Action &table = reader.add(ActionKind::create_table, statement->relation);
    migrate::Relation relation = table.relation;
    table.already_so = relation.id != 0;
    table.if_exists = statement->if_not_exists;
    if (table.already_so)
        return;
    relation.kind = statement->partspec ? RelationKind::partitioned_table : RelationKind::table;
    relation.is_new = true;
    table.relation = relation;
    ListCell *cell;
    foreach (cell, statement->inhRelations)
        table.reads.push_back(relation_named(static_cast<const RangeVar *>(lfirst(cell))));
    std::size_t start = behind_name(reader, statement->relation);
    while (start < reader.tokens().size() && reader.tokens()[start].code != '(')
        start++;
    if (start >= reader.tokens().size())
        return;
    for (const Piece &piece : pieces_of(reader, start + 1, reader.behind_group(start) - 1))
        foreach (cell, statement->tableElts)
            read_element(reader, relation, static_cast<Node *>(lfirst(cell)), piece);
}

} // namespace migrate::pg
