// SPDX-License-Identifier: PostgreSQL
#include "engine/index.h"

#include <map>
#include <vector>

#include "core/error.h"
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

std::string definition_of(const std::string &index)
{
    const std::vector<pg::Row> rows = pg::query(definition_sql, {index});
    return rows.empty() ? "" : rows[0][0].value_or("");
}

std::string qualified(const std::string &relation)
{
    return *pg::query("SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c"
                      " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid",
                      {relation})[0][0];
}

// The definition that the statement would make, tried on an empty table of the same shape which is gone
// again afterwards.  Empty if that cannot be told.
std::string definition_wanted(const Statement &statement, const std::string &table)
{
    std::string definition;
    pg::attempt([&] {
        pg::command("CREATE TEMP TABLE migrate_probe (LIKE " + qualified(table) + ")");
        pg::execute_own(pg::rewrite_create_index(statement.text, "migrate_probe_index",
                                                 "pg_temp.migrate_probe", pg::IndexBuild::plain),
                        {}, pg::Level::nested);
        definition = definition_of(
            *pg::query("SELECT 'pg_temp.migrate_probe_index'::regclass::oid::text")[0][0]);
        throw Error("", "undo"); // caught by attempt(): nothing of the probe stays
    });
    return definition;
}

// Indexes of the noted table that are not in the note.
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

// The unfinished index of a partitioned table, with what was built for it on its leaves and is not
// attached yet: only what was not there before, and only of its definition.  False if there is none.
bool drop_partitioned_since(const std::string &before)
{
    std::string root;
    for (const pg::Row &row : new_indexes(before))
        if (*row[1] == "false" && *row[4] == "I")
            root = *row[0];
    if (root.empty())
        return false;
    const std::string definition = definition_of(root);
    std::vector<std::string> names = {qualified(root)};
    for (const pg::Row &row : pg::query(
             "SELECT i.indexrelid::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
             " WHERE i.indrelid IN (SELECT p.relid FROM"
             " pg_partition_tree(to_regclass(($1::text[])[1])) p)"
             " AND NOT c.relispartition AND i.indexrelid <> $2::oid"
             " AND NOT c.relname::text = ANY (($1::text[])[2:])",
             {before, root}))
        if (definition_of(*row[0]) == definition)
            names.push_back(qualified(*row[0]));
    for (const std::string &name : names)
        pg::command("DROP INDEX " + name);
    return true;
}

std::string index_name(const Statement &statement)
{
    return statement.object.empty()
               ? ""
               : *pg::query("SELECT (parse_ident($1))[1]", {statement.object})[0][0];
}

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
    void build_partitioned();
    std::string make_root();
    std::string child_index(const std::string &parent_index, const std::string &relation,
                            bool leaf);
    std::string build_leaf(const std::string &relation);
    std::string indexes_of(const std::string &relation);
    std::string new_index(const std::string &relation, const std::string &before);

    const Statement &statement_;
    const std::string &before_;
    const AloneRunner &runner_;
    std::string table_;
    std::string wanted_; // definition of the partitioned table's index
};

// INVALID indexes that are in the way, as qualified names.
std::vector<std::string> IndexBuilder::leftovers()
{
    std::vector<std::string> names;
    for (const pg::Row &row : new_indexes(before_))
        if (*row[1] == "false")
            names.push_back(qualified(*row[0]));
    if (statement_.object.empty())
        return names;
    for (const pg::Row &row :
         pg::query("SELECT i.indexrelid::text, i.indrelid = t.oid, p.pid::text FROM pg_class t"
                   " JOIN pg_class c ON c.relnamespace = t.relnamespace AND c.relname = $2"
                   " JOIN pg_index i ON i.indexrelid = c.oid"
                   " LEFT JOIN pg_stat_progress_create_index p ON p.index_relid = i.indexrelid"
                   " WHERE t.oid = $1::oid AND NOT i.indisvalid AND c.relkind = 'i'",
                   {table_, index_name(statement_)})) {
        const std::string name = qualified(*row[0]);
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
        build_partitioned();
    else
        runner_.top_level(statement_.text);
}

// The index of the partitioned table itself: made without its leaves, valid when all are attached.
std::string IndexBuilder::make_root()
{
    std::string root;
    for (const pg::Row &row : new_indexes(before_))
        root = *row[0];
    if (!root.empty())
        return root;
    const std::string there = indexes_of(table_);
    pg::execute_own(pg::rewrite_create_index(statement_.text, statement_.object, qualified(table_),
                                             pg::IndexBuild::only),
                    {runner_.migration, 1}, pg::Level::top);
    return new_index(table_, there);
}

std::string IndexBuilder::indexes_of(const std::string &relation)
{
    return *pg::query("SELECT array_agg(indexrelid)::text FROM (SELECT indexrelid FROM pg_index"
                      " WHERE indrelid = $1::oid UNION ALL SELECT 0) i",
                      {relation})[0][0];
}

// The index that came up since, of the statement's definition if others did as well.
std::string IndexBuilder::new_index(const std::string &relation, const std::string &before)
{
    std::string found;
    for (const pg::Row &row : pg::query("SELECT indexrelid::text FROM pg_index WHERE indrelid = "
                                        "$1::oid AND indexrelid <> ALL ($2::oid[])",
                                        {relation, before}))
        if (found.empty() || (!wanted_.empty() && definition_of(*row[0]) == wanted_))
            found = *row[0];
    if (found.empty())
        throw Error(sqlstate::prerequisite_state, "the index that was just built is not there", "",
                    "Another session dropped it; run migrate.apply() again.");
    return found;
}

std::string IndexBuilder::build_leaf(const std::string &relation)
{
    std::string done, name, there;
    std::vector<std::string> invalid;
    runner_.transaction([&] {
        invalid.clear();
        name = qualified(relation);
        for (const pg::Row &row : pg::query(
                 "SELECT i.indexrelid::text, i.indisvalid FROM pg_index i JOIN pg_class c"
                 " ON c.oid = i.indexrelid WHERE i.indrelid = $1::oid AND NOT c.relispartition",
                 {relation})) {
            if (definition_of(*row[0]) != wanted_)
                continue;
            if (*row[1] == "t")
                done = *row[0];
            else
                invalid.push_back(qualified(*row[0]));
        }
        there = indexes_of(relation);
    });
    for (const std::string &index : invalid)
        drop(index);
    if (!done.empty())
        return done;
    runner_.top_level(
        pg::rewrite_create_index(statement_.text, "", name, pg::IndexBuild::concurrently));
    pg::waitpoint(pg::Waitpoint::leaf_built);
    runner_.transaction([&] { done = new_index(relation, there); });
    return done;
}

// The index of one partition, attached to its parent's; made if it is not there.
std::string IndexBuilder::child_index(const std::string &parent_index, const std::string &relation,
                                      bool leaf)
{
    std::string index;
    runner_.transaction([&] {
        const std::vector<pg::Row> attached =
            pg::query("SELECT h.inhrelid::text FROM pg_inherits h JOIN pg_index i ON i.indexrelid "
                      "= h.inhrelid"
                      " WHERE h.inhparent = $1::oid AND i.indrelid = $2::oid",
                      {parent_index, relation});
        if (!attached.empty())
            index = *attached[0][0];
        else if (!leaf) {
            const std::string there = indexes_of(relation);
            pg::execute_own(pg::rewrite_create_index(statement_.text, "", qualified(relation),
                                                     pg::IndexBuild::only),
                            {runner_.migration, 1}, pg::Level::top);
            index = new_index(relation, there);
            pg::command("ALTER INDEX " + qualified(parent_index) + " ATTACH PARTITION " +
                        qualified(index));
        }
    });
    if (!index.empty())
        return index;
    index = build_leaf(relation);
    runner_.transaction([&] {
        pg::command("ALTER INDEX " + qualified(parent_index) + " ATTACH PARTITION " +
                    qualified(index));
    });
    return index;
}

void IndexBuilder::build_partitioned()
{
    std::vector<pg::Row> relations;
    std::map<std::string, std::string> index_of;
    bool exists = false;
    runner_.transaction([&] {
        if (statement_.if_exists && !statement_.object.empty())
            exists =
                !pg::query(
                     "SELECT 1 FROM pg_class t JOIN pg_class c ON c.relnamespace = t.relnamespace"
                     " JOIN pg_index i ON i.indexrelid = c.oid"
                     " WHERE t.oid = $1::oid AND c.relname = $2 AND i.indisvalid",
                     {table_, index_name(statement_)})
                     .empty();
        relations = pg::query(
            "SELECT t.relid::oid::text, t.parentrelid::oid::text, t.isleaf, c.relkind"
            " FROM pg_partition_tree($1::oid::regclass) t JOIN pg_class c ON c.oid = t.relid"
            " WHERE t.level > 0 ORDER BY t.level, t.relid",
            {table_});
        if (!exists) {
            index_of[table_] = make_root();
            wanted_ = definition_of(index_of[table_]);
        }
    });
    if (exists) {
        pg::notice("index " + statement_.object + " already exists, skipping");
        return;
    }
    for (const pg::Row &row : relations)
        if (*row[3] != "f") // foreign partitions have no indexes here
            index_of[*row[0]] = child_index(index_of[*row[1]], *row[0], *row[2] == "t");
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

void drop_invalid_since(const Statement &, const std::string &before, const AloneRunner &runner)
{
    std::vector<std::string> names;
    runner.transaction([&] {
        names.clear();
        if (drop_partitioned_since(before))
            return;
        for (const pg::Row &row : new_indexes(before))
            if (*row[1] == "false")
                names.push_back(qualified(*row[0]));
    });
    for (const std::string &name : names)
        runner.top_level("DROP INDEX CONCURRENTLY IF EXISTS " + name);
}

} // namespace migrate
