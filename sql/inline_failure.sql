-- A migration that fails inside the caller's transaction leaves nothing behind: neither what a rollback
-- takes back, nor what would outlive it.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
SELECT pg_advisory_lock(5);
PREPARE mine AS SELECT 2;
SELECT migrate.add('v1', $m$
PREPARE leak AS SELECT 1;
SELECT pg_advisory_lock(77), pg_advisory_lock(77), pg_advisory_lock_shared(78);
SET work_mem = '1MB';
CREATE TEMP TABLE leak (i int);
SELECT 1 / 0;
$m$);
\set look 'SELECT (SELECT string_agg(name, '' '') FROM pg_prepared_statements) AS prepared, (SELECT string_agg(objid::text, '' '') FROM pg_locks WHERE locktype = ''advisory'' AND pid = pg_backend_pid()) AS locks, to_regclass(''pg_temp.leak'') AS temporary, current_setting(''work_mem'') AS work_mem'
BEGIN;
SELECT migrate.apply();
ROLLBACK;
:look;
-- caught, in a transaction of its own
DO $do$ BEGIN PERFORM migrate.apply(); EXCEPTION WHEN division_by_zero THEN RAISE WARNING 'caught: %', SQLERRM; END $do$;
:look;
-- caught, in a transaction that goes on
BEGIN;
CREATE TABLE kept (i int);
DO $do$ BEGIN PERFORM migrate.apply(); EXCEPTION WHEN division_by_zero THEN RAISE WARNING 'caught: %', SQLERRM; END $do$;
:look;
COMMIT;
SELECT to_regclass('kept'), (SELECT state FROM migrate.status);
:look;
SELECT pg_advisory_unlock(5);
DEALLOCATE mine;
DROP TABLE kept;
SET migrate.allow_drop = on;
DROP EXTENSION migrate;
