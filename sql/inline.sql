-- Inside a transaction block, a function or DO: in the caller's own transaction, all or nothing.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
SELECT migrate.add('i1', 'CREATE TABLE i1 (a int); INSERT INTO i1 VALUES (1)', 'DROP TABLE i1'),
       migrate.add('i2', 'CREATE TABLE i2 AS SELECT a + 1 AS a FROM i1', 'DROP TABLE i2');

-- a dry run
BEGIN;
SELECT migration, step, mode, statement FROM migrate.apply();
SELECT * FROM i1, i2;
SELECT name, state FROM migrate.status;
ROLLBACK;
SELECT name, state FROM migrate.status;
SELECT to_regclass('i1'), to_regclass('i2');
SELECT count(*) FROM migrate.runs;
-- committed with the caller's own work
BEGIN;
CREATE TABLE own (a int);
SELECT migration, step FROM migrate.apply('i1');
INSERT INTO own SELECT a FROM i1;
SELECT migration, step FROM migrate.apply();
COMMIT;
TABLE own;
SELECT name, state FROM migrate.status;
SELECT operation, outcome, in_worker FROM migrate.runs ORDER BY id;
BEGIN;
SELECT migration, step FROM migrate.rollback(2);
SELECT migration, step FROM migrate.redo(1);
ROLLBACK;
BEGIN;
SELECT migration FROM migrate.goto('i1');
COMMIT;
SELECT name, state FROM migrate.status;
SELECT migration, step FROM migrate.rollback();

-- in a function, in DO, in a subtransaction that is rolled back
CREATE FUNCTION runs_it() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM migrate.apply()';
SELECT runs_it();
DO $$ BEGIN PERFORM migrate.rollback(2); END $$;
SELECT name, state FROM migrate.status;
DO $$
BEGIN
    BEGIN
        PERFORM migrate.apply();
        RAISE EXCEPTION 'no';
    EXCEPTION WHEN OTHERS THEN RAISE WARNING '%', SQLERRM;
    END;
    PERFORM migrate.apply('i1');
END $$;
SELECT name, state FROM migrate.status;
BEGIN;
SAVEPOINT s;
SELECT migration FROM migrate.apply();
ROLLBACK TO SAVEPOINT s;
SELECT name, state FROM migrate.status;
SELECT migration FROM migrate.apply();
COMMIT;
SELECT name, state FROM migrate.status;
SELECT migration FROM migrate.rollback(2);

-- an error is the caller's to deal with; nothing is recorded
SELECT migrate.add('i3', E'CREATE TABLE i3 (a int);\nSELECT nothing FROM i3;', 'DROP TABLE i3');
BEGIN;
SELECT migration FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
SELECT 1;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT name, state FROM migrate.status;
BEGIN;
SAVEPOINT s;
SELECT migration FROM migrate.apply();
ROLLBACK TO SAVEPOINT s;
SELECT migration FROM migrate.apply('i2');
COMMIT;
SELECT name, state FROM migrate.status;
SELECT migration FROM migrate.rollback(2);
-- deferred constraints are checked at the end of each migration
SELECT migrate.add('i3', E'CREATE TABLE p (a int PRIMARY KEY);\nCREATE TABLE c (a int REFERENCES p DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO c VALUES (1);', 'DROP TABLE c, p');
BEGIN;
SELECT migration FROM migrate.apply(names => '{i3}');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT migrate.remove('i3');

-- refused before anything runs
SELECT migrate.add('i4', E'CREATE TABLE i4 (a int);\nCREATE INDEX CONCURRENTLY ON i4 (a);');
BEGIN;
SELECT migration FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT runs_it();
\echo :LAST_ERROR_SQLSTATE
SELECT to_regclass('i1'), to_regclass('i4');
SELECT migrate.add('i4', E'CREATE TABLE i4 (a int);\nSAVEPOINT s;\nRELEASE s;');
BEGIN;
SELECT migration FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
SELECT migration FROM migrate.apply(detach => true);
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
DECLARE c CURSOR WITH HOLD FOR SELECT migration FROM migrate.apply('i1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.remove('i4');
SELECT name, state FROM migrate.status;
-- other isolation levels, where the call stands in a block
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT migration FROM migrate.apply();
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT migration FROM migrate.rollback(2);
COMMIT;
BEGIN READ ONLY;
SELECT migration FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
-- on its own with a default of repeatable read: no step waits for snapshots, so it runs
SET default_transaction_isolation = 'repeatable read';
SELECT migration FROM migrate.apply();
SELECT migration FROM migrate.rollback(2);
SELECT migrate.add('i5', E'CREATE TABLE i5 (a int);\nCREATE INDEX CONCURRENTLY i5_a ON i5 (a);', 'DROP TABLE i5');
SELECT migration FROM migrate.apply(names => '{i5}');
\echo :LAST_ERROR_SQLSTATE
SET default_transaction_isolation = 'read committed';
-- a statement that reads tables keeps its snapshot
SELECT (SELECT count(*) FROM migrate.apply(names => '{i5}')) FROM pg_class WHERE relname = 'pg_class';
\echo :LAST_ERROR_SQLSTATE
SELECT to_regclass('i5');
-- a script that runs migrations
SELECT migrate.add('i6', E'SELECT migrate.apply();');
SELECT migration FROM migrate.apply(names => '{i6}');
\echo :LAST_ERROR_SQLSTATE
BEGIN;
SELECT migration FROM migrate.apply(names => '{i6}');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT migrate.remove('i6');
SELECT migrate.remove('i5');

-- nothing of a script's session stays in the caller's
CREATE ROLE regress_inline;
GRANT CREATE ON SCHEMA public TO regress_inline;
CREATE TEMP TABLE mine (a int);
PREPARE mine AS SELECT 1;
SELECT pg_advisory_lock(77);
SET work_mem = '5MB';
SET application_name = 'caller';
SELECT migrate.add('i7', $m$
SET work_mem = '3MB';
SET LOCAL maintenance_work_mem = '7MB';
SELECT set_config('search_path', '', false);
SET regress.custom = 'leak';
CREATE TEMP TABLE theirs (a int);
CREATE TEMP TABLE mine2 ON COMMIT DROP AS SELECT 1 AS a;
CREATE TEMP VIEW their_view AS SELECT 1 AS a;
CREATE TEMP SEQUENCE their_sequence;
PREPARE theirs AS SELECT 2;
DECLARE their_cursor CURSOR WITH HOLD FOR SELECT 3;
SELECT pg_catalog.pg_advisory_lock(1, 2), pg_catalog.pg_advisory_lock_shared(78), pg_catalog.pg_advisory_lock(8589934593);
SET ROLE regress_inline;
SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;
$m$, '-- nothing'), migrate.add('i8', $m$CREATE TABLE i8 AS SELECT current_user AS role, current_setting('work_mem') AS work_mem, current_setting('search_path') AS path,
    current_setting('regress.custom', true) AS custom, to_regclass('pg_temp.theirs') AS temporary,
    (SELECT count(*) FROM pg_prepared_statements WHERE name = 'theirs') AS prepared,
    (SELECT count(*) FROM pg_cursors WHERE name = 'their_cursor') AS cursors,
    (SELECT count(*) FROM pg_listening_channels()) AS channels,
    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND objsubid <= 2) AS locks$m$, 'DROP TABLE i8');
BEGIN;
SELECT migration, step FROM migrate.apply(names => '{i7,i8}');
TABLE i8;
SELECT current_user, current_setting('work_mem') AS work_mem, current_setting('maintenance_work_mem') = '64MB' AS maintenance, current_setting('search_path') AS path,
    current_setting('regress.custom', true) AS custom, current_setting('default_transaction_read_only') AS read_only;
SELECT to_regclass('pg_temp.mine') AS mine, to_regclass('pg_temp.theirs') AS theirs, to_regclass('pg_temp.mine2') AS mine2,
    to_regclass('pg_temp.their_view') AS view, to_regclass('pg_temp.their_sequence') AS sequence;
SELECT name FROM pg_prepared_statements;
SELECT name FROM pg_cursors WHERE name LIKE 'their%';
SELECT pg_listening_channels();
SELECT classid, objid, objsubid, mode FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND objsubid <= 2;
COMMIT;
SELECT current_user, current_setting('work_mem') AS work_mem, current_setting('application_name') AS name, current_setting('search_path') AS path;
EXECUTE mine;
TABLE mine;
SELECT pg_advisory_unlock(77);
-- what would wipe the caller's session does not
SELECT migrate.add('i9', 'RESET ALL; DISCARD TEMP; DEALLOCATE ALL; CLOSE ALL; RESET ROLE; DISCARD PLANS; SET client_min_messages = warning', '-- nothing');
BEGIN;
SELECT migration, step FROM migrate.apply(names => '{i9}');
\echo :LAST_ERROR_SQLSTATE
COMMIT;
SHOW work_mem;
RESET work_mem;

DROP TABLE own, i8;
DROP FUNCTION runs_it;
DROP OWNED BY regress_inline;
DROP ROLE regress_inline;
SET migrate.allow_drop = on;
DROP EXTENSION migrate;
