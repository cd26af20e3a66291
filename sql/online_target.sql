-- A statement that is run online changes the relation that it means as written, or none.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
SET migrate.online = always;
SET migrate.small_table = 0;
CREATE TABLE target (id int PRIMARY KEY, v int);
INSERT INTO target SELECT i, i FROM generate_series(1, 100) i;
CREATE SCHEMA hidden;
CREATE TABLE hidden.target (id int PRIMARY KEY, v int);
CREATE FUNCTION enter(path text) RETURNS text LANGUAGE sql AS $$SELECT set_config('search_path', path, false)$$;
CREATE VIEW constraints AS SELECT conrelid::regclass AS relation, conname FROM pg_constraint WHERE contype IN ('c', 'u') AND conrelid::regclass::text ~ 'target' ORDER BY 1, 2;
-- code that nobody looks into sets the path
SELECT migrate.add('t1', $m$SELECT enter('hidden, public'); ALTER TABLE target ADD CONSTRAINT positive CHECK (v > 0);$m$);
SELECT migration, step FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
TABLE constraints;
-- the way out
SELECT migrate.add('t1', $m$SELECT enter('hidden, public'); ALTER TABLE public.target ADD CONSTRAINT positive CHECK (v > 0);$m$);
SELECT migration, step FROM migrate.apply();
TABLE constraints;
-- or there is none of the name
SELECT migrate.add('t2', $m$SELECT enter('pg_catalog'); ALTER TABLE target ADD CONSTRAINT small CHECK (v < 1000);$m$);
SELECT migration, step FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
TABLE constraints;

-- published without a replica identity: rows cannot be updated, so the column is added as written
CREATE TABLE keyless (v int NOT NULL);
INSERT INTO keyless VALUES (1), (2);
SET client_min_messages = error;
CREATE PUBLICATION regress_target FOR TABLE keyless;
SET client_min_messages = warning;
SELECT migrate.add('t3', 'ALTER TABLE keyless ADD COLUMN x int DEFAULT 1 + (random() * 0)::int;', '-- none');
SET migrate.lint = off;
SELECT migration, step, statement FROM migrate.apply(names => '{t3}');
TABLE keyless;

-- work that no part takes over is judged as it is written
RESET migrate.lint;
SELECT migrate.add('t4', 'ALTER TABLE public.target ALTER v TYPE bigint, ADD CHECK (id > 0);', '-- none');
SELECT step, runs, locks FROM migrate.plan(names => '{t4}') WHERE step IS NOT NULL;
SELECT rule, severity FROM migrate.lint('ALTER TABLE public.target ALTER v TYPE bigint, ADD CHECK (id > 0);') WHERE rule = 'changing-column-type';
SET migrate.allow_drop = on;
DROP PUBLICATION regress_target;
DROP EXTENSION migrate;
DROP VIEW constraints;
DROP FUNCTION enter;
DROP TABLE target, keyless;
DROP SCHEMA hidden CASCADE;
