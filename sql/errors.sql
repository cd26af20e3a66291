-- What cannot be done says so, with a way out, and changes nothing.
SET client_min_messages = warning;
CREATE SCHEMA migrate;
\set SHOW_CONTEXT never
CREATE EXTENSION migrate;
\set SHOW_CONTEXT errors
\echo :LAST_ERROR_SQLSTATE
DROP SCHEMA migrate;
CREATE EXTENSION migrate;

-- nothing is known here
SET client_min_messages = notice;
SELECT * FROM migrate.apply();
SELECT * FROM migrate.rollback();
SELECT * FROM migrate.plan();
SET client_min_messages = warning;
SELECT * FROM migrate.apply('v42');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.plan('v42');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.plan(direction => 'sideways');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.goto('v42');
SELECT * FROM migrate.rollback('v42');
SELECT migrate.remove('v42');
SELECT migrate.mark('v42', 'applied');
SELECT migrate.baseline('v42');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.repair('v42', 'done');
\echo :LAST_ERROR_SQLSTATE
-- no history yet: it can go
DROP EXTENSION migrate;
CREATE EXTENSION migrate;
SELECT migrate.add('v1', 'CREATE TABLE v1 (a int)', 'DROP TABLE v1'), migrate.add('v2', 'CREATE INDEX CONCURRENTLY v1_a ON v1 (a)', 'DROP INDEX v1_a');

-- read-only
SET default_transaction_read_only = on;
SELECT * FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.rollback();
SELECT migrate.add('v3', 'SELECT 1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.remove('v1');
SELECT migrate.mark('v1', 'applied');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.repair('v1', up => 'SELECT 1');
SELECT name, state FROM migrate.status;
SELECT migration, statement FROM migrate.plan();
SET default_transaction_read_only = off;

-- a table that is there already: with an empty history the hint names baseline
CREATE TABLE v1 (a int);
SELECT migration FROM migrate.apply('v1');
\echo :LAST_ERROR_SQLSTATE
SELECT name, state FROM migrate.status;
DROP TABLE v1;

-- in a block
BEGIN;
SELECT migration FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT to_regclass('v1');
BEGIN;
SELECT * FROM migrate.wait(1);
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
-- "psql -c 'a; b'" is a block
SELECT 1 \; SELECT migration FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE

-- arguments
SELECT migration FROM migrate.apply(wait => '-1 second');
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate.apply(wait => '1000 years');
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate.apply(role => 'no_such_role');
\echo :LAST_ERROR_SQLSTATE
SELECT name, state FROM migrate.status;
SET migrate.no_such_setting = 1;
\echo :LAST_ERROR_SQLSTATE
SET migrate.wait_timeout = 'soon';
\echo :LAST_ERROR_SQLSTATE

-- errors of a run are the caller's own: every field of them
SELECT migrate.add('v1', E'CREATE TABLE v1 (a int CONSTRAINT positive CHECK (a > 0));\n\nINSERT INTO v1 VALUES (-1);', 'DROP TABLE v1');
DO $$
DECLARE r record;
BEGIN
    PERFORM migrate.apply('v1');
EXCEPTION WHEN OTHERS THEN
    DECLARE c text; t text; d text; m text; s text; h text; x text;
    BEGIN
        GET STACKED DIAGNOSTICS c = CONSTRAINT_NAME, t = TABLE_NAME, s = SCHEMA_NAME, m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT, x = PG_EXCEPTION_CONTEXT;
        RAISE WARNING '% | % | % | % | % | % | %', SQLSTATE, m, d, h, s, t, c;
    END;
END $$;
\set SHOW_CONTEXT always
SELECT migration FROM migrate.apply('v1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('v1', E'CREATE TABLE v1 (a int);\nDO $d$\nBEGIN\n    RAISE WARNING ''a warning'' USING DETAIL = ''its detail'', HINT = ''its hint'', ERRCODE = ''01234'';\n    RAISE ''an error'' USING DETAIL = ''its detail'', HINT = ''its hint'', ERRCODE = ''ABCDE'';\nEND $d$;', 'DROP TABLE v1');
SELECT migration FROM migrate.apply('v1');
\echo :LAST_ERROR_SQLSTATE
\set SHOW_CONTEXT errors
SELECT error_sqlstate, error_message, error_detail, error_hint, error_context FROM migrate.runs ORDER BY id DESC LIMIT 1;
-- and by a failed run that somebody waits for
SELECT * FROM migrate.wait((SELECT max(id) FROM migrate.runs));
\echo :LAST_ERROR_SQLSTATE

-- history keeps the extension
SELECT migrate.add('v1', 'CREATE TABLE v1 (a int)', 'DROP TABLE v1');
SELECT migration FROM migrate.apply();
SELECT migration FROM migrate.rollback(2);
\set VERBOSITY terse
DROP EXTENSION migrate;
\echo :LAST_ERROR_SQLSTATE
DROP SCHEMA migrate CASCADE;
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
DO $$ BEGIN DROP EXTENSION migrate CASCADE; EXCEPTION WHEN OTHERS THEN
    DECLARE d text; h text; BEGIN GET STACKED DIAGNOSTICS d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT; RAISE WARNING '%', regexp_replace(d, '\d+', 'N') USING HINT = h; END; END $$;
SET migrate.allow_drop = on;
DROP EXTENSION migrate;
