-- Statements that refuse a transaction block become steps of their own.
SET migrate.lint = off;
SET client_min_messages = warning;
CREATE EXTENSION migrate;

SELECT migrate.add('n01', 'CREATE TABLE foo (foo text); CREATE INDEX CONCURRENTLY idx_foo ON foo (foo);', 'DROP INDEX CONCURRENTLY idx_foo; DROP TABLE foo');
SELECT step, mode, statement FROM migrate.plan();
SELECT migration, step, mode, statement FROM migrate.apply();
SELECT indexrelid::regclass, indisvalid FROM pg_index WHERE indrelid = 'foo'::regclass;
SELECT step, mode, statement FROM migrate.plan(direction => 'down');
SELECT migration, step, mode, statement FROM migrate.rollback();

-- two in one file, transactional statements around them
SELECT migrate.add('n02', 'CREATE TABLE foo (a int, b int); INSERT INTO foo VALUES (1, 2); CREATE INDEX CONCURRENTLY foo_a ON foo (a); CREATE UNIQUE INDEX CONCURRENTLY ON foo (b); ALTER TABLE foo ADD c int; INSERT INTO foo VALUES (3, 4, 5);
REINDEX INDEX CONCURRENTLY foo_a; REINDEX TABLE CONCURRENTLY foo; DROP INDEX CONCURRENTLY foo_a;', 'DROP TABLE foo');
SELECT migration, step, mode, statement FROM migrate.apply(names => '{n02}');
SELECT indexrelid::regclass, indisvalid, indisunique FROM pg_index WHERE indrelid = 'foo'::regclass;

-- maintenance; what runs in a transaction stays in one
SELECT migrate.add('n03', $m$
VACUUM FULL foo; ANALYZE foo;
VACUUM (FREEZE) foo; VACUUM;
REINDEX TABLE foo;
CLUSTER;
CLUSTER foo USING foo_b_idx;
CREATE MATERIALIZED VIEW mv AS SELECT b FROM foo; CREATE UNIQUE INDEX ON mv (b);
REFRESH MATERIALIZED VIEW CONCURRENTLY mv;
TRUNCATE foo;
LOCK TABLE foo;
CHECKPOINT;
REINDEX SCHEMA public;
ALTER SYSTEM SET migrate_test.x = 1;
$m$, 'DROP MATERIALIZED VIEW mv');
SELECT step, mode, statement FROM migrate.plan('n03') WHERE migration = 'n03';
SELECT migrate.add('n03', $m$
VACUUM FULL foo; ANALYZE foo;
VACUUM (FREEZE) foo;
REINDEX TABLE foo;
CLUSTER;
CLUSTER foo USING foo_b_idx;
CREATE MATERIALIZED VIEW mv AS SELECT b FROM foo; CREATE UNIQUE INDEX ON mv (b);
REFRESH MATERIALIZED VIEW CONCURRENTLY mv;
TRUNCATE foo;
LOCK TABLE foo;
CHECKPOINT;
REINDEX SCHEMA public;
ALTER SYSTEM SET work_mem = '3MB';
ALTER SYSTEM RESET work_mem;
$m$, 'DROP MATERIALIZED VIEW mv');
SELECT migration, step, mode FROM migrate.apply(names => '{n03}');
SELECT migration, step, mode FROM migrate.rollback(2);

-- DISCARD ALL must not wipe what we hold: the run goes on, and nobody else gets its lock
SELECT migrate.add('n04', $m$
SET work_mem = '3MB';
CREATE TABLE before_discard AS SELECT current_setting('work_mem') AS work_mem;
DISCARD ALL;
CREATE TABLE after_discard AS SELECT current_setting('work_mem') <> '3MB' AS discarded,
    (SELECT count(*) FROM migrate.active_steps()) AS running;
SELECT pg_advisory_unlock_all();
CREATE TABLE after_unlock AS SELECT count(*) AS running FROM migrate.active_steps();
DISCARD TEMP; DISCARD PLANS;
$m$, 'DROP TABLE before_discard, after_discard, after_unlock');
SELECT migration, step, mode FROM migrate.apply(names => '{n04}');
SELECT * FROM before_discard, after_discard, after_unlock;
SELECT migration, step, mode FROM migrate.rollback();

-- databases and tablespaces
SELECT migrate.add('n05', $m$-- no-transaction
CREATE DATABASE regress_migrate_db TEMPLATE template0;
ALTER DATABASE regress_migrate_db CONNECTION LIMIT 3;
$m$, 'DROP DATABASE regress_migrate_db');
SELECT step, mode, statement FROM migrate.plan(names => '{n05}');
SELECT migration, step, mode FROM migrate.apply(names => '{n05}');
SELECT datname, datconnlimit FROM pg_database WHERE datname LIKE 'regress_migrate%';
SELECT migration, step, mode FROM migrate.rollback();
SELECT datname FROM pg_database WHERE datname LIKE 'regress_migrate%';
SELECT migrate.add('n06', $m$
SET allow_in_place_tablespaces = on;
CREATE TABLESPACE regress_migrate_ts LOCATION '';
CREATE TABLE spaced (a int) TABLESPACE regress_migrate_ts;
$m$, 'DROP TABLE spaced; DROP TABLESPACE regress_migrate_ts');
SELECT migration, step, mode FROM migrate.apply(names => '{n06}');
SELECT spcname FROM pg_tablespace WHERE spcname LIKE 'regress%';
SELECT migration, step, mode FROM migrate.rollback();
SELECT spcname FROM pg_tablespace WHERE spcname LIKE 'regress%';

-- subscriptions: with a slot to be made elsewhere they stand alone
SELECT migrate.add('n07', $m$CREATE SUBSCRIPTION regress_sub CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false);
ALTER SUBSCRIPTION regress_sub SET (slot_name = NONE);
$m$, 'DROP SUBSCRIPTION regress_sub');
SELECT migrate.add('n08', $m$CREATE SUBSCRIPTION regress_sub2 CONNECTION 'host=/nowhere dbname=x' PUBLICATION p;$m$);
SELECT migration, step, mode FROM migrate.plan(names => '{n07,n08}');
SET client_min_messages = error;
SELECT migration, step, mode FROM migrate.apply(names => '{n07}');
SET client_min_messages = warning;
SELECT subname FROM pg_subscription WHERE subname LIKE 'regress%';
SELECT migration, step, mode FROM migrate.plan(direction => 'down');
SELECT migration, step, mode FROM migrate.rollback();
SELECT subname FROM pg_subscription WHERE subname LIKE 'regress%';
\set VERBOSITY sqlstate
SELECT migration, step, mode FROM migrate.apply(names => '{n08}');
\set VERBOSITY default
SELECT name, state FROM migrate.status WHERE name = 'n08';
SELECT migrate.mark('n08', 'pending');
SELECT migrate.remove('n08');

-- partitions
SELECT migrate.add('n09', $m$
CREATE TABLE pt (a int NOT NULL, b text) PARTITION BY RANGE (a);
CREATE TABLE pt1 PARTITION OF pt FOR VALUES FROM (0) TO (10);
CREATE TABLE pt2 PARTITION OF pt FOR VALUES FROM (10) TO (20);
CREATE INDEX pt_a ON pt (a);
INSERT INTO pt VALUES (1, 'x'), (11, 'y');
REINDEX TABLE pt;
REINDEX INDEX pt_a;
REINDEX TABLE pt1;
ALTER TABLE pt DETACH PARTITION pt1 CONCURRENTLY;
ALTER TABLE pt DETACH PARTITION pt2;
$m$, 'DROP TABLE pt, pt1, pt2');
SELECT step, mode, statement FROM migrate.plan(names => '{n09}');
SELECT migration, step, mode FROM migrate.apply(names => '{n09}');
SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'pt'::regclass;
SELECT migration, step, mode FROM migrate.rollback();

-- procedures and DO that commit
SELECT migrate.add('n10', $m$
CREATE TABLE batches (i int);
CREATE PROCEDURE commits() LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1..3 LOOP INSERT INTO batches VALUES (i); COMMIT; END LOOP; END $$;
CREATE PROCEDURE calls() LANGUAGE plpgsql AS $$ BEGIN CALL commits(); END $$;
CREATE PROCEDURE quiet() LANGUAGE plpgsql AS $$ BEGIN CREATE TEMP TABLE t ON COMMIT DROP AS SELECT 1; END $$;
CREATE PROCEDURE plain() LANGUAGE sql AS 'INSERT INTO batches VALUES (7)';
CALL quiet(); CALL plain();
CALL commits(); CALL calls();
DO $$ BEGIN INSERT INTO batches VALUES (4); COMMIT; INSERT INTO batches VALUES (5); END $$;
DO $$ BEGIN INSERT INTO batches VALUES (6); END $$;
$m$, 'DROP PROCEDURE commits, calls, quiet, plain; DROP TABLE batches');
SELECT step, mode, line FROM migrate.plan(names => '{n10}');
SELECT migration, step, mode FROM migrate.apply(names => '{n10}');
SELECT array_agg(i) FROM batches;
SELECT migration, step, mode FROM migrate.rollback();

-- a value added to an enum and used: split only where the server needs it
SELECT migrate.add('n11', $m$CREATE TYPE colors AS ENUM ('red'); CREATE TABLE painted (c colors);$m$, 'DROP TABLE painted; DROP TYPE colors');
SELECT migrate.add('n12', $m$-- a comment
ALTER TYPE colors ADD VALUE 'orange' AFTER 'red';
ALTER TYPE colors ADD VALUE IF NOT EXISTS 'blue';
INSERT INTO painted VALUES ('red');
INSERT INTO painted VALUES ('orange'), ('blue');
ALTER TYPE colors RENAME VALUE 'red' TO 'crimson';
$m$, '-- labels stay');
SELECT migration, step, mode, statement FROM migrate.plan('n12') WHERE migration = 'n12';
SELECT migration, step, mode FROM migrate.apply(names => '{n11,n12}');
SELECT array_agg(c) FROM painted;
SELECT migrate.add('n13', $m$BEGIN; ALTER TYPE colors ADD VALUE 'green'; INSERT INTO painted VALUES ('green'); COMMIT;$m$);
SELECT migration, step, mode FROM migrate.apply(names => '{n13}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.mark('n13', 'pending');
SELECT migrate.remove('n13');
SELECT migration, step, mode FROM migrate.rollback(2);

-- the script's lock_timeout and statement_timeout are not in force: its waits are limited otherwise
SELECT migrate.add('n14', $m$
SET lock_timeout = '1ms'; SET statement_timeout = '1ms';
CREATE TABLE seen AS SELECT current_setting('lock_timeout') AS lock, current_setting('statement_timeout') AS statement;
CREATE INDEX CONCURRENTLY seen_i ON seen (lock);
INSERT INTO seen SELECT current_setting('lock_timeout'), current_setting('statement_timeout');
$m$, 'DROP TABLE seen');
SELECT migration, step, mode FROM migrate.apply(names => '{n14}');
TABLE seen;
SELECT migration, step, mode FROM migrate.rollback();

-- refused before anything runs: marked as transactional, or in a block of the caller
SELECT migrate.add('n15', E'-- migrate:up transaction:true\nCREATE TABLE n15 (a int);\nVACUUM n15;');
SELECT migration, step, mode FROM migrate.apply(names => '{n15}');
\echo :LAST_ERROR_SQLSTATE
SELECT to_regclass('n15');
SELECT migrate.add('n15', E'CREATE TABLE n15 (a int);\nVACUUM n15;');
BEGIN;
SELECT migration, step, mode FROM migrate.apply(names => '{n15}');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT to_regclass('n15');
SELECT name, state FROM migrate.status;

-- a failing statement of its own: what was before it stays, and it is tried again
SELECT migrate.add('n15', E'CREATE TABLE n15 (a int);\nVACUUM no_such_table;\nCREATE TABLE n15b (a int);', 'DROP TABLE n15b; DROP TABLE n15');
SELECT migration, step, mode FROM migrate.apply(names => '{n15}');
\echo :LAST_ERROR_SQLSTATE
SELECT step, statement, state, error FROM migrate.steps WHERE migration = 'n15';
SELECT migrate.add('n15', E'CREATE TABLE n15 (a int);\nVACUUM n15;\nCREATE TABLE n15b (a int);', 'DROP TABLE n15b; DROP TABLE n15');
SELECT migration, step, mode FROM migrate.apply(names => '{n15}');
SELECT migration, step, mode FROM migrate.rollback();

SET migrate.allow_drop = on;
DROP EXTENSION migrate;
