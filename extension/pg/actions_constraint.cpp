// Constraints, of ALTER TABLE and CREATE TABLE alike, and the names that the server gives them.
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
    return action.kind == ActionKind::add_unique ? each_once(parts) : parts;
}

// The name that it will have, and that nobody else can have then.
void settle_name(ActionReader &reader, Action &action, const Constraint *constraint,
                 const std::vector<std::string> &of_expression)
{
    const Oid schema = call([&]() -> Oid {
        return action.relation.id != 0 ? schema_to_come(action.relation.id) : InvalidOid;
    });
    action.schema = quoted_name(call([&] { return get_namespace_name(schema); }));
    // Of the same statement a command before may free the name, which is still taken when it begins.
    const auto exists = [&](const std::string &name) {
        return call([&, text = name.c_str()] { return OidIsValid(relation_in(schema, text)); });
    };
    if (constraint->conname != nullptr) {
        action.name = constraint->conname;
        action.name_exists = exists(action.name);
        reader.take_name(schema, action.name);
        return;
    }
    if (action.relation.id == 0)
        return;
    const Oid id = action.relation.id;
    const std::string table = call([&] { return name_to_come(id); });
    const std::vector<std::string> parts = action.kind != ActionKind::add_check ? name_parts(action)
                                           : of_expression.size() == 1          ? of_expression
                                                                       : std::vector<std::string>{};
    action.chosen_name = action.using_index ? action.new_name
                                            : reader.choose_name(schema, table, joined(parts),
                                                                 label_of(action.kind));
    action.name_exists = !action.using_index && exists(action.chosen_name);
}

} // namespace

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
        if (action.proven)
            action.proofs = strings_of(call([&, column = action.columns[0].c_str()] {
                return proofs_of_not_null(relation.id, column);
            }));
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

} // namespace migrate::pg
