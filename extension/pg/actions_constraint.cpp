// Columns and constraints, of ALTER TABLE and CREATE TABLE alike.
// SPDX-License-Identifier: PostgreSQL
#include <algorithm>

#include "pg/action_reader.h"
#include "pg/actions.h"
#include "pg/boundary.h"
#include "pg/foretell_alter.h"
#include "pg/transaction.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/heap.h"
#include "catalog/pg_index.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_node.h"
#include "parser/parse_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

namespace {

using migrate::Action;

// Behind what a new object's name is made of: "a_b", cut as the server cuts it.
std::string joined(const std::vector<std::string> &names)
{
    std::string all;
    for (const std::string &name : names) {
        all += (all.empty() ? "" : "_") + name;
        if (all.size() >= NAMEDATALEN)
            break;
    }
    return all.substr(0, NAMEDATALEN - 1);
}

struct Named
{
    List *columns; // String, each once
};

bool collect_columns(Node *node, void *context)
{
    if (node == nullptr)
        return false;
    if (IsA(node, ColumnRef)) {
        auto *found = static_cast<Named *>(context);
        Node *last = static_cast<Node *>(llast(reinterpret_cast<ColumnRef *>(node)->fields));
        if (IsA(last, String) && !list_member(found->columns, last))
            found->columns = lappend(found->columns, last);
        return false;
    }
    return raw_expression_tree_walker(node, untyped(collect_columns), context);
}

// The columns that a raw expression names.
std::vector<std::string> columns_in(Node *expression)
{
    Named named{NIL};
    call([&] { collect_columns(expression, &named); });
    return strings_of(named.columns);
}

DefaultKind kind_of_default(const ColumnDef *column, const Constraint *given)
{
    DefaultKind kind = DefaultKind::constant;
    const std::optional<Error> error = attempt([&] {
        kind = call([&] {
            int32 modifier = -1;
            const Type type = LookupTypeName(nullptr, column->typeName, &modifier, true);
            const Oid id = type ? typeTypeId(type) : InvalidOid;
            if (type != nullptr)
                ReleaseSysCache(type);
            Node *value = OidIsValid(id) && given == nullptr ? get_typdefault(id) : nullptr;
            if (given != nullptr)
                value = cookDefault(make_parsestate(nullptr),
                                    static_cast<Node *>(copyObjectImpl(given->raw_expr)), id,
                                    modifier, column->colname, 0);
            return value == nullptr                    ? DefaultKind::none
                   : contain_volatile_functions(value) ? DefaultKind::volatile_
                   : contain_mutable_functions(value)  ? DefaultKind::stable
                                                       : DefaultKind::constant;
        });
    });
    return error ? DefaultKind::constant : kind; // the server will say what is wrong with it
}

const Constraint *of_kind(const ColumnDef *column, ConstrType kind)
{
    ListCell *cell;
    foreach (cell, column->constraints) {
        const auto *constraint = static_cast<const Constraint *>(lfirst(cell));
        if (constraint->contype == kind)
            return constraint;
    }
    return nullptr;
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
    const Oid schema = call([&] { return get_rel_namespace(id); });
    const std::string table = call([&] { return get_rel_name(id); });
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
    const Constraint *given = of_kind(column, CONSTR_DEFAULT);
    const Constraint *generated = of_kind(column, CONSTR_GENERATED);
    action.name = column->colname;
    action.type = type_text(column->typeName);
    action.written_type =
        column->typeName ? strings_of(column->typeName->names).back() : std::string();
    action.serial = column->typeName != nullptr && is_serial(column->typeName);
    action.identity = of_kind(column, CONSTR_IDENTITY) != nullptr;
    action.stored = generated != nullptr && compat::is_stored(generated);
    action.primary_key = of_kind(column, CONSTR_PRIMARY) != nullptr;
    action.not_null = of_kind(column, CONSTR_NOTNULL) != nullptr || action.primary_key ||
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
        action.default_kind = kind_of_default(column, given);
    if (given != nullptr) {
        const std::size_t at = reader.token_at(static_cast<std::size_t>(given->location));
        const std::size_t value = reader.find("default", at, end) + 1;
        action.default_text = reader.slice(value, next_part(reader, column, value, end));
    }
}

// "a integer, b bigint" of the first pair of columns whose types differ.
std::string mismatch(const Action &action)
{
    for (std::size_t i = 0; i < action.columns.size() && i < action.referenced_columns.size();
         i++) {
        const std::string mine = column_type(action.relation.id, action.columns[i].c_str());
        const std::string theirs =
            column_type(action.referenced.id, action.referenced_columns[i].c_str());
        if (!mine.empty() && !theirs.empty() && mine != theirs)
            return action.columns[i] + " " + mine + ", " + action.referenced_columns[i] + " " +
                   theirs;
    }
    return {};
}

// Names of a table's primary key.
std::vector<std::string> primary_key_of(Oid relation)
{
    List *names = call([&] {
        List *found = NIL;
        ListCell *cell;
        foreach (cell, indexes_of(relation)) {
            HeapTuple row = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(cell)));
            if (!HeapTupleIsValid(row))
                continue;
            const auto *key = reinterpret_cast<Form_pg_index>(GETSTRUCT(row));
            for (int i = 0; key->indisprimary && i < key->indnkeyatts; i++)
                found =
                    lappend(found, makeString(get_attname(relation, key->indkey.values[i], false)));
            ReleaseSysCache(row);
        }
        return found;
    });
    return strings_of(names);
}

// An index that begins with all of these columns, in any order, and holds every row.
bool has_index_on(Oid relation, const std::vector<std::string> &columns)
{
    Bitmapset *wanted = nullptr;
    for (const std::string &column : columns) {
        const char *name = column.c_str();
        wanted = call([&] {
            const AttrNumber number = get_attnum(relation, name);
            return number > 0 ? bms_add_member(wanted, number) : wanted;
        });
    }
    if (wanted == nullptr)
        return false;
    return call([&] {
        ListCell *cell;
        bool found = false;
        foreach (cell, indexes_of(relation)) {
            HeapTuple row = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(cell)));
            if (!HeapTupleIsValid(row))
                continue;
            const auto *index = reinterpret_cast<Form_pg_index>(GETSTRUCT(row));
            const int count = bms_num_members(wanted);
            bool begins = index->indisvalid && index->indnkeyatts >= count &&
                          heap_attisnull(row, Anum_pg_index_indpred, nullptr);
            for (int i = 0; begins && i < count; i++)
                begins =
                    index->indkey.values[i] > 0 && bms_is_member(index->indkey.values[i], wanted);
            ReleaseSysCache(row);
            found = found || begins;
        }
        return found;
    });
}

void read_foreign_key(ActionReader &reader, Action &action, const Constraint *constraint,
                      std::size_t begin, std::size_t end, const char *of_column)
{
    action.kind = ActionKind::add_foreign_key;
    action.columns =
        of_column ? std::vector<std::string>{of_column} : strings_of(constraint->fk_attrs);
    action.referenced = relation_named(constraint->pktable);
    action.definition = reader.slice(reader.find("references", begin, end), end);
    action.referenced_columns = strings_of(constraint->pk_attrs);
    if (action.referenced_columns.empty() && action.referenced.id != 0)
        action.referenced_columns = primary_key_of(action.referenced.id);
    action.lacks_index = !has_index_on(action.relation.id, action.columns);
    if (action.relation.id != 0 && action.referenced.id != 0)
        action.mismatched_type = mismatch(action);
}

// "NULLS NOT DISTINCT", then "(a, b) INCLUDE (c)" and "WITH (...)", as CREATE INDEX takes them in its own order.
void read_index_clauses(ActionReader &reader, Action &action, const Constraint *constraint,
                        std::size_t begin, std::size_t end, const char *of_column)
{
    const auto group_behind = [&](const char *word, std::size_t from) -> std::string {
        const std::size_t at = reader.find(word, from, end);
        return at < end ? " " + reader.slice(at, std::min(end, reader.behind_group(at + 1)))
                        : std::string();
    };
    std::size_t at = begin;
    if (of_column != nullptr)
        action.definition = "(" + quoted_name(of_column) + ")";
    else {
        while (at < end && reader.tokens()[at].code != '(')
            at++;
        if (at == end)
            return; // USING INDEX
        action.definition = reader.slice(at, reader.behind_group(at));
        at = reader.behind_group(at);
    }
    action.definition += group_behind("include", at);
    if (constraint->nulls_not_distinct)
        action.definition += " NULLS NOT DISTINCT";
    action.definition += group_behind("with", at);
}

bool is_proven(Oid relation, const std::string &column)
{
    const char *name = column.c_str();
    return OidIsValid(relation) && call([&] {
               return get_attnum(relation, name) > 0 && is_proven_not_null(relation, name);
           });
}

void read_key(ActionReader &reader, Action &action, const Constraint *constraint, std::size_t begin,
              std::size_t end, const char *of_column)
{
    action.kind = constraint->contype == CONSTR_PRIMARY     ? ActionKind::add_primary_key
                  : constraint->contype == CONSTR_EXCLUSION ? ActionKind::add_exclusion
                                                            : ActionKind::add_unique;
    action.columns = of_column ? std::vector<std::string>{of_column} : strings_of(constraint->keys);
    action.unique = true;
    action.included = strings_of(constraint->including);
    action.using_index = constraint->indexname != nullptr;
    action.value = constraint->indexspace ? constraint->indexspace : "";
    action.without_overlaps = compat::is_without_overlaps(constraint);
    action.nulls_not_distinct = constraint->nulls_not_distinct;
    if (action.using_index)
        action.new_name = constraint->indexname;
    if (constraint->contype == CONSTR_PRIMARY && !action.using_index)
        for (const std::string &column : action.columns)
            if (of_column != nullptr || !is_proven(action.relation.id, column))
                action.nullable_columns.push_back(column);
    // What an index of the same says: columns, INCLUDE, NULLS NOT DISTINCT, WITH.
    read_index_clauses(reader, action, constraint, begin, end, of_column);
}

const char *label_of(ActionKind kind)
{
    switch (kind) {
    case ActionKind::add_primary_key:
        return "pkey";
    case ActionKind::add_unique:
        return "key";
    case ActionKind::add_exclusion:
        return "excl";
    case ActionKind::add_foreign_key:
        return "fkey";
    case ActionKind::add_not_null:
        return "not_null";
    default:
        return "check";
    }
}

// The columns in its name.
std::vector<std::string> name_parts(const Action &action)
{
    std::vector<std::string> parts = action.columns;
    if (action.kind == ActionKind::add_primary_key)
        parts.clear();
    if (action.kind == ActionKind::add_unique)
        parts.insert(parts.end(), action.included.begin(), action.included.end());
    return parts;
}

bool is_relation(Oid schema, const char *name)
{
    return call([&] { return OidIsValid(get_relname_relid(name, schema)); });
}

// The name that it will have, and that nobody else can have then.
void settle_name(ActionReader &reader, Action &action, const Constraint *constraint,
                 const std::vector<std::string> &of_expression)
{
    const Oid schema = call([&]() -> Oid {
        return action.relation.id != 0 ? get_rel_namespace(action.relation.id) : InvalidOid;
    });
    action.schema = quoted_name(call([&] { return get_namespace_name(schema); }));
    if (constraint->conname != nullptr) {
        action.name = constraint->conname;
        action.name_exists =
            call([&] { return OidIsValid(get_relname_relid(constraint->conname, schema)); });
        reader.take_name(schema, action.name);
        return;
    }
    if (action.relation.id == 0)
        return;
    const Oid id = action.relation.id;
    const std::string table = call([&] { return get_rel_name(id); });
    const std::vector<std::string> parts = action.kind != ActionKind::add_check ? name_parts(action)
                                           : of_expression.size() == 1          ? of_expression
                                                                       : std::vector<std::string>{};
    action.chosen_name = action.using_index ? action.new_name
                                            : reader.choose_name(schema, table, joined(parts),
                                                                 label_of(action.kind));
    // One that goes before this one comes, but is there now.
    action.name_exists = !action.using_index && is_relation(schema, action.chosen_name.c_str());
}

} // namespace

std::string index_name_on(ObjectId relation, const std::vector<std::string> &columns,
                          const char *label)
{
    const Oid schema = call([&] { return get_rel_namespace(relation); });
    const std::string table = call([&] { return get_rel_name(relation); });
    return free_name(schema, table, joined(columns), label, {});
}

std::string key_name_on(ObjectId relation, const Action &action)
{
    return index_name_on(relation, name_parts(action), label_of(action.kind));
}

void read_constraint(ActionReader &reader, const migrate::Relation &relation,
                     const Constraint *constraint, std::size_t begin, std::size_t end,
                     const char *of_column)
{
    Action &action = reader.add(ActionKind::add_check, relation);
    std::vector<std::string> of_expression;
    action.text = reader.slice(begin, end);
    action.constraint_of_column = of_column != nullptr;
    action.not_valid = constraint->skip_validation;
    action.deferrable = constraint->deferrable;
    action.initially_deferred = constraint->initdeferred;
    action.no_inherit = constraint->is_no_inherit;
    switch (constraint->contype) {
    case CONSTR_FOREIGN:
        read_foreign_key(reader, action, constraint, begin, end, of_column);
        break;
    case CONSTR_PRIMARY:
    case CONSTR_UNIQUE:
    case CONSTR_EXCLUSION:
        read_key(reader, action, constraint, begin, end, of_column);
        break;
    case CONSTR_NOTNULL:
        action.kind = ActionKind::add_not_null;
        action.columns = strings_of(constraint->keys);
        action.proven = relation.id != 0 && !action.columns.empty() &&
                        call([&, column = action.columns[0].c_str()] {
                            return is_proven_not_null(relation.id, column);
                        });
        break;
    default: {
        const std::size_t open = reader.find("check", begin, end) + 1;
        of_expression = columns_in(constraint->raw_expr);
        action.columns = of_expression;
        if (open < end)
            action.condition = reader.slice(open + 1, reader.behind_group(open) - 1);
    }
    }
    settle_name(reader, action, constraint, of_expression);
}

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
