-- What is said when the parts of a rewritten statement fail: the rows that are in the way, and whose names they are.
SET client_min_messages = warning;
SELECT current_database() AS home \gset
CREATE DATABASE online_errors TEMPLATE template0;
\c online_errors
SET client_min_messages = warning;
CREATE EXTENSION migrate;
SET migrate.lint = off;
SET migrate.online = always;
CREATE TABLE users (id integer PRIMARY KEY, email text, "Group" integer);
INSERT INTO users SELECT i, 'e' || i, i % 3 FROM generate_series(1, 20) i;

-- a name that the extension has made for itself is nobody's schema
ALTER TABLE users ADD CONSTRAINT migrate_not_null_d7524d5b70723994 CHECK (id > 0);
SELECT migrate.add('v1', 'ALTER TABLE users ALTER email SET NOT NULL');
SELECT migration FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE users DROP CONSTRAINT migrate_not_null_d7524d5b70723994;
SELECT migrate.remove('v1');

-- keys that are there twice
UPDATE users SET email = 'e1' WHERE id = 2;
SELECT migrate.add('v2', 'CREATE UNIQUE INDEX users_email ON users (email)');
SELECT migration FROM migrate.apply();
UPDATE users SET email = 'e2' WHERE id = 2;
UPDATE users SET email = NULL WHERE id > 18;
SELECT count(*) FROM migrate.apply();
SELECT migrate.add('v3', 'ALTER TABLE users ADD CONSTRAINT users_group UNIQUE ("Group")');
SELECT migration FROM migrate.apply();
SELECT migrate.remove('v3');
SELECT migrate.add('v4', 'CREATE UNIQUE INDEX users_group ON users ("Group", left(email, 1))');
SELECT migration FROM migrate.apply();
SELECT migrate.remove('v4');
ALTER TABLE users ADD day date DEFAULT '2024-02-29';
SELECT migrate.add('v5', 'ALTER TABLE users ADD UNIQUE (day, "Group")');
SELECT migration FROM migrate.apply();

\c :home
DROP DATABASE online_errors;
