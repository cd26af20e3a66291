-- What is said when the parts of a rewritten statement fail.
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

\c :home
DROP DATABASE online_errors;
