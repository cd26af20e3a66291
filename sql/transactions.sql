-- Which statements share a transaction, and what happens when one of them fails.
SET client_min_messages = warning;
CREATE EXTENSION migrate;

-- a migration is one transaction: a failure leaves nothing of it, and all before it
SELECT migrate.add('1', 'CREATE TABLE t1 (a int)', 'DROP TABLE t1'),
       migrate.add('2', 'CREATE TABLE t2 (a int); CREATE TABLE t2b (a int)', 'DROP TABLE t2b; DROP TABLE t2'),
       migrate.add('3', E'CREATE TABLE broken (id bigint);\nSELECT nothing FROM t1;', 'DROP TABLE broken'),
       migrate.add('4', 'CREATE TABLE t4 (a int)', 'DROP TABLE t4');
SELECT migration, step FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
SELECT name, state, error FROM migrate.status;
SELECT migration, direction, mode, statement, state, attempts, error FROM migrate.steps;
SELECT relname FROM pg_class WHERE relname IN ('t1', 't2', 't2b', 'broken', 't4') ORDER BY 1;
-- the text is corrected, and only the rest runs
SELECT migrate.add('3', E'CREATE TABLE broken (id bigint);\nSELECT a FROM t1;', 'DROP TABLE broken');
SELECT migration, step FROM migrate.apply();
SELECT name, state, error FROM migrate.status;
SELECT migration, step FROM migrate.rollback(4);

-- transaction:never: what went well stays, and the next call begins behind it
SELECT migrate.add('5', E'-- migrate:up transaction:never\nCREATE TABLE kept (id int);\nINSERT INTO kept VALUES (1);\nINSERT INTO kept VALUES (1/0);\nINSERT INTO kept VALUES (3);', 'DROP TABLE kept');
SELECT migration, step, mode, statement FROM migrate.plan('5') WHERE migration = '5';
SELECT migration, step FROM migrate.apply(names => '{5}');
\echo :LAST_ERROR_SQLSTATE
TABLE kept;
SELECT name, state, error FROM migrate.status WHERE name = '5';
SELECT step, statement, state, attempts FROM migrate.steps WHERE migration = '5';
SELECT step, statement, note FROM migrate.plan(names => '{5}');
SELECT migration, step FROM migrate.apply(names => '{5}');
\echo :LAST_ERROR_SQLSTATE
-- what has run may not change, the rest may
\set SHOW_CONTEXT never
SELECT migrate.add('5', E'-- migrate:up transaction:never\nCREATE TABLE kept (id int);\nINSERT INTO kept VALUES (11);\nINSERT INTO kept VALUES (2);\nINSERT INTO kept VALUES (3);', 'DROP TABLE kept');
\echo :LAST_ERROR_SQLSTATE
\set SHOW_CONTEXT errors
SELECT migrate.add('5', E'-- migrate:up transaction:never\nCREATE TABLE kept (id int); INSERT INTO kept VALUES (1);\nINSERT INTO kept VALUES (2);\nINSERT INTO kept VALUES (3);', 'DROP TABLE kept');
SELECT step, statement, note FROM migrate.plan(names => '{5}');
SELECT migration, step, statement FROM migrate.apply(names => '{5}');
TABLE kept;
SELECT migration, step FROM migrate.rollback();

-- BEGIN and COMMIT written in a script are honoured
SELECT migrate.add('6', E'CREATE TABLE b0 (a int);\nBEGIN;\nCREATE TABLE b1 (a int);\nINSERT INTO b1 VALUES (1);\nCOMMIT;\nSTART TRANSACTION;\nCREATE TABLE b2 (a int);\nEND;\nINSERT INTO b1 SELECT 1/0;\nCREATE TABLE b3 (a int);', 'DROP TABLE b3; DROP TABLE b2; DROP TABLE b1; DROP TABLE b0');
SELECT step, mode, line, statement FROM migrate.plan(names => '{6}');
SELECT migration, step FROM migrate.apply(names => '{6}');
\echo :LAST_ERROR_SQLSTATE
SELECT relname FROM pg_class WHERE relname ~ '^b\d$' ORDER BY 1;
SELECT migrate.add('6', E'CREATE TABLE b0 (a int);\nBEGIN;\nCREATE TABLE b1 (a int);\nINSERT INTO b1 VALUES (1);\nCOMMIT;\nSTART TRANSACTION;\nCREATE TABLE b2 (a int);\nEND;\nINSERT INTO b1 SELECT 1/1;\nCREATE TABLE b3 (a int);', 'DROP TABLE b3; DROP TABLE b2; DROP TABLE b1; DROP TABLE b0');
SELECT migration, step, statement FROM migrate.apply(names => '{6}');
SELECT relname FROM pg_class WHERE relname ~ '^b\d$' ORDER BY 1;
SELECT migration, step FROM migrate.rollback();
-- with options
SELECT migrate.add('7', E'BEGIN ISOLATION LEVEL SERIALIZABLE;\nCREATE TABLE iso AS SELECT current_setting(''transaction_isolation'') AS level;\nCOMMIT;\nBEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE;\nINSERT INTO iso SELECT current_setting(''transaction_isolation'');\nCOMMIT;\nINSERT INTO iso SELECT current_setting(''transaction_isolation'');', 'DROP TABLE iso');
SELECT step, mode FROM migrate.plan(names => '{7}');
SELECT migration, step, mode FROM migrate.apply(names => '{7}');
TABLE iso;
SELECT migration, step FROM migrate.rollback();
-- a script may leave its transaction read-only; the ledger is written all the same
SELECT migrate.add('8', E'BEGIN;\nSET TRANSACTION READ ONLY;\nSELECT 1;\nCOMMIT;\nBEGIN READ ONLY;\nSELECT 2;\nCOMMIT;\nSET transaction_read_only = on;\nSELECT 3', '-- nothing');
SELECT migration, step, mode FROM migrate.apply(names => '{8}');
SELECT migration, step FROM migrate.rollback();
-- never a half of it
SELECT migrate.add('9', E'SELECT 1;\nBEGIN;\nSELECT 2;');
SELECT migration FROM migrate.apply(names => '{9}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('9', E'SELECT 1;\nCOMMIT;\nSELECT 2;');
SELECT migration FROM migrate.apply(names => '{9}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('9', E'BEGIN;\nSELECT 1;\nBEGIN;\nSELECT 2;\nCOMMIT;');
SELECT migration FROM migrate.apply(names => '{9}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('9', E'BEGIN;\nSELECT 1;\nROLLBACK;');
SELECT migration FROM migrate.apply(names => '{9}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('9', E'BEGIN;\nSELECT 1;\nCOMMIT AND CHAIN;\nSELECT 2;\nCOMMIT;');
SELECT migration FROM migrate.apply(names => '{9}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('9', E'BEGIN;\nSELECT 1;\nPREPARE TRANSACTION ''x'';');
SELECT migration FROM migrate.apply(names => '{9}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('9', E'COPY (SELECT 1) TO STDOUT;');
SELECT migration FROM migrate.apply(names => '{9}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('9', E'BEGIN;\nCREATE INDEX CONCURRENTLY i ON t1 (a);\nCOMMIT;');
SELECT migration FROM migrate.apply(names => '{9}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('9', E'-- migrate:up transaction:always\nCREATE TABLE never (a int);\nCREATE INDEX CONCURRENTLY i ON never (a);');
SELECT migration FROM migrate.apply(names => '{9}');
\echo :LAST_ERROR_SQLSTATE
SELECT name, state FROM migrate.status WHERE name = '9';
SELECT migrate.remove('9');

-- savepoints
SELECT migrate.add('10', E'CREATE TABLE sp (a int);\nSAVEPOINT s;\nINSERT INTO sp VALUES (1);\nROLLBACK TO SAVEPOINT s;\nINSERT INTO sp VALUES (2);\nRELEASE SAVEPOINT s;', 'DROP TABLE sp');
SELECT migration, step, mode FROM migrate.apply(names => '{10}');
TABLE sp;
SELECT migration, step FROM migrate.rollback();

-- a deferred constraint that fails at the end fails its migration
SELECT migrate.add('11', E'CREATE TABLE p (id int PRIMARY KEY);\nCREATE TABLE c (id int REFERENCES p DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO c VALUES (1);', 'DROP TABLE c; DROP TABLE p');
SELECT migration FROM migrate.apply(names => '{11}');
\echo :LAST_ERROR_SQLSTATE
SELECT name, state, error FROM migrate.status WHERE name = '11';
SELECT migrate.add('11', E'CREATE TABLE p (id int PRIMARY KEY);\nCREATE TABLE c (id int REFERENCES p DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO c VALUES (1);\nINSERT INTO p VALUES (1);', 'DROP TABLE c; DROP TABLE p');
SELECT migration, step FROM migrate.apply(names => '{11}');
-- pending events of a table that is altered
SELECT migrate.add('12', E'INSERT INTO c VALUES (1);\nALTER TABLE c ADD d int;', 'ALTER TABLE c DROP d');
SELECT migration FROM migrate.apply(names => '{12}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('12', E'BEGIN;\nINSERT INTO c VALUES (1);\nCOMMIT;\nALTER TABLE c ADD d int;', 'ALTER TABLE c DROP d');
SELECT migration, step FROM migrate.apply(names => '{12}');
SELECT migration, step FROM migrate.rollback(2);

-- statements that need a transaction block have one
SELECT migrate.add('13', E'CREATE TABLE l (a int);\nLOCK TABLE l;\nDECLARE cur CURSOR FOR SELECT 1;\nFETCH cur;\nSET LOCAL work_mem = ''3MB'';\nSELECT set_config(''work_mem'', ''3MB'', true);\nSET CONSTRAINTS ALL DEFERRED;', 'DROP TABLE l');
SELECT migration, step FROM migrate.apply(names => '{13}');
SELECT migration, step FROM migrate.rollback();

-- code that commits: not as a function, but as a procedure on its own
SELECT migrate.add('14', E'CREATE FUNCTION commits() RETURNS void LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;\nSELECT commits();', 'DROP FUNCTION commits');
SELECT migration FROM migrate.apply(names => '{14}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.remove('14');
SELECT migrate.mark('14', 'pending');
SELECT migrate.remove('14');
SELECT migrate.add('15', E'CREATE TABLE done (a int);\nCREATE PROCEDURE commits() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO done VALUES (1); COMMIT; INSERT INTO done VALUES (2); END $$;\nCALL commits();\nINSERT INTO done VALUES (3);', 'DROP PROCEDURE commits; DROP TABLE done');
SELECT migration, step, mode, statement FROM migrate.plan(names => '{15}');
SELECT migration, step, mode FROM migrate.apply(names => '{15}');
TABLE done;
SELECT migration, step FROM migrate.rollback();

SET migrate.allow_drop = on;
DROP EXTENSION migrate;
