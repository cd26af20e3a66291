-- A run never takes a number that the history knows, although the sequence does not.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
\set VERBOSITY terse
INSERT INTO migrate.run_steps (run, step, migration_id, migration, direction, step_of_migration, steps_of_migration, mode, begin_options, statements, numbers, lines, state)
VALUES (1, 1, 1, 'v1', 'up', 1, 3, 'transaction', '', '{SELECT 1}', '{1}', '{1}', 'done'),
       (1, 2, 1, 'v1', 'up', 2, 3, 'alone', '', '{VACUUM run_numbers}', '{2}', '{1}', 'done'),
       (1, 3, 1, 'v1', 'up', 3, 3, 'transaction', '', '{SELECT 1 / (SELECT count(*) FROM run_numbers)}', '{3}', '{1}', 'done');
SELECT migrate.add('v1', 'SELECT 1; VACUUM run_numbers; SELECT 1 / (SELECT count(*) FROM run_numbers)');
SELECT run, migration, step FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
SELECT run, step, statement, state FROM migrate.steps WHERE run > 1;
CREATE TABLE run_numbers AS SELECT 1 AS i;
SELECT run, migration, step, statement FROM migrate.apply();
SELECT setval('migrate.runs_id_seq', 1, false);
SELECT migrate.add('v2', 'SELECT 2');
SELECT run, migration, step, statement FROM migrate.apply();

SET migrate.allow_drop = on;
DROP EXTENSION migrate;
DROP TABLE run_numbers;
