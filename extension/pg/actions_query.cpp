// Data: INSERT, UPDATE, DELETE, MERGE, SELECT and COPY, with the relations that they name.
// SPDX-License-Identifier: PostgreSQL
#include <algorithm>

#include "pg/action_reader.h"
#include "pg/actions.h"
#include "pg/boundary.h"
#include "pg/foretell_query.h"

extern "C" {
#include "nodes/pg_list.h"
}

namespace migrate::pg {

namespace {

using migrate::Action;

struct Names
{
    List *relations; // RangeVar
    List *common;    // names of WITH queries, String
    List *functions; // names, each a List
};

bool collect(Node *node, void *context)
{
    auto *names = static_cast<Names *>(context);
    if (node == nullptr)
        return false;
    if (IsA(node, RangeVar)) {
        names->relations = lappend(names->relations, node);
        return false;
    }
    if (IsA(node, FuncCall))
        names->functions = lappend(names->functions, reinterpret_cast<FuncCall *>(node)->funcname);
    if (IsA(node, CommonTableExpr))
        names->common =
            lappend(names->common, makeString(reinterpret_cast<CommonTableExpr *>(node)->ctename));
    return raw_expression_tree_walker(node, untyped(collect), context);
}

// Those of them that a statement before has to make.
std::vector<std::string> new_functions(const Names &names)
{
    std::vector<std::string> found;
    ListCell *cell;
    foreach (cell, names.functions) {
        auto *name = static_cast<List *>(lfirst(cell));
        if (!call([&] { return is_function(name); }))
            found.push_back(dotted(name));
    }
    return found;
}

// All that it names but the table that it changes; a name of WITH is no relation.
std::vector<migrate::Relation> relations_in(const Names &names, const RangeVar *target)
{
    const std::vector<std::string> common = strings_of(names.common);
    std::vector<migrate::Relation> found;
    ListCell *cell;
    foreach (cell, names.relations) {
        const auto *name = static_cast<const RangeVar *>(lfirst(cell));
        const bool of_with = name->schemaname == nullptr &&
                             std::find(common.begin(), common.end(), name->relname) != common.end();
        if (name != target && !of_with)
            found.push_back(relation_named(name));
    }
    return found;
}

std::vector<std::string> targets_of(List *targets)
{
    std::vector<std::string> columns;
    ListCell *cell;
    foreach (cell, targets) {
        const auto *target = static_cast<const ResTarget *>(lfirst(cell));
        if (target->name != nullptr)
            columns.emplace_back(target->name);
    }
    return columns;
}

void find_rows(Action &action, Node *where)
{
    action.has_condition = where != nullptr;
    const Oid relation = action.relation.id;
    action.by_key = OidIsValid(relation) && call([&] { return finds_by_key(relation, where); });
}

const char *literal(Node *node)
{
    if (node == nullptr || !IsA(node, A_Const))
        return nullptr;
    auto *constant = reinterpret_cast<A_Const *>(node);
    return !constant->isnull && IsA(&constant->val, String) ? strVal(&constant->val) : nullptr;
}

// SELECT set_config(name, value, false), as pg_dump writes it.
bool read_set_config(ActionReader &reader, const SelectStmt *statement)
{
    if (statement->fromClause != NIL || list_length(statement->targetList) != 1)
        return false;
    Node *value = static_cast<ResTarget *>(linitial(statement->targetList))->val;
    if (value == nullptr || !IsA(value, FuncCall))
        return false;
    const auto *function = reinterpret_cast<FuncCall *>(value);
    if (strcmp(strVal(llast(function->funcname)), "set_config") != 0 ||
        list_length(function->args) != 3)
        return false;
    const char *name = literal(static_cast<Node *>(linitial(function->args)));
    const char *setting = literal(static_cast<Node *>(lsecond(function->args)));
    if (name == nullptr || setting == nullptr)
        return false;
    Action &action = reader.add(ActionKind::set_setting);
    action.name = name;
    action.value = setting;
    return true;
}

void read_copy(ActionReader &reader, const CopyStmt *statement)
{
    // COPY (DELETE ... RETURNING ...) TO ...
    if (statement->query != nullptr && read_query(reader, statement->query)) {
        for (Action &action : reader.actions)
            action.enclosed = true;
        return;
    }
    Action &action =
        reader.add(statement->is_from ? ActionKind::copy : ActionKind::select, statement->relation);
    action.columns = strings_of(statement->attlist);
}

const RangeVar *read_insert(ActionReader &reader, const InsertStmt *statement)
{
    Action &action = reader.add(ActionKind::insert, statement->relation);
    action.columns = targets_of(statement->cols);
    // VALUES, or one row of defaults, is as large as it is written.
    const auto *source = reinterpret_cast<const SelectStmt *>(statement->selectStmt);
    action.has_condition = source == nullptr || source->valuesLists != NIL;
    if (action.has_condition)
        action.rows = source == nullptr ? 1 : list_length(source->valuesLists);
    return statement->relation;
}

const RangeVar *read_update(ActionReader &reader, const UpdateStmt *statement)
{
    Action &action = reader.add(ActionKind::update, statement->relation);
    action.columns = targets_of(statement->targetList);
    find_rows(action, statement->whereClause);
    return statement->relation;
}

// What may hold changes of its own; the server takes them nowhere else.
const WithClause *with_of(Node *node)
{
    switch (nodeTag(node)) {
    case T_InsertStmt:
        return reinterpret_cast<const InsertStmt *>(node)->withClause;
    case T_UpdateStmt:
        return reinterpret_cast<const UpdateStmt *>(node)->withClause;
    case T_DeleteStmt:
        return reinterpret_cast<const DeleteStmt *>(node)->withClause;
    case T_MergeStmt:
        return reinterpret_cast<const MergeStmt *>(node)->withClause;
    case T_SelectStmt:
        return reinterpret_cast<const SelectStmt *>(node)->withClause;
    default:
        return nullptr;
    }
}

} // namespace

void read_relations(ActionReader &reader, Node *statement, const RangeVar *target)
{
    Names names{NIL, NIL, NIL};
    call([&] { collect(statement, &names); });
    const std::vector<migrate::Relation> reads = relations_in(names, target);
    const std::vector<std::string> calls = new_functions(names);
    reader.actions.back().reads = reads;
    reader.actions.back().calls = calls;
}

bool read_query(ActionReader &reader, Node *node)
{
    const RangeVar *target = nullptr;
    const WithClause *with = with_of(node);
    switch (nodeTag(node)) {
    case T_InsertStmt:
        target = read_insert(reader, reinterpret_cast<const InsertStmt *>(node));
        break;
    case T_UpdateStmt:
        target = read_update(reader, reinterpret_cast<const UpdateStmt *>(node));
        break;
    case T_DeleteStmt:
        target = reinterpret_cast<const DeleteStmt *>(node)->relation;
        find_rows(reader.add(ActionKind::delete_rows, target),
                  reinterpret_cast<const DeleteStmt *>(node)->whereClause);
        break;
    case T_MergeStmt:
        target = reinterpret_cast<const MergeStmt *>(node)->relation;
        reader.add(ActionKind::merge, target);
        break;
    case T_SelectStmt:
        if (reinterpret_cast<const SelectStmt *>(node)->intoClause != nullptr)
            return false;
        if (read_set_config(reader, reinterpret_cast<const SelectStmt *>(node)))
            return true;
        reader.add(ActionKind::select);
        break;
    case T_CopyStmt:
        read_copy(reader, reinterpret_cast<const CopyStmt *>(node));
        return true;
    default:
        return false;
    }
    read_relations(reader, node, target);
    read_changes_of_with(reader, with);
    return true;
}

void read_changes_of_with(ActionReader &reader, const WithClause *with)
{
    ListCell *cell;
    foreach (cell, with ? with->ctes : NIL) {
        Node *body = static_cast<const CommonTableExpr *>(lfirst(cell))->ctequery;
        if (IsA(body, SelectStmt))
            continue;
        const std::size_t first = reader.actions.size();
        read_query(reader, body);
        for (std::size_t i = first; i < reader.actions.size(); i++)
            reader.actions[i].in_with = reader.actions[i].enclosed = true;
    }
}

} // namespace migrate::pg
