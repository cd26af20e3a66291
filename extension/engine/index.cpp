// SPDX-License-Identifier: PostgreSQL
#include "engine/index.h"

#include <vector>

#include "core/error.h"
#include "engine/index_definition.h"
#include "engine/index_partitioned.h"
#include "pg/catalog.h"
#include "pg/execute.h"
#include "pg/parser.h"
#include "pg/query.h"
#include "pg/report.h"
#include "pg/transaction.h"
#include "pg/waitpoint.h"

namespace migrate {

namespace {

// What CREATE INDEX says after the table's name: all of the definition but uniqueness and names.
constexpr const char *definition_sql =
    "SELECT substr(pg_get_indexdef(i.indexrelid), char_length(format('CREATE %sINDEX %I ON "
    "%s%s.%I',"
    " CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END, c.relname,"
    " CASE WHEN c.relkind = 'I' THEN 'ONLY ' ELSE '' END,"
    " CASE WHEN t.relnamespace = pg_my_temp_schema() THEN 'pg_temp' ELSE quote_ident(n.nspname) "
    "END,"
    " t.relname)) + 1) || i.indisunique || c.reltablespace"
    " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid"
    " JOIN pg_namespace n ON n.oid = t.relnamespace WHERE i.indexrelid = $1::oid";

} // namespace

std::string definition_of(const std::string &index)
{
    const std::vector<pg::Row> rows = pg::query(definition_sql, {index});
    return rows.empty() ? "" : rows[0][0].value_or("");
}

std::string qualified_name(const std::string &relation)
{
    return *pg::query("SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c"
                      " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid",
                      {relation})[0][0];
}

std::string definition_wanted(const Statement &statement, const std::string &table)
{
    std::string definition;
    pg::attempt([&] {
        pg::command("CREATE TEMP TABLE migrate_probe (LIKE " + qualified_name(table) + ")");
        pg::execute_own(pg::rewrite_create_index(statement.text, "migrate_probe_index",
                                                 "pg_temp.migrate_probe", pg::IndexBuild::plain),
                        {}, pg::Level::nested);
        definition = definition_of(
            *pg::query("SELECT 'pg_temp.migrate_probe_index'::regclass::oid::text")[0][0]);
        throw Error("", "undo"); // caught by attempt(): nothing of the probe stays
    });
    return definition;
}

std::vector<pg::Row> new_indexes(const std::string &before)
{
    if (before.empty())
        return {};
    return pg::query(
        "SELECT i.indexrelid::text, i.indisvalid::text, c.relname, i.indrelid::text, c.relkind"
        " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indrelid = to_regclass(($1::text[])[1])"
        " AND NOT c.relname::text = ANY (($1::text[])[2:])",
        {before});
}

std::string index_name(const Statement &statement)
{
    return statement.object.empty()
               ? ""
               : *pg::query("SELECT (parse_ident($1))[1]", {statement.object})[0][0];
}

namespace {

class IndexBuilder
{
public:
    IndexBuilder(const NumberedStatement &statement, const std::string &before,
                 const AloneRunner &runner)
        : statement_(statement.statement), before_(before), runner_(runner)
    {
    }
    void build();

private:
    std::vector<std::string> leftovers();
    void drop(const std::string &index_name);

    const Statement &statement_;
    const std::string &before_;
    const AloneRunner &runner_;
    std::string table_;
};

// INVALID indexes that are in the way, as qualified names.
std::vector<std::string> IndexBuilder::leftovers()
{
    std::vector<std::string> names;
    for (const pg::Row &row : new_indexes(before_))
        if (*row[1] == "false")
            names.push_back(qualified_name(*row[0]));
    if (statement_.object.empty())
        return names;
    for (const pg::Row &row :
         pg::query("SELECT i.indexrelid::text, i.indrelid = t.oid, p.pid::text FROM pg_class t"
                   " JOIN pg_class c ON c.relnamespace = t.relnamespace AND c.relname = $2"
                   " JOIN pg_index i ON i.indexrelid = c.oid"
                   " LEFT JOIN pg_stat_progress_create_index p ON p.index_relid = i.indexrelid"
                   " WHERE t.oid = $1::oid AND NOT i.indisvalid AND c.relkind = 'i'",
                   {table_, index_name(statement_)})) {
        const std::string name = qualified_name(*row[0]);
        if (row[2])
            throw Error(sqlstate::prerequisite_state, "index " + name + " is being built",
                        "Process " + *row[2] + " is building it.", "Wait for it to end.");
        if (*row[1] != "t" || definition_of(*row[0]) != definition_wanted(statement_, table_))
            throw Error(
                sqlstate::prerequisite_state,
                "an invalid index named " + name + " with another definition is in the way", "",
                "Drop it with DROP INDEX CONCURRENTLY " + name + ", or choose another name.");
        names.push_back(name);
    }
    return names;
}

void IndexBuilder::drop(const std::string &index)
{
    runner_.top_level("DROP INDEX CONCURRENTLY IF EXISTS " + index);
    pg::waitpoint(pg::Waitpoint::leftover_dropped);
}

void IndexBuilder::build()
{
    std::vector<std::string> invalid;
    bool partitioned = false;
    runner_.transaction([&] {
        table_ = std::to_string(pg::relation_id(statement_.relation));
        if (table_ == "0")
            return; // the statement itself says so
        invalid = leftovers();
        partitioned =
            !pg::query("SELECT 1 FROM pg_class WHERE oid = $1::oid AND relkind = 'p'", {table_})
                 .empty();
    });
    if (!partitioned)
        for (const std::string &index : invalid) {
            pg::notice("dropping invalid index " + index + ", left by an interrupted build");
            drop(index);
        }
    if (partitioned)
        build_partitioned_index(statement_, table_, runner_);
    else
        runner_.top_level(statement_.text);
}

} // namespace

// By name: a dump carries the note to where everything has another OID.
std::string indexes_now(const Statement &statement)
{
    const std::vector<pg::Row> rows =
        pg::query("SELECT ARRAY[format('%I.%I', n.nspname, t.relname)] ||"
                  " ARRAY(SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid ="
                  " i.indexrelid WHERE i.indrelid = t.oid OR i.indrelid IN (SELECT p.relid FROM"
                  " pg_partition_tree(t.oid) p) ORDER BY 1)"
                  " FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace"
                  " WHERE t.oid = $1::oid",
                  {std::to_string(pg::relation_id(statement.relation))});
    return rows.empty() ? "" : rows[0][0].value_or("");
}

void build_index(const NumberedStatement &statement, const std::string &before,
                 const AloneRunner &runner)
{
    try {
        IndexBuilder(statement, before, runner).build();
    } catch (const Error &error) {
        if (error.sqlstate != sqlstate::query_canceled)
            drop_invalid_since(statement.statement, before, runner);
        throw;
    }
}

bool index_was_built(const NumberedStatement &numbered, const std::string &before)
{
    const Statement &statement = numbered.statement;
    const std::string name = index_name(statement);
    for (const pg::Row &row : new_indexes(before))
        if (*row[1] == "true" && (name.empty() || *row[2] == name) &&
            definition_of(*row[0]) == definition_wanted(statement, *row[3]))
            return true;
    return false;
}

void drop_invalid_since(const Statement &statement, const std::string &before,
                        const AloneRunner &runner)
{
    std::vector<std::string> names;
    runner.transaction([&] {
        names = leaf_indexes_since(statement, before);
        for (const pg::Row &row : new_indexes(before))
            if (*row[1] == "false" && *row[4] == "i")
                names.push_back(qualified_name(*row[0]));
    });
    for (const std::string &name : names)
        runner.top_level("DROP INDEX CONCURRENTLY IF EXISTS " + name);
}

} // namespace migrate
