-- Who may add, run and read migrations; who they run as; who writes the ledger.
SET client_min_messages = error;
CREATE ROLE regress_owner LOGIN;
CREATE ROLE regress_deploy LOGIN;
CREATE ROLE regress_app LOGIN;
CREATE ROLE regress_nologin;
GRANT regress_app, regress_nologin TO regress_deploy;
CREATE DATABASE regress_rights OWNER regress_owner TEMPLATE template0;
ALTER DATABASE regress_rights SET client_min_messages = error;
\c regress_rights regress_owner
-- trusted: the owner of the database can install it
CREATE EXTENSION migrate;
SELECT extowner::regrole = 'regress_owner'::regrole AS own, nspowner::regrole <> 'regress_owner'::regrole AS safe
  FROM pg_extension, pg_namespace WHERE extname = 'migrate' AND nspname = 'migrate';
SELECT migrate.add('r0', 'CREATE TABLE secret (a int)', 'DROP TABLE secret');

-- everybody else sees nothing and does nothing
\c regress_rights regress_app
SELECT name FROM migrate.status;
\echo :LAST_ERROR_SQLSTATE
SELECT up FROM migrate.migrations;
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('x', 'SELECT 1');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{x.sql}', '{SELECT 1}');
SELECT migration FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.plan();
SELECT migration FROM migrate.rollback();
SELECT migration FROM migrate.goto('r0');
SELECT migrate.mark('r0', 'applied');
SELECT migrate.repair('r0', up => 'SELECT 1');
SELECT migrate.baseline('r0');
SELECT migrate.grant('regress_app');
\echo :LAST_ERROR_SQLSTATE
\c regress_rights regress_owner

-- one statement lets a role in, another takes it back; only the database's owner may
SELECT migrate.grant('no_such_role');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.grant('regress_deploy');
\c regress_rights regress_deploy
SELECT migrate.grant('regress_app');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.revoke('regress_owner');
\echo :LAST_ERROR_SQLSTATE
SELECT name, state FROM migrate.status;
SELECT migrate.add('r1', 'CREATE SCHEMA deployed', 'DROP SCHEMA deployed');
SELECT migration, statement FROM migrate.plan(names => '{r1}');
-- scripts have the rights of who runs them, not those of the extension's owner
SELECT migration FROM migrate.apply(names => '{r1}');
\echo :LAST_ERROR_SQLSTATE
SELECT name, state, error FROM migrate.status;
\c regress_rights regress_owner
GRANT CREATE ON DATABASE regress_rights TO regress_deploy;
GRANT CREATE ON SCHEMA public TO regress_deploy, regress_app, regress_nologin;
\c regress_rights regress_deploy
SELECT migration FROM migrate.apply(names => '{r1}');
SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'deployed';
SELECT name, state, applied_by, uploaded_by FROM migrate.status;

-- nobody writes the ledger with SQL
SELECT up FROM migrate.migrations;
\echo :LAST_ERROR_SQLSTATE
INSERT INTO migrate.events (at, event, role, session_role) VALUES (now(), 'applied', 'x', 'x');
\echo :LAST_ERROR_SQLSTATE
UPDATE migrate.migrations SET applied_at = now();
DELETE FROM migrate.runs;
TRUNCATE migrate.run_steps;
DROP TABLE migrate.events;
ALTER TABLE migrate.events ADD x int;
CREATE TABLE migrate.mine (a int);
CREATE FUNCTION migrate.mine() RETURNS int RETURN 1;
SELECT nextval('migrate.runs_id_seq');
\echo :LAST_ERROR_SQLSTATE
\c regress_rights regress_owner
SELECT count(*) FROM migrate.migrations;
INSERT INTO migrate.events (at, event, role, session_role) VALUES (now(), 'applied', 'x', 'x');
\echo :LAST_ERROR_SQLSTATE
COPY migrate.runs (operation, started_at, pid, in_worker, role, session_role) FROM stdin;
apply	2024-01-01	1	t	x	x
\.
\echo :LAST_ERROR_SQLSTATE
UPDATE migrate.migrations SET applied_at = now();
\echo :LAST_ERROR_SQLSTATE
DELETE FROM migrate.events;
TRUNCATE migrate.seal;
DROP TABLE migrate.events;
ALTER TABLE migrate.events DISABLE TRIGGER guard_restore;
\echo :LAST_ERROR_SQLSTATE
DROP TRIGGER guard_restore ON migrate.events;
-- nor from within a script
SELECT migrate.add('r2', 'UPDATE migrate.migrations SET applied_at = now()');
SELECT migration FROM migrate.apply(names => '{r2}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('r2', E'INSERT INTO migrate.runs (operation, started_at, pid, in_worker, role, session_role) VALUES (''apply'', now(), 1, true, ''x'', ''x'')');
SELECT migration FROM migrate.apply(names => '{r2}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.remove('r2');

-- another role for the scripts: a setting, an argument
\c regress_rights regress_deploy
SELECT migrate.add('r3', 'CREATE TABLE r3 AS SELECT current_user AS role, session_user AS session', 'DROP TABLE r3');
SELECT migration FROM migrate.apply(names => '{r3}', role => 'regress_nologin');
SELECT tableowner FROM pg_tables WHERE tablename = 'r3';
SELECT migration FROM migrate.rollback('r3', role => 'regress_nologin');
SET migrate.role = 'regress_app';
SELECT migration FROM migrate.apply(names => '{r3}');
SELECT tableowner FROM pg_tables WHERE tablename = 'r3';
SELECT name, applied_by FROM migrate.status WHERE name = 'r3';
SELECT role, session_role FROM migrate.history WHERE event = 'applied' AND migration = 'r3';
SELECT migration FROM migrate.rollback('r3');
RESET migrate.role;
SET ROLE regress_nologin;
SELECT name FROM migrate.status;
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
BEGIN;
SELECT migration FROM migrate.apply(names => '{r3}', role => 'regress_nologin');
SELECT current_user;
SELECT tableowner FROM pg_tables WHERE tablename = 'r3';
ROLLBACK;
SELECT migration FROM migrate.apply(names => '{r3}', role => 'regress_owner');
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate.apply(names => '{r3}', role => 'no_such_role');
\echo :LAST_ERROR_SQLSTATE
SELECT name, state FROM migrate.status;
SELECT migrate.remove('r3');

-- a superuser is not led into running what a weaker role uploaded
\c regress_rights postgres
SELECT migrate.add('r4', 'CREATE TABLE r4 (a int)', 'DROP TABLE r4');
\c regress_rights regress_deploy
SELECT migrate.add('r5', 'ALTER ROLE regress_deploy SUPERUSER', '-- nothing');
\c regress_rights postgres
SELECT migration FROM migrate.apply(names => '{r4,r5}');
\echo :LAST_ERROR_SQLSTATE
BEGIN;
SELECT migration FROM migrate.apply(names => '{r5}');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT name, state FROM migrate.status WHERE name IN ('r4', 'r5');
\set VERBOSITY sqlstate
SELECT migration FROM migrate.apply(names => '{r5}', role => 'regress_deploy');
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
-- nor into changing what it uploaded itself
\c regress_rights regress_deploy
SELECT migrate.add('r4', 'CREATE TABLE r4 (a int); ALTER ROLE regress_deploy SUPERUSER', 'DROP TABLE r4');
\c regress_rights postgres
SELECT migration FROM migrate.apply(names => '{r4}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('r4', 'CREATE TABLE r4 (a int)', 'DROP TABLE r4');
SELECT migration FROM migrate.apply(names => '{r4}');
\c regress_rights regress_deploy
SELECT migrate.repair('r4', down => 'ALTER ROLE regress_deploy SUPERUSER');
\c regress_rights postgres
SELECT migrate.mark('r5', 'pending');
SELECT migration FROM migrate.rollback('r4');
\echo :LAST_ERROR_SQLSTATE
SELECT rolsuper FROM pg_roles WHERE rolname = 'regress_deploy';

-- a script that runs as a weaker role in a superuser's session cannot leave it
\c regress_rights regress_deploy
SELECT migrate.remove('r5');
CREATE FUNCTION rise() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'RESET ROLE';
    RETURN current_user;
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END $$;
CREATE TABLE notes (at text, who text);
GRANT INSERT ON notes TO regress_deploy;
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO notes VALUES (TG_ARGV[0], current_user || ' ' || rise()); RETURN NEW; END $$;
CREATE TABLE deferred (a int);
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON deferred DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note('deferred trigger');
SELECT migrate.add('e' || n, script, '-- nothing') FROM (VALUES
    (1, 'RESET ROLE; ALTER ROLE regress_deploy SUPERUSER'),
    (2, 'SET ROLE postgres; ALTER ROLE regress_deploy SUPERUSER'),
    (3, 'SET SESSION AUTHORIZATION DEFAULT; ALTER ROLE regress_deploy SUPERUSER'),
    (4, 'RESET SESSION AUTHORIZATION; ALTER ROLE regress_deploy SUPERUSER'),
    (5, 'SELECT set_config(''role'', ''none'', false); ALTER ROLE regress_deploy SUPERUSER'),
    (6, 'RESET ALL; ALTER ROLE regress_deploy SUPERUSER'),
    (7, 'DISCARD ALL; ALTER ROLE regress_deploy SUPERUSER'),
    (8, 'BEGIN; SELECT 1; COMMIT; ALTER ROLE regress_deploy SUPERUSER'),
    (9, 'SAVEPOINT s; ROLLBACK TO s; ALTER ROLE regress_deploy SUPERUSER'),
    (10, 'DO $d$ BEGIN COMMIT; ALTER ROLE regress_deploy SUPERUSER; END $d$'),
    (11, 'CREATE INDEX CONCURRENTLY ON deferred (a); ALTER ROLE regress_deploy SUPERUSER'),
    (12, 'SELECT 1; SET LOCAL ROLE postgres; ALTER ROLE regress_deploy SUPERUSER'),
    (13, 'DECLARE c CURSOR WITH HOLD FOR SELECT rise(); INSERT INTO notes VALUES (''cursor'', current_user)'),
    (14, 'INSERT INTO deferred VALUES (1)'),
    (15, 'INSERT INTO notes SELECT ''plain'', current_user || '' '' || rise()')) AS v(n, script);
\c regress_rights postgres
\set apply 'SELECT migration, step FROM migrate.apply(names => ARRAY[:\'name\'], role => \'regress_deploy\');'
\set VERBOSITY sqlstate
\set name e1
:apply
\set name e2
:apply
\set name e3
:apply
\set name e4
:apply
\set name e5
:apply
\set name e6
:apply
\set name e7
:apply
\set name e8
:apply
\set name e9
:apply
\set name e10
:apply
\set name e11
:apply
\set name e12
:apply
\set name e13
:apply
\set name e14
:apply
\set name e15
:apply
\set VERBOSITY default
\set name e10
:apply
SELECT rolsuper FROM pg_roles WHERE rolname = 'regress_deploy';
TABLE notes;
SELECT current_user, session_user;
-- inline as well
\set VERBOSITY sqlstate
SELECT count(*) FROM (SELECT migrate.mark(name, 'pending') FROM migrate.status WHERE name ~ '^e' AND state <> 'pending' OFFSET 0) AS m;
TRUNCATE notes;
BEGIN;
SELECT migration, step FROM migrate.apply(names => '{e1}', role => 'regress_deploy');
ROLLBACK;
BEGIN;
SELECT migration, step FROM migrate.apply(names => '{e6}', role => 'regress_deploy');
ROLLBACK;
BEGIN;
SELECT migration, step FROM migrate.apply(names => '{e13,e14,e15}', role => 'regress_deploy');
SELECT current_user, session_user;
COMMIT;
TABLE notes;
SELECT rolsuper FROM pg_roles WHERE rolname = 'regress_deploy';

-- taken back
SELECT migrate.revoke('regress_deploy');
\c regress_rights regress_deploy
SELECT count(*) FROM migrate.status;
\echo :LAST_ERROR_SQLSTATE

\c regression postgres
DROP DATABASE regress_rights WITH (FORCE);
DROP ROLE regress_owner, regress_deploy, regress_app, regress_nologin;
