// SPDX-License-Identifier: PostgreSQL
#include "engine/index_partitioned.h"

#include <functional>
#include <optional>
#include <set>

#include "core/identifier.h"
#include "engine/index_definition.h"
#include "pg/actions.h"
#include "pg/execute.h"
#include "pg/names_to_come.h"
#include "pg/parser.h"
#include "pg/partitions.h"
#include "pg/report.h"
#include "pg/transaction.h"
#include "pg/waitpoint.h"

namespace migrate {

namespace {

// The statement's index on the partitioned table alone, made for as long as `look` takes; then it was never there.
void with_index_of_root(const Statement &statement, const std::string &name,
                        const std::string &table, const pg::Place &place,
                        const std::function<void(const std::string &)> &look)
{
    bool done = false;
    const std::optional<Error> failure = pg::attempt([&] {
        const auto indexes = [&] {
            return pg::query("SELECT indexrelid::text FROM pg_index WHERE indrelid = $1::oid"
                             " ORDER BY indexrelid DESC",
                             {table});
        };
        std::set<std::string> there;
        for (const pg::Row &row : indexes())
            there.insert(*row[0]);
        pg::execute_own(pg::rewrite_create_index(statement.text, name, qualified_name(table),
                                                 pg::IndexBuild::only),
                        place, pg::Level::nested);
        for (const pg::Row &row : indexes())
            if (!there.contains(*row[0]))
                look(*row[0]);
        done = true;
        throw Error("", "undo"); // caught by attempt(): nothing of it stays
    });
    if (!done)
        throw *failure;
}

struct Leaf
{
    std::string table;                // qualified
    std::string name;                 // of its index
    std::vector<std::string> invalid; // left by an interrupted build
    bool built = false;
};

// What is to be built, in the server's order.
class LeafPlan
{
public:
    explicit LeafPlan(const std::string &root_index);
    void search(pg::ObjectId parent);

    std::vector<Leaf> leaves;

private:
    void look_at(pg::ObjectId relation, const std::vector<pg::IndexMatch> &matches);

    pg::ObjectId root_index_;
    std::string definition_;
    std::vector<std::string> columns_;
    pg::NamesToCome names_;
};

LeafPlan::LeafPlan(const std::string &root_index)
    : root_index_(static_cast<pg::ObjectId>(std::stoul(root_index))),
      definition_(definition_of(root_index)),
      columns_(pg::read_array(*pg::query("SELECT array_agg(attname ORDER BY attnum)::text"
                                         " FROM pg_attribute WHERE attrelid = $1::oid",
                                         {root_index})[0][0]))
{
}

void LeafPlan::look_at(pg::ObjectId relation, const std::vector<pg::IndexMatch> &matches)
{
    Leaf leaf;
    for (const pg::IndexMatch &match : matches) {
        const std::string index = std::to_string(match.index);
        if (match.valid)
            leaf.built = true;
        else if (definition_of(index) == definition_)
            leaf.invalid.push_back(qualified_name(index));
    }
    leaf.table = qualified_name(std::to_string(relation));
    if (!leaf.built)
        leaf.name = quote_identifier(pg::index_name_on(relation, columns_, "idx", names_));
    leaves.push_back(std::move(leaf));
}

// A level that has an index already brings those of its partitions.
void LeafPlan::search(pg::ObjectId parent)
{
    for (const pg::ObjectId id : pg::partitions_of(parent)) {
        const RelationKind kind = pg::describe_relation(id).kind;
        const std::vector<pg::IndexMatch> matches = pg::matches_of(root_index_, id);
        if (kind == RelationKind::table)
            look_at(id, matches);
        else if (kind == RelationKind::partitioned_table && matches.empty()) {
            pg::index_name_on(id, columns_, "idx", names_);
            search(id);
        }
    }
}

bool is_there(const Statement &statement, const std::string &table)
{
    return statement.if_exists && !statement.object.empty() &&
           !pg::query("SELECT 1 FROM pg_class t JOIN pg_class c"
                      " ON c.relnamespace = t.relnamespace JOIN pg_index i ON i.indexrelid = c.oid"
                      " WHERE t.oid = $1::oid AND c.relname = $2 AND i.indisvalid",
                      {table, index_name(statement)})
                .empty();
}

void build_leaf(const Statement &statement, const Leaf &leaf, const AloneRunner &runner)
{
    for (const std::string &index : leaf.invalid) {
        runner.top_level("DROP INDEX CONCURRENTLY IF EXISTS " + index);
        pg::waitpoint(pg::Waitpoint::leftover_dropped);
    }
    if (leaf.built)
        return;
    runner.top_level(pg::rewrite_create_index(statement.text, leaf.name, leaf.table,
                                              pg::IndexBuild::concurrently));
    pg::waitpoint(pg::Waitpoint::leaf_built);
}

} // namespace

void build_partitioned_index(const Statement &statement, const std::string &table,
                             const AloneRunner &runner)
{
    std::vector<Leaf> leaves;
    bool exists = false;
    runner.transaction([&] {
        leaves.clear();
        exists = is_there(statement, table);
        if (!exists)
            with_index_of_root(statement, statement.object, table, {runner.migration, 1},
                               [&](const std::string &index) {
                                   LeafPlan plan(index);
                                   plan.search(static_cast<pg::ObjectId>(std::stoul(table)));
                                   leaves = std::move(plan.leaves);
                               });
    });
    if (exists) {
        pg::notice("index " + statement.object + " already exists, skipping");
        return;
    }
    for (const Leaf &leaf : leaves)
        build_leaf(statement, leaf, runner);
    runner.transaction([&] {
        pg::execute_own(pg::rewrite_create_index(statement.text, statement.object,
                                                 qualified_name(table), pg::IndexBuild::plain),
                        {runner.migration, 1}, pg::Level::top);
    });
}

std::vector<std::string> statements_of_partitioned_index(const Statement &statement,
                                                         pg::ObjectId table)
{
    std::vector<std::string> texts;
    const std::function<void(pg::ObjectId)> add_leaves = [&](pg::ObjectId parent) {
        for (const pg::ObjectId id : pg::partitions_of(parent)) {
            const Relation relation = pg::describe_relation(id);
            if (relation.kind == RelationKind::table)
                texts.push_back(pg::rewrite_create_index(statement.text, "", relation.qualified,
                                                         pg::IndexBuild::concurrently));
            else if (relation.kind == RelationKind::partitioned_table)
                add_leaves(id);
        }
    };
    add_leaves(table);
    texts.push_back(pg::rewrite_create_index(statement.text, statement.object,
                                             pg::describe_relation(table).qualified,
                                             pg::IndexBuild::plain));
    return texts;
}

std::vector<std::string> leaf_indexes_since(const Statement &statement, const std::string &before)
{
    std::vector<std::string> names;
    if (statement.alone != Alone::create_index || before.empty())
        return names;
    const std::vector<pg::Row> tables =
        pg::query("SELECT oid::text FROM pg_class WHERE oid = to_regclass(($1::text[])[1])"
                  " AND relkind = 'p'",
                  {before});
    if (tables.empty())
        return names;
    std::string definition;
    // What the statement itself is refused for, it was refused for before anything was built.
    pg::attempt([&] {
        with_index_of_root(statement, "", *tables[0][0], {},
                           [&](const std::string &index) { definition = definition_of(index); });
    });
    for (const pg::Row &row : pg::query(
             "SELECT i.indexrelid::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
             " WHERE i.indrelid IN (SELECT p.relid FROM"
             " pg_partition_tree(to_regclass(($1::text[])[1])) p WHERE p.isleaf)"
             " AND NOT c.relispartition AND NOT c.relname::text = ANY (($1::text[])[2:])",
             {before}))
        if (!definition.empty() && definition_of(*row[0]) == definition)
            names.push_back(qualified_name(*row[0]));
    return names;
}

} // namespace migrate
