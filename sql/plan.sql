-- What plan() says of statements: what they are run as, their locks, work, findings, and what the migration means
-- as a whole.  How locks are foretold is in foretell_*; here is the report.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
SET migrate.small_table = 0;
\pset null ''
CREATE TABLE users (id int PRIMARY KEY, name text, email text);
CREATE TABLE orders (id int PRIMARY KEY, user_id int, total int);
INSERT INTO users SELECT i, 'n', 'e' FROM generate_series(1, 10) i;
INSERT INTO orders SELECT i, i, i FROM generate_series(1, 10) i;
ANALYZE users, orders;
CREATE TABLE empty (a int);
CREATE TYPE mood AS ENUM ('sad');
-- sizes and times are the machine's
CREATE FUNCTION plain(text) RETURNS text LANGUAGE sql AS $$SELECT regexp_replace($1, '\d+ (bytes|kB)', 'N bytes', 'g')$$;
CREATE FUNCTION plan_of(script text, down text DEFAULT NULL) RETURNS TABLE (step int, mode text, runs text, locks text, work text, findings text, note text)
LANGUAGE plpgsql AS $$BEGIN
    PERFORM migrate.add('p', script, down);
    RETURN QUERY SELECT p.step, p.mode, p.runs, p.locks, plain(p.work), p.findings, p.note FROM migrate.plan() p;
    PERFORM migrate.remove('p');
END$$;
SELECT proargnames FROM pg_proc WHERE oid = 'migrate.plan'::regproc;

-- as written
SET migrate.online = off;
SELECT step, mode, runs, locks, work, note FROM plan_of('
    CREATE TABLE fresh (a int);
    ALTER TABLE users ADD age int;
    ALTER TABLE users ALTER id TYPE bigint;
    CREATE INDEX users_name ON users (name);
    CREATE INDEX CONCURRENTLY users_email ON users (email);
    ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users;
    ALTER TABLE users ADD CHECK (id > 0);
    INSERT INTO orders VALUES (11, 1, 1);
    UPDATE users SET name = ''x'';
    TRUNCATE orders;
    DROP TABLE users CASCADE;
    ALTER TYPE mood ADD VALUE ''glad'';
    DO ''BEGIN END'';
    GRANT SELECT ON empty TO public;
    VACUUM orders;
    SELECT 1;', '-- none');
-- findings: of statements, and of the migration
SELECT step, mode, findings FROM plan_of('ALTER TABLE users DROP name; ALTER TABLE users ADD a int; ALTER TABLE orders RENAME total TO sum; DO ''BEGIN END'';') WHERE findings <> '';

-- as others: a row for each statement that is run
SET migrate.online = always;
SELECT step, mode, runs, locks, work, note FROM plan_of('
    ALTER TABLE users ADD age int;
    CREATE INDEX users_name ON users (name);
    ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users;
    ALTER TABLE users ADD CONSTRAINT users_name_key UNIQUE (name);
    DROP INDEX users_name;', '-- none');
-- of tables that have another name or place by then, and columns that are there by then
SELECT step, runs, locks, work FROM plan_of('
    ALTER TABLE orders RENAME TO purchases;
    ALTER TABLE purchases ADD note text, ADD CONSTRAINT c CHECK (total > 0);
    CREATE SCHEMA shop;
    ALTER TABLE purchases SET SCHEMA shop;
    SET search_path = shop, public;
    CREATE INDEX purchases_note ON purchases (note);
    ALTER TABLE purchases ADD CONSTRAINT d CHECK (note <> '''');', '-- none');
-- its findings stand with the first of them
SELECT step, findings FROM plan_of('ALTER TABLE users ADD CONSTRAINT c CHECK (id > 0);', '-- none');
-- not where it has to be whole, or is not wanted
SELECT step, mode, runs FROM plan_of(E'-- migrate:up transaction:always\nCREATE INDEX users_name ON users (name);');
SELECT step, mode, runs FROM plan_of('BEGIN; CREATE INDEX users_name ON users (name); COMMIT;');
SELECT step, mode, runs FROM plan_of(E'-- migrate:up online:off\nCREATE INDEX users_name ON users (name);');
SELECT step, mode, runs FROM plan_of(E'-- migrate:online off\nCREATE INDEX users_name ON users (name);\nCREATE INDEX users_email ON users (email);');
SELECT step, mode, runs FROM plan_of('CREATE TABLE fresh (a int); CREATE INDEX ON fresh (a);');
-- in a block plan() shows what a run of its own would do
BEGIN;
SELECT step, mode, runs FROM plan_of('CREATE INDEX users_name ON users (name);');
SET LOCAL migrate.small_update = 1;
SELECT step, mode, note ~ '^in batches' AS batches FROM plan_of('UPDATE users SET name = upper(name) WHERE name <> upper(name);');
ROLLBACK;

-- long work and strong locks are apart
SET migrate.online = off;
SELECT step, mode, note FROM plan_of('ALTER TABLE users ADD age int; CREATE INDEX users_name ON users (name); ALTER TABLE orders ADD CHECK (id > 0);', '-- none');

-- the migration as a whole
CREATE FUNCTION summary_of(script text, down text DEFAULT NULL) RETURNS TABLE (note text, class text, old_code text, down_script text, way_back text)
LANGUAGE plpgsql AS $$BEGIN
    PERFORM migrate.add('p', script, down);
    RETURN QUERY SELECT p.note, p.effects->>'class', p.effects->>'old_code', p.effects->>'down', p.effects->>'way_back' FROM migrate.plan() p WHERE p.mode IN ('summary', 'nothing');
    PERFORM migrate.remove('p');
END$$;
SELECT (s).* FROM (VALUES ('ALTER TABLE users ADD age int', NULL), ('ALTER TABLE users ADD age int', 'ALTER TABLE users DROP age'),
    ('INSERT INTO users VALUES (11)', '-- none'), ('ALTER TABLE users RENAME name TO n', NULL), ('ALTER TABLE users DROP name', '-- none'),
    ('ALTER TABLE empty DROP a', NULL), ('ALTER TYPE mood ADD VALUE ''glad''', NULL), ('ANALYZE users', NULL), ('-- nothing', NULL)) AS v(up, down),
    LATERAL (SELECT summary_of(v.up, v.down) AS s) q;

-- effects
SELECT migrate.add('p', 'CREATE INDEX users_name ON users (name)', 'DROP INDEX users_name');
SELECT jsonb_pretty(effects - 'relations'), (effects->'relations'->0) - 'bytes' FROM migrate.plan() WHERE step = 1;
SELECT step, statement, effects IS NULL FROM migrate.plan();
SELECT migrate.remove('p');

-- COPY data is part of the statement
SELECT migrate.add('p', E'COPY empty FROM stdin;\n1\n2\n\\.\n');
SELECT step, statement, locks, work FROM migrate.plan();
SELECT migrate.remove('p');

-- down, and what is half done
SELECT migrate.add('p1', 'ALTER TABLE users ADD age int; CREATE INDEX users_name ON users (name); SELECT 1/0', 'DROP INDEX users_name; ALTER TABLE users DROP age');
SELECT * FROM migrate.apply();
SELECT step, mode, statement, findings, note FROM migrate.plan();
SELECT step, mode, statement, findings, note FROM migrate.plan(direction => 'down');
SELECT count(*) FROM migrate.rollback();
SELECT migrate.remove('p1');

-- what the migrations before it will have done is known
SELECT migrate.add('p1', 'CREATE TABLE fresh (a int); ALTER TABLE users ADD age int', '-- none'), migrate.add('p2', 'ALTER TABLE fresh ADD CHECK (a > 0); ALTER TABLE users ALTER age SET NOT NULL; SELECT * FROM fresh', '-- none');
SELECT migration, step, locks, plain(work) AS work, findings FROM migrate.plan() WHERE migration = 'p2';
SELECT migrate.remove('p2'), migrate.remove('p1');

-- errors
SELECT * FROM migrate.plan('nothing_like_it');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.plan(direction => 'sideways');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.plan(NULL, 'down');
SELECT migrate.add('p', 'BEGIN; VACUUM; COMMIT');
SELECT * FROM migrate.plan();
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('p', E'-- migrate:set online = sometimes\nSELECT 1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('p', E'-- migrate:up online:sometimes\nSELECT 1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.remove('p');

-- what a part has proven the next one does not read again
CREATE TABLE days (day int NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE days_rest PARTITION OF days DEFAULT;
CREATE TABLE days_1 (day int NOT NULL);
INSERT INTO days_1 VALUES (1), (1);
INSERT INTO days_rest VALUES (100), (101);
ANALYZE days_1, days_rest;
SET migrate.online = always;
SELECT runs, work FROM plan_of('ALTER TABLE days ATTACH PARTITION days_1 FOR VALUES FROM (1) TO (2)');
RESET migrate.online;
DROP TABLE days, days_1;

-- what stops apply, and what does not: nothing is run before every migration was looked at
CREATE TABLE gone (a int);
INSERT INTO gone VALUES (1), (2);
ANALYZE gone;
SELECT migrate.add('p1', 'CREATE TABLE made (a int)'), migrate.add('p2', E'SELECT 1;\nDELETE FROM gone;\nDELETE FROM gone;', '-- none');
SELECT count(*) FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
SELECT to_regclass('made');
-- in a block, too
BEGIN;
SELECT count(*) FROM migrate.apply();
ROLLBACK;
-- told, and run
SET migrate.lint = warning;
BEGIN;
SELECT count(*) FROM migrate.apply();
ROLLBACK;
SET migrate.lint = off;
BEGIN;
SELECT count(*) FROM migrate.apply();
ROLLBACK;
RESET migrate.lint;
-- for one call
SELECT count(*) FROM migrate.apply(settings => '{"lint": "off"}');
-- a way down is not stopped for what it is for
SELECT migrate.add('p3', 'SELECT 1', 'DROP TABLE gone');
SELECT count(*) FROM migrate.apply();
SELECT count(*) FROM migrate.rollback();
SELECT to_regclass('gone');
SET migrate.allow_drop = on;
DROP EXTENSION migrate;
DROP TABLE users, orders, made, empty;
DROP TYPE mood;
DROP FUNCTION plain, plan_of, summary_of;
