-- Telling the database which migrations there are: add, upload, remove, repair of texts.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
\pset null '(null)'

-- add, change, add again
SELECT migrate.add('r1', 'SELECT 1');
SELECT migrate.add('r1', 'SELECT 1');
SELECT migrate.add('r1', 'SELECT 11', down => 'SELECT -1', verify => 'SELECT 0', requires => '{r0}');
SELECT migrate.add('r1', 'SELECT 11', down => 'SELECT -1', verify => 'SELECT 0', requires => '{r0}');
SELECT name, requires, reversible, uploaded_by FROM migrate.status;
SELECT migrate.add('r1', 'SELECT 11', down => 'SELECT -1');
SELECT migrate.remove('r1');
SELECT name FROM migrate.status;
SELECT migrate.remove('r1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('r1', 'SELECT 111');
SELECT event, migration FROM migrate.history;
-- what cannot be added
SELECT migrate.add(NULL, 'SELECT 1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('r2', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('r2', 'SELECT 1', requires => '{a,NULL}');
\echo :LAST_ERROR_SQLSTATE

-- files: all or none
SELECT * FROM migrate.upload('{f/u1.sql,f/u2.sql}', '{SELECT 1,SELECT 2}');
SELECT * FROM migrate.upload('{f/u1.sql,f/u2.sql,f/u3.sql}', '{SELECT 1,SELECT 22,SELECT 3}');
SELECT * FROM migrate.upload('{f/u4.sql,f/u5.sql}', '{SELECT 1,SELEKT 2}');
\echo :LAST_ERROR_SQLSTATE
SELECT name FROM migrate.status WHERE name LIKE 'u%';
SELECT * FROM migrate.upload('{a/u4.sql,b/u4.sql}', '{SELECT 1,SELECT 2}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{a.sql,b.sql}', '{SELECT 1}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{a.sql,NULL}', '{SELECT 1,SELECT 2}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{}', '{}');
SELECT * FROM migrate.upload(NULL, '{}');

-- the changed text of an applied migration is refused, with the lines that differ
SELECT migrate.add('r3', E'CREATE TABLE r3 (\n  a int,\n  b int\n);\nINSERT INTO r3 VALUES (1, 2);\n', 'DROP TABLE r3');
SELECT migration, step FROM migrate.apply(names => '{r3}');
SELECT migrate.add('r3', E'CREATE TABLE r3 (\n  a int,\n  b bigint\n);\nINSERT INTO r3 VALUES (1, 2);\nSELECT 1;\n', 'DROP TABLE r3');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{r3.sql,r4.sql}', '{SELECT 3,SELECT 4}');
\echo :LAST_ERROR_SQLSTATE
SELECT name, checksum_ok FROM migrate.status WHERE name IN ('r3', 'r4');
-- white space and comments are a warning only
SELECT migrate.add('r3', E'-- a table\nCREATE TABLE r3 (a int,b int);\nINSERT INTO r3\nVALUES (1, 2);', 'DROP TABLE r3');
SELECT migrate.add('r3', E'-- a table\nCREATE TABLE r3 (a int,b int);\nINSERT INTO r3\nVALUES (1, 2);', 'DROP TABLE r3');
-- case and quotes are not white space
SELECT migrate.add('r3', E'CREATE TABLE r3 (a int,b int); INSERT INTO r3 VALUES (1, ''2'');', 'DROP TABLE r3');
\echo :LAST_ERROR_SQLSTATE
SELECT name, checksum_ok FROM migrate.status WHERE name = 'r3';
-- the other scripts may change
SET client_min_messages = notice;
SELECT migrate.add('r3', E'-- a table\nCREATE TABLE r3 (a int,b int);\nINSERT INTO r3\nVALUES (1, 2);', 'DROP TABLE IF EXISTS r3', 'SELECT a FROM r3');
SET client_min_messages = warning;
SELECT migrate.remove('r3');
\echo :LAST_ERROR_SQLSTATE
-- COPY data are text as well
SELECT migrate.add('r5', E'CREATE TABLE r5 (a int);\nCOPY r5 FROM stdin;\n1\n\\.\n', 'DROP TABLE r5');
SELECT migration, step FROM migrate.apply(names => '{r5}');
SELECT migrate.add('r5', E'CREATE TABLE r5 (a int);\nCOPY r5 FROM stdin;\n2\n\\.\n', 'DROP TABLE r5');
\echo :LAST_ERROR_SQLSTATE

-- repair accepts it
SELECT migrate.repair('r3', up => E'CREATE TABLE r3 (a int, b bigint);', down => 'DROP TABLE r3');
SELECT name, state, checksum_ok, reversible FROM migrate.status WHERE name = 'r3';
SELECT up, down, verify FROM migrate.migrations WHERE name = 'r3';
SELECT event, detail FROM migrate.history WHERE event = 'repaired';
SELECT migrate.repair('r3', up => E'-- migrate:up\nCREATE TABLE r3 (a int);\n-- migrate:down\nDROP TABLE r3 CASCADE;');
SELECT up, down FROM migrate.migrations WHERE name = 'r3';
SELECT migrate.repair('r3', down => 'DROP TABLE r3');
SELECT migrate.repair('r3', up => 'CREATE TABEL r3 (a int)');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.repair('r3', down => 'DROP TABEL r3');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.repair('r3');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.repair('no_such', up => 'SELECT 1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.repair(NULL, up => 'SELECT 1');
\echo :LAST_ERROR_SQLSTATE
-- of a migration that ran in part only what has not run yet
SELECT migrate.add('r6', E'-- migrate:up transaction:never\nCREATE TABLE r6 (a int);\nSELECT nothing;', 'DROP TABLE r6');
SELECT migration, step FROM migrate.apply(names => '{r6}');
SELECT migrate.repair('r6', up => E'-- migrate:up transaction:never\nCREATE TABLE r6 (a int PRIMARY KEY);\nSELECT 1;');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.repair('r6', up => E'-- migrate:up transaction:never\nCREATE TABLE r6 (a int);\nSELECT 1;');
SELECT migration, step, statement FROM migrate.apply(names => '{r6}');
SELECT migration, step FROM migrate.rollback();

-- a new name with the same number and text: the file was renamed
SELECT * FROM migrate.upload('{001_first.sql,002_second.sql}', '{SELECT 1,SELECT 2}');
SELECT migration, step FROM migrate.apply(names => '{001_first,002_second}');
SET client_min_messages = notice;
SELECT * FROM migrate.upload('{001_first_one.sql,002_second.sql}', '{SELECT 1,SELECT 2}');
SET client_min_messages = warning;
SELECT name, state FROM migrate.status WHERE name LIKE '00%';
SELECT event, migration, detail FROM migrate.history WHERE event = 'renamed';
-- not with another text, nor while the old file is there
SELECT * FROM migrate.upload('{001_other.sql,002_second.sql}', '{SELECT 11,SELECT 2}');
SELECT * FROM migrate.upload('{002_again.sql,002_second.sql}', '{SELECT 2,SELECT 2}');
SELECT name, state FROM migrate.status WHERE name LIKE '00%';
-- required by others
SELECT migrate.add('003', 'SELECT 3'), migrate.add('004', 'SELECT 4', requires => '{003}');
SELECT migrate.remove('003');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.remove('004'), migrate.remove('003');

-- in a read-only transaction
BEGIN READ ONLY;
SELECT migrate.add('r9', 'SELECT 1');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
-- in a transaction of the caller, and gone with it
BEGIN;
SELECT migrate.add('r9', 'SELECT 1');
SELECT name FROM migrate.status WHERE name = 'r9';
ROLLBACK;
SELECT name FROM migrate.status WHERE name = 'r9';

DROP TABLE r3, r5;
SET migrate.allow_drop = on;
DROP EXTENSION migrate;
