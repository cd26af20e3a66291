-- Findings that depend on the statements around: what those before did, and what those after take back.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
SET migrate.small_table = 0;
SET migrate.online = off;
CREATE SCHEMA around;
SET search_path = around;
CREATE TABLE users (id bigint PRIMARY KEY, name text);
CREATE TABLE orders (id integer PRIMARY KEY, buyer integer, note text);
CREATE INDEX orders_buyer ON orders (buyer);
INSERT INTO users SELECT i FROM generate_series(1, 100) i;
INSERT INTO orders SELECT i, i FROM generate_series(1, 100) i;
CREATE VIEW notes AS SELECT note FROM orders;
CREATE TYPE mood AS ENUM ('ok', 'sad');
ANALYZE;
CREATE FUNCTION found(script text) RETURNS TABLE (statement integer, severity text, rule text, relation text, message text) LANGUAGE sql AS $$
    SELECT l.statement, l.severity, l.rule, l.relation, l.message FROM migrate.lint(script) l WHERE l.severity <> 'info' ORDER BY 1, 3
$$;

-- validated in the transaction that adds it, whoever gave it its name
SELECT * FROM found('BEGIN; ALTER TABLE orders ADD CONSTRAINT named FOREIGN KEY (id) REFERENCES users NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT named; COMMIT') WHERE rule = 'constraint-missing-not-valid';
SELECT * FROM found('BEGIN; ALTER TABLE orders ADD FOREIGN KEY (id) REFERENCES users NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT orders_id_fkey; COMMIT') WHERE rule = 'constraint-missing-not-valid';
SELECT * FROM found('BEGIN; ALTER TABLE orders ADD CHECK (id > 0) NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT orders_id_check; COMMIT') WHERE rule = 'constraint-missing-not-valid';

-- there and back
SELECT * FROM found('ALTER TABLE users RENAME name TO title; ALTER TABLE users RENAME title TO name');
SELECT * FROM found('ALTER TABLE users RENAME TO people; ALTER TABLE people RENAME TO users');
SELECT * FROM found('ALTER TABLE users RENAME TO a; ALTER TABLE a RENAME TO b; ALTER TABLE b RENAME TO users');
SELECT * FROM found('ALTER VIEW notes RENAME TO n; ALTER VIEW n RENAME TO notes');
SELECT * FROM found('ALTER TYPE mood RENAME VALUE ''sad'' TO ''low''; ALTER TYPE mood RENAME VALUE ''low'' TO ''sad''');
SELECT * FROM found('ALTER TYPE mood RENAME TO m; ALTER TYPE m RENAME TO mood');
-- not back: one change, however many steps it takes
SELECT * FROM found('ALTER TABLE users RENAME name TO a; ALTER TABLE users RENAME a TO b');
SELECT * FROM found('ALTER TABLE users RENAME TO a; ALTER TABLE a RENAME TO b');
-- another's column
SELECT * FROM found('ALTER TABLE users RENAME name TO note; ALTER TABLE orders RENAME note TO name');
-- in another transaction it is missed
SELECT * FROM found('BEGIN; ALTER TABLE users RENAME name TO title; COMMIT; BEGIN; ALTER TABLE users RENAME title TO name; COMMIT');

-- a column has the type that it has by then
SELECT * FROM found('ALTER TABLE orders ADD FOREIGN KEY (buyer) REFERENCES users NOT VALID');
SELECT * FROM found('ALTER TABLE orders ALTER buyer TYPE bigint; ALTER TABLE orders ADD FOREIGN KEY (buyer) REFERENCES users NOT VALID') WHERE rule = 'mismatched-foreign-key-type';
SELECT * FROM found('ALTER TABLE orders ALTER buyer TYPE bigint, ADD FOREIGN KEY (buyer) REFERENCES users NOT VALID') WHERE rule = 'mismatched-foreign-key-type';
SELECT * FROM found('ALTER TABLE users ALTER id TYPE integer; ALTER TABLE orders ADD FOREIGN KEY (buyer) REFERENCES users NOT VALID') WHERE rule = 'mismatched-foreign-key-type';
SELECT * FROM found('ALTER TABLE orders ALTER buyer TYPE numeric; ALTER TABLE orders ADD FOREIGN KEY (buyer) REFERENCES users NOT VALID') WHERE rule = 'mismatched-foreign-key-type';

-- each table has its own views
CREATE VIEW names AS SELECT name FROM users;
SELECT * FROM found('DROP TABLE users, orders CASCADE') WHERE rule = 'drop-cascade';
DROP VIEW names;
SELECT * FROM found('DROP TABLE users, orders CASCADE') WHERE rule = 'drop-cascade';
SELECT * FROM found('DROP TABLE orders, users, notes CASCADE') WHERE rule = 'drop-cascade';

-- what is built anew
SELECT message FROM migrate.lint('REINDEX INDEX orders_buyer');
SELECT message FROM migrate.lint('REINDEX TABLE orders');

-- nothing that lasts needs no way back
SELECT severity, rule, why FROM migrate.lint($$
SAVEPOINT s;
RELEASE s;
DECLARE c CURSOR FOR SELECT * FROM users;
CLOSE c;
PREPARE p AS SELECT 1;
EXECUTE p;
DEALLOCATE p;
NOTIFY n;
SHOW work_mem;
SET CONSTRAINTS ALL DEFERRED;
EXPLAIN SELECT 1;
DISCARD PLANS;
$$);
SELECT severity, rule, why FROM migrate.lint('DISCARD ALL');

SET migrate.allow_drop = on;
DROP EXTENSION migrate;
DROP SCHEMA around CASCADE;
