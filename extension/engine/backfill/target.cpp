// SPDX-License-Identifier: PostgreSQL
#include "engine/backfill/target.h"

#include "pg/backfill/settings.h"
#include "pg/partitions.h"
#include "pg/query.h"

namespace migrate::backfill {

namespace {

std::string id(pg::ObjectId oid)
{
    return std::to_string(oid);
}

// A partition's key counts only if the whole table has it: then a row that moves to another partition
// changes its key.  Rows of several columns are compared by one name of an operator, which has to mean the
// index's own for each of them.  Null keys are in no range, so no column may hold one: in 18 a constraint that is not
// validated marks it all the same.  name: its index holds another type than the table.
#define ORDER_OF_INDEX                                                                             \
    "(SELECT string_agg(format('%I %I.%I%s %I%s', a.attname, n.nspname, y.typname,"                \
    " (SELECT format(' COLLATE %I.%I %s', cn.nspname, co.collname, concat_ws(' ',"                 \
    " pg_collation_actual_version(co.oid), CASE WHEN co.collprovider = 'd' THEN (SELECT"           \
    " concat_ws(' ', d.datlocprovider, d.datcollate, to_jsonb(d) ->> 'daticulocale',"              \
    " to_jsonb(d) ->> 'datlocale') FROM pg_database d WHERE d.datname = current_database())"       \
    " END)) FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace"                \
    " WHERE co.oid = i.indcollation[k]),"                                                          \
    " o.opcname, CASE WHEN i.indoption[k] & 1 = 1 THEN ' DESC' END), ', ' ORDER BY k)"             \
    " FROM generate_series(0, i.indnkeyatts - 1) k JOIN pg_attribute a ON a.attrelid = i.indrelid" \
    " AND a.attnum = i.indkey[k] JOIN pg_type y ON y.oid = a.atttypid JOIN pg_namespace n"         \
    " ON n.oid = y.typnamespace JOIN pg_opclass o ON o.oid = i.indclass[k])"

constexpr std::string_view keys_of =
    "SELECT i.indexrelid, format('%I.%I', n.nspname, c.relname), " ORDER_OF_INDEX
    ", ARRAY(SELECT a.attname FROM generate_series(0, i.indnkeyatts - 1) k JOIN pg_attribute a"
    " ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k] ORDER BY k)::text[]"
    " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am m ON m.oid = c.relam"
    " LEFT JOIN pg_attribute f ON f.attrelid = i.indrelid AND f.attnum = i.indkey[0]"
    " LEFT JOIN pg_class t ON t.oid = i.indrelid LEFT JOIN pg_namespace tn ON tn.oid = "
    "t.relnamespace"
    " WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indisready AND "
    "i.indislive"
    " AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indimmediate AND m.amname = 'btree'"
    " AND (NOT $2::boolean OR EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid))"
    " AND NOT EXISTS (SELECT FROM generate_series(0, i.indnkeyatts - 1) k JOIN pg_attribute a"
    " ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k]"
    " WHERE NOT a.attnotnull OR a.attgenerated <> '' OR a.atttypid = 'name'::regtype"
    " OR (i.indoption[k] & 1) <> (i.indoption[0] & 1)"
    " OR (i.indnkeyatts > 1 AND NOT EXISTS (SELECT FROM pg_opclass o WHERE o.oid = i.indclass[k]"
    " AND o.opcdefault AND o.opcnamespace = 'pg_catalog'::regnamespace))"
    " OR EXISTS (SELECT FROM pg_constraint x WHERE x.conrelid = i.indrelid AND x.contype = 'n'"
    " AND x.conkey = ARRAY[a.attnum] AND NOT x.convalidated))"
    // A query of its own, which is planned for one table: a join would read the statistics of all.
    " ORDER BY round(abs(coalesce((SELECT s.correlation FROM pg_stats s WHERE s.schemaname ="
    " tn.nspname AND s.tablename = t.relname AND s.attname = f.attname AND NOT s.inherited),"
    " 0))::numeric, 1) DESC, c.relpages,"
    " i.indisprimary DESC, i.indexrelid";

std::vector<KeyChoice> find_keys(pg::ObjectId table, bool inherited_only)
{
    std::vector<KeyChoice> keys;
    for (const pg::Row &row : pg::query(keys_of, {id(table), inherited_only ? "t" : "f"}))
        keys.push_back({{*row[1], *row[2]},
                        static_cast<pg::ObjectId>(std::stoul(*row[0])),
                        pg::read_array(*row[3])});
    return keys;
}

// The target and what inherits from it: $1, an array, by which the catalogs' indexes are searched.
constexpr std::string_view tree = "WITH t(id) AS (SELECT unnest($1::oid[]))";

std::string family_of(const pg::backfill::Facts &facts)
{
    return facts.only ? "{" + id(facts.target) + "}" : pg::family_text(facts.target);
}

Triggers triggers_of(const pg::backfill::Facts &facts)
{
    const pg::Row row = pg::query(
        std::string(tree) +
            " SELECT coalesce(bool_or((g.tgtype & 3) = 3), false), coalesce(bool_or((g.tgtype & 1) "
            "= 1), false), coalesce(bool_or((g.tgtype & 1) = 0), false),"
            " coalesce(bool_or(g.tgnewtable IS NOT NULL OR g.tgoldtable IS NOT NULL), false)"
            " FROM pg_trigger g JOIN t ON t.id = g.tgrelid WHERE NOT g.tgisinternal"
            " AND g.tgenabled IN ('O', 'A') AND (g.tgtype & $2::integer) <> 0",
        {family_of(facts), facts.is_update ? "16" : "8"})[0];
    const auto yes = [&](std::size_t i) { return *row[i] == "t"; };
    return {yes(0), yes(1), yes(2), yes(3)};
}

// Columns of an index's expressions and condition are known by what it depends on.
Constraints constraints_of(const pg::backfill::Facts &facts)
{
    const pg::Row row = pg::query(
        std::string(tree) +
            ", u AS (SELECT i.* FROM pg_index i JOIN t ON t.id = i.indrelid"
            " WHERE i.indisunique OR i.indisexclusion)"
            " SELECT EXISTS (SELECT FROM u WHERE NOT indimmediate) OR EXISTS (SELECT FROM"
            " pg_trigger g JOIN t ON t.id = g.tgrelid WHERE g.tgdeferrable"
            " AND (g.tgtype & $2::integer) <> 0),"
            " $2 = '16' AND EXISTS (SELECT FROM u JOIN pg_attribute a ON a.attrelid = u.indrelid"
            " WHERE a.attname = ANY ($3::text[]) AND (a.attnum = ANY (u.indkey::smallint[])"
            " OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass"
            " AND d.objid = u.indexrelid AND d.refclassid = 'pg_class'::regclass"
            " AND d.refobjid = u.indrelid AND d.refobjsubid = a.attnum))),"
            " EXISTS (SELECT FROM pg_constraint c WHERE c.contype = 'f'"
            " AND c.conrelid = ANY ($1::oid[]) AND c.confrelid = ANY ($1::oid[])),"
            // Constraints have no index on the referenced table; the triggers there have.
            " $2 = '8' AND EXISTS (SELECT FROM pg_trigger g JOIN pg_constraint c"
            " ON c.oid = g.tgconstraint WHERE g.tgrelid = ANY ($1::oid[]) AND c.contype = 'f'"
            " AND c.confrelid = g.tgrelid AND c.confdeltype NOT IN ('a', 'r')),"
            " $2 = '16' AND EXISTS (SELECT FROM pg_index i JOIN t ON t.id = i.indrelid"
            " GROUP BY i.indrelid HAVING count(*) >= 5) AND NOT EXISTS (SELECT FROM pg_index i"
            " JOIN t ON t.id = i.indrelid JOIN pg_attribute a ON a.attrelid = i.indrelid"
            " WHERE a.attname = ANY ($3::text[]) AND (a.attnum = ANY (i.indkey::smallint[])"
            " OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass"
            " AND d.objid = i.indexrelid AND d.refclassid = 'pg_class'::regclass"
            " AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum)))",
        {family_of(facts), facts.is_update ? "16" : "8", pg::array_text(facts.assigned)})[0];
    const auto yes = [&](std::size_t i) { return *row[i] == "t"; };
    return {yes(0), yes(1), yes(2), yes(3), yes(4)};
}

} // namespace

std::vector<KeyChoice> keys_of_table(pg::ObjectId table)
{
    return find_keys(table, false);
}

std::string order_of_index(pg::ObjectId index, pg::ObjectId table)
{
    const std::vector<pg::Row> rows =
        pg::query("SELECT " ORDER_OF_INDEX " FROM pg_index i WHERE i.indexrelid = $1::oid"
                  " AND i.indrelid = $2::oid AND i.indisunique AND i.indisvalid AND i.indisready"
                  " AND i.indislive AND i.indimmediate AND i.indpred IS NULL",
                  {id(index), id(table)});
    return rows.empty() ? "" : rows[0][0].value_or("");
}

namespace {

bool has_other_rows(const pg::backfill::Facts &facts)
{
    return !pg::query(std::string(tree) +
                          " SELECT 1 FROM t JOIN LATERAL (SELECT array_agg(ROW(a.attname,"
                          " a.atttypid, a.atttypmod)::text ORDER BY a.attnum) FROM pg_attribute a"
                          " WHERE a.attrelid = t.id AND a.attnum > 0 AND NOT a.attisdropped) r"
                          " (columns) ON true GROUP BY ()"
                          " HAVING min(r.columns) <> max(r.columns)",
                      {family_of(facts)})
                .empty();
}

} // namespace

Target look_at(const pg::backfill::Facts &facts)
{
    Target target;
    target.partitioned = facts.kind == 'p';
    target.triggers = triggers_of(facts);
    target.constraints = constraints_of(facts);
    target.other_rows = facts.whole_row && has_other_rows(facts);
    for (const pg::Row &row :
         pg::query(std::string(tree) +
                       " SELECT c.oid, format('%I.%I', n.nspname, c.relname),"
                       " pg_relation_size(c.oid) / current_setting('block_size')::bigint,"
                       " c.relkind, row_security_active(c.oid),"
                       " has_table_privilege(c.oid, 'SELECT')"
                       " AND has_table_privilege(c.oid, $2)"
                       " FROM t JOIN pg_class c ON c.oid = t.id JOIN pg_namespace n ON n.oid = "
                       "c.relnamespace WHERE c.relkind IN ('r', 'f') ORDER BY c.oid",
                   {family_of(facts), facts.is_update ? "UPDATE" : "DELETE"})) {
        target.accessible = target.accessible && *row[5] == "t";
        target.row_security = target.row_security || *row[4] == "t";
        if (*row[3] == "f") {
            target.foreign = true;
            continue;
        }
        Leaf leaf;
        leaf.table = static_cast<pg::ObjectId>(std::stoul(*row[0]));
        leaf.name = *row[1];
        leaf.blocks = std::stoll(*row[2]);
        leaf.rows = pg::backfill::estimated_rows(leaf.table);
        leaf.keys = find_keys(leaf.table, target.partitioned);
        target.leaves.push_back(std::move(leaf));
    }
    if (target.partitioned) {
        for (const pg::Row &row : pg::query(
                 std::string(tree) +
                     " SELECT DISTINCT a.attname FROM pg_partitioned_table p JOIN t ON t.id = "
                     "p.partrelid JOIN pg_attribute a ON a.attrelid = p.partrelid"
                     " AND (a.attnum = ANY (p.partattrs::smallint[]) OR (p.partexprs IS NOT NULL"
                     " AND a.attnum > 0 AND CASE WHEN a.attname ~ '^\\w+$'"
                     " THEN pg_get_partkeydef(p.partrelid) ~ ('\\m' || a.attname || '\\M')"
                     " ELSE position(quote_ident(a.attname) IN pg_get_partkeydef(p.partrelid)) > 0"
                     " END))",
                 {family_of(facts)}))
            target.partition_columns.push_back(*row[0]);
        target.statement_trigger_on_parent =
            !pg::query("SELECT 1 FROM pg_trigger WHERE tgrelid = $1::oid AND NOT tgisinternal"
                       " AND tgenabled IN ('O', 'A') AND (tgtype & 1) = 0"
                       " AND (tgtype & $2::integer) <> 0 LIMIT 1",
                       {id(facts.target), facts.is_update ? "16" : "8"})
                 .empty();
    }
    return target;
}

} // namespace migrate::backfill
