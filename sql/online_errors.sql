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
CREATE TABLE days (day integer) PARTITION BY RANGE (day);
CREATE TABLE first_days (day integer);
INSERT INTO first_days VALUES (1);
SELECT migrate.add('v1', 'ALTER TABLE days ATTACH PARTITION first_days FOR VALUES FROM (1) TO (3)');
SELECT substring(runs FROM 'migrate_attach_[0-9a-f]+') AS helper FROM migrate.plan() LIMIT 1 \gset
ALTER TABLE first_days ADD CONSTRAINT :helper CHECK (day > 0);
SELECT migration FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
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
