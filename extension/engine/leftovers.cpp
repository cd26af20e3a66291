// SPDX-License-Identifier: PostgreSQL
#include "engine/leftovers.h"

#include "pg/query.h"

namespace migrate {

namespace {

// Rows of a verdict ("warning" or "failed") and its evidence.
void add_all(Point &point, const std::vector<pg::Row> &rows)
{
    for (const pg::Row &row : rows)
        point.add(*row[0] == "failed" ? Verdict::failed : Verdict::warning, *row[1]);
}

// Each says how it is settled.  A step in doubt waits for a word; anything else goes on with the next call.
void add_migrations(Point &point)
{
    add_all(point,
            pg::ledger("SELECT CASE WHEN d.step IS NULL THEN 'warning' ELSE 'failed' END,"
                       " format('migration \"%s\" %s', s.name, CASE"
                       "   WHEN d.step IS NOT NULL THEN format('has step %s of run %s in doubt',"
                       "                                       d.step, d.run)"
                       "   WHEN s.state = 'running' THEN format('is running (run %s)', s.run)"
                       "   ELSE format('stopped on its way (%s, run %s)', s.state, s.run) END)"
                       " FROM migrate.status s JOIN migrate.migrations m ON m.name = s.name"
                       " LEFT JOIN LATERAL (SELECT r.step, r.run FROM migrate.run_steps r"
                       "   WHERE r.run = m.unfinished_run AND r.migration_id = m.id"
                       "     AND r.state = 'in doubt' LIMIT 1) d ON true"
                       " WHERE s.state NOT IN ('pending', 'applied')"
                       " ORDER BY migrate.sort_key(s.name) COLLATE \"C\""));
}

// An index of an unfinished migration is built anew when that goes on.  Whoever builds one now holds this lock.
void add_invalid_indexes(Point &point)
{
    add_all(
        point,
        pg::ledger(
            "SELECT CASE WHEN b.building OR b.ours THEN 'warning' ELSE 'failed' END,"
            " format('index %s on %s is INVALID%s', i.indexrelid::regclass,"
            "        i.indrelid::regclass, CASE"
            "   WHEN b.building THEN ', or is being built at this moment'"
            "   WHEN b.ours THEN ', and built anew when its migration goes on' ELSE '' END)"
            " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace,"
            " LATERAL (SELECT EXISTS (SELECT FROM pg_locks l WHERE l.relation = i.indrelid"
            "     AND l.database = (SELECT oid FROM pg_database"
            "                       WHERE datname = current_database())"
            "     AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted) AS building,"
            "   EXISTS (SELECT FROM migrate.migrations m"
            "     JOIN migrate.run_steps s ON s.run = m.unfinished_run AND s.migration_id = m.id,"
            "     unnest(s.statements) t WHERE strpos(t, c.relname) > 0) AS ours) b"
            " WHERE NOT i.indisvalid AND n.nspname !~ '^pg_' ORDER BY 2"));
}

// Constraints of ours: those that a part of a statement added, and helpers.
void add_constraints(Point &point)
{
    add_all(point,
            pg::ledger("SELECT CASE WHEN o.unfinished THEN 'warning' ELSE 'failed' END,"
                       " format('constraint %I of %s is %s', c.conname, c.conrelid::regclass, CASE"
                       "   WHEN c.conname ~ '^migrate_[a-z_]+_[0-9a-f]{16}$'"
                       "   THEN 'a helper of an unfinished statement'"
                       "   ELSE 'NOT VALID since a migration stopped' END)"
                       " FROM pg_constraint c, LATERAL (SELECT count(*) > 0 AS added,"
                       "   coalesce(bool_or(m.id IS NOT NULL), false) AS unfinished"
                       "   FROM migrate.run_steps s"
                       "   LEFT JOIN migrate.migrations m ON m.id = s.migration_id"
                       "     AND m.unfinished_run = s.run, unnest(s.statements) t"
                       "   WHERE s.part IS NOT NULL AND s.state IN ('done', 'carried')"
                       "     AND t LIKE '%NOT VALID' AND strpos(t, quote_ident(c.conname)) > 0"
                       "     AND strpos(t, (SELECT quote_ident(r.relname) FROM pg_class r"
                       "                    WHERE r.oid = c.conrelid)) > 0) o"
                       " WHERE c.conrelid <> 0 AND (c.conname ~ '^migrate_[a-z_]+_[0-9a-f]{16}$'"
                       "   OR NOT c.convalidated AND o.added) ORDER BY 2"));
}

void add_detaches(Point &point)
{
    add_all(point,
            pg::ledger("SELECT CASE WHEN EXISTS (SELECT FROM migrate.migrations m"
                       "   JOIN migrate.run_steps s ON s.run = m.unfinished_run"
                       "   AND s.migration_id = m.id, unnest(s.statements) t"
                       "   WHERE t ILIKE '%detach%' AND strpos(t, c.relname) > 0)"
                       "   THEN 'warning' ELSE 'failed' END,"
                       " format('partition %s is half detached from %s', h.inhrelid::regclass,"
                       "        h.inhparent::regclass)"
                       " FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid"
                       " WHERE h.inhdetachpending ORDER BY 2"));
}

// Those that are steps are told with their migration.
void add_backfills(Point &point)
{
    add_all(point, pg::ledger("SELECT 'warning', format('backfill of %s is %s (run %s)',"
                              " b.relation, b.state, b.run)"
                              " FROM migrate.backfill_progress b WHERE b.parent_run IS NULL"
                              " ORDER BY b.run"));
}

} // namespace

void find_leftovers(Point &point)
{
    add_migrations(point);
    add_invalid_indexes(point);
    add_constraints(point);
    add_detaches(point);
    add_backfills(point);
}

} // namespace migrate
