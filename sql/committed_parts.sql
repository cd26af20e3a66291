-- Code that commits a part of its work and then fails: some of it would be done twice, so nobody runs it
-- again before it is settled.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
CREATE TABLE counted (n int);
INSERT INTO counted VALUES (0);
CREATE TABLE gate (n int);
SELECT migrate.add('v1', $m$
CREATE TABLE before_it (i int);
DO $do$ BEGIN
	UPDATE counted SET n = n + 1;
	COMMIT;
	PERFORM 1 / count(*) FROM gate;
	COMMIT;
END $do$;
CREATE TABLE after_it (i int);
$m$, 'DROP TABLE after_it; DROP TABLE before_it');
SELECT migration, step FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
TABLE counted;
SELECT name, state, error FROM migrate.status;
SELECT run, step, state FROM migrate.steps;
-- not again by itself
SELECT migration, step FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
TABLE counted;
-- once it is settled
INSERT INTO gate VALUES (1);
SELECT migrate.repair('v1', 'retry');
SELECT migration, step FROM migrate.apply();
TABLE counted;
SELECT name, state, error FROM migrate.status;

-- nothing committed, nothing in doubt
SELECT migrate.add('v2', $m$
DO $do$ BEGIN
	UPDATE counted SET n = n + 1;
	PERFORM 1 / (count(*) - 1) FROM gate;
	COMMIT;
END $do$;
$m$, '-- nothing');
SELECT migration, step FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
TABLE counted;
INSERT INTO gate VALUES (2);
SELECT migration, step FROM migrate.apply();
TABLE counted;

-- a migration cannot wait for itself
SELECT migrate.add('v3', 'SELECT 1', requires => '{v3}');
\echo :LAST_ERROR_SQLSTATE
SELECT name FROM migrate.status;

SET migrate.allow_drop = on;
DROP EXTENSION migrate;
DROP TABLE counted, gate, before_it, after_it;
