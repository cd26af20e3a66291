// SPDX-License-Identifier: PostgreSQL
#include "engine/attach.h"

#include "core/identifier.h"
#include "pg/actions.h"
#include "pg/parser.h"
#include "pg/query.h"

namespace migrate {

namespace {

using online::Part;

// Of the parent's index: its definition, the names of its columns, its constraint.
struct IndexOfParent
{
    std::string definition, constraint; // "PRIMARY KEY", "UNIQUE" or empty
    std::vector<std::string> columns;
    bool deferrable = false, deferred = false;
};

IndexOfParent describe(pg::ObjectId index)
{
    const std::vector<pg::Row> rows = pg::query(
        "SELECT pg_get_indexdef($1::oid), (SELECT array_agg(a.attname ORDER BY a.attnum)::text"
        " FROM pg_attribute a WHERE a.attrelid = $1::oid), c.contype, c.condeferrable,"
        " c.condeferred FROM (SELECT) AS one LEFT JOIN pg_constraint c"
        " ON c.conindid = $1::oid AND c.contype IN ('p', 'u', 'x')",
        {std::to_string(index)});
    IndexOfParent found;
    const pg::Row &row = rows.at(0);
    found.definition = row[0].value_or("");
    found.columns = pg::read_array(row[1].value_or("{}"));
    if (row[2])
        found.constraint = *row[2] == "p" ? "PRIMARY KEY" : *row[2] == "u" ? "UNIQUE" : "EXCLUDE";
    found.deferrable = row[3] == "t";
    found.deferred = row[4] == "t";
    return found;
}

void add_index(const Action &action, const IndexOfParent &index, std::vector<Part> &parts)
{
    const char *label = index.constraint == "PRIMARY KEY" ? "pkey"
                        : index.constraint.empty()        ? "idx"
                                                          : "key";
    const std::string name = pg::index_name_on(
        action.partition.id,
        index.constraint == "PRIMARY KEY" ? std::vector<std::string>{} : index.columns, label);
    const std::string quoted = quote_identifier(name);
    const std::string &table = action.partition.qualified;
    Part build;
    build.statements = {
        pg::rewrite_create_index(index.definition, quoted, table, pg::IndexBuild::concurrently)};
    build.undo = {"DROP INDEX CONCURRENTLY IF EXISTS " +
                  table.substr(0, table.rfind(quote_identifier(bare_name(table)))) + quoted};
    parts.push_back(build);
    if (index.constraint.empty())
        return;
    Part constraint;
    constraint.statements = {"ALTER TABLE " + table + " ADD CONSTRAINT " + quoted + " " +
                             index.constraint + " USING INDEX " + quoted +
                             (index.deferrable ? " DEFERRABLE" : "") +
                             (index.deferred ? " INITIALLY DEFERRED" : "")};
    constraint.undo = {"ALTER TABLE " + table + " DROP CONSTRAINT IF EXISTS " + quoted};
    parts.push_back(constraint);
}

// Those of the parent that the partition has not got by itself.
void add_foreign_keys(const Action &action, std::vector<Part> &parts)
{
    const std::string &table = action.partition.qualified;
    for (const pg::Row &row :
         pg::query("SELECT quote_ident(k.conname), pg_get_constraintdef(k.oid)"
                   " FROM pg_constraint k LEFT JOIN pg_constraint p ON p.oid = k.conparentid"
                   " WHERE k.conrelid = $1::oid AND k.contype = 'f' AND k.convalidated"
                   " AND p.conrelid IS DISTINCT FROM k.conrelid"
                   " AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conrelid = $2::oid"
                   " AND o.contype = 'f' AND o.confrelid = k.confrelid"
                   " AND pg_get_constraintdef(o.oid) = pg_get_constraintdef(k.oid))"
                   " AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conrelid = $2::oid"
                   " AND o.conname = k.conname) ORDER BY k.oid",
                   {std::to_string(action.relation.id), std::to_string(action.partition.id)})) {
        Part add, prove;
        add.statements = {"ALTER TABLE " + table + " ADD CONSTRAINT " + *row[0] + " " + *row[1] +
                          " NOT VALID"};
        add.undo = {"ALTER TABLE " + table + " DROP CONSTRAINT IF EXISTS " + *row[0]};
        prove.statements = {"ALTER TABLE " + table + " VALIDATE CONSTRAINT " + *row[0]};
        parts.push_back(add);
        parts.push_back(prove);
    }
}

} // namespace

std::vector<Part> attach_preparations(const Action &action)
{
    std::vector<Part> parts;
    if (action.partition.kind != RelationKind::table || action.relation.id == 0)
        return parts;
    for (const pg::ObjectId id : pg::missing_indexes(action.relation.id, action.partition.id)) {
        const IndexOfParent index = describe(id);
        if (index.constraint != "EXCLUDE")
            add_index(action, index, parts);
    }
    add_foreign_keys(action, parts);
    return parts;
}

} // namespace migrate
