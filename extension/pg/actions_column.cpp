// Columns, of ALTER TABLE and CREATE TABLE alike.
// SPDX-License-Identifier: PostgreSQL
#include <algorithm>

#include "pg/action_reader.h"
#include "pg/boundary.h"
#include "pg/foretell_alter.h"
#include "pg/transaction.h"

extern "C" {
#include "parser/parse_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
}

namespace migrate::pg {

namespace {

using migrate::Action;

DefaultKind kind_of_default(const ColumnDef *column)
{
    DefaultKind kind = DefaultKind::constant;
    const std::optional<Error> error =
        attempt([&] { kind = call([&] { return default_kind_of(column); }); });
    return error ? DefaultKind::constant : kind; // the server will say what is wrong with it
}

// Adding a column of it checks every row.
bool is_checked_domain(const TypeName *type)
{
    return type != nullptr && call([&] {
               const Oid id = LookupTypeNameOid(nullptr, type, true);
               return OidIsValid(id) && DomainHasConstraints(id);
           });
}

// Where the next thing behind the column's type begins: a constraint, or COLLATE.
std::size_t next_part(const ActionReader &reader, const ColumnDef *column, std::size_t behind,
                      std::size_t end)
{
    std::size_t next = end;
    const auto consider = [&](int location) {
        const std::size_t at =
            location < 0 ? end : reader.token_at(static_cast<std::size_t>(location));
        if (at >= behind)
            next = std::min(next, at);
    };
    ListCell *cell;
    foreach (cell, column->constraints) {
        const auto *constraint = static_cast<const Constraint *>(lfirst(cell));
        const bool attribute = constraint->contype == CONSTR_ATTR_DEFERRABLE ||
                               constraint->contype == CONSTR_ATTR_NOT_DEFERRABLE ||
                               constraint->contype == CONSTR_ATTR_DEFERRED ||
                               constraint->contype == CONSTR_ATTR_IMMEDIATE;
        if (!attribute)
            consider(constraint->location);
    }
    if (column->collClause != nullptr)
        consider(column->collClause->location);
    return next;
}

// The sequence that the server makes for a serial column.
void read_sequence(ActionReader &reader, Action &action)
{
    const Oid id = action.relation.id;
    const Oid schema = call([&] { return schema_to_come(id); });
    const std::string table = call([&] { return name_to_come(id); });
    const std::string name = reader.choose_name(schema, table, action.name, "seq");
    action.sequence = quoted_name(call([&] { return get_namespace_name(schema); })) + "." +
                      quoted_name(name.c_str());
    const char *text = action.sequence.c_str();
    action.sequence_literal = call([&] { return quote_literal_cstr(text); });
    action.type = action.written_type == "serial" || action.written_type == "serial4" ? "integer"
                  : action.written_type == "bigserial" || action.written_type == "serial8"
                      ? "bigint"
                      : "smallint";
    action.owned = call([&] {
        const Form_pg_class row = class_of(id);
        return row != nullptr && row->relowner == GetUserId();
    });
}

void read_column_facts(ActionReader &reader, Action &action, const ColumnDef *column,
                       std::size_t begin, std::size_t end)
{
    const Constraint *given = constraint_of_kind(column, CONSTR_DEFAULT);
    const Constraint *generated = constraint_of_kind(column, CONSTR_GENERATED);
    action.name = column->colname;
    action.type = type_text(column->typeName);
    action.written_type =
        column->typeName ? strings_of(column->typeName->names).back() : std::string();
    action.domain = is_checked_domain(column->typeName);
    action.serial = column->typeName != nullptr && is_serial(column->typeName);
    action.identity = constraint_of_kind(column, CONSTR_IDENTITY) != nullptr;
    action.stored = generated != nullptr && compat::is_stored(generated);
    action.primary_key = constraint_of_kind(column, CONSTR_PRIMARY) != nullptr;
    action.not_null = constraint_of_kind(column, CONSTR_NOTNULL) != nullptr || action.primary_key ||
                      action.serial || action.identity;
    action.definition = reader.slice(begin, next_part(reader, column, begin + 1, end));
    if (column->collClause != nullptr) {
        const std::size_t collate =
            reader.token_at(static_cast<std::size_t>(column->collClause->location));
        if (collate > begin)
            action.definition +=
                " " + reader.slice(collate, next_part(reader, column, collate + 1, end));
    }
    if (action.serial && action.relation.id != 0)
        read_sequence(reader, action);
    if (action.serial || action.identity)
        action.default_kind = DefaultKind::volatile_;
    else if (generated == nullptr)
        action.default_kind = kind_of_default(column);
    if (given != nullptr) {
        const std::size_t at = reader.token_at(static_cast<std::size_t>(given->location));
        const std::size_t value = reader.find("default", at, end) + 1;
        action.default_text = reader.slice(value, next_part(reader, column, value, end));
    }
}

} // namespace

void read_column(ActionReader &reader, const migrate::Relation &relation, const ColumnDef *column,
                 std::size_t begin, std::size_t end)
{
    Action facts;
    facts.kind = ActionKind::add_column;
    facts.relation = relation;
    read_column_facts(reader, facts, column, begin, end);
    reader.actions.push_back(facts);
    ListCell *cell;
    foreach (cell, column->constraints) {
        const auto *constraint = static_cast<const Constraint *>(lfirst(cell));
        // The grammar puts DEFERRABLE and INITIALLY DEFERRED behind what they are about.
        Action &last = reader.actions.back();
        switch (constraint->contype) {
        case CONSTR_ATTR_DEFERRABLE:
            last.deferrable = true;
            break;
        case CONSTR_ATTR_DEFERRED:
            last.deferrable = last.initially_deferred = true;
            break;
        case CONSTR_CHECK:
        case CONSTR_UNIQUE:
        case CONSTR_PRIMARY:
        case CONSTR_FOREIGN: {
            const std::size_t at = reader.token_at(static_cast<std::size_t>(constraint->location));
            read_constraint(reader, relation, constraint, at,
                            next_part(reader, column, at + 1, end), column->colname);
            break;
        }
        default:
            break;
        }
    }
}

} // namespace migrate::pg
