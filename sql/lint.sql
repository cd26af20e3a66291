-- migrate.lint(): findings in any text, as this database makes them.  What each rule says is in the unit tests;
-- here is what a text may be, and what the server adds.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
SET migrate.small_table = 0;
SET migrate.online = off;
\pset null '(null)'
CREATE TABLE users (id int PRIMARY KEY, name varchar(10), email text);
INSERT INTO users SELECT i, 'n' || i, 'e' || i FROM generate_series(1, 100) i;
ANALYZE users;
CREATE TABLE empty (a int);
-- a finding whole
SELECT rule, severity, line, statement, relation, message, regexp_replace(why, '\(.*?,', '(N bytes,') AS why, safe
  FROM migrate.lint('ALTER TABLE users DROP COLUMN email') WHERE rule = 'ban-drop-column' \gx
SELECT proargnames FROM pg_proc WHERE oid = 'migrate.lint'::regproc;

-- no text, no findings
SELECT count(*) FROM migrate.lint('');
SELECT count(*) FROM migrate.lint('-- a comment alone');
SELECT count(*) FROM migrate.lint(NULL);
SELECT count(*) FROM migrate.lint(';;');

-- nothing to say
SELECT rule, severity, line, statement, relation FROM migrate.lint('CREATE TABLE t (a int); CREATE INDEX ON t (a); ALTER TABLE t ALTER a TYPE bigint; DROP TABLE t');
SELECT rule, severity, line, statement, relation FROM migrate.lint('ALTER TABLE empty DROP COLUMN a') WHERE severity = 'error';
SELECT rule, severity, line, statement, relation FROM migrate.lint('ALTER TABLE users ALTER name TYPE varchar(20)');

-- lines are the text's, statements are counted in their direction
SELECT rule, severity, line, statement, relation FROM migrate.lint('-- migrate:up
ALTER TABLE users
    ADD age int;

   ALTER TABLE users RENAME name TO full_name;
-- migrate:down
ALTER TABLE users RENAME full_name TO name;
DROP TABLE users;
');
SELECT rule, severity, line, statement, relation FROM migrate.lint(E'SELECT 1;\r\nDROP TABLE users;\r\n');

-- what the text does before counts
SELECT rule, severity, line, statement, relation FROM migrate.lint('CREATE TABLE later (a int REFERENCES users); ALTER TABLE later ADD b int NOT NULL; SELECT * FROM nowhere');
SELECT rule, severity, line, statement, relation FROM migrate.lint('SET search_path = nowhere; ALTER TABLE users DROP name');
SELECT current_setting('search_path');
SELECT rule, severity, line, statement, relation FROM migrate.lint('DROP TABLE users; ALTER TABLE users ADD a int') WHERE statement = 2;

-- the setting of the file is the one that counts
SELECT rule, severity, line, statement, relation FROM migrate.lint('CREATE INDEX ON users (name)');
SELECT rule, severity, line, statement, relation FROM migrate.lint(E'-- migrate:set small_table = 100MB\nCREATE INDEX ON users (name)');
SELECT rule, severity, line, statement, relation FROM migrate.lint(E'-- migrate:set online = always\nCREATE INDEX ON users (name)');
SELECT rule, severity, line, statement, relation FROM migrate.lint(E'-- migrate:online always\nCREATE INDEX ON users (name)');
SELECT current_setting('migrate.small_table');

-- allow
SELECT rule, severity, line, statement, relation FROM migrate.lint(E'-- migrate:allow ban-drop-table nobody needs them\nDROP TABLE users; -- the last statement');
SELECT rule, severity, line, statement, relation FROM migrate.lint(E'-- migrate:allow BAN-DROP-TABLE upper case\nDROP TABLE users;');
SELECT rule, severity, line, statement, relation FROM migrate.lint(E'-- migrate:allow ban-drop-table only for the first\nDROP TABLE users;\nDROP TABLE users;');
SELECT rule, severity, line, statement, relation FROM migrate.lint(E'-- migrate:allow ban-drop-table nothing to allow\nSELECT 1;');
SELECT rule, severity, line, statement, relation FROM migrate.lint(E'-- migrate:allow ban-drop-tabel no such rule\nDROP TABLE users;');
SELECT rule, severity, line, statement, relation FROM migrate.lint(E'-- migrate:allow\nDROP TABLE users;');
\echo :LAST_ERROR_SQLSTATE

-- style, if asked for
SELECT rule, severity, line, statement, relation FROM migrate.lint('CREATE TABLE t (a serial, b varchar(3), c timestamp)');
SELECT rule, severity, line, statement, relation FROM migrate.lint('CREATE TABLE t (a serial, b varchar(3), c timestamp)', true);
SELECT * FROM migrate.lint(script => 'ALTER TABLE users ADD x json', style => true) WHERE rule = 'prefer-jsonb' \gx

-- every statement that cannot be cut or run
SELECT rule, severity, line, statement, relation FROM migrate.lint('CREATE TABEL t (a int)');
\echo :LAST_ERROR_SQLSTATE
SELECT rule, severity, line, statement, relation FROM migrate.lint('SELECT 1; SELECT ''open');
\echo :LAST_ERROR_SQLSTATE
SELECT rule, severity, line, statement, relation FROM migrate.lint(E'SELECT 1;\n\\i other.sql');
\echo :LAST_ERROR_SQLSTATE
SELECT rule, severity, line, statement, relation FROM migrate.lint('BEGIN; SELECT 1');
\echo :LAST_ERROR_SQLSTATE
SELECT rule, severity, line, statement, relation FROM migrate.lint('COMMIT');
\echo :LAST_ERROR_SQLSTATE
SELECT rule, severity, line, statement, relation FROM migrate.lint('BEGIN; VACUUM users; COMMIT');
\echo :LAST_ERROR_SQLSTATE
SELECT rule, severity, line, statement, relation FROM migrate.lint('PREPARE TRANSACTION ''x''');
\echo :LAST_ERROR_SQLSTATE
SELECT rule, severity, line, statement, relation FROM migrate.lint('LISTEN x');
\echo :LAST_ERROR_SQLSTATE
SELECT rule, severity, line, statement, relation FROM migrate.lint(E'-- migrate:upp\nSELECT 1');
\echo :LAST_ERROR_SQLSTATE
SELECT rule, severity, line, statement, relation FROM migrate.lint(E'-- migrate:online sometimes\nSELECT 1');
\echo :LAST_ERROR_SQLSTATE
SELECT rule, severity, line, statement, relation FROM migrate.lint(E'-- migrate:set no_such = 1\nSELECT 1');
\echo :LAST_ERROR_SQLSTATE
SELECT rule, severity, line, statement, relation FROM migrate.lint(E'-- migrate:backfill\nDROP TABLE users');
\echo :LAST_ERROR_SQLSTATE
SELECT rule, severity, line, statement, relation FROM migrate.lint(E'-- migrate:backfill batch:none\nUPDATE users SET name = name');
\echo :LAST_ERROR_SQLSTATE
-- names that are not there are no errors
SELECT rule, severity, line, statement, relation FROM migrate.lint('ALTER TABLE nowhere ADD a int; SELECT no_such_function(); DROP TYPE nothing; ALTER TABLE users ADD b no_such_type');

-- nothing was run or kept; it needs no transaction that may write
SELECT count(*) FROM users;
SELECT count(*) FROM migrate.status;
BEGIN READ ONLY;
SELECT rule, severity, line, statement, relation FROM migrate.lint('DROP TABLE users');
ROLLBACK;
CREATE ROLE regress_lint;
SET ROLE regress_lint;
SELECT * FROM migrate.lint('SELECT 1');
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
-- who may not read the table still sees what it does
SELECT migrate.grant('regress_lint');
SET ROLE regress_lint;
SELECT rule, severity FROM migrate.lint('DROP TABLE users');
RESET ROLE;
SELECT migrate.revoke('regress_lint');
DROP ROLE regress_lint;
SET migrate.allow_drop = on;
DROP EXTENSION migrate;
DROP TABLE users, empty;
