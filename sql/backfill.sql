-- UPDATE and DELETE in batches: every kind of key, tables without one, partitions, resuming.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS migrate;
CREATE EXTENSION migrate;
CREATE SCHEMA fill;
SET search_path = fill, public;
RESET client_min_messages;

-- How often each row was done.
CREATE FUNCTION done(tab text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
    EXECUTE format('SELECT string_agg(n || '' x '' || rows, '', '' ORDER BY n) FROM (SELECT n, count(*) AS rows FROM %s GROUP BY n) x', tab) INTO result;
    RETURN result;
END $$;

-- ---- keys ------------------------------------------------------------------------------------------
CREATE TABLE numbers (id int PRIMARY KEY, n int NOT NULL DEFAULT 0);
INSERT INTO numbers SELECT i FROM generate_series(-3000, 3000) i;
SELECT state, rows, skipped, batches > 2 AS several FROM migrate.backfill('UPDATE numbers SET n = n + 1');
SELECT done('numbers');
-- done: the same statement is a new run
SELECT rows FROM migrate.backfill('UPDATE numbers SET n = n + 1', batch => 1000);
SELECT done('numbers');
-- only some
SELECT rows FROM migrate.backfill('UPDATE numbers SET n = n + 1 WHERE id > 2990', batch => 1000);
SELECT done('numbers');

-- a leading column with few values, text in an order of its own
CREATE TABLE composite (a int, b text COLLATE "C", n int DEFAULT 0, PRIMARY KEY (a, b));
INSERT INTO composite SELECT i % 3, 'x' || i FROM generate_series(1, 3000) i;
SELECT rows FROM migrate.backfill('UPDATE composite SET n = n + 1', batch => 70);
SELECT done('composite');

-- an index whose collation is not the column's; descending
CREATE TABLE other_collation (b text COLLATE "POSIX" NOT NULL, n int DEFAULT 0);
CREATE UNIQUE INDEX ON other_collation (b COLLATE "C" DESC);
INSERT INTO other_collation SELECT chr(65 + i % 50) || i FROM generate_series(1, 3000) i;
SELECT rows FROM migrate.backfill('UPDATE other_collation SET n = n + 1', batch => 70);
SELECT done('other_collation');

CREATE TABLE uuids (k uuid PRIMARY KEY, n int DEFAULT 0);
INSERT INTO uuids SELECT gen_random_uuid() FROM generate_series(1, 3000);
SELECT rows FROM migrate.backfill('UPDATE uuids SET n = n + 1', batch => 70);
SELECT done('uuids');

-- NaN, infinity, and moments that differ in their last digit; whatever DateStyle says
SET DateStyle = 'SQL, DMY';
SET TimeZone = 'Asia/Kolkata';
CREATE TABLE odd_values (k timestamptz NOT NULL, j numeric NOT NULL, f float8 NOT NULL, n int DEFAULT 0, UNIQUE (k, j, f));
INSERT INTO odd_values SELECT '2020-02-03 00:00+00'::timestamptz + i / 2 * interval '1 microsecond',
    CASE WHEN i % 3 = 0 THEN 'NaN' ELSE i / 7.0 END, CASE WHEN i % 5 = 0 THEN 'NaN' ELSE i * 0.1::float8 END FROM generate_series(1, 3000) i;
INSERT INTO odd_values VALUES ('infinity', 'NaN', '-infinity'), ('-infinity', '-infinity', 'infinity'), ('1800-01-01 00:00:00+05:53:28', 0, -0.0);
SELECT rows FROM migrate.backfill('UPDATE odd_values SET n = n + 1', batch => 70);
SELECT done('odd_values');
RESET DateStyle;
RESET TimeZone;

-- names and values that hurt
CREATE TABLE "Ta""ble ü {}," ("Ke""y ,{" text PRIMARY KEY, "N" int DEFAULT 0);
INSERT INTO "Ta""ble ü {}," SELECT chr(200 + i % 100) || '''"\{,} ' || i || chr(8364) FROM generate_series(1, 3000) i;
INSERT INTO "Ta""ble ü {}," VALUES (''), ('NULL'), ('"'), ('\');
SELECT rows FROM migrate.backfill('UPDATE "Ta""ble ü {}," SET "N" = "N" + 1', batch => 70);
SELECT "N", count(*) FROM "Ta""ble ü {}," GROUP BY "N";

-- enums, arrays, ranges, domains: the operators are the index's own
CREATE TYPE mood AS ENUM ('low', 'middle', 'high');
CREATE DOMAIN small AS int CHECK (VALUE < 100000);
CREATE TABLE types (m mood, s small, a int[], r int4range, n int DEFAULT 0, PRIMARY KEY (m, a, r, s));
INSERT INTO types SELECT (enum_range(NULL::mood))[1 + i % 3], i, ARRAY[i % 7, i], int4range(i % 5, i) FROM generate_series(6, 1500) i;
SELECT rows FROM migrate.backfill('UPDATE types SET n = n + 1', batch => 70);
SELECT done('types');

-- each of them stopped on its way by a row that cannot be changed, and taken up after it was corrected
CREATE TABLE kinds (tab text, counter text, key text);
INSERT INTO kinds VALUES ('composite', 'n', 'a, b'), ('other_collation', 'n', 'b COLLATE "C"'), ('uuids', 'n', 'k'), ('odd_values', 'n', 'k, j, f'),
    ('"Ta""ble ü {},"', '"N"', '"Ke""y ,{"'), ('types', 'n', 'm, a, r, s');
SELECT format('UPDATE %1$s SET %2$s = CASE WHEN ctid = (SELECT ctid FROM %1$s ORDER BY %3$s OFFSET 777 LIMIT 1) THEN -1 ELSE 0 END', tab, counter, key) FROM kinds \gexec
CREATE VIEW calls AS SELECT format('SELECT rows, batches > 5 AS several FROM migrate.backfill(%L, batch => 70)',
    format('UPDATE %1$s SET %2$s = %2$s + 1 + 0 / (%2$s + 1)', tab, counter)) AS call FROM kinds;
\set VERBOSITY terse
SELECT call FROM calls \gexec
\set VERBOSITY default
SELECT format('SELECT %1$L AS tab, count(*) FILTER (WHERE %2$s = 1) BETWEEN 700 AND 777 AS a_part FROM %1$s', tab, counter) FROM kinds \gexec
SELECT format('UPDATE %1$s SET %2$s = 0 WHERE %2$s = -1', tab, counter) FROM kinds \gexec
SELECT call FROM calls \gexec
SELECT format('SELECT %1$L AS tab, %2$s AS times, count(*) FROM %1$s GROUP BY %2$s', tab, counter) FROM kinds \gexec

-- ---- blocks ----------------------------------------------------------------------------------------
CREATE TABLE plain (k int, n int, other text);
INSERT INTO plain SELECT i % 7 FROM generate_series(1, 3000) i;
SELECT rows FROM migrate.backfill('UPDATE plain SET n = 1 WHERE n IS NULL');
SELECT rows FROM migrate.backfill('UPDATE plain SET n = k WHERE n IS DISTINCT FROM k');
SELECT done('plain');
SELECT rows FROM migrate.backfill($$UPDATE plain SET other = coalesce(other, 'none') WHERE other IS NULL AND k < 3$$);
SELECT rows FROM migrate.backfill($$UPDATE plain SET other = upper(other) WHERE other = 'none'$$);
-- the new value may be null: doing such a row again changes nothing; and it shows in the end
UPDATE plain SET k = NULL WHERE k = 6;
SELECT rows FROM migrate.backfill('UPDATE plain SET n = k WHERE n IS NULL');
UPDATE plain SET n = NULL WHERE k IS NULL OR k < 2;
SELECT migrate.backfill('UPDATE plain SET n = k WHERE n IS NULL');
SELECT done('plain');
SELECT state, rows > 428 AS several_times FROM migrate.backfill('UPDATE plain SET n = k WHERE n IS NULL', remaining => 'n IS NULL AND k IS NOT NULL');
UPDATE plain SET n = NULL WHERE k IS NULL OR k < 2;
SELECT rows FROM migrate.backfill('UPDATE plain SET n = k WHERE n IS NULL AND k IS NOT NULL');
SELECT rows FROM migrate.backfill('DELETE FROM plain WHERE n IN (1, 2)');
SELECT done('plain');
DELETE FROM plain;
SELECT state, rows FROM migrate.backfill('DELETE FROM plain');
CREATE TABLE nothing (n int);
SELECT state, rows FROM migrate.backfill('DELETE FROM nothing');

-- rows that each row that is done brings with it do not make it endless
CREATE TABLE more (n int);
CREATE FUNCTION bring() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO fill.more VALUES (NULL); RETURN NULL; END $$;
CREATE TRIGGER bring AFTER UPDATE ON more FOR EACH ROW EXECUTE FUNCTION bring();
INSERT INTO more SELECT NULL FROM generate_series(1, 1000);
\set VERBOSITY sqlstate
SELECT migrate.backfill('UPDATE more SET n = 1 WHERE n IS NULL');
\set VERBOSITY default
SELECT count(*) FILTER (WHERE n = 1) >= 1000 AS done, count(*) < 12000 AS ended FROM more;
DROP TRIGGER bring ON more;
SELECT state FROM migrate.backfill('UPDATE more SET n = 1 WHERE n IS NULL');
DROP TABLE more;

-- ---- several workers -------------------------------------------------------------------------------
SELECT rows FROM migrate.backfill('UPDATE uuids SET n = n + 1', workers => 3, batch => 50);
SELECT done('uuids');
SELECT rows FROM migrate.backfill('UPDATE numbers SET n = n + 1', workers => 3, batch => 50);
SELECT done('numbers');

-- ---- other tables ----------------------------------------------------------------------------------
CREATE TABLE prices (a int PRIMARY KEY, price int);
INSERT INTO prices VALUES (0, 10), (1, 20), (2, 30);
SELECT rows FROM migrate.backfill('UPDATE composite c SET n = p.price FROM prices p WHERE p.a = c.a', batch => 500);
SELECT done('composite');
SELECT rows FROM migrate.backfill('UPDATE composite SET n = (SELECT count(*) FROM prices WHERE prices.a < composite.a)', batch => 500);
SELECT done('composite');
SELECT rows FROM migrate.backfill('DELETE FROM composite USING prices p WHERE p.a = composite.a AND p.price = 30');
SELECT done('composite');

-- ---- partitions and inheritance --------------------------------------------------------------------
CREATE TABLE parts (id int, d int, n int DEFAULT 0, PRIMARY KEY (id, d)) PARTITION BY RANGE (d);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20) PARTITION BY LIST (id);
CREATE TABLE parts_2_rest PARTITION OF parts_2 DEFAULT;
INSERT INTO parts SELECT i, i % 20 FROM generate_series(1, 3000) i;
SELECT rows FROM migrate.backfill('UPDATE parts SET n = parts.n + 1', batch => 500);
SELECT rows FROM migrate.backfill('UPDATE parts_2 AS x SET n = x.n + 1', batch => 500);
SELECT done('parts');
CREATE TABLE parent (n int);
CREATE TABLE child (more int) INHERITS (parent);
INSERT INTO parent VALUES (1);
INSERT INTO child VALUES (1);
SELECT rows FROM migrate.backfill('UPDATE parent SET n = 2 WHERE n = 1');
SELECT tableoid::regclass, n FROM parent;

-- ---- triggers --------------------------------------------------------------------------------------
CREATE TABLE log_of_n (id int, n int);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log_of_n VALUES (NEW.id, NEW.n); RETURN NEW; END $$;
CREATE TRIGGER note BEFORE UPDATE ON numbers FOR EACH ROW EXECUTE FUNCTION note();
SELECT rows FROM migrate.backfill('UPDATE numbers SET n = 0', batch => 1000);
SELECT count(*), count(DISTINCT id) FROM log_of_n;

-- ---- going on, and beginning anew ------------------------------------------------------------------
CREATE TABLE errors (id int PRIMARY KEY, t text, v int);
INSERT INTO errors SELECT i, i::text FROM generate_series(1, 500) i;
UPDATE errors SET t = 'abc' WHERE id IN (77, 400);
SELECT migrate.backfill('UPDATE errors SET v = t::int WHERE v IS NULL', batch => 100);
SELECT count(*) BETWEEN 50 AND 76 AS kept FROM errors WHERE v IS NOT NULL;
SELECT state, doing, error IS NOT NULL AS has_error, rows = (SELECT count(*) FROM errors WHERE v IS NOT NULL) AS counted
  FROM migrate.progress JOIN migrate.backfill_progress USING (run, state, rows);
UPDATE errors SET t = '77' WHERE id = 77;
-- comments and white space do not make another statement
SELECT run - (SELECT min(run) FROM migrate.backfill_progress) AS same_run, rows, skipped
  FROM migrate.backfill('update errors /* again */ set v = t::int where v is null', on_error => 'skip');
SELECT state, rows, skipped FROM migrate.backfill('UPDATE errors SET v = t::int WHERE v IS NULL', on_error => 'skip');
SELECT relation, key, column_name, sqlstate, message FROM migrate.skipped;
SELECT id FROM errors WHERE v IS NULL;
SELECT * FROM migrate.progress;
-- too many of them
CREATE TABLE bad (id int PRIMARY KEY, n int, v int);
INSERT INTO bad SELECT i, i % 50 FROM generate_series(1, 1000) i;
SELECT migrate.backfill('UPDATE bad SET v = 1 / n', on_error => 'skip');
SELECT state, rows, skipped FROM migrate.backfill('UPDATE bad SET v = 1 / n', on_error => 'skip', max_skipped => 0.02, restart => true);
SELECT count(*), min(message), bool_and(key = ARRAY[id::text]) AS keys FROM migrate.skipped JOIN bad ON id = key[1]::int WHERE run = (SELECT max(run) FROM migrate.skipped);
-- the last of the rows that are tried one by one, when the index has entries of versions that were rolled back
CREATE TABLE last_one (id int PRIMARY KEY, name text, email text, v int DEFAULT 1);
INSERT INTO last_one SELECT i, 'n' || i, 'e' || i FROM generate_series(1, 100) i;
SELECT migrate.backfill('UPDATE last_one SET v = 1 / (id - 50)');
DROP TABLE last_one;

-- a table of the same name is not the same
SELECT migrate.backfill('UPDATE errors SET v = 1 / (id - 3)', batch => 100);
DROP TABLE errors;
CREATE TABLE errors (id int PRIMARY KEY, t text, v int);
INSERT INTO errors SELECT i FROM generate_series(4, 500) i;
SELECT migrate.backfill('UPDATE errors SET v = 1 / (id - 3)');
SELECT state, rows FROM migrate.backfill('UPDATE errors SET v = 1 / (id - 3)', restart => true);
SELECT event, detail FROM migrate.history WHERE event = 'backfilled' ORDER BY id DESC LIMIT 1;

-- ---- statistics ------------------------------------------------------------------------------------
SELECT attname, n_distinct FROM pg_stats WHERE schemaname = 'fill' AND tablename = 'prices';
SELECT rows FROM migrate.backfill('UPDATE prices SET price = 7');
SELECT attname, n_distinct FROM pg_stats WHERE schemaname = 'fill' AND tablename = 'prices';

SET client_min_messages = warning;
SET migrate.allow_drop = on;
DROP SCHEMA fill CASCADE;
DROP EXTENSION migrate;
