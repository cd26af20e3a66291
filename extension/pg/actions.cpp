// The tokens and names of a statement, and which function reads it.
// SPDX-License-Identifier: PostgreSQL
#include "pg/actions.h"

#include <algorithm>

#include "core/text.h"
#include "pg/action_reader.h"
#include "pg/boundary.h"
#include "pg/foretelling.h"
#include "pg/role_lock.h"
#include "pg/string_rules.h"
#include "pg/transaction.h"
#include "pg/workspace.h"

extern "C" {
#include "catalog/namespace.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parse_type.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/varlena.h"
}

namespace migrate::pg {

namespace {

RelationKind kind_of(char relkind)
{
    switch (relkind) {
    case RELKIND_RELATION:
        return RelationKind::table;
    case RELKIND_PARTITIONED_TABLE:
        return RelationKind::partitioned_table;
    case RELKIND_INDEX:
        return RelationKind::index;
    case RELKIND_PARTITIONED_INDEX:
        return RelationKind::partitioned_index;
    case RELKIND_VIEW:
        return RelationKind::view;
    case RELKIND_MATVIEW:
        return RelationKind::materialized_view;
    case RELKIND_SEQUENCE:
        return RelationKind::sequence;
    case RELKIND_FOREIGN_TABLE:
        return RelationKind::foreign_table;
    case RELKIND_COMPOSITE_TYPE:
        return RelationKind::composite_type;
    default:
        return RelationKind::unknown;
    }
}

const char *qualified_name_to_come(Oid relation)
{
    return quote_qualified_identifier(get_namespace_name(schema_to_come(relation)),
                                      name_to_come(relation));
}

// Without its schema if it is found so.
const char *short_name_to_come(Oid relation)
{
    char *name = pstrdup(name_to_come(relation));
    return relation_of(makeRangeVar(nullptr, name, -1)) == relation
               ? quote_identifier(name)
               : qualified_name_to_come(relation);
}

std::vector<Token> tokens_in(const std::string &text)
{
    std::vector<Token> tokens;
    Lexer lexer(text);
    for (Token token = lexer.next(); token.code != 0; token = lexer.next())
        tokens.push_back(token);
    return tokens;
}

} // namespace

void read_statement(ActionReader &reader, Node *statement)
{
    switch (nodeTag(statement)) {
    case T_AlterTableStmt:
        return read_alter_table(reader, reinterpret_cast<AlterTableStmt *>(statement));
    case T_CreateStmt:
        return read_create_table(reader, reinterpret_cast<CreateStmt *>(statement));
    case T_IndexStmt:
        return read_index(reader, reinterpret_cast<IndexStmt *>(statement));
    case T_ReindexStmt:
        return read_reindex(reader, reinterpret_cast<ReindexStmt *>(statement));
    case T_DropStmt:
        return read_drop(reader, reinterpret_cast<DropStmt *>(statement));
    case T_RenameStmt:
        return read_rename(reader, reinterpret_cast<RenameStmt *>(statement));
    case T_PrepareStmt:
        return read_prepare(reader, reinterpret_cast<PrepareStmt *>(statement));
    case T_ExecuteStmt:
        return read_execute(reader, reinterpret_cast<ExecuteStmt *>(statement));
    case T_ExplainStmt:
        return read_explain(reader, reinterpret_cast<ExplainStmt *>(statement));
    default:
        if (!read_query(reader, statement))
            read_other(reader, statement);
    }
}

ActionReader::ActionReader(const std::string &statement, NamesToCome &names)
    : text_(statement), tokens_(tokens_in(statement)), names_(names)
{
}

migrate::Action &ActionReader::add(ActionKind kind, const migrate::Relation &relation)
{
    actions.emplace_back();
    actions.back().kind = kind;
    actions.back().relation = relation;
    return actions.back();
}

migrate::Action &ActionReader::add(ActionKind kind, const RangeVar *name)
{
    migrate::Action &action = add(kind, relation_named(name));
    action.unqualified = name != nullptr && name->schemaname == nullptr;
    return action;
}

migrate::Action &ActionReader::add(ActionKind kind, List *qualified_name)
{
    migrate::Action &action = add(kind, relation_named(qualified_name));
    action.unqualified = list_length(qualified_name) == 1;
    return action;
}

std::string ActionReader::word(std::size_t token) const
{
    return token < tokens_.size()
               ? lower_ascii(std::string_view(text_).substr(
                     tokens_[token].begin, tokens_[token].end - tokens_[token].begin))
               : "";
}

std::size_t ActionReader::token_at(std::size_t byte) const
{
    const auto found = std::find_if(tokens_.begin(), tokens_.end(),
                                    [&](const Token &token) { return token.begin >= byte; });
    return static_cast<std::size_t>(found - tokens_.begin());
}

std::string ActionReader::slice(std::size_t begin, std::size_t end) const
{
    if (begin >= end || begin >= tokens_.size())
        return {};
    return text_.substr(tokens_[begin].begin, tokens_[end - 1].end - tokens_[begin].begin);
}

std::size_t ActionReader::behind_group(std::size_t open) const
{
    int depth = 0;
    for (std::size_t i = open; i < tokens_.size(); i++) {
        const int code = tokens_[i].code;
        depth += (code == '(' || code == '[') - (code == ')' || code == ']');
        if (depth == 0)
            return i + 1;
    }
    return tokens_.size();
}

std::size_t ActionReader::find(std::string_view wanted, std::size_t begin, std::size_t end) const
{
    for (std::size_t i = begin; i < end; i++) {
        if (tokens_[i].code == '(' || tokens_[i].code == '[')
            i = behind_group(i) - 1;
        else if (word(i) == wanted)
            return i;
    }
    return end;
}

std::string free_name(Oid schema, const std::string &table, const std::string &addition,
                      const char *label, const NamesToCome &names)
{
    const char *one = table.c_str(), *other = addition.empty() ? nullptr : addition.c_str();
    const std::string first = label;
    // A key has both names; the server looks for other indexes and sequences, or for other constraints, alone.
    const bool relation =
        !first.empty() && first != "check" && first != "fkey" && first != "not_null";
    const bool constraint = first != "idx" && first != "seq";
    std::string name;
    for (int n = first.empty() ? 1 : 0;; n++) {
        const std::string numbered = n == 0 ? first : first + std::to_string(n);
        const char *last = numbered.c_str();
        name = call([&] { return makeObjectName(one, other, last); });
        const char *candidate = name.c_str();
        const std::string key = std::to_string(schema) + "." + name;
        const bool exists = call([&] {
            return (constraint && ConstraintNameExists(candidate, schema)) ||
                   (relation && OidIsValid(relation_in(schema, candidate)));
        });
        if (!names.taken.contains(key) && (!exists || names.freed.contains(key)))
            break;
    }
    return name;
}

std::string ActionReader::choose_name(Oid schema, const std::string &table,
                                      const std::string &addition, const char *label)
{
    std::string name = free_name(schema, table, addition, label, names_);
    take_name(schema, name);
    return name;
}

void ActionReader::take_name(Oid schema, const std::string &name)
{
    const std::string key = std::to_string(schema) + "." + name;
    names_.freed.erase(key);
    names_.taken.insert(key);
}

void ActionReader::free_name_of(Oid schema, const std::string &name)
{
    const std::string key = std::to_string(schema) + "." + name;
    names_.taken.erase(key);
    names_.freed.insert(key);
}

std::string quoted_name(const char *name)
{
    return name ? call([&] { return ::quote_identifier(name); }) : "";
}

std::string quoted_name(const RangeVar *name)
{
    return (name->schemaname ? quoted_name(name->schemaname) + "." : std::string()) +
           quoted_name(name->relname);
}

std::vector<std::string> strings_of(List *names)
{
    std::vector<std::string> all;
    ListCell *cell;
    foreach (cell, names)
        if (lfirst(cell) != nullptr && IsA(lfirst(cell), String))
            all.emplace_back(strVal(lfirst(cell)));
    return all;
}

std::string dotted(List *names)
{
    return call([&] { return NameListToQuotedString(names); });
}

migrate::Relation relation_named(const RangeVar *name)
{
    migrate::Relation found;
    if (name == nullptr)
        return found;
    const Oid id = call([&] { return relation_of(name); });
    if (OidIsValid(id))
        found = describe_relation(id);
    if (found.name.empty())
        found.name = quoted_name(name);
    found.is_temporary = found.is_temporary || name->relpersistence == RELPERSISTENCE_TEMP;
    return found;
}

migrate::Relation relation_named(List *names)
{
    const Oid id = call([&] { return relation_of(names); });
    migrate::Relation found = OidIsValid(id) ? describe_relation(id) : migrate::Relation{};
    if (found.name.empty())
        found.name = dotted(names);
    return found;
}

std::string type_text(const TypeName *type)
{
    if (type == nullptr)
        return {};
    const char *known = call([&]() -> const char * {
        int32 modifier = -1;
        const Type found = LookupTypeName(nullptr, type, &modifier, true);
        if (found == nullptr)
            return nullptr;
        const Oid id = typeTypeId(found);
        ReleaseSysCache(found);
        return format_type_with_typemod(id, modifier);
    });
    return known ? known : call([&] { return TypeNameToString(type); });
}

std::string column_type(Oid relation, const char *column)
{
    const char *type = call([&]() -> const char * {
        const AttrNumber number = get_attnum(relation, column);
        Oid id, collation;
        int32 modifier;
        if (number <= 0)
            return "";
        get_atttypetypmodcoll(relation, number, &id, &modifier, &collation);
        return format_type_with_typemod(id, modifier);
    });
    return type;
}

Oid schema_of_new(const RangeVar *name)
{
    return call([&]() -> Oid {
        const Oid relation = relation_of(name);
        if (OidIsValid(relation))
            return schema_to_come(relation);
        if (name->schemaname != nullptr)
            return get_namespace_oid(name->schemaname, true);
        List *path = fetch_search_path(false);
        return path != NIL ? linitial_oid(path) : InvalidOid;
    });
}

std::vector<std::string> schemas_in_path(const std::set<std::string> &made)
{
    List *written = call([]() -> List * {
        List *names;
        return SplitIdentifierString(pstrdup(namespace_search_path), ',', &names) ? names : NIL;
    });
    std::vector<std::string> schemas;
    ListCell *cell;
    foreach (cell, written) {
        const char *name = static_cast<const char *>(lfirst(cell));
        const bool own = strcmp(name, "$user") == 0;
        const bool there = call([&] {
            if (own)
                name = GetUserNameFromId(GetUserId(), false);
            return OidIsValid(get_namespace_oid(name, true));
        });
        const std::string quoted = quoted_name(name);
        if (there || made.contains(quoted))
            schemas.push_back(quoted);
    }
    return schemas;
}

migrate::Relation describe_relation(ObjectId id)
{
    migrate::Relation relation;
    FormData_pg_class copy;
    const bool there = call([&] {
        const Form_pg_class row = class_of(id);
        if (row != nullptr)
            copy = *row;
        return row != nullptr;
    });
    if (!there)
        return relation;
    relation.id = id;
    relation.name = call([&] { return short_name_to_come(id); });
    relation.qualified = call([&] { return qualified_name_to_come(id); });
    relation.is_renamed = will_be_renamed(id);
    relation.kind = kind_of(copy.relkind);
    relation.is_partition = copy.relispartition;
    relation.has_children = copy.relhassubclass;
    relation.is_temporary = copy.relpersistence == RELPERSISTENCE_TEMP;
    relation.bytes = call([&] { return bytes_of(id); });
    relation.rows = call([&] { return rows_of(id); });
    return relation;
}

std::vector<migrate::Action> actions_of(const std::string &statement, NamesToCome &names)
{
    const RoleLock lock;
    std::vector<migrate::Action> actions;
    const NamesInForce as_then(names);
    Workspace workspace;
    const StringRules quiet;
    const char *text = statement.c_str();
    List *trees = NIL;
    if (!attempt_parsing(
            [&] { trees = call([&] { return raw_parser(text, RAW_PARSE_DEFAULT); }); }) &&
        list_length(trees) == 1) {
        // What is wrong with it the server says when it is run; what was read until then stays.
        ActionReader reader(statement, names);
        attempt([&] { read_statement(reader, linitial_node(RawStmt, trees)->stmt); });
        actions = std::move(reader.actions);
    }
    workspace.close();
    return actions;
}

} // namespace migrate::pg
