-- Taking migrations back: rollback in its four forms, goto, redo.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
SELECT migrate.add('m' || n, format('CREATE TABLE m%s (a int)', n), format('DROP TABLE m%s', n)) FROM generate_series(1, 6) AS n;
\set state 'SELECT string_agg(name, \' \' ORDER BY migrate.sort_key(name)) FILTER (WHERE state = \'applied\') AS applied, (SELECT string_agg(relname, \' \' ORDER BY relname) FROM pg_class WHERE relname ~ \'^m\\d$\') AS tables FROM migrate.status;'

-- nothing is applied
SET client_min_messages = notice;
SELECT migration FROM migrate.rollback();
SELECT migration FROM migrate.rollback(3);
SET client_min_messages = warning;
SELECT migration FROM migrate.rollback('m1');
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate.rollback('m99');
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate.rollback(0);
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate.rollback(-1);
SELECT migration FROM migrate.rollback(run => 99);
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate.rollback(target => NULL);
\echo :LAST_ERROR_SQLSTATE

-- the last one, the last n, more than there are
SELECT run, migration FROM migrate.apply();
SELECT run, migration, step, statement FROM migrate.rollback();
SELECT migration, step FROM migrate.rollback(2);
SELECT migration, step FROM migrate.rollback(steps => 100);
:state
SELECT migration FROM migrate.rollback();

-- exactly one: refused while later ones are applied, unless those go, too
SELECT count(*) FROM migrate.apply();
SELECT migration FROM migrate.rollback('m4');
\echo :LAST_ERROR_SQLSTATE
:state
SELECT migration FROM migrate.plan('m4', 'down');
SELECT migration FROM migrate.rollback('m4', cascade => true);
SELECT migration FROM migrate.rollback('m3');
:state
-- newest applied first, whatever the names say
SELECT migration FROM migrate.apply(names => '{m5}');
SELECT migration FROM migrate.apply(names => '{m3}');
SELECT migration FROM migrate.rollback('m5');
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate.rollback(2);
:state

-- what one run applied
SELECT DISTINCT run AS r1 FROM migrate.apply('m4') \gset
SELECT DISTINCT run AS r2 FROM migrate.apply('m6') \gset
SELECT migration FROM migrate.rollback(run => :r1);
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate.rollback(run => :r2);
SELECT migration FROM migrate.rollback(run => :r1);
:state
SET client_min_messages = notice;
SELECT migration FROM migrate.rollback(run => :r1);
SET client_min_messages = warning;

-- goto: up or down, the target is the last one
SELECT migration FROM migrate.goto('m3');
SELECT migration FROM migrate.goto('m5');
SELECT migration FROM migrate.goto('m2');
SET client_min_messages = notice;
SELECT migration FROM migrate.goto('m2');
SET client_min_messages = warning;
:state
SELECT migration FROM migrate.goto('m77');
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate.goto(NULL);
\echo :LAST_ERROR_SQLSTATE

-- redo
SELECT migration, step, statement FROM migrate.redo();
SELECT migration, step, statement FROM migrate.redo(2);
SELECT migration FROM migrate.redo(0);
\echo :LAST_ERROR_SQLSTATE
:state
SELECT event, migration FROM migrate.history WHERE migration = 'm2' ORDER BY id DESC LIMIT 4;
-- a redo whose way down fails can be tried again
SELECT migrate.repair('m2', down => 'DROP TABLE m2; SELECT nothing');
SELECT migration FROM migrate.redo();
\echo :LAST_ERROR_SQLSTATE
:state
SELECT name, state, error FROM migrate.status WHERE name = 'm2';
SELECT migrate.repair('m2', down => 'DROP TABLE m2');
SELECT migration, statement FROM migrate.redo();
:state

-- without a way down: nothing is touched, and the hint names both ways out
SELECT migrate.add('m7', 'CREATE TABLE m7 (a int)');
SELECT migration FROM migrate.apply('m7');
DO $$
DECLARE message text; detail text; hint text; state text;
BEGIN
    PERFORM migrate.rollback();
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RAISE WARNING '% %', state, message USING DETAIL = regexp_replace(regexp_replace(detail, '\d+/[0-9A-F]+', 'LSN'), '\d{4}-\d\d-\d\d [-+:.0-9]+', 'TIME'), HINT = hint;
END $$;
\set VERBOSITY terse
SELECT migration FROM migrate.rollback(3);
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate.goto('m1');
SELECT migration FROM migrate.plan(direction => 'down');
\set VERBOSITY default
:state
SELECT migrate.repair('m7', down => '-- nothing to undo');
SET client_min_messages = notice;
SELECT migration, step FROM migrate.rollback();
SET client_min_messages = warning;
DROP TABLE m7;
SELECT migrate.remove('m7');

-- partly run: rollback undoes what ran, and skips drops of what is not there
SELECT count(*) FROM migrate.rollback(100);
SELECT migrate.add('m8', E'-- migrate:up transaction:never\nCREATE TABLE m8 (a int);\nCREATE VIEW m8v AS SELECT 1 AS one;\nSELECT nothing;\nCREATE INDEX m8i ON m8 (a);\nCREATE FUNCTION m8f() RETURNS int RETURN 1;\nALTER TABLE m8 ADD b int;',
    'ALTER TABLE m8 DROP COLUMN b, DROP CONSTRAINT c; DROP FUNCTION m8f(); DROP INDEX m8i; DROP INDEX CONCURRENTLY m8i; DROP VIEW m8v; DROP TABLE m8; DROP SCHEMA nowhere; DROP TRIGGER t ON m8');
SELECT migration, step FROM migrate.apply(names => '{m8}');
SELECT migration, step, statement FROM migrate.plan(direction => 'down');
SELECT migration, step, mode FROM migrate.rollback();
SELECT name, state FROM migrate.status WHERE name = 'm8';
SELECT to_regclass('m8'), to_regclass('m8v');
-- a whole one does not skip
SELECT migrate.add('m8', 'CREATE TABLE m8 (a int)', 'DROP TABLE m8; DROP TABLE m8_not_there');
SELECT migration, step FROM migrate.apply(names => '{m8}');
SELECT migration, step FROM migrate.rollback();
\echo :LAST_ERROR_SQLSTATE
SELECT name, state, error FROM migrate.status WHERE name = 'm8';
SELECT migrate.repair('m8', down => 'DROP TABLE m8');
SELECT migration, step FROM migrate.rollback();

-- stopped on the way down: apply waits for that to be finished
SELECT migrate.add('m9', 'CREATE TABLE m9 (a int); CREATE TABLE m9b (a int)', E'-- migrate:down transaction:never\nDROP TABLE m9b;\nSELECT nothing;\nDROP TABLE m9;');
SELECT migration, step FROM migrate.apply(names => '{m9}');
SELECT migration, step FROM migrate.rollback();
\echo :LAST_ERROR_SQLSTATE
SELECT to_regclass('m9'), to_regclass('m9b');
SELECT migration, step FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
SELECT migration, step FROM migrate.goto('m9');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('m9', 'CREATE TABLE m9 (a int); CREATE TABLE m9b (a int)', E'-- migrate:down transaction:never\nDROP TABLE m9b;\nDROP TABLE m9;');
SELECT migration, step, statement FROM migrate.rollback();
SELECT name, state FROM migrate.status WHERE name = 'm9';

-- nothing ran: rollback has nothing to undo, with a way down or without
SELECT migrate.add('m9', 'SELECT nothing');
SELECT migration, step FROM migrate.apply(names => '{m9}');
SELECT migration, step FROM migrate.rollback();
SELECT name, state FROM migrate.status WHERE name = 'm9';
SELECT event, count(*) FROM migrate.history GROUP BY event ORDER BY event;

SET migrate.allow_drop = on;
DROP EXTENSION migrate;
