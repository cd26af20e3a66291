-- needs MIGRATE_TESTING
-- The locks foretold of queries and changes of data are those that the server takes.
SELECT current_database() AS home \gset
CREATE DATABASE foretell TEMPLATE template0;
\c foretell
\getenv root PG_ABS_SRCDIR
\set harness :root '/test/foretell/harness.sql'
\set ECHO none
\i :harness
\set ECHO all

CREATE TABLE customers (id integer PRIMARY KEY, name text, region integer);
CREATE INDEX customers_name ON customers (name);
CREATE TABLE orders (id serial PRIMARY KEY, customer integer REFERENCES customers ON DELETE CASCADE ON UPDATE CASCADE, total numeric);
CREATE INDEX orders_customer ON orders (customer);
CREATE TABLE lines (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id integer REFERENCES orders ON DELETE SET NULL, note text);
CREATE TABLE notes (line bigint REFERENCES lines, note text);
CREATE TABLE plain (id integer, name text);
CREATE TABLE ring_a (id integer PRIMARY KEY, b integer);
CREATE TABLE ring_b (id integer PRIMARY KEY, a integer REFERENCES ring_a ON DELETE CASCADE);
ALTER TABLE ring_a ADD FOREIGN KEY (b) REFERENCES ring_b ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE tree (id integer PRIMARY KEY, parent integer REFERENCES tree ON DELETE CASCADE);
CREATE VIEW names AS SELECT id, name FROM customers;
CREATE VIEW totals AS SELECT c.name, sum(o.total) AS total FROM customers c JOIN orders o ON o.customer = c.id GROUP BY c.name;
CREATE VIEW nested AS SELECT * FROM totals WHERE name IN (SELECT name FROM names);
CREATE VIEW nested_names AS SELECT id, name FROM names WHERE id > 0;
CREATE MATERIALIZED VIEW kept AS SELECT * FROM totals;
CREATE UNIQUE INDEX kept_name ON kept (name);
CREATE TABLE logged (id integer, name text);
CREATE TABLE log (id integer, what text);
CREATE RULE log_insert AS ON INSERT TO logged DO ALSO INSERT INTO log VALUES (NEW.id, NEW.name);
CREATE RULE log_delete AS ON DELETE TO logged DO INSTEAD UPDATE log SET what = 'gone' WHERE id = OLD.id;
CREATE SEQUENCE tickets;
CREATE TABLE numbered (id integer DEFAULT nextval('tickets'), name text);
CREATE TABLE animals (id integer PRIMARY KEY, name text);
CREATE TABLE horses (speed integer, PRIMARY KEY (id)) INHERITS (animals);
CREATE TABLE events (id integer, day date, kind text, customer integer REFERENCES customers, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY HASH (id);
CREATE TABLE events_2024_0 PARTITION OF events_2024 FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE single (id integer PRIMARY KEY, region integer) PARTITION BY RANGE (id);
CREATE TABLE single_1 PARTITION OF single FOR VALUES FROM (1) TO (100);
CREATE INDEX single_region ON single (region);
CREATE TABLE refers (id integer REFERENCES single);
CREATE TABLE secret (id integer, owner text);
CREATE TABLE grants (who text PRIMARY KEY);
ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON secret USING (owner IN (SELECT who FROM grants));
CREATE ROLE foretell_other;
GRANT pg_write_server_files TO foretell_other;
GRANT SELECT, INSERT, UPDATE, DELETE ON secret, grants, plain TO foretell_other;
CREATE FUNCTION volatile_one() RETURNS integer LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE FUNCTION immutable_one() RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 1; END';
CREATE TABLE triggered (id integer);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM count(*) FROM public.plain; RETURN NEW; END';
CREATE TRIGGER touch BEFORE UPDATE ON triggered FOR EACH ROW EXECUTE FUNCTION touch();

INSERT INTO customers SELECT i, 'name ' || i, 1 FROM generate_series(1, 5) i;
INSERT INTO orders (customer, total) SELECT i, i * 10 FROM generate_series(1, 5) i;
INSERT INTO lines (order_id, note) SELECT i, 'x' FROM generate_series(1, 5) i;
INSERT INTO notes SELECT id, 'x' FROM lines WHERE id > 2;
INSERT INTO plain VALUES (1, 'one'), (99, 'more');
INSERT INTO ring_a VALUES (1, NULL); INSERT INTO ring_b VALUES (1, 1); UPDATE ring_a SET b = 1;
INSERT INTO tree VALUES (1, 1), (2, 1);
INSERT INTO log VALUES (1, 'x'); INSERT INTO logged VALUES (1, 'x');
INSERT INTO numbered (name) VALUES ('x');
INSERT INTO animals VALUES (1, 'cat'); INSERT INTO horses VALUES (2, 'horse', 50);
INSERT INTO events VALUES (1, '2024-02-02', 'a', 1);
INSERT INTO single VALUES (1, 1); INSERT INTO refers VALUES (1);
INSERT INTO triggered VALUES (1);
REFRESH MATERIALIZED VIEW kept;
ANALYZE;

-- reading
CALL harness.compare(ARRAY[
    $$SELECT * FROM customers$$,
    $$SELECT 1$$,
    $$SELECT * FROM customers c JOIN orders o ON o.customer = c.id LEFT JOIN lines ON order_id = o.id$$,
    $$SELECT * FROM plain WHERE id IN (SELECT id FROM customers WHERE name = 'x')$$,
    $$SELECT (SELECT max(id) FROM orders), name FROM plain$$,
    $$WITH plain AS (SELECT 1 AS id) SELECT * FROM plain$$,
    $$WITH c AS (SELECT * FROM customers) SELECT * FROM c JOIN plain USING (id)$$,
    $$WITH RECURSIVE t AS (SELECT id, parent FROM tree WHERE id = 2 UNION ALL SELECT x.id, x.parent FROM tree x JOIN t ON x.id = t.parent AND x.id <> t.id) SELECT * FROM t$$,
    $$WITH a AS (SELECT 1 AS id), b AS (SELECT id FROM a) SELECT * FROM b JOIN plain USING (id)$$,
    $$SELECT * FROM names$$,
    $$SELECT * FROM totals$$,
    $$SELECT * FROM nested$$,
    $$SELECT * FROM kept$$,
    $$SELECT * FROM animals$$,
    $$SELECT * FROM ONLY animals$$,
    $$SELECT * FROM events$$,
    $$SELECT * FROM customers UNION SELECT id, name, 1 FROM plain ORDER BY 1 LIMIT 1$$,
    $$TABLE plain$$,
    $$VALUES (1), ((SELECT max(id) FROM plain))$$,
    $$SELECT * FROM customers FOR UPDATE$$,
    $$SELECT * FROM customers c JOIN orders o ON o.customer = c.id FOR UPDATE OF o$$,
    $$SELECT * FROM customers c JOIN orders o ON o.customer = c.id FOR SHARE OF c FOR UPDATE OF o$$,
    $$SELECT * FROM (SELECT * FROM customers) s JOIN plain USING (id) FOR UPDATE OF s$$,
    $$SELECT * FROM names FOR KEY SHARE$$,
    $$SELECT * FROM nested_names n, plain FOR UPDATE OF n$$,
    $$SELECT * FROM plain WHERE EXISTS (SELECT FROM customers WHERE customers.id = plain.id) FOR UPDATE$$,
    $$SELECT * FROM plain TABLESAMPLE SYSTEM (100)$$,
    $$SELECT * FROM plain, LATERAL (SELECT * FROM customers WHERE id = plain.id) l$$,
    $$SELECT nextval('tickets')$$,
    $$SELECT setval('public.tickets', 10), immutable_one()$$,
    $$SELECT pg_relation_size('plain'), pg_total_relation_size('customers'::regclass)$$,
    $$EXPLAIN SELECT * FROM customers$$,
    $$EXPLAIN DELETE FROM customers$$,
    $$EXPLAIN ANALYZE SELECT * FROM totals$$,
    $$PREPARE p AS SELECT * FROM totals$$,
    $$PREPARE q AS UPDATE names SET name = 'y'$$,
    $$DECLARE c CURSOR FOR SELECT * FROM customers$$,
    $$CREATE TABLE copied AS SELECT * FROM totals$$,
    $$CREATE TABLE copied AS SELECT * FROM totals WITH NO DATA$$,
    $$CREATE TABLE IF NOT EXISTS plain AS SELECT * FROM totals$$,
    $$CREATE VIEW copied AS SELECT * FROM nested$$,
    $$CREATE OR REPLACE VIEW names AS SELECT id, name FROM customers JOIN plain USING (id, name)$$,
    $$CREATE MATERIALIZED VIEW copied AS SELECT * FROM totals$$,
    $$CREATE MATERIALIZED VIEW copied AS SELECT * FROM totals WITH NO DATA$$,
    $$REFRESH MATERIALIZED VIEW kept$$,
    $$REFRESH MATERIALIZED VIEW kept WITH NO DATA$$,
    $$REFRESH MATERIALIZED VIEW CONCURRENTLY kept$$,
    $$CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM totals'$$,
    $$CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM totals; END$$,
    $$CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'INSERT INTO plain SELECT id, name FROM names; DELETE FROM log'$$
]);
PREPARE stored AS SELECT * FROM nested;
CALL harness.compare(ARRAY[$$EXECUTE stored$$]);

-- changing
CALL harness.compare(ARRAY[
    $$INSERT INTO plain VALUES (2, 'two')$$,
    $$INSERT INTO plain SELECT id, name FROM customers$$,
    $$INSERT INTO customers VALUES (9, 'nine')$$,
    $$INSERT INTO customers VALUES (1, 'x') ON CONFLICT DO NOTHING$$,
    $$INSERT INTO customers VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = excluded.name$$,
    $$INSERT INTO orders (customer, total) VALUES (1, 2)$$,
    $$INSERT INTO orders VALUES (77, 1, 2)$$,
    $$INSERT INTO orders VALUES (DEFAULT, 1, 2), (78, 1, 2)$$,
    $$INSERT INTO orders DEFAULT VALUES$$,
    $$INSERT INTO lines (order_id) VALUES (1)$$,
    $$INSERT INTO notes VALUES (1, 'x')$$,
    $$INSERT INTO numbered VALUES (DEFAULT, 'x')$$,
    $$INSERT INTO numbered (name) SELECT name FROM plain$$,
    $$INSERT INTO numbered SELECT * FROM plain$$,
    $$INSERT INTO names VALUES (10, 'ten')$$,
    $$INSERT INTO logged VALUES (2, 'two')$$,
    $$INSERT INTO animals VALUES (5, 'five')$$,
    $$INSERT INTO events VALUES (2, '2024-03-03', 'b', 1)$$,
    $$INSERT INTO single VALUES (2, 2)$$,
    $$INSERT INTO single VALUES (1, 2) ON CONFLICT DO NOTHING$$,
    $$INSERT INTO single_1 VALUES (3, 3)$$,
    $$INSERT INTO refers VALUES (1)$$,
    $$UPDATE plain SET name = 'x'$$,
    $$UPDATE plain SET name = c.name FROM customers c WHERE c.id = plain.id$$,
    $$UPDATE customers SET name = 'x'$$,
    $$UPDATE customers SET id = id + 100 WHERE id = 5$$,
    $$UPDATE orders SET total = 0$$,
    $$UPDATE orders SET customer = 2$$,
    $$UPDATE names SET name = 'y' WHERE id = 1$$,
    $$UPDATE nested_names SET name = 'y'$$,
    $$UPDATE animals SET name = 'z'$$,
    $$UPDATE ONLY animals SET name = 'z'$$,
    $$UPDATE events SET kind = 'x'$$,
    $$UPDATE logged SET name = 'x'$$,
    $$DELETE FROM plain$$,
    $$DELETE FROM notes WHERE line = 3$$,
    $$DELETE FROM notes USING lines WHERE lines.id = notes.line$$,
    $$DELETE FROM orders WHERE id = 1$$,
    $$DELETE FROM customers WHERE id = 5$$,
    $$DELETE FROM ring_a$$,
    $$DELETE FROM tree WHERE id = 1$$,
    $$DELETE FROM logged$$,
    $$DELETE FROM events$$,
    $$DELETE FROM animals$$,
    $$DELETE FROM names WHERE id = 2$$,
    $$WITH gone AS (DELETE FROM plain RETURNING *) INSERT INTO log SELECT id, name FROM gone$$,
    $$WITH x AS (SELECT 1) UPDATE plain SET name = 'x' WHERE id IN (SELECT * FROM x)$$
]);
-- a session that has no plans for foreign keys yet
\c -
CALL harness.compare(ARRAY[
    $$MERGE INTO plain USING customers c ON c.id = plain.id WHEN MATCHED THEN UPDATE SET name = c.name WHEN NOT MATCHED THEN INSERT VALUES (c.id, c.name)$$,
    $$MERGE INTO orders o USING plain p ON p.id = o.id WHEN MATCHED THEN UPDATE SET total = 1 WHEN NOT MATCHED THEN INSERT (customer) VALUES (1)$$,
    $$TRUNCATE plain$$,
    $$TRUNCATE customers CASCADE$$,
    $$TRUNCATE orders, lines, notes RESTART IDENTITY$$,
    $$TRUNCATE events$$,
    $$TRUNCATE animals$$,
    $$TRUNCATE ONLY animals$$,
    $$TRUNCATE single CASCADE$$,
    $$LOCK TABLE plain$$,
    $$LOCK TABLE animals IN SHARE MODE$$,
    $$LOCK TABLE ONLY animals IN SHARE MODE$$,
    $$LOCK TABLE nested IN ACCESS SHARE MODE$$,
    $$COPY plain TO '/dev/null'$$,
    $$COPY customers (id, name) TO '/dev/null'$$,
    $$COPY (SELECT * FROM totals) TO '/dev/null'$$,
    $$COPY plain FROM '/dev/null'$$
]);

-- what cannot be told, and what is refused
PREPARE stored AS SELECT * FROM nested;
SELECT statement, f.opaque, f.refused FROM unnest(ARRAY[
    'SELECT volatile_one()', 'SELECT immutable_one()', 'SELECT now(), random()', 'DO ''''', 'CALL nothing()',
    'UPDATE triggered SET id = 2', 'INSERT INTO triggered VALUES (3)', 'SELECT query_to_xml(''SELECT 1'', true, true, '''')',
    'SELECT nextval(name) FROM plain', 'EXECUTE stored', 'no statement at all', 'SELECT * FROM nonesuch', '', 'SELECT 1; SELECT 2'
]) AS statement, harness.flags(statement) f;
SET ROLE foretell_other;
CALL harness.compare(ARRAY[
    $$SELECT * FROM secret$$,
    $$UPDATE secret SET id = 1$$,
    $$INSERT INTO secret SELECT 1, 'x' WHERE false$$,
    $$COPY secret TO '/dev/null'$$
]);
SELECT statement, f.refused, (SELECT count(*) FROM harness.foretold(statement)) AS locks FROM unnest(ARRAY[
    'SELECT * FROM plain', 'SELECT * FROM customers', 'UPDATE plain SET id = 1', 'TRUNCATE plain', 'LOCK TABLE plain IN SHARE MODE',
    'LOCK TABLE customers IN SHARE MODE', 'DELETE FROM customers', 'ALTER TABLE plain ADD COLUMN a integer', 'DROP TABLE plain',
    'CREATE INDEX ON plain (id)', 'COPY customers TO STDOUT', 'CREATE VIEW v AS SELECT * FROM customers', 'EXPLAIN SELECT * FROM customers'
]) AS statement, harness.flags(statement) f;
RESET ROLE;

\c :home
DROP DATABASE foretell;
DROP ROLE foretell_other;
