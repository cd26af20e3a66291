-- The sections of a file and its directives.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
CREATE VIEW stored AS SELECT name, up, down, verify, contract, requires FROM migrate.migrations WHERE removed_at IS NULL;
\pset null '(null)'

-- up and down; lines are the file's
SELECT * FROM migrate.upload('{s01.sql}', ARRAY['-- a header
-- migrate:up
CREATE TABLE s01 (a int);

-- migrate:down
DROP TABLE s01;
']);
SELECT line, statement FROM migrate.plan(names => '{s01}');
SELECT migration, step, statement FROM migrate.apply('s01');
SELECT line, statement FROM migrate.plan(direction => 'down');
SELECT migration, step, statement FROM migrate.rollback();

-- every form of writing it
SELECT * FROM migrate.upload(
    '{s02.sql,s03.sql,s04.sql,s05.sql,s06.sql,s07.sql}', ARRAY[
    E'--migrate:up\nSELECT 2;\n--migrate:down\nSELECT -2;', E'  --  MIGRATE : Up  \nSELECT 3;\n\t--Migrate:DOWN\t\nSELECT -3;',
    E'-- UP\nSELECT 4;\n-- DOWN\nSELECT -4;', E'--up\nSELECT 5;\n--Down\nSELECT -5;',
    E'SELECT 6;\n-- migrate:down\nSELECT -6;', E'SELECT 7;']);
SELECT migration, line, statement FROM migrate.plan(names => '{s02,s03,s04,s05,s06,s07}');
SELECT migration, step, statement FROM migrate.apply(names => '{s02,s03,s04,s05,s06,s07}');
SELECT migrate.mark('s07', 'pending');
SELECT migration, line, statement FROM migrate.plan('s02', 'down');
SELECT migration, step, statement FROM migrate.rollback(5);

-- several pairs: in order up, in reverse order down, each with its own option
SELECT * FROM migrate.upload('{s08.sql}', ARRAY['-- migrate:up
SELECT 1;
-- migrate:down
SELECT -1; SELECT -11;
-- migrate:up transaction:false
SELECT 2; SELECT 22;
-- migrate:down transaction:false
SELECT -2; SELECT -22;
-- migrate:up
SELECT 3;
-- migrate:down
SELECT -3;
']);
SELECT step, mode, line, statement FROM migrate.plan(names => '{s08}');
SELECT migration, step, statement FROM migrate.apply(names => '{s08}');
SELECT step, mode, line, statement FROM migrate.plan('s08', 'down');
SELECT migration, step, statement FROM migrate.rollback('s08');

-- a down with only a comment undoes nothing, on purpose; only white space is no down
SELECT * FROM migrate.upload('{s09.sql,s10.sql}', ARRAY[E'-- migrate:up\nSELECT 9;\n-- migrate:down\n-- nothing to undo\n', E'-- migrate:up\nSELECT 10;\n-- migrate:down\n \t\n\n']);
SELECT name, reversible FROM migrate.status WHERE name IN ('s09', 's10');
SELECT migration, step, statement FROM migrate.apply(names => '{s09,s10}');
\set VERBOSITY terse
SELECT migrate.rollback('s10');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
SELECT migrate.mark('s10', 'pending');
SET client_min_messages = notice;
SELECT migration, step, statement FROM migrate.rollback();
SET client_min_messages = warning;
SELECT name, state FROM migrate.status WHERE name IN ('s09', 's10');

-- verify and contract are kept
SELECT * FROM migrate.upload('{s11.sql}', ARRAY[E'-- migrate:up\nSELECT 11;\n-- migrate:verify\nSELECT 1/1;\n-- migrate:contract\nSELECT 0;\n-- migrate:down\nSELECT -11;']);
SELECT * FROM stored WHERE name = 's11';
SELECT line, statement FROM migrate.plan(names => '{s11}');

-- what looks like a directive and is none
SELECT * FROM migrate.upload('{s12.sql}', ARRAY[$m$-- migrate:up
CREATE TABLE s12 (
    -- up
    a int, -- migrate:down is behind something on its line
    -- down
    b text DEFAULT '
-- migrate:down
'
);
CREATE FUNCTION s12() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
-- migrate:down
-- DOWN
    RETURN 's12';
END $$;
/*
-- migrate:down
*/
COPY s12 (a, b) FROM stdin;
1	-- migrate:down
-2	x
\.
COPY s12 (b) FROM stdin;
-- migrate:down
-- up
\.
SELECT "
-- migrate:down
" FROM (VALUES (1)) AS v("
-- migrate:down
");
-- migrated: not ours
-- upwards
-- down with it
-- migrate:down
DROP FUNCTION s12;
DROP TABLE s12;
$m$]);
SELECT migration, step FROM migrate.apply(names => '{s12}');
SELECT * FROM s12;
SELECT migration, step, statement FROM migrate.rollback();

-- a section ends an unfinished last statement
SELECT * FROM migrate.upload('{s13.sql}', ARRAY[E'-- migrate:up\nSELECT 13\n-- migrate:down\nSELECT -13']);
SELECT line, statement FROM migrate.plan(names => '{s13}');
SELECT * FROM migrate.upload('{s13.sql}', ARRAY[E'-- migrate:up\nSELECT 13 +\n-- migrate:down\nSELECT -13']);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{s13.sql}', ARRAY[E'-- migrate:up\nCREATE TABLE s13 (a int\n-- migrate:down\nDROP TABLE s13;']);
\echo :LAST_ERROR_SQLSTATE

-- options
SELECT * FROM migrate.upload('{s14.sql}', ARRAY[E'-- migrate:up TRANSACTION:Never online:OFF requires:s11,s12\nSELECT 14; SELECT 15;']);
SELECT step, mode, statement FROM migrate.plan(names => '{s14}');
SELECT requires FROM migrate.status WHERE name = 's14';
SELECT * FROM migrate.upload('{s14.sql}', ARRAY[E'-- migrate:up transaction:true online:auto\nSELECT 14; SELECT 15;']);
SELECT step, mode, statement FROM migrate.plan(names => '{s14}');
SELECT * FROM migrate.upload('{s14.sql}', ARRAY[E'-- migrate:up\n-- migrate:allow lock.table it is small\nSELECT 14;\n-- migrate:reverse a.b = c + 1\nSELECT 15;']);
-- migrate:set: our own settings for this migration only
SELECT * FROM migrate.upload('{s15.sql}', ARRAY[E'-- migrate:set migrate.wait_timeout = 7s\n-- migrate:set worker_timeout=8000\nCREATE TABLE s15 AS SELECT current_setting(''migrate.wait_timeout'') AS w, current_setting(''migrate.worker_timeout'') AS t;']);
SELECT migration, step FROM migrate.apply(names => '{s15}');
TABLE s15;
DROP TABLE s15;
SHOW migrate.wait_timeout;
SELECT * FROM migrate.upload('{s16.sql}', ARRAY[E'-- migrate:set work_mem = 7MB\nSELECT 1;']);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{s16.sql}', ARRAY[E'-- migrate:set no_such_setting = 7MB\nSELECT 1;']);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{s16.sql}', ARRAY[E'-- migrate:set wait_timeout = soon\nSELECT 1;']);
\echo :LAST_ERROR_SQLSTATE

-- a slip of the pen must not become a comment
SELECT * FROM migrate.upload('{t.sql}', ARRAY[E'-- migrate:up\nSELECT 1;\n-- migrate:donw\nSELECT -1;']);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{t.sql}', ARRAY[E'-- migrate:\nSELECT 1;']);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{t.sql}', ARRAY[E'-- migrate:up transaktion:never\nSELECT 1;']);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{t.sql}', ARRAY[E'-- migrate:up transaction:maybe\nSELECT 1;']);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{t.sql}', ARRAY[E'-- migrate:up online:yes\nSELECT 1;']);
SELECT * FROM migrate.upload('{t.sql}', ARRAY[E'-- migrate:up transaction: never\nSELECT 1;']);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{t.sql}', ARRAY[E'-- migrate:up transaction:never transaction:always\nSELECT 1;']);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{t.sql}', ARRAY[E'-- migrate:up requires:a,,b\nSELECT 1;']);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{t.sql}', ARRAY[E'-- migrate:verify transaction:never\nSELECT 1;']);
SELECT * FROM migrate.upload('{t.sql}', ARRAY[E'SELECT 1;\n-- migrate:set wait_timeout\nSELECT 1;']);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{t.sql}', ARRAY[E'SELECT 1;\n-- migrate:allow\nSELECT 1;']);
\echo :LAST_ERROR_SQLSTATE
-- statements before the first section belong nowhere
SELECT * FROM migrate.upload('{t.sql}', ARRAY[E'SELECT 0;\n-- migrate:up\nSELECT 1;']);
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM stored WHERE name = 't';

DROP VIEW stored;
SET migrate.allow_drop = on;
DROP EXTENSION migrate;
