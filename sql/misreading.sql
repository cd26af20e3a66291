-- A piece of a script is one statement when it runs as it was when it was cut, and none gets lost.
SET migrate.lint = off;
SET client_min_messages = warning;
CREATE EXTENSION migrate;
CREATE TABLE kept (i int);
\set VERBOSITY terse

-- whatever the session says about strings
SELECT migrate.add('s1', E'INSERT INTO kept VALUES (1); SELECT ''a\\'', '';DROP TABLE kept; --'';');
SET standard_conforming_strings = off;
SELECT migration, step FROM migrate.apply();
SHOW standard_conforming_strings;
SELECT migrate.mark('s1', 'pending');
BEGIN;
SELECT migration, step FROM migrate.apply();
SHOW standard_conforming_strings;
COMMIT;
SET standard_conforming_strings = on;
TABLE kept;
-- a script that changes it where the cut cannot see it is stopped
SELECT migrate.add('s2', $m$DO 'BEGIN SET standard_conforming_strings = off; END'; SELECT 'a\', ';DROP TABLE kept; --';$m$);
SELECT migration, step FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
TABLE kept;

-- a statement on the line of COPY is not a row, nor to be dropped
SELECT migrate.add('c1', E'COPY kept FROM stdin; INSERT INTO kept VALUES (5);\n6\n\\.\n');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.remove('s2');
SELECT migrate.add('c2', E'COPY kept FROM stdin; -- the rows\n6\n\\.\n');
SELECT migration, step FROM migrate.apply();
TABLE kept;

-- a script that changes what its own run stands on: what is recorded would not be what ran
SELECT migrate.add('r1', $m$SELECT migrate.add('r1', 'SELECT 42')$m$);
SELECT migration, step FROM migrate.apply(names => '{r1}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('r1', $m$SELECT migrate.remove('r1')$m$);
SELECT migration, step FROM migrate.apply(names => '{r1}');
\echo :LAST_ERROR_SQLSTATE
BEGIN;
SELECT migration, step FROM migrate.apply(names => '{r1}');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT migrate.add('r1', $m$SELECT migrate.mark('r1', 'applied')$m$);
SELECT migration, step FROM migrate.apply(names => '{r1}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('r1', $m$SELECT migrate.add('r2', 'SELECT 43')$m$);
SELECT migration, step FROM migrate.apply(names => '{r1}');
SELECT name, state FROM migrate.status WHERE name LIKE 'r%';

-- a script that deletes the history it is being recorded in
SELECT migrate.add('x', 'DELETE FROM migrate.runs');
SELECT migration, step FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE

SET migrate.allow_drop = on;
DROP EXTENSION migrate;
DROP TABLE kept;
