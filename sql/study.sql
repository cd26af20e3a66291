-- What plan() and lint() know of a statement: which relations it reaches, how, and what the statements before it
-- will have made by then.
SELECT current_database() AS home \gset
CREATE DATABASE study TEMPLATE template0;
\c study
SET client_min_messages = warning;
CREATE EXTENSION migrate;
SET migrate.small_table = '100kB';
SET migrate.online = off;
CREATE TABLE users (id integer PRIMARY KEY, name text, score integer UNIQUE, born date);
CREATE INDEX users_name ON users (lower(name), born);
CREATE UNIQUE INDEX users_id_name ON users (id, name);
ALTER TABLE users ADD CONSTRAINT positive CHECK (score > 0);
INSERT INTO users SELECT i, 'n' || i, i, '2024-01-01' FROM generate_series(1, 20000) i;
CREATE TABLE orders (id integer PRIMARY KEY, buyer integer REFERENCES users, note text);
INSERT INTO orders SELECT i, i FROM generate_series(1, 20000) i;
CREATE TABLE drafts (id integer, note text);
CREATE TABLE events (id integer, day integer) PARTITION BY RANGE (day);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (100);
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (100) TO (200);
INSERT INTO events SELECT i, i % 200 FROM generate_series(1, 20000) i;
CREATE DOMAIN code AS text;
CREATE TABLE codes (code code);
INSERT INTO codes SELECT i FROM generate_series(1, 20000) i;
CREATE TYPE mood AS ENUM ('ok', 'sad');
CREATE MATERIALIZED VIEW sums AS SELECT score % 10 AS tenth, count(*) FROM users GROUP BY 1;
CREATE VIEW names AS SELECT id, name FROM users;
CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touched();
VACUUM ANALYZE;

-- Each relation but indexes, with its lock and what is done to all of it; and about how many rows are written.
CREATE FUNCTION studied(VARIADIC scripts text[]) RETURNS TABLE (statement text, effects text) LANGUAGE plpgsql AS $$
DECLARE
    number integer := 0;
BEGIN
    FOR number IN 1..cardinality(scripts) LOOP
        PERFORM migrate.add('v' || number, scripts[number]);
    END LOOP;
    RETURN QUERY
        SELECT p.statement, concat_ws('; ',
            (SELECT string_agg(concat_ws(' ', e ->> 'relation', e ->> 'lock',
                    CASE WHEN (e ->> 'rewrite')::boolean THEN 'rewrites' END, CASE WHEN (e ->> 'scan')::boolean THEN 'scans' END,
                    CASE WHEN (e ->> 'index_build')::boolean THEN 'builds' END), ', ' ORDER BY n)
             FROM jsonb_array_elements(p.effects -> 'relations') WITH ORDINALITY AS r (e, n) WHERE e ->> 'kind' NOT LIKE '%index'),
            substring(p.work FROM 'writes about .*'))
        FROM migrate.plan() p WHERE p.step IS NOT NULL;
    FOR number IN 1..cardinality(scripts) LOOP
        PERFORM migrate.remove('v' || number);
    END LOOP;
END $$;
-- Findings above info.
CREATE FUNCTION found(script text) RETURNS TABLE (statement integer, severity text, rule text, relation text) LANGUAGE sql AS $$
    SELECT l.statement, l.severity, l.rule, l.relation FROM migrate.lint(script) l WHERE l.severity <> 'info' ORDER BY 1, 3
$$;

-- rows: what the planner thinks, and no lock is left behind
SELECT * FROM studied('UPDATE users SET name = upper(name) WHERE score <= 2000');
SELECT * FROM studied('UPDATE users SET name = upper(name)');
SELECT * FROM studied('UPDATE users SET name = upper(name) WHERE id = 7');
SELECT * FROM studied('UPDATE drafts SET note = upper(note) WHERE id < 5');
SELECT * FROM studied('DELETE FROM orders WHERE id <= 5000');
SELECT * FROM studied('DELETE FROM events WHERE day < 10');
SELECT * FROM studied('DELETE FROM events');
SELECT * FROM studied('INSERT INTO drafts (id) VALUES (1), (2), (3)');
SELECT * FROM studied('INSERT INTO drafts (id) SELECT id FROM users WHERE score <= 10000');
SELECT * FROM studied('MERGE INTO orders USING users ON orders.id = users.id AND users.score <= 1000 WHEN MATCHED THEN UPDATE SET note = ''x''');
BEGIN;
SELECT * FROM studied('CREATE TABLE copies AS SELECT * FROM users');
SELECT relation::regclass, mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation = 'users'::regclass;
COMMIT;
SELECT * FROM studied('SELECT * INTO copies FROM users');
SELECT * FROM studied('CREATE TABLE copies AS SELECT * FROM users WITH NO DATA');
SELECT * FROM studied('CREATE MATERIALIZED VIEW copies AS SELECT * FROM users');
-- functions of users are not run for it: at most all rows
SELECT * FROM studied('UPDATE users SET name = '''' WHERE score < twice(100)');
-- neither is a table that a statement before makes known to the planner
SELECT * FROM studied('CREATE TABLE copies AS SELECT * FROM users; INSERT INTO copies SELECT * FROM users; UPDATE copies SET name = ''''');

-- what is reached beside what is named
SELECT * FROM studied('DROP TABLE users CASCADE');
SELECT * FROM studied('TRUNCATE users CASCADE');
SELECT * FROM studied('TRUNCATE events');
SELECT * FROM studied('DROP TABLE events');
SELECT * FROM studied('ALTER DOMAIN code ADD CHECK (length(value) > 0)');
SELECT * FROM studied('ALTER DOMAIN code ADD CHECK (length(value) > 0) NOT VALID');
SELECT * FROM studied('REFRESH MATERIALIZED VIEW sums');
SELECT * FROM studied('REFRESH MATERIALIZED VIEW sums WITH NO DATA');

-- nothing to do
SELECT * FROM found($$
ALTER TABLE users DROP COLUMN IF EXISTS nonesuch;
ALTER TABLE users DROP CONSTRAINT IF EXISTS nonesuch;
ALTER TABLE users SET LOGGED;
ALTER TABLE users SET TABLESPACE pg_default;
ALTER TABLE users SET ACCESS METHOD heap;
ALTER TABLE IF EXISTS nonesuch SET SCHEMA elsewhere;
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'sad';
DROP VIEW IF EXISTS nonesuch;
DROP TYPE IF EXISTS nonesuch CASCADE;
DROP FUNCTION IF EXISTS nonesuch(integer);
DROP SCHEMA IF EXISTS nonesuch CASCADE;
DROP TRIGGER IF EXISTS nonesuch ON users;
DROP POLICY IF EXISTS nonesuch ON nonesuch;
DROP DATABASE IF EXISTS nonesuch;
ALTER TABLE users ADD COLUMN IF NOT EXISTS name text;
$$);
-- the same with something to do
SELECT * FROM found('ALTER TABLE users DROP COLUMN IF EXISTS name');
SELECT * FROM found('ALTER TABLE users SET UNLOGGED');
SELECT * FROM found('DROP VIEW IF EXISTS names');
SELECT * FROM found('DROP FUNCTION IF EXISTS twice(integer)');
SELECT * FROM found('DROP DATABASE IF EXISTS study');
SELECT rule FROM migrate.lint('CREATE DOMAIN filled AS text NOT NULL', style => true);
SELECT * FROM found('ALTER TABLE users ADD CONSTRAINT again PRIMARY KEY USING INDEX users_id_name');
-- what was unique is told by what is dropped
SELECT note FROM migrate.add('v1', 'ALTER TABLE users DROP CONSTRAINT users_score_key'), migrate.plan() WHERE mode = 'summary';
SELECT note FROM migrate.add('v1', 'DROP INDEX users_id_name'), migrate.plan() WHERE mode = 'summary';
SELECT note FROM migrate.add('v1', 'DROP INDEX users_name'), migrate.plan() WHERE mode = 'summary';
SELECT migrate.remove('v1');
-- a way back that is written, and one that is not
SELECT * FROM found('DROP TABLE users CASCADE');
SELECT * FROM found(E'-- migrate:up\nDELETE FROM users WHERE id > 5;\n-- migrate:down\nSELECT 1;');
SELECT findings LIKE '%no-way-back%' AS has_none FROM migrate.add('v1', 'TRUNCATE orders'), migrate.plan() WHERE mode = 'summary';
SELECT coalesce(findings, '') LIKE '%no-way-back%' AS has_none FROM migrate.add('v1', 'TRUNCATE orders', 'SELECT 1'), migrate.plan() WHERE mode = 'summary';
SELECT migrate.remove('v1');
-- names without a schema, a matter of style
SELECT statement, relation FROM migrate.lint($$
ALTER TABLE users ADD a integer;
ALTER TABLE public.users ADD b integer;
CREATE INDEX ON users (a);
CREATE TABLE made (id integer);
CREATE TABLE public.made_too (id integer);
DROP TABLE drafts;
DROP TABLE public.made_too;
TRUNCATE orders;
UPDATE drafts SET id = 1;
INSERT INTO public.drafts VALUES (1);
CREATE VIEW seen AS SELECT 1;
REFRESH MATERIALIZED VIEW sums;
ALTER TABLE users RENAME COLUMN name TO title;
CREATE TRIGGER t AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION touched();
LOCK TABLE users;
VACUUM drafts;
CREATE TEMP TABLE short (id integer)
$$, style => true) WHERE rule = 'require-table-schema';

-- what a script makes is nobody's yet
SELECT * FROM studied($$
CREATE TABLE made (id integer PRIMARY KEY, buyer integer REFERENCES users);
CREATE INDEX ON made (buyer);
ALTER TABLE made ADD note text DEFAULT 'x' NOT NULL;
ALTER TABLE made ALTER note TYPE varchar(20);
ALTER TABLE made ADD FOREIGN KEY (id) REFERENCES orders;
ALTER TABLE made ADD CHECK (id > 0), ADD UNIQUE (note), ALTER buyer SET NOT NULL;
UPDATE made SET note = '';
DELETE FROM made;
TRUNCATE made;
ALTER TABLE made RENAME TO made_up;
ALTER TABLE made_up RENAME note TO text;
ALTER TABLE made_up DROP COLUMN text;
DROP INDEX made_buyer_idx;
DROP TABLE made_up CASCADE;
CREATE TYPE colour AS ENUM ('red');
ALTER TYPE colour ADD VALUE 'blue';
ALTER TYPE colour RENAME VALUE 'red' TO 'crimson';
DROP TYPE colour;
CREATE FUNCTION three() RETURNS integer LANGUAGE sql AS 'SELECT 3';
DROP FUNCTION three();
CREATE SCHEMA app;
CREATE TABLE app.things (id integer);
SET search_path = app, public;
ALTER TABLE things ADD x integer;
CREATE INDEX things_x ON things (x);
DROP INDEX app.things_x;
DROP SCHEMA app CASCADE;
$$);
SELECT * FROM found($$
CREATE TABLE made (id integer PRIMARY KEY, buyer integer REFERENCES users);
CREATE INDEX ON made (buyer);
ALTER TABLE made ADD note text DEFAULT 'x' NOT NULL;
ALTER TABLE made ALTER note TYPE varchar(20);
ALTER TABLE made ADD CHECK (id > 0), ADD UNIQUE (note), ALTER buyer SET NOT NULL;
UPDATE made SET note = '';
DELETE FROM made;
TRUNCATE made;
ALTER TABLE made RENAME TO made_up;
ALTER TABLE made_up RENAME note TO text;
ALTER TABLE made_up DROP COLUMN text;
DROP INDEX made_buyer_idx;
ALTER INDEX made_pkey RENAME TO made_up_pkey;
DROP TABLE made_up CASCADE;
CREATE TYPE colour AS ENUM ('red');
ALTER TYPE colour ADD VALUE 'blue';
ALTER TYPE colour RENAME VALUE 'red' TO 'crimson';
DROP TYPE colour;
CREATE FUNCTION three() RETURNS integer LANGUAGE sql AS 'SELECT 3';
DROP FUNCTION three();
CREATE SCHEMA app;
CREATE TABLE app.things (id integer);
SET search_path = app, public;
ALTER TABLE things ADD x integer;
CREATE INDEX things_x ON things (x);
DROP INDEX app.things_x;
$$);
-- under another name it is the same, and its name is another's
SELECT * FROM studied($$
ALTER TABLE users RENAME TO people;
ALTER TABLE people ADD CHECK (score < 1000000);
CREATE INDEX ON people (born);
UPDATE people SET name = '' WHERE id = 3;
CREATE TABLE users (id integer PRIMARY KEY);
ALTER TABLE users ADD x integer NOT NULL;
CREATE INDEX ON users (x);
DROP TABLE orders;
CREATE TABLE orders (id integer);
CREATE INDEX ON orders (id);
CREATE SCHEMA attic;
ALTER TABLE drafts SET SCHEMA attic;
ALTER TABLE attic.drafts ADD x integer;
ALTER TABLE codes RENAME TO "Codes";
ALTER TABLE "Codes" RENAME TO codes;
ALTER TABLE codes ADD x integer;
$$);
SELECT * FROM studied('ALTER TABLE users RENAME TO people', 'CREATE INDEX ON people (born)',
    'CREATE TABLE users (id integer)', 'ALTER TABLE users ADD x integer');
-- columns of before
SELECT * FROM studied($$
ALTER TABLE users ADD COLUMN boss integer;
ALTER TABLE users ALTER boss SET NOT NULL;
CREATE INDEX ON users (boss);
ALTER TABLE users ADD FOREIGN KEY (boss) REFERENCES orders;
ALTER TABLE users ADD CONSTRAINT there CHECK (name IS NOT NULL) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT there;
ALTER TABLE users ALTER name SET NOT NULL;
ALTER TABLE users ALTER id DROP NOT NULL;
$$);
-- what is nowhere
SELECT * FROM found('ALTER TABLE nonesuch ADD x integer; CREATE TABLE nonesuch (id integer); ALTER TABLE nonesuch ADD x integer; DROP TABLE nonesuch; ALTER TABLE nonesuch ADD x integer');

\c :home
DROP DATABASE study;
