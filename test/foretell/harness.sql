-- Compares what is foretold of statements with the locks that they really take.  Included by sql/foretell*.sql.
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS harness CASCADE;
CREATE SCHEMA harness;
GRANT USAGE ON SCHEMA harness TO public;
CREATE FUNCTION harness.foretold(statement text, OUT relation oid, OUT mode text) RETURNS SETOF record
    LANGUAGE c AS '$libdir/migrate', 'migrate_test_foretold';
CREATE FUNCTION harness.flags(statement text, OUT opaque boolean, OUT refused boolean, OUT bytes bigint) RETURNS SETOF record
    LANGUAGE c AS '$libdir/migrate', 'migrate_test_foretold_flags';
CREATE FUNCTION harness.work(statement text, OUT relation oid, OUT scans boolean, OUT rewrites boolean, OUT builds boolean,
    OUT joins boolean)
    RETURNS SETOF record LANGUAGE c AS '$libdir/migrate', 'migrate_test_foretold_work';
CREATE FUNCTION harness.microseconds(statement text, times integer) RETURNS double precision
    LANGUAGE c AS '$libdir/migrate', 'migrate_test_foretold_time';

-- Relations of users but TOAST.
CREATE FUNCTION harness.relations() RETURNS oid[] LANGUAGE sql AS $$
    SELECT array(SELECT oid FROM pg_catalog.pg_class
                 WHERE oid >= 16384 AND relnamespace <> 'pg_toast'::pg_catalog.regnamespace
                   AND relnamespace NOT IN (SELECT oid FROM pg_catalog.pg_namespace
                                            WHERE nspname OPERATOR(pg_catalog.~) '^pg_toast_temp_'))
$$ SET search_path = pg_catalog, pg_temp;

-- The strongest lock this process has on each of them, as "oid mode".
CREATE FUNCTION harness.taken(existing oid[]) RETURNS text[] LANGUAGE sql AS $$
    WITH modes(place, name, mode) AS (VALUES
        (1, 'AccessShareLock', 'ACCESS SHARE'), (2, 'RowShareLock', 'ROW SHARE'),
        (3, 'RowExclusiveLock', 'ROW EXCLUSIVE'), (4, 'ShareUpdateExclusiveLock', 'SHARE UPDATE EXCLUSIVE'),
        (5, 'ShareLock', 'SHARE'), (6, 'ShareRowExclusiveLock', 'SHARE ROW EXCLUSIVE'),
        (7, 'ExclusiveLock', 'EXCLUSIVE'), (8, 'AccessExclusiveLock', 'ACCESS EXCLUSIVE')),
    strongest AS (
        SELECT l.relation, max(m.place) AS place FROM pg_locks l JOIN modes m ON m.name = l.mode
        WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.granted AND l.relation = ANY (existing)
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        GROUP BY l.relation)
    SELECT array(SELECT s.relation || ' ' || m.mode FROM strongest s JOIN modes m USING (place))
$$ SET search_path = pg_catalog, pg_temp;

-- Minor versions since 2026 lock what a new object depends on; older ones don't, and what is foretold of that
-- is too much by an ACCESS SHARE.
CREATE SEQUENCE harness.depended_on;
CREATE FUNCTION harness.locks_dependencies() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    locks boolean;
BEGIN
    BEGIN
        CREATE TEMP TABLE harness_probe (id bigint DEFAULT nextval('harness.depended_on'));
        locks := EXISTS (SELECT FROM pg_locks WHERE relation = 'harness.depended_on'::regclass AND pid = pg_backend_pid());
        RAISE SQLSTATE 'UNDO1';
    EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
        RETURN locks;
    END;
END $$ SET search_path = pg_catalog, pg_temp;
CREATE TABLE harness.server AS SELECT harness.locks_dependencies();
GRANT SELECT ON harness.server TO public;

-- A row for each relation of which something else is foretold than what the server takes.
CREATE FUNCTION harness.differences(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    existing oid[] := harness.relations();
    foretold text[] := array(SELECT f.relation || ' ' || f.mode FROM harness.foretold(statement) f);
    taken text[];
BEGIN
    BEGIN
        EXECUTE statement;
        SET CONSTRAINTS ALL IMMEDIATE;
        taken := harness.taken(existing);
        RAISE SQLSTATE 'UNDO1';
    EXCEPTION
        WHEN SQLSTATE 'UNDO1' THEN NULL;
        WHEN OTHERS THEN RETURN NEXT 'fails: ' || SQLERRM; RETURN;
    END;
    RETURN QUERY
        SELECT coalesce(f.relation, t.relation)::oid::regclass || ': foretold ' || coalesce(f.mode, 'nothing') ||
               ', taken ' || coalesce(t.mode, 'nothing')
        FROM (SELECT split_part(l, ' ', 1) AS relation, substr(l, strpos(l, ' ') + 1) AS mode FROM unnest(foretold) l) f
        FULL JOIN (SELECT split_part(l, ' ', 1) AS relation, substr(l, strpos(l, ' ') + 1) AS mode FROM unnest(taken) l) t
        USING (relation)
        WHERE f.mode IS DISTINCT FROM t.mode
          AND NOT (f.mode = 'ACCESS SHARE' AND t.mode IS NULL AND NOT (SELECT locks_dependencies FROM harness.server))
        ORDER BY 1;
END $$ SET client_min_messages = error;

-- The files of all tables, and how often each was read from end to end in this transaction, as "oid file scans".
CREATE FUNCTION harness.state(existing oid[]) RETURNS text[] LANGUAGE sql AS $$
    SELECT array(SELECT c.oid || ' ' || c.relfilenode || ' ' || pg_stat_get_xact_numscans(c.oid)
                 FROM pg_class c WHERE c.oid = ANY (existing) AND c.relkind IN ('r', 'm'))
$$ SET search_path = pg_catalog, pg_temp;

-- A row for each table that the statement writes anew or reads whole where something else is foretold.  How a table is
-- joined is the planner's choice.
CREATE FUNCTION harness.work_differences(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    existing oid[] := harness.relations();
    before text[];
    after text[];
    foretold text[] := array(SELECT w.relation || CASE WHEN w.rewrites THEN ' rewrite' WHEN w.scans OR w.builds THEN ' scan' ELSE ' join' END
                             FROM harness.work(statement) w JOIN pg_class c ON c.oid = w.relation AND c.relkind IN ('r', 'm'));
BEGIN
    BEGIN
        before := harness.state(existing);
        EXECUTE statement;
        after := harness.state(existing);
        RAISE SQLSTATE 'UNDO1';
    EXCEPTION
        WHEN SQLSTATE 'UNDO1' THEN NULL;
        WHEN OTHERS THEN RETURN NEXT 'fails: ' || SQLERRM; RETURN;
    END;
    RETURN QUERY
        WITH done AS (
            SELECT split_part(a, ' ', 1) AS relation,
                   CASE WHEN split_part(a, ' ', 2) <> split_part(b, ' ', 2) THEN 'rewrite' ELSE 'scan' END AS what
            FROM unnest(after) a JOIN unnest(before) b ON split_part(a, ' ', 1) = split_part(b, ' ', 1) WHERE a <> b),
        told AS (SELECT split_part(f, ' ', 1) AS relation, split_part(f, ' ', 2) AS what FROM unnest(foretold) f)
        SELECT coalesce(t.relation, d.relation)::oid::regclass || ': foretold ' || coalesce(t.what, 'nothing') ||
               ', done ' || coalesce(d.what, 'nothing')
        FROM told t FULL JOIN done d USING (relation) WHERE t.what IS DISTINCT FROM d.what AND (t.what IS DISTINCT FROM 'join' OR d.what = 'rewrite')
        ORDER BY 1;
END $$ SET client_min_messages = error;

-- Each statement in a transaction of its own: some locks outlive a rollback to a savepoint.
CREATE PROCEDURE harness.compare(statements text[], since integer DEFAULT 0, until integer DEFAULT 10000000,
    with_work boolean DEFAULT false)
LANGUAGE plpgsql AS $$
DECLARE
    statement text;
    difference text;
    version integer := current_setting('server_version_num');
BEGIN
    IF version >= since AND version < until THEN
        FOREACH statement IN ARRAY statements LOOP
            COMMIT;
            FOR difference IN SELECT harness.differences(statement) LOOP
                RAISE WARNING '% -- %', statement, difference;
            END LOOP;
            CONTINUE WHEN NOT with_work;
            COMMIT;
            FOR difference IN SELECT harness.work_differences(statement) LOOP
                RAISE WARNING '% -- %', statement, difference;
            END LOOP;
        END LOOP;
    END IF;
    RAISE WARNING '% statements compared', cardinality(statements);
END $$;
RESET client_min_messages;
