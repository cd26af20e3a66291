-- Backfills as steps of migrations: asked for, by themselves, and called.
SET migrate.lint = off;
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS migrate;
CREATE EXTENSION migrate;
SET migrate.small_update = 1000;
CREATE TABLE large (id int PRIMARY KEY, a int, n int NOT NULL DEFAULT 0, at timestamptz);
INSERT INTO large SELECT i FROM generate_series(1, 5000) i;
CREATE TABLE little (id int PRIMARY KEY, a int);
INSERT INTO little SELECT i FROM generate_series(1, 10) i;
CREATE VIEW plans AS SELECT migration, step, mode, statement, note FROM migrate.plan();

-- by itself: large, and provably the same
SELECT migrate.add('b01', 'UPDATE large SET a = 1 WHERE a IS NULL; UPDATE little SET a = 1');
SELECT migration, step, mode, statement, left(note, 24) AS note FROM plans;
SELECT migration, step, statement, mode FROM migrate.apply();
SELECT a, count(*) FROM large GROUP BY a;
SELECT parent_run, relation, method FROM migrate.backfills;

-- a column that the script adds before
SELECT migrate.add('b02', 'ALTER TABLE large ADD b int; UPDATE large SET b = id WHERE b IS NULL; ALTER TABLE large ALTER b SET NOT NULL');
SELECT migration, step, mode, statement, left(note, 24) AS note FROM plans;
SELECT migration, step, mode FROM migrate.apply();
SELECT count(*) FROM large WHERE b = id;

-- not by itself: it is another moment in each batch, reads itself, the script asks for one transaction, or is in one
SELECT migrate.add('b03', 'UPDATE large SET at = now()');
SELECT migrate.add('b04', 'UPDATE large SET n = (SELECT count(*) FROM large x WHERE x.id < 3)');
SELECT migrate.add('b05', 'BEGIN; UPDATE large SET n = n + 1; COMMIT');
SELECT migrate.add('b06', E'-- migrate:up transaction:always\nUPDATE large SET n = n + 1');
SELECT migrate.add('b07', 'CREATE TABLE new_one AS SELECT * FROM large; UPDATE new_one SET n = n + 1');
SELECT migration, mode, left(statement, 40) AS statement, note FROM plans;
SELECT DISTINCT mode FROM migrate.apply();
BEGIN;
SELECT migrate.add('b08', 'UPDATE large SET n = n + 1');
SELECT migration, mode FROM migrate.apply();
COMMIT;
SELECT min(n), max(n), count(DISTINCT at) FROM large;

-- not by itself either: rows that are in each other's way, or that may go only together, or that other tables answer for
CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree, place int, code text, n int);
INSERT INTO tree SELECT i, nullif(i / 2, 0), i, 'c' || i FROM generate_series(1, 3000) i;
CREATE UNIQUE INDEX ON tree (place) WHERE n IS NULL;
CREATE UNIQUE INDEX ON tree (lower(code));
CREATE TABLE whole (id int PRIMARY KEY, n int, later int REFERENCES little DEFERRABLE);
INSERT INTO whole SELECT i FROM generate_series(1, 3000) i;
CREATE TABLE part (whole int REFERENCES whole ON DELETE CASCADE, n int);
ANALYZE tree, whole;
SELECT migrate.add('c01', 'DELETE FROM tree');
SELECT migrate.add('c02', 'UPDATE tree SET place = place - 1');
SELECT migrate.add('c03', $$UPDATE tree SET code = 'x' || code$$);
SELECT migrate.add('c04', 'UPDATE tree SET n = 1');
SELECT migrate.add('c05', 'UPDATE tree SET parent = id');
SELECT migrate.add('c06', 'UPDATE whole SET later = 1');
SELECT migrate.add('c07', 'DELETE FROM whole WHERE NOT EXISTS (SELECT FROM part WHERE part.whole = whole.id)');
SELECT migration, mode, note FROM plans;
ALTER TABLE whole DROP later;
SELECT migration, mode, note FROM plans WHERE migration >= 'c06';
SELECT migrate.add('c06', 'DELETE FROM whole WHERE id > 5');
SELECT migration, mode, note FROM plans WHERE migration = 'c06';
SELECT migrate.remove(name) FROM migrate.status WHERE state = 'pending';
DROP TABLE tree, part, whole;

-- how, and from a million rows the hint to detach
ANALYZE large;
SELECT migrate.add('d01', 'UPDATE large SET n = n + 1');
SELECT migrate.add('d02', 'DELETE FROM large WHERE n = -7');
SELECT migrate.add('d03', E'-- migrate:backfill\nUPDATE little SET id = id + 1');
SELECT migrate.add('d04', E'-- migrate:backfill\nUPDATE large SET not_there_yet = 1');
SELECT migration, mode, note FROM plans;
ALTER TABLE large SET (autovacuum_enabled = off);
UPDATE pg_class SET reltuples = 2000000 WHERE oid = 'large'::regclass;
SELECT migration, note FROM plans WHERE migration = 'd01';
ANALYZE large;
-- the key that the rows lie in the order of, and of two such the smaller one
CREATE TABLE three_keys (a int NOT NULL UNIQUE, b int NOT NULL, c int NOT NULL UNIQUE, n int, UNIQUE (b, n, a));
INSERT INTO three_keys SELECT i * 7 % 5003, i, i FROM generate_series(1, 5002) i;
ALTER TABLE three_keys ALTER n SET DEFAULT 0;
UPDATE three_keys SET n = 0;
VACUUM FULL ANALYZE three_keys;
ALTER TABLE three_keys ALTER n SET NOT NULL, ADD other int;
SELECT migrate.add('d05', 'UPDATE three_keys SET other = coalesce(other, 0) + 1');
SELECT migration, note FROM plans WHERE migration = 'd05';
DROP TABLE three_keys;
SELECT migrate.remove(name) FROM migrate.status WHERE state = 'pending';

-- asked for, whatever the size
SELECT migrate.add('b09', E'-- migrate:backfill batch:3 pause:1ms workers:2\nUPDATE little SET a = a + 1;\n-- migrate:backfill\nDELETE FROM large WHERE id > 4000;');
SELECT migration, step, mode, note IS NOT NULL AS note FROM plans;
SELECT migration, step, mode FROM migrate.apply();
SELECT min(a), max(a) FROM little;
SELECT count(*) FROM large;
SELECT migrate.add('b10', E'-- migrate:backfill\nSELECT 1');
SELECT * FROM migrate.plan();
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('b10', E'-- migrate:backfill batch:x\nUPDATE little SET a = 1');
SELECT * FROM migrate.plan();
\echo :LAST_ERROR_SQLSTATE
-- what cannot be run so is refused when its turn comes, and can be corrected
SELECT migrate.add('b10', E'-- migrate:backfill\nUPDATE little SET id = id + 1');
SELECT migrate.apply();
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('b10', E'-- migrate:backfill\nUPDATE little SET a = 10 / (id - 5)');
SELECT migrate.apply();
\echo :LAST_ERROR_SQLSTATE
SELECT state, error FROM migrate.status WHERE name = 'b10';
DELETE FROM little WHERE id = 5;
SELECT migration, step, mode FROM migrate.apply();
SELECT count(*) FROM little WHERE a = 10 / (id - 5);

-- called
SELECT migrate.add('b11', $$SELECT migrate.backfill('UPDATE little SET a = 7')$$);
SELECT migration, step, mode FROM migrate.apply();
SELECT DISTINCT a FROM little;

-- settings of the migration hold for its batches, and the session's isolation is its own afterwards
CREATE SCHEMA other;
CREATE TABLE other.little (id int PRIMARY KEY, a int);
INSERT INTO other.little VALUES (1, 1);
SELECT migrate.add('b12', E'SET search_path = other; SET default_transaction_isolation = serializable;\n-- migrate:backfill workers:2\nUPDATE little SET a = 2;\nCREATE TABLE isolation AS SELECT current_setting(''transaction_isolation'') AS level');
SELECT migration, step, mode FROM migrate.apply();
SELECT a FROM other.little;
TABLE other.isolation;

SET migrate.allow_drop = on;
DROP VIEW plans;
DROP EXTENSION migrate;
DROP SCHEMA other CASCADE;
DROP TABLE large, little, new_one;
