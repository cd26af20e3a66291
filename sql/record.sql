-- Setting the record straight: baseline, mark, repair of a step in doubt.
SET client_min_messages = warning;
CREATE DATABASE regress_record TEMPLATE template0;
\c regress_record postgres
SET client_min_messages = warning;
CREATE EXTENSION migrate;
SELECT migrate.add('v' || n, format('CREATE TABLE v%s (a int)', n), format('DROP TABLE v%s', n)) FROM generate_series(1, 4) AS n;

-- an empty database ignores baseline and runs all
SET client_min_messages = notice;
SELECT migrate.baseline('v2');
SET client_min_messages = warning;
SELECT name, state FROM migrate.status;
-- a schema that is there already, and a history that does not know: the hint says so
CREATE TABLE v1 (a int);
CREATE TABLE v2 (a int);
SELECT migration FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.baseline('v9');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.baseline('v2');
SELECT name, state, applied_by FROM migrate.status;
SELECT event, migration, role FROM migrate.history;
SET client_min_messages = notice;
SELECT migrate.baseline('v2');
SET client_min_messages = warning;
SELECT migration FROM migrate.apply();
SELECT name, state, checksum_ok FROM migrate.status;
-- the hint is for an empty history only
SELECT migrate.add('v5', 'CREATE TABLE v4 (a int)');
SELECT migration FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.remove('v5');
-- what ran in part is not baselined
SELECT migrate.add('v5', E'-- migrate:up transaction:never\nCREATE TABLE v5 (a int);\nSELECT nothing;', 'DROP TABLE v5'), migrate.add('v6', 'SELECT 6', '-- nothing');
SELECT migration FROM migrate.apply();
SELECT migrate.baseline('v6');
SELECT migration FROM migrate.rollback();
SELECT migration FROM migrate.rollback();
SELECT migrate.remove('v5'), migrate.remove('v6');
-- what was baselined can be taken back
SELECT migration FROM migrate.rollback(4);
SELECT to_regclass('v1'), to_regclass('v2');

-- mark
SELECT migrate.mark('v1', 'applied');
SELECT name, state, applied_by, run FROM migrate.status;
SELECT migrate.mark('v1', 'applied');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.mark('v2', 'pending');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.mark('v2', 'done');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.mark('v22', 'applied');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.mark('v1', 'pending');
SELECT name, state, applied_by FROM migrate.status WHERE name = 'v1';
SELECT event, migration FROM migrate.history ORDER BY id DESC LIMIT 2;
-- a failed one, either way
SELECT migrate.add('v6', E'-- migrate:up transaction:never\nCREATE TABLE v6 (a int);\nSELECT nothing;');
SELECT migration FROM migrate.apply(names => '{v6}');
SELECT migrate.mark('v6', 'applied');
SELECT name, state, error FROM migrate.status WHERE name = 'v6';
SELECT migrate.mark('v6', 'pending');
SELECT name, state, error FROM migrate.status WHERE name = 'v6';
SELECT migration, step, statement FROM migrate.plan(names => '{v6}');
DROP TABLE v6;
SELECT migrate.remove('v6');

-- nothing in doubt
SELECT migrate.repair('v1', 'done');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.repair('v1', 'perhaps');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.repair('v77', 'done');
\echo :LAST_ERROR_SQLSTATE

-- a step in doubt, as a crash in the middle of it leaves it behind.  Nobody but the owner of the tables
-- could write this; it is what the server's death would have written.
SELECT migrate.add('v7', $m$CREATE TABLE v7 (a int);
CREATE PROCEDURE commits() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO v7 VALUES (1); COMMIT; RAISE EXCEPTION 'broken'; END $$;
CALL commits();
INSERT INTO v7 VALUES (2);$m$, 'DROP PROCEDURE commits; DROP TABLE v7');
SELECT migration FROM migrate.apply(names => '{v7}');
\echo :LAST_ERROR_SQLSTATE
TABLE v7;
SELECT name, state FROM migrate.status WHERE name = 'v7';
UPDATE migrate.run_steps SET state = 'started' WHERE migration = 'v7' AND state = 'in doubt';
UPDATE migrate.runs SET ended_at = NULL, outcome = NULL, error_message = NULL WHERE id = (SELECT max(id) FROM migrate.runs);
SELECT name, state FROM migrate.status WHERE name = 'v7';
SELECT step, state, statement FROM migrate.steps WHERE migration = 'v7' ORDER BY run, step;
SELECT migration, step, note FROM migrate.plan(names => '{v7}');
SELECT migration FROM migrate.apply(names => '{v7}');
\echo :LAST_ERROR_SQLSTATE
SELECT name, state FROM migrate.status WHERE name = 'v7';
SELECT migrate.repair('v7', 'retry');
SELECT migration FROM migrate.apply(names => '{v7}');
\echo :LAST_ERROR_SQLSTATE
TABLE v7;
UPDATE migrate.run_steps SET state = 'started' WHERE migration = 'v7' AND state = 'failed' AND run = (SELECT max(id) FROM migrate.runs);
SELECT migrate.repair('v7', 'done');
SELECT migration, step, statement FROM migrate.apply(names => '{v7}');
TABLE v7;
SELECT event, migration, detail FROM migrate.history WHERE event = 'repaired';
SELECT migration FROM migrate.rollback();

-- read-only
BEGIN READ ONLY;
SELECT migrate.mark('v1', 'applied');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN READ ONLY;
SELECT migrate.baseline('v1');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;

\c regression postgres
DROP DATABASE regress_record WITH (FORCE);
