// Keys and foreign keys: what they need of the relations that they are about.
// SPDX-License-Identifier: PostgreSQL
#include <algorithm>

#include "pg/action_reader.h"
#include "pg/boundary.h"
#include "pg/foretell_alter.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_index.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

namespace {

using migrate::Action;

// Empty where there is no such column yet.
std::vector<std::string> types_of(const migrate::Relation &relation,
                                  const std::vector<std::string> &columns)
{
    std::vector<std::string> types;
    for (const std::string &column : columns)
        types.push_back(relation.id != 0 ? column_type(relation.id, column.c_str()) : "");
    return types;
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

void read_used_index(Action &action, const char *index)
{
    const Oid table = action.relation.id;
    const Oid id =
        OidIsValid(table) ? call([&] { return relation_in(schema_to_come(table), index); }) : table;
    action.new_name = index;
    if (OidIsValid(id))
        action.columns = key_columns_of(id);
}

} // namespace

std::vector<std::string> key_columns_of(Oid index)
{
    List *names = call([&] {
        List *found = NIL;
        HeapTuple row = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
        if (!HeapTupleIsValid(row))
            return found;
        const auto *key = reinterpret_cast<Form_pg_index>(GETSTRUCT(row));
        for (int i = 0; i < key->indnkeyatts; i++) {
            const AttrNumber number = key->indkey.values[i];
            char *name = number > 0 ? get_attname(key->indrelid, number, true) : nullptr;
            found = lappend(found, makeString(name ? name : pstrdup("")));
        }
        ReleaseSysCache(row);
        return found;
    });
    return strings_of(names);
}

std::vector<std::string> nullable_of(Oid relation, const std::vector<std::string> &columns)
{
    std::vector<std::string> nullable;
    for (const std::string &column : columns) {
        const char *name = column.c_str();
        const bool proven =
            OidIsValid(relation) && call([&] {
                return get_attnum(relation, name) > 0 && is_proven_not_null(relation, name);
            });
        if (!proven)
            nullable.push_back(column);
    }
    return nullable;
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
    action.column_types = types_of(action.relation, action.columns);
    action.referenced_types = types_of(action.referenced, action.referenced_columns);
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
        read_used_index(action, constraint->indexname);
    if (constraint->contype == CONSTR_PRIMARY)
        action.nullable_columns =
            of_column ? action.columns : nullable_of(action.relation.id, action.columns);
    // What an index of the same says: columns, INCLUDE, NULLS NOT DISTINCT, WITH.
    read_index_clauses(reader, action, constraint, begin, end, of_column);
}

} // namespace migrate::pg
