// SPDX-License-Identifier: PostgreSQL
#include "engine/leaves.h"

#include "core/identifier.h"
#include "pg/actions.h"
#include "pg/partitions.h"
#include "pg/query.h"

namespace migrate {

namespace {

using online::Facts;

// Goes through the partitions as the server does, and no deeper than where it finds what it looks for.
class LeafSearch
{
public:
    LeafSearch(const Action &action, pg::NamesToCome &names);
    void search(pg::ObjectId parent);

    std::vector<Facts::Leaf> leaves;
    bool impossible = false; // a foreign table is among them, or the server refuses the key

private:
    bool has_it(const std::string &relation) const;
    bool lacks_partition_columns(pg::ObjectId partitioned) const;
    std::string name_on(pg::ObjectId relation);

    const Action &action_;
    ForeignKeyLike foreign_key_;
    pg::NamesToCome &names_;
};

bool has_key_like(const std::string &relation, const Action &action)
{
    std::vector<std::string> columns = action.columns;
    columns.insert(columns.end(), action.included.begin(), action.included.end());
    // What a constraint stands on has the default operator classes and the columns' collations.
    return !pg::query("SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
                      " WHERE i.indrelid = $1::oid AND NOT c.relispartition AND i.indisunique"
                      " AND i.indexprs IS NULL AND i.indpred IS NULL AND i.indnkeyatts = $2::int"
                      " AND i.indnullsnotdistinct = $3::bool"
                      " AND EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = i.indrelid"
                      " AND k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))"
                      " AND (SELECT array_agg(a.attname::text ORDER BY k.n) FROM pg_attribute a,"
                      " unnest(i.indkey) WITH ORDINALITY AS k (number, n)"
                      " WHERE a.attrelid = i.indrelid AND a.attnum = k.number) = $4::text[]",
                      {relation, std::to_string(action.columns.size()),
                       action.nulls_not_distinct ? "t" : "f", pg::array_text(columns)})
                .empty();
}

LeafSearch::LeafSearch(const Action &action, pg::NamesToCome &names)
    : action_(action), names_(names)
{
    if (action.kind != ActionKind::add_foreign_key)
        return;
    const pg::ForeignKeyRules rules = pg::foreign_key_rules(action.text);
    foreign_key_ = {std::to_string(action.referenced.id),
                    action.columns,
                    action.referenced_columns,
                    rules.on_update,
                    rules.on_delete,
                    rules.match,
                    action.deferrable,
                    action.initially_deferred};
}

bool LeafSearch::has_it(const std::string &relation) const
{
    return action_.kind == ActionKind::add_foreign_key
               ? has_foreign_key_like(relation, foreign_key_)
               : has_key_like(relation, action_);
}

std::string LeafSearch::name_on(pg::ObjectId relation)
{
    if (action_.kind == ActionKind::add_foreign_key)
        return pg::foreign_key_name_on(relation,
                                       action_.name.empty() ? action_.chosen_name : action_.name,
                                       action_.columns, names_);
    if (action_.kind == ActionKind::add_primary_key)
        return pg::index_name_on(relation, {}, "pkey", names_);
    std::vector<std::string> columns = action_.columns;
    columns.insert(columns.end(), action_.included.begin(), action_.included.end());
    return pg::index_name_on(relation, columns, "key", names_);
}

// The server wants all columns that this one's partitions are told apart by in the key.
bool LeafSearch::lacks_partition_columns(pg::ObjectId partitioned) const
{
    return action_.kind != ActionKind::add_foreign_key &&
           !pg::query("SELECT 1 FROM pg_partitioned_table p, unnest(p.partattrs) AS k (number)"
                      " LEFT JOIN pg_attribute a ON a.attrelid = $1::oid AND a.attnum = k.number"
                      " WHERE p.partrelid = $1::oid AND (k.number = 0 OR a.attname <> ALL"
                      " ($2::text[]))",
                      {std::to_string(partitioned), pg::array_text(action_.columns)})
                .empty();
}

void LeafSearch::search(pg::ObjectId parent)
{
    impossible = impossible || lacks_partition_columns(parent);
    for (const pg::ObjectId id : pg::partitions_of(parent)) {
        if (has_it(std::to_string(id)))
            continue;
        Facts::Leaf leaf;
        leaf.relation = pg::describe_relation(id);
        leaf.key_name = name_on(id);
        switch (leaf.relation.kind) {
        case RelationKind::partitioned_table:
            search(id);
            break;
        case RelationKind::table:
            leaf.schema = *pg::query("SELECT quote_ident(n.nspname) FROM pg_class c JOIN"
                                     " pg_namespace n ON n.oid = c.relnamespace"
                                     " WHERE c.oid = $1::oid",
                                     {std::to_string(id)})[0][0];
            leaves.push_back(std::move(leaf));
            break;
        default:
            impossible = true;
        }
    }
}

} // namespace

bool has_foreign_key_like(const std::string &relation, const ForeignKeyLike &wanted)
{
    const auto names = [](const std::string &numbers, const std::string &table) {
        return "(SELECT array_agg(a.attname::text ORDER BY c.n) FROM pg_attribute a, unnest(k." +
               numbers + ") WITH ORDINALITY AS c (number, n) WHERE a.attrelid = k." + table +
               " AND a.attnum = c.number)";
    };
    const auto flag = [](bool value) { return value ? "t" : "f"; };
    return !pg::query("SELECT 1 FROM pg_constraint k WHERE k.conrelid = $1::oid"
                      " AND k.contype = 'f' AND k.conparentid = 0 AND k.convalidated"
                      " AND k.confrelid = $2::oid AND k.confupdtype::text = $3"
                      " AND k.confdeltype::text = $4 AND k.confmatchtype::text = $5"
                      " AND k.condeferrable = $6::bool AND k.condeferred = $7::bool AND " +
                          names("conkey", "conrelid") + " = $8::text[] AND " +
                          names("confkey", "confrelid") + " = $9::text[]",
                      {relation, wanted.referenced, std::string(1, wanted.on_update),
                       std::string(1, wanted.on_delete), std::string(1, wanted.match),
                       flag(wanted.deferrable), flag(wanted.initially_deferred),
                       pg::array_text(wanted.columns), pg::array_text(wanted.referenced_columns)})
                .empty();
}

std::vector<Facts::Leaf> leaves_lacking(const Action &action, pg::NamesToCome &names)
{
    LeafSearch search(action, names);
    search.search(action.relation.id);
    return search.impossible ? std::vector<Facts::Leaf>{} : std::move(search.leaves);
}

} // namespace migrate
