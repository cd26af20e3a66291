-- What is in a file besides SQL: byte order marks, line endings, multibyte text, names of files.
SET client_min_messages = warning;
CREATE EXTENSION migrate;

-- a byte order mark, and a directive right behind it
SELECT * FROM migrate.upload('{b1.sql}', ARRAY[E'\uFEFF-- migrate:up transaction:never\nSELECT 1;\nSELECT 2;\n-- migrate:down\nSELECT 3;']);
SELECT step, mode, line, statement FROM migrate.plan(names => '{b1}');
SELECT * FROM migrate.upload('{b1.sql}', ARRAY[E'-- migrate:up transaction:never\nSELECT 1;\nSELECT 2;\n-- migrate:down\nSELECT 3;']);
SELECT * FROM migrate.upload('{b1.sql}', ARRAY[E'\uFEFFSELECT 1;']);
SELECT step, mode, line, statement FROM migrate.plan(names => '{b1}');
-- only at the beginning
SELECT * FROM migrate.upload('{b1.sql}', ARRAY[E'SELECT 1;\n\uFEFFSELECT 2;']);
SELECT step, mode, line, statement FROM migrate.plan(names => '{b1}');

-- carriage returns, in directives as well
SELECT * FROM migrate.upload('{b2.sql}', ARRAY[E'-- migrate:up transaction:false\r\nSELECT 1;\r\nSELECT ''a\r\nb'';\r\n-- migrate:down\r\nSELECT 3;\r\n']);
SELECT step, mode, line, statement FROM migrate.plan(names => '{b2}');
SELECT * FROM migrate.upload('{b3.sql}', ARRAY[E'-- UP\rSELECT 1; -- c\rSELECT 2;\r-- DOWN\rSELECT 3;\r']);
SELECT step, mode, line, statement FROM migrate.plan(names => '{b3}');
-- the same file with other line endings, or a mark, is the same file
SELECT * FROM migrate.upload('{b2.sql,b3.sql}', ARRAY[
    E'-- migrate:up transaction:false\nSELECT 1;\nSELECT ''a\nb'';\n-- migrate:down\nSELECT 3;\n',
    E'\uFEFF-- UP\nSELECT 1; -- c\nSELECT 2;\n-- DOWN\nSELECT 3;\n']);
SELECT migration, step FROM migrate.apply(names => '{b2,b3}');
SELECT * FROM migrate.upload('{b2.sql,b3.sql}', ARRAY[
    E'-- migrate:up transaction:false\rSELECT 1;\rSELECT ''a\rb'';\r-- migrate:down\rSELECT 3;\r',
    E'-- UP\r\nSELECT 1; -- c\r\nSELECT 2;\r\n-- DOWN\r\nSELECT 3;\r\n']);
SELECT name, state, checksum_ok FROM migrate.status;
SELECT migrate.add('b4', E'SELECT 1;\nSELECT 2;\n', E'SELECT 3;\n') UNION ALL
SELECT migrate.add('b4', E'SELECT 1;\r\nSELECT 2;\r\n', E'SELECT 3;\r\n');

-- positions count characters, not bytes, and lines of the file
SELECT * FROM migrate.upload('{b5.sql}', ARRAY[E'-- migrate:up\n-- line 2\n/* สวัสดี hello */ not_valid_sql_utf8_up;\n']);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.upload('{b5.sql}', ARRAY[E'-- migrate:up\n-- line 2\nSELECT ''สวัสดี'', ''ąę'' not_valid sql_utf8_up;\n']);
SELECT * FROM migrate.upload('{b5.sql}', ARRAY[E'-- migrate:up\r\n-- line 2\r\n  not_valid_sql_crlf_up; -- indented\r\n']);
SELECT * FROM migrate.upload('{b5.sql}', ARRAY[E'-- migrate:up\nSELECT 1;\n-- migrate:down\n\n/* ż */ SELECT ''ółź'' FROMM x;']);
-- of errors at run time as well
SELECT * FROM migrate.upload('{b5.sql}', ARRAY[E'-- migrate:up\nSELECT 1; /* สวัสดี */ SELECT ''ąę'',\n  ''ź'', nothing_like_it;\n']);
SELECT migration, step FROM migrate.apply('b5');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.mark('b5', 'pending');
SELECT migrate.remove('b5');
SELECT migrate.remove('b1');

-- multibyte text arrives as it was
SELECT * FROM migrate.upload('{b6.sql}', ARRAY[E'-- migrate:up\nCREATE TABLE "zażółć" ("gęś" text DEFAULT ''jaźń 🦢'');\nINSERT INTO "zażółć" DEFAULT VALUES;\n-- migrate:down\nDROP TABLE "zażółć";']);
SELECT migration, step, statement FROM migrate.apply('b6');
SELECT *, octet_length("gęś") FROM "zażółć";
SELECT migration, step, statement FROM migrate.rollback();
SELECT migrate.remove('b6');

-- long lines, long files
SELECT migrate.add('b9', '-- ' || repeat('x', 5000000) || E'\nSELECT length(''' || repeat('y', 3000000) || ''');');
SELECT line, length(statement) FROM migrate.plan(names => '{b9}');
SELECT migration, length(statement) FROM migrate.apply('b9');
SELECT migrate.add('b9b', string_agg(format('INSERT INTO many VALUES (%s);', i), E'\n' ORDER BY i)) FROM generate_series(1, 3000) AS i;
SELECT count(*), min(line), max(line) FROM migrate.plan(names => '{b9b}');
SELECT migrate.remove('b9b');
SELECT migrate.add('b9c', 'CREATE TABLE huge (a int); INSERT INTO huge VALUES ' || string_agg(format('(%s)', i), ',' ORDER BY i))
  FROM generate_series(1, 100000) AS i;
SELECT migration, step, length(statement) FROM migrate.apply('b9c');
SELECT count(*), sum(a) FROM huge;
DROP TABLE huge;

-- names of files: directories and the ending go, everything else stays
SELECT * FROM migrate.upload(ARRAY['db/migrations/20250101 with spaces.sql', './20250102.dots.in.it.SQL', 'C:\proj\20250103_x.sql',
    '20250104_zażółć.sql', '007_bond.sql', 'x.up.sql', 'no_ending'], array_fill('SELECT 1;'::text, '{7}'));
SELECT name FROM migrate.status WHERE name !~ '^b[0-9]';
-- leading zeros are the same number; the warning is told once, when one of them is new
SELECT * FROM migrate.upload('{7_bond_again.sql}', '{SELECT 2}');

-- no names
SELECT migrate.add('', 'SELECT 1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add(' x', 'SELECT 1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('x ', 'SELECT 1');
SELECT migrate.add(E'a\nb', 'SELECT 1');
SELECT migrate.add(E'a\tb', 'SELECT 1');
SELECT migrate.add(repeat('ż', 101), 'SELECT 1');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add(repeat('ż', 100), 'SELECT 1');
SELECT * FROM migrate.upload('{.sql}', '{SELECT 1}');
SELECT * FROM migrate.upload('{dir/}', '{SELECT 1}');
\echo :LAST_ERROR_SQLSTATE

SET migrate.allow_drop = on;
DROP EXTENSION migrate;
