-- Long work is not done in one transaction with a lock that stops others, unless the script wants it so.
SET migrate.lint = off;
SET migrate.online = off;
SET client_min_messages = warning;
CREATE EXTENSION migrate;
CREATE TABLE big (id int PRIMARY KEY, v text);
INSERT INTO big SELECT g, repeat('x', 100) FROM generate_series(1, 20000) g;
CREATE TABLE small (id int PRIMARY KEY, v text);
CREATE TABLE copied (id int, x int);
SET client_min_messages = notice;

-- each of the long ones by itself, whatever is short with its neighbours
SELECT migrate.add('v1', $$
ALTER TABLE big ADD COLUMN c int;
ALTER TABLE small ADD COLUMN c int;
INSERT INTO copied SELECT id, c FROM big;
DELETE FROM copied USING big WHERE big.id = copied.id AND big.id > 10;
INSERT INTO small VALUES (1, 'one');
ALTER TABLE big ALTER COLUMN c SET DEFAULT 0;
CREATE INDEX big_c ON big (c);
CREATE TABLE later (i int);
$$, 'DROP INDEX big_c; ALTER TABLE big DROP COLUMN c; ALTER TABLE small DROP COLUMN c; DROP TABLE later');
SELECT step, statement, note FROM migrate.plan('v1');
SET client_min_messages = warning;
SELECT step, statement FROM migrate.apply('v1');
SELECT step, state, attempts, lock_mode FROM migrate.steps WHERE migration = 'v1' ORDER BY step;
SELECT count(*) FROM copied;

-- the other way as well
SET client_min_messages = warning;
SELECT step, statement FROM migrate.rollback();
SELECT migrate.remove('v1');

-- whole: the script says so
SELECT migrate.add('v2', E'-- migrate:up transaction:always\nALTER TABLE big ADD COLUMN c int;\nINSERT INTO copied SELECT id, c FROM big;'),
       migrate.add('v3', E'BEGIN;\nALTER TABLE big ADD COLUMN d int;\nINSERT INTO copied SELECT id, d FROM big;\nCOMMIT;'),
       migrate.add('v4', E'-- migrate:set small_table = ''1GB''\nALTER TABLE big ADD COLUMN e int;\nINSERT INTO copied SELECT id, e FROM big;');
-- ... or what holds to the end of the transaction is meant for what follows
SELECT migrate.add('v5', E'SET LOCAL work_mem = ''1MB'';\nALTER TABLE big ADD COLUMN f int;\nINSERT INTO copied SELECT id, f FROM big;'),
       migrate.add('v6', E'LOCK TABLE big;\nALTER TABLE big ADD COLUMN g int;\nINSERT INTO copied SELECT id, g FROM big;'),
       migrate.add('v7', E'SELECT pg_advisory_xact_lock(1);\nALTER TABLE big ADD COLUMN h int;\nINSERT INTO copied SELECT id, h FROM big;'),
       migrate.add('v8', E'ALTER TABLE big ADD COLUMN i int;\nSAVEPOINT s;\nINSERT INTO copied SELECT id, i FROM big;\nRELEASE s;');
-- ... or nothing of it stops anybody, or nothing takes long
SELECT migrate.add('v9', E'INSERT INTO copied SELECT id, 1 FROM big;\nCREATE TABLE again AS SELECT * FROM big;\nINSERT INTO again SELECT * FROM big;'),
       migrate.add('v10', E'ALTER TABLE small ADD COLUMN d int;\nUPDATE small SET d = 1;\nUPDATE big SET c = 2 WHERE id = 7;');
SELECT migration, max(step) AS steps, max(note) AS note FROM migrate.plan() GROUP BY 1 ORDER BY migrate.sort_key(migration);
SELECT migration, count(*) AS steps FROM migrate.apply() GROUP BY 1 ORDER BY migrate.sort_key(migration);

-- a setting for one call counts, too
SELECT migrate.add('v11', E'ALTER TABLE big ADD COLUMN k int;\nINSERT INTO copied SELECT id, k FROM big;', 'ALTER TABLE big DROP COLUMN k');
SELECT migration, count(*) FROM migrate.apply(settings => '{"small_table": "1GB"}') GROUP BY 1;
SELECT count(*) FROM migrate.rollback();
SELECT migration, count(*) FROM migrate.apply(settings => '{"small_table": 0}') GROUP BY 1;
SELECT count(*) FROM migrate.rollback();

-- inside the caller's transaction everything is whole
BEGIN;
SELECT migration, count(*) FROM migrate.apply() GROUP BY 1;
ROLLBACK;

-- a part that fails leaves those before it, and apply() goes on there
SELECT migrate.add('v11', E'ALTER TABLE big ADD COLUMN k int;\nINSERT INTO copied SELECT id, 1 / (id - 10000) FROM big;', 'ALTER TABLE big DROP COLUMN k');
SELECT count(*) FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
SELECT name, state FROM migrate.status WHERE name = 'v11';
DELETE FROM big WHERE id = 10000;
SELECT step, statement FROM migrate.apply();
SELECT name, state FROM migrate.status WHERE name = 'v11';
SET migrate.allow_drop = on;
DROP EXTENSION migrate CASCADE;
DROP TABLE big, small, copied, again;
