-- What cannot be run in batches, and what is wrong in a call: each with its reason, and nothing changed.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS migrate;
CREATE EXTENSION migrate;
CREATE SCHEMA fill;
SET search_path = fill, public;
RESET client_min_messages;
\set SHOW_CONTEXT never
CREATE TABLE t (id int PRIMARY KEY, n int, s text);
INSERT INTO t SELECT i, 0 FROM generate_series(1, 100) i;
CREATE TABLE other (id int PRIMARY KEY, n int);
INSERT INTO other SELECT i, i FROM generate_series(1, 10) i;
CREATE VIEW seen AS SELECT * FROM t;
CREATE TABLE no_key (k int, n int);
INSERT INTO no_key SELECT i, 0 FROM generate_series(1, 10) i;

-- ---- not a statement for it ------------------------------------------------------------------------
SELECT migrate.backfill(NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('SELECT 1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('INSERT INTO t VALUES (1000)');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('TRUNCATE t');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET n = 1; UPDATE t SET n = 2');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET n = ');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET no_column = 1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE no_table SET n = 1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET n = $1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET n = ''x''');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET n = 1 WHERE s = 1');
\echo :LAST_ERROR_SQLSTATE

-- ---- what batches cannot do ------------------------------------------------------------------------
SELECT migrate.backfill('WITH x AS (SELECT 1) UPDATE t SET n = 1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('WITH x AS (DELETE FROM other RETURNING *) DELETE FROM t USING x WHERE x.id = t.id');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET n = 1 RETURNING n');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('DELETE FROM t WHERE CURRENT OF c');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE seen SET n = 1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('DELETE FROM seen');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE pg_class SET relname = relname');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('DELETE FROM migrate.migrations');
\echo :LAST_ERROR_SQLSTATE
CREATE TEMP TABLE mine (id int PRIMARY KEY);
SELECT migrate.backfill('DELETE FROM mine');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('DELETE FROM t USING mine WHERE mine.id = t.id');
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE ruled (id int PRIMARY KEY, n int);
CREATE RULE r AS ON UPDATE TO ruled DO ALSO NOTHING;
SELECT migrate.backfill('UPDATE ruled SET n = 1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE ruled SET n = 1', unsafe => true);
\echo :LAST_ERROR_SQLSTATE

-- ---- keys ------------------------------------------------------------------------------------------
SELECT migrate.backfill('UPDATE t SET id = id + 1000');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET id = id + 1000 WHERE n = 0');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE no_key SET n = n + 1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE no_key SET n = n + 1 WHERE n < 5');
\echo :LAST_ERROR_SQLSTATE
-- may match again: now() is another moment, a volatile value another value, a trigger has a hand in it
SELECT migrate.backfill('UPDATE no_key SET n = (random() * 10)::int WHERE n = 0');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE no_key SET n = (SELECT max(n) FROM other) WHERE n = 0', unsafe => false);
\echo :LAST_ERROR_SQLSTATE
-- indexes that are no key: a null, a part, an expression, not valid
CREATE TABLE no_good_key (a int UNIQUE, b int NOT NULL, c int NOT NULL, d int NOT NULL UNIQUE DEFERRABLE, n int);
CREATE UNIQUE INDEX ON no_good_key (b) WHERE c > 0;
CREATE UNIQUE INDEX ON no_good_key ((c + 1));
SELECT migrate.backfill('UPDATE no_good_key SET n = n + 1');
\echo :LAST_ERROR_SQLSTATE
-- a trigger that changes the key, seen when it does
CREATE TABLE moved (id int PRIMARY KEY, n int DEFAULT 0);
INSERT INTO moved SELECT i FROM generate_series(1, 100) i;
CREATE FUNCTION move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.id := NEW.id + 1000; RETURN NEW; END $$;
CREATE TRIGGER move BEFORE UPDATE ON moved FOR EACH ROW EXECUTE FUNCTION move();
SELECT migrate.backfill('UPDATE moved SET n = n + 1', batch => 10);
\echo :LAST_ERROR_SQLSTATE
SELECT min(id), max(id), min(n), max(n) FROM moved;

-- ---- partitions ------------------------------------------------------------------------------------
CREATE TABLE parts (id int, d int, n int, PRIMARY KEY (id, d)) PARTITION BY RANGE (d);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
SELECT migrate.backfill('UPDATE parts SET d = 1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE parts SET d = 1 WHERE d = 2', unsafe => true);
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE by_expression (id int, a int, b int) PARTITION BY RANGE ((a + b));
SELECT migrate.backfill('UPDATE by_expression SET a = 1 WHERE a = 2');
\echo :LAST_ERROR_SQLSTATE
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER for_all AFTER UPDATE ON parts FOR EACH STATEMENT EXECUTE FUNCTION nothing();
SELECT migrate.backfill('UPDATE parts SET n = 1');
\echo :LAST_ERROR_SQLSTATE
SELECT state FROM migrate.backfill('UPDATE parts SET n = 1', unsafe => true);
\echo :LAST_ERROR_SQLSTATE

-- ---- statements that would mean something else -----------------------------------------------------
SELECT migrate.backfill('UPDATE t SET n = (SELECT count(*) FROM t)');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET n = x.n FROM t x WHERE x.id = t.id + 1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET n = 1 WHERE EXISTS (SELECT FROM seen WHERE seen.id = t.id + 1)');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE parts_1 SET n = (SELECT count(*) FROM parts)');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('DELETE FROM t WHERE id IN (SELECT id FROM other LIMIT 5)');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('DELETE FROM t WHERE id IN (SELECT id FROM other OFFSET 5)');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET n = (SELECT avg(n) FROM other)');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET n = x.place FROM (SELECT id, row_number() OVER (ORDER BY n) AS place FROM other) x WHERE x.id = t.id');
\echo :LAST_ERROR_SQLSTATE
SELECT rows FROM migrate.backfill('UPDATE t SET n = (SELECT count(*) FROM t x)', unsafe => true);
\echo :LAST_ERROR_SQLSTATE
SELECT DISTINCT n FROM t;
-- asked for each row, they do not
SELECT rows FROM migrate.backfill('UPDATE t SET n = (SELECT n FROM other WHERE other.id = t.id ORDER BY n LIMIT 1)');
\echo :LAST_ERROR_SQLSTATE

-- ---- arguments -------------------------------------------------------------------------------------
\set VERBOSITY terse
SELECT migrate.backfill('UPDATE t SET n = 1', workers => 0);
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT migrate.backfill('UPDATE t SET n = 1', workers => 100000);
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET n = 1', on_error => 'ignore');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET n = 1', batch => -1);
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET n = 1', pause => '-1 s');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET n = 1', rows_per_second => -1);
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET n = 1', max_skipped => 2);
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET n = 1', remaining => 'no_column IS NULL');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET n = 1', remaining => 'n IS NULL; DROP TABLE t');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET n = 1', remaining => 'n, s');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET n = 1', remaining => 'n');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE t SET n = 1', role => 'no such role');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.resume(1000);
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.resume(1);
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.pause(1000);
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.pause(1);
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.throttle(1000, 5);
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.throttle(1, 5);
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.throttle(1, -5);
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT migrate.throttle(1, workers => 0);
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.throttle(NULL, 5);
\echo :LAST_ERROR_SQLSTATE

-- ---- where it may be called ------------------------------------------------------------------------
BEGIN;
SELECT migrate.backfill('UPDATE t SET n = 1');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
DO $$ BEGIN PERFORM migrate.backfill('UPDATE t SET n = 1'); END $$;
BEGIN READ ONLY;
SELECT migrate.backfill('UPDATE t SET n = 1');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;

-- ---- rights ----------------------------------------------------------------------------------------
CREATE ROLE regress_filler;
GRANT USAGE ON SCHEMA fill TO regress_filler;
SELECT migrate.backfill('UPDATE fill.t SET n = 1', role => 'regress_filler');
\echo :LAST_ERROR_SQLSTATE
GRANT UPDATE (n) ON t TO regress_filler;
-- the key is read
SELECT migrate.backfill('UPDATE fill.t SET n = 1', role => 'regress_filler');
\echo :LAST_ERROR_SQLSTATE
GRANT SELECT (id) ON t TO regress_filler;
SELECT migrate.backfill('UPDATE fill.t SET n = 1', role => 'regress_filler', remaining => 's IS NULL');
\echo :LAST_ERROR_SQLSTATE
SELECT rows FROM migrate.backfill('UPDATE fill.t SET n = 1', role => 'regress_filler');
\echo :LAST_ERROR_SQLSTATE
-- somebody else's unfinished one
SELECT migrate.backfill('UPDATE fill.t SET n = 1 / (id - 7)', role => 'regress_filler');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.backfill('UPDATE fill.t SET n = 1 / (id - 7)');
\echo :LAST_ERROR_SQLSTATE
GRANT SELECT ON t TO regress_filler;
SELECT migrate.backfill('UPDATE fill.t SET n = 1 / (id - 7)', role => 'regress_filler');
\echo :LAST_ERROR_SQLSTATE
-- row security is the role's
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY a_part ON t TO regress_filler USING (id <= 20) WITH CHECK (n < 50);
SELECT rows FROM migrate.backfill('UPDATE fill.t SET n = 2', role => 'regress_filler');
\echo :LAST_ERROR_SQLSTATE
SELECT n, count(*) FROM t GROUP BY n ORDER BY n;
SELECT migrate.backfill('UPDATE fill.t SET n = 50 + id', role => 'regress_filler');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM migrate.backfill_progress;

SET client_min_messages = warning;
SET migrate.allow_drop = on;
DROP SCHEMA fill CASCADE;
DROP ROLE regress_filler;
DROP EXTENSION migrate;
