-- COPY with its data in the script.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
\pset null '(null)'

-- data that looks like everything else; two blocks, and SQL behind them
SELECT migrate.add('d1', $m$
CREATE TABLE public.content_type (id int, app_label text, model text);
COPY public.content_type (id, app_label, model) FROM stdin;
1	admin	logentry
2	auth	permission; -- not a comment
3	\N	/* neither
4	$$	'quotes"
5	back\\slash	tab\there
6	line\nbreak	\\.
\.
COPY public.content_type FROM STDIN WITH (DELIMITER '|', NULL 'none');
7|none|b
8|x|c
\.


UPDATE content_type SET app_label = 'last' WHERE id = 8;
-- migrate:down
DROP TABLE content_type;
$m$);
SELECT line, statement FROM migrate.plan();
SELECT migration, step, statement FROM migrate.apply();
TABLE content_type;
SELECT migration, step, statement FROM migrate.rollback();

-- CSV: quoted newlines, quotes in quotes, a header
SELECT migrate.add('d2', $m$CREATE TABLE csv (id int, note text);
COPY csv FROM STDIN (FORMAT csv, HEADER);
id,note
1,"two
lines; and ""quotes"""
2,"
-- migrate:down
"
3,
\.
SELECT 1;
$m$, 'DROP TABLE csv');
SELECT migration, step FROM migrate.apply(names => '{d2}');
TABLE csv;
SELECT migration, step FROM migrate.rollback();

-- no end marker before the end of the file; no rows at all; no newline at the end
SELECT migrate.add('d3', E'CREATE TABLE d3 (a int);\nCOPY d3 FROM stdin;\n1\n2\n', 'DROP TABLE d3'),
       migrate.add('d4', E'CREATE TABLE d4 (a int);\nCOPY d4 FROM stdin;\n\\.\nCOPY d4 FROM stdin;\n', 'DROP TABLE d4'),
       migrate.add('d5', E'CREATE TABLE d5 (a int);\nCOPY d5 FROM stdin;\r\n1\r\n2\r\n\\.\r\nCOPY d5 FROM stdin;\n3', 'DROP TABLE d5');
SELECT migration, step FROM migrate.apply(names => '{d3,d4,d5}');
SELECT *, (SELECT count(*) FROM d4), (SELECT sum(a) FROM d5) FROM d3;
SELECT migration, step FROM migrate.rollback(3);

-- an error at a row names the line of the file, and nothing stays
SELECT * FROM migrate.upload('{d6.sql}', ARRAY[E'-- line 1\n-- migrate:up\nCREATE TABLE d6 (a int, b text);\n\nCOPY d6 FROM stdin;\n1\tone\n2\ttwo\nthree\tthree\n4\tfour\n\\.\n']);
SELECT migration FROM migrate.apply(names => '{d6}');
\echo :LAST_ERROR_SQLSTATE
SELECT to_regclass('d6');
SELECT * FROM migrate.upload('{d6.sql}', ARRAY[E'-- line 1\n-- migrate:up\nCREATE TABLE d6 (a int, b text);\n\nCOPY d6 FROM stdin;\n1\tone\n2\n\\.\n']);
SELECT migration FROM migrate.apply(names => '{d6}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{d6.sql}', ARRAY[E'-- line 1\n-- migrate:up\nCREATE TABLE d6 (a int CHECK (a < 3), b text);\nCOPY d6 FROM stdin;\n1\tone\n2\ttwo\n3\tthree\n\\.\nSELECT 1;']);
SELECT migration FROM migrate.apply(names => '{d6}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{d6.sql}', ARRAY[E'-- migrate:up\nCREATE TABLE d6 (a int, b text);\nCOPY d6 FROM stdin (FORMAT csv);\n1,"a\nb"\nx,"c\nd"\n\\.\n']);
SELECT migration FROM migrate.apply(names => '{d6}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{d6.sql}', ARRAY[E'CREATE TABLE d6 (a int, b text);\nCOPY d6 (a, nothing) FROM stdin;\n1\t2\n\\.\n']);
SELECT migration FROM migrate.apply(names => '{d6}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{d6.sql}', ARRAY[E'SELECT 1;\nCOPY no_table FROM stdin;\n1\t2\n\\.\n']);
SELECT migration FROM migrate.apply(names => '{d6}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{d6.sql}', ARRAY[E'CREATE TABLE d6 (a int, b text);\nCOPY d6 FROM stdin (FORMAT xml);\n1\t2\n\\.\n']);
SELECT migration FROM migrate.apply(names => '{d6}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{d6.sql}', ARRAY[E'CREATE VIEW d6 AS SELECT 1 AS a;\nCOPY d6 FROM stdin;\n1\n\\.\n']);
SELECT migration FROM migrate.apply(names => '{d6}');
\echo :LAST_ERROR_SQLSTATE
-- binary data has no place in a text
SELECT * FROM migrate.upload('{d6.sql}', ARRAY[E'CREATE TABLE d6 (a int);\nCOPY d6 FROM stdin (FORMAT binary);\n1\n\\.\n']);
SELECT migration FROM migrate.apply(names => '{d6}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{d6.sql}', ARRAY[E'CREATE TABLE d6 (a int);\nCOPY d6 TO stdout;\nSELECT 1;']);
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.mark('d6', 'pending');
SELECT migrate.remove('d6');

-- WHERE, ENCODING, FREEZE, defaults, generated columns, triggers
SELECT migrate.add('d7', E'CREATE TABLE d7 (a int, b text DEFAULT ''d'', c int GENERATED ALWAYS AS (a * 2) STORED);
CREATE FUNCTION d7() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.b := NEW.b || ''!''; RETURN NEW; END $$;
CREATE TRIGGER d7 BEFORE INSERT ON d7 FOR EACH ROW EXECUTE FUNCTION d7();
COPY d7 (a) FROM stdin WHERE a > 1 AND b IS NOT NULL;\n1\n2\n3\n\\.
COPY d7 (a, b) FROM stdin (ENCODING ''LATIN1'');\n4\tgęś\n\\.
SET client_encoding = ''LATIN1'';
COPY d7 (a, b) FROM stdin;\n5\tżółw\n\\.
CREATE TABLE d7f (a int);
COPY d7f FROM stdin (FREEZE);\n1\n\\.
', 'DROP TABLE d7f; DROP TABLE d7; DROP FUNCTION d7');
SELECT migration, step FROM migrate.apply(names => '{d7}');
SELECT * FROM d7 ORDER BY a;
TABLE d7f;
SHOW client_encoding;
SELECT migration, step FROM migrate.rollback();
SELECT migrate.add('d8', E'CREATE TABLE d8 (a int, c int GENERATED ALWAYS AS (a * 2) STORED);\nCOPY d8 (a) FROM stdin WHERE c > 1;\n1\n\\.');
SELECT migration FROM migrate.apply(names => '{d8}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('d8', E'CREATE TABLE d8 (a int);\nCOPY d8 (a) FROM stdin WHERE a;\n1\n\\.');
SELECT migration FROM migrate.apply(names => '{d8}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('d8', E'CREATE TABLE d8 (a int);\nCOPY d8 (a) FROM stdin WHERE a = (SELECT 1);\n1\n\\.');
SELECT migration FROM migrate.apply(names => '{d8}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('d8', E'BEGIN; CREATE TABLE d8 (a int); COMMIT;\nSELECT 1;\nCOPY d8 FROM stdin (FREEZE);\n1\n\\.');
SELECT migration FROM migrate.apply(names => '{d8}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('d8', E'BEGIN; CREATE TABLE d8 (a int); COMMIT;\nBEGIN READ ONLY;\nCOPY d8 FROM stdin;\n1\n\\.\nCOMMIT;');
SELECT migration FROM migrate.apply(names => '{d8}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.mark('d8', 'pending');
SELECT migrate.remove('d8');
DROP TABLE d8;

-- the rights of COPY are those of the role that runs the script
CREATE ROLE regress_copy LOGIN;
SELECT migrate.grant('regress_copy');
CREATE TABLE allowed (a int, b int);
CREATE TABLE forbidden (a int);
CREATE TABLE some_columns (a int, b int DEFAULT 7);
CREATE TABLE secured (a int);
ALTER TABLE secured ENABLE ROW LEVEL SECURITY;
CREATE POLICY odd ON secured USING (a % 2 = 1);
GRANT SELECT, INSERT ON allowed, secured TO regress_copy;
GRANT INSERT (a), SELECT (b) ON some_columns TO regress_copy;
SET SESSION AUTHORIZATION regress_copy;
SELECT migrate.add('r1', E'COPY allowed FROM stdin;\n1\t2\n\\.');
SELECT migration, step FROM migrate.apply(names => '{r1}');
TABLE allowed;
SELECT migrate.add('r2', E'COPY forbidden FROM stdin;\n1\n\\.');
SELECT migration, step FROM migrate.apply(names => '{r2}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('r2', E'COPY some_columns FROM stdin;\n1\t2\n\\.');
SELECT migration, step FROM migrate.apply(names => '{r2}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('r2', E'COPY some_columns (b) FROM stdin;\n1\n\\.');
SELECT migration, step FROM migrate.apply(names => '{r2}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('r2', E'COPY some_columns (a) FROM stdin WHERE a > 1;\n1\n\\.');
SELECT migration, step FROM migrate.apply(names => '{r2}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('r2', E'COPY secured FROM stdin;\n2\n\\.');
SELECT migration, step FROM migrate.apply(names => '{r2}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('r2', E'COPY migrate.runs FROM stdin;\n2\n\\.');
SELECT migration, step FROM migrate.apply(names => '{r2}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('r2', E'COPY pg_catalog.pg_am FROM stdin;\n2\n\\.');
SELECT migration, step FROM migrate.apply(names => '{r2}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('r2', E'COPY some_columns (a) FROM stdin;\n1\n\\.');
SELECT migration, step FROM migrate.apply(names => '{r2}');
-- inside of a transaction block the same
SELECT migrate.add('r3', E'COPY forbidden FROM stdin;\n1\n\\.');
BEGIN;
SELECT migration, step FROM migrate.apply(names => '{r3}');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN READ ONLY;
SELECT migration, step FROM migrate.apply(names => '{r3}');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
RESET SESSION AUTHORIZATION;
TABLE some_columns;
SELECT (SELECT count(*) FROM forbidden) + (SELECT count(*) FROM secured) AS rows;

DROP TABLE allowed, forbidden, some_columns, secured;
SET migrate.allow_drop = on;
DROP EXTENSION migrate;
DROP ROLE regress_copy;
