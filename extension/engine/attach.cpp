// SPDX-License-Identifier: PostgreSQL
#include "engine/attach.h"

#include "core/identifier.h"
#include "engine/leaves.h"
#include "pg/parser.h"
#include "pg/partitions.h"
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
    bool possible = true;
};

// A definition says nothing of the tablespace, and a primary key over what may be null is refused as it is.
IndexOfParent describe(pg::ObjectId index, const Action &action)
{
    const std::vector<pg::Row> rows = pg::query(
        "SELECT pg_get_indexdef(i.indexrelid), (SELECT array_agg(a.attname ORDER BY a.attnum)::text"
        " FROM pg_attribute a WHERE a.attrelid = i.indexrelid), c.contype, c.condeferrable,"
        " c.condeferred, r.reltablespace = 0 AND c.contype IS DISTINCT FROM 'x'"
        " AND NOT (i.indisprimary AND EXISTS (SELECT FROM pg_attribute o JOIN pg_attribute a"
        " ON a.attrelid = i.indrelid AND a.attname = o.attname WHERE o.attrelid = $2::oid"
        " AND NOT o.attnotnull AND a.attnum = ANY (i.indkey)))"
        " FROM pg_index i JOIN pg_class r ON r.oid = i.indexrelid LEFT JOIN pg_constraint c"
        " ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x')"
        " WHERE i.indexrelid = $1::oid",
        {std::to_string(index), std::to_string(action.partition.id)});
    IndexOfParent found;
    const pg::Row &row = rows.at(0);
    found.definition = row[0].value_or("");
    found.columns = pg::read_array(row[1].value_or("{}"));
    if (row[2])
        found.constraint = *row[2] == "p" ? "PRIMARY KEY" : "UNIQUE";
    found.deferrable = row[3] == "t";
    found.deferred = row[4] == "t";
    found.possible = row[5] == "t";
    return found;
}

// Without the table's own name: "app.", or nothing.
std::string schema_prefix(const std::string &table)
{
    return table.substr(0, table.size() - quote_identifier(bare_name(table)).size());
}

void add_index(const Action &action, const IndexOfParent &index, pg::NamesToCome &names,
               std::vector<Part> &parts)
{
    const bool primary = index.constraint == "PRIMARY KEY";
    const char *label = primary ? "pkey" : index.constraint.empty() ? "idx" : "key";
    const std::string quoted = quote_identifier(pg::index_name_on(
        action.partition.id, primary ? std::vector<std::string>{} : index.columns, label, names));
    const std::string &table = action.partition.qualified;
    Part build;
    build.statements = {
        pg::rewrite_create_index(index.definition, quoted, table, pg::IndexBuild::concurrently)};
    build.undo = {"DROP INDEX CONCURRENTLY IF EXISTS " + schema_prefix(table) + quoted};
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

void add_foreign_key(const Action &action, const std::string &name, const std::string &definition,
                     std::vector<Part> &parts)
{
    const std::string &table = action.partition.qualified;
    Part add, prove;
    add.statements = {"ALTER TABLE " + table + " ADD CONSTRAINT " + name + " " + definition +
                      " NOT VALID"};
    add.undo = {"ALTER TABLE " + table + " DROP CONSTRAINT IF EXISTS " + name};
    prove.statements = {"ALTER TABLE " + table + " VALIDATE CONSTRAINT " + name};
    parts.push_back(add);
    parts.push_back(prove);
}

// Those of the parent that the partition has not got by itself.
void add_foreign_keys(const Action &action, pg::NamesToCome &names, std::vector<Part> &parts)
{
    for (const pg::Row &row : pg::query(
             "SELECT k.conname, pg_get_constraintdef(k.oid), k.confrelid::text, k.confupdtype,"
             " k.confdeltype, k.confmatchtype, k.condeferrable, k.condeferred,"
             " (SELECT array_agg(a.attname ORDER BY c.n)::text FROM pg_attribute a,"
             " unnest(k.conkey) WITH ORDINALITY AS c (number, n)"
             " WHERE a.attrelid = k.conrelid AND a.attnum = c.number),"
             " (SELECT array_agg(a.attname ORDER BY c.n)::text FROM pg_attribute a,"
             " unnest(k.confkey) WITH ORDINALITY AS c (number, n)"
             " WHERE a.attrelid = k.confrelid AND a.attnum = c.number)"
             " FROM pg_constraint k LEFT JOIN pg_constraint p ON p.oid = k.conparentid"
             " WHERE k.conrelid = $1::oid AND k.contype = 'f' AND k.convalidated"
             " AND p.conrelid IS DISTINCT FROM k.conrelid ORDER BY k.oid",
             {std::to_string(action.relation.id)})) {
        ForeignKeyLike wanted{
            *row[2],       pg::read_array(*row[8]), pg::read_array(*row[9]), row[3]->at(0),
            row[4]->at(0), row[5]->at(0),           row[6] == "t",           row[7] == "t"};
        if (!has_foreign_key_like(std::to_string(action.partition.id), wanted))
            add_foreign_key(action,
                            quote_identifier(pg::foreign_key_name_on(action.partition.id, *row[0],
                                                                     wanted.columns, names)),
                            *row[1], parts);
    }
}

// Columns, NOT NULL or CHECKs are missing there: the server refuses, and nothing has to be prepared.
bool will_be_refused(const Action &action)
{
    return !pg::query("SELECT 1 FROM (SELECT * FROM pg_attribute"
                      " WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped) p"
                      " FULL JOIN (SELECT * FROM pg_attribute"
                      " WHERE attrelid = $2::oid AND attnum > 0 AND NOT attisdropped) c"
                      " USING (attname) WHERE p.atttypid IS DISTINCT FROM c.atttypid"
                      " OR p.atttypmod <> c.atttypmod OR p.attcollation <> c.attcollation"
                      " OR p.attnotnull AND NOT c.attnotnull"
                      " UNION ALL SELECT 1 FROM pg_constraint p WHERE p.conrelid = $1::oid"
                      " AND p.contype = 'c' AND NOT p.connoinherit AND NOT EXISTS (SELECT FROM"
                      " pg_constraint c WHERE c.conrelid = $2::oid AND c.contype = 'c'"
                      " AND c.conname = p.conname)",
                      {std::to_string(action.relation.id), std::to_string(action.partition.id)})
                .empty();
}

} // namespace

std::optional<std::vector<Part>> attach_preparations(const Action &action, pg::NamesToCome &names)
{
    std::vector<Part> parts;
    const bool table = action.partition.kind == RelationKind::table;
    if ((!table && action.partition.kind != RelationKind::partitioned_table) ||
        action.relation.id == 0 || action.partition.is_partition)
        return parts;
    if (will_be_refused(action))
        return std::nullopt;
    for (const pg::ObjectId id : pg::missing_indexes(action.relation.id, action.partition.id)) {
        const IndexOfParent index = describe(id, action);
        // Keys of a partitioned table are left to the server.
        if (index.possible && (table || index.constraint.empty()))
            add_index(action, index, names, parts);
    }
    if (table)
        add_foreign_keys(action, names, parts);
    return parts;
}

} // namespace migrate
