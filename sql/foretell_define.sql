-- needs MIGRATE_TESTING
-- The locks foretold of CREATE, DROP and statements on objects of any kind are those that the server takes.
SELECT current_database() AS home \gset
CREATE DATABASE foretell TEMPLATE template0;
\c foretell
\getenv root PG_ABS_SRCDIR
\set harness :root '/test/foretell/harness.sql'
\set ECHO none
\i :harness
\set ECHO all

CREATE ROLE foretell_owner;
CREATE ROLE foretell_other;
GRANT CREATE ON SCHEMA public TO foretell_owner;
CREATE SCHEMA other;
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
ALTER DOMAIN positive ADD CONSTRAINT late CHECK (VALUE < 1000) NOT VALID;
CREATE DOMAIN small AS positive;
CREATE TYPE pair AS (a integer, b text);
CREATE TYPE color AS ENUM ('red');
CREATE TABLE customers (id integer PRIMARY KEY, name text, size positive, tint color);
CREATE INDEX customers_name ON customers (name);
CREATE INDEX customers_lower ON customers (lower(name)) WHERE id > 0;
CREATE TABLE orders (id serial PRIMARY KEY, customer integer REFERENCES customers, total numeric, CONSTRAINT sane CHECK (total > 0));
CREATE TABLE lines (id bigint GENERATED ALWAYS AS IDENTITY, order_id integer REFERENCES orders, small small);
CREATE TABLE typed OF pair;
CREATE TABLE uses (c color, p positive);
CREATE VIEW names AS SELECT id, name FROM customers;
CREATE VIEW nested AS SELECT * FROM names;
CREATE MATERIALIZED VIEW kept AS SELECT customer, count(*) AS n FROM orders GROUP BY customer;
CREATE UNIQUE INDEX kept_customer ON kept (customer);
CREATE SEQUENCE tickets;
CREATE TABLE numbered (id integer DEFAULT nextval('tickets'), a integer);
CREATE TABLE numbered_names (number integer DEFAULT nextval('tickets'));
CREATE STATISTICS customers_stats ON id, name FROM customers;
CREATE FUNCTION size_of(customers) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE TABLE computed (id integer DEFAULT twice(2), CHECK (twice(id) > 0));
CREATE INDEX computed_twice ON computed (twice(id));
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touch BEFORE INSERT ON customers FOR EACH ROW EXECUTE FUNCTION touch();
CREATE RULE quiet AS ON DELETE TO numbered DO INSTEAD NOTHING;
CREATE POLICY mine ON customers USING (name IN (SELECT name FROM names));
CREATE TABLE animals (id integer, name text, CONSTRAINT named CHECK (name <> ''));
CREATE TABLE assets (id integer, price numeric);
CREATE TABLE horses (speed integer) INHERITS (animals, assets);
CREATE TABLE foals () INHERITS (horses);
CREATE TABLE events (id integer, day date, customer integer REFERENCES customers, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE INDEX events_customer ON events (customer);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY HASH (id);
CREATE TABLE events_2024_0 PARTITION OF events_2024 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE events_2024_1 PARTITION OF events_2024 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_rest PARTITION OF events DEFAULT PARTITION BY LIST (id);
CREATE TABLE events_rest_1 PARTITION OF events_rest FOR VALUES IN (1);
CREATE TABLE event_notes (event integer, day date, FOREIGN KEY (event, day) REFERENCES events);
CREATE TRIGGER touch AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TABLE bare (id integer, day date) PARTITION BY RANGE (day);
CREATE INDEX bare_id ON ONLY bare (id);
CREATE TABLE bare_1 PARTITION OF bare FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE INDEX bare_1_own ON bare_1 (id);
DROP INDEX bare_id; CREATE INDEX bare_id ON ONLY bare (id);
SET client_min_messages = error;
CREATE PUBLICATION published FOR TABLE customers;
RESET client_min_messages;
CREATE SCHEMA doomed;
CREATE TABLE doomed.a (id integer PRIMARY KEY);
CREATE TABLE doomed.b (id integer REFERENCES doomed.a);
CREATE TABLE refers_doomed (id integer REFERENCES doomed.a, note text);
CREATE VIEW sees_doomed AS SELECT * FROM doomed.b;
CREATE TABLE owned (id serial PRIMARY KEY, name text);
ALTER TABLE owned OWNER TO foretell_owner;
CREATE VIEW sees_owned AS SELECT * FROM owned;
CREATE POLICY theirs ON orders TO foretell_owner USING (true);
GRANT SELECT ON lines TO foretell_owner;
INSERT INTO customers VALUES (1, 'one', 1, 'red');
INSERT INTO orders (customer, total) VALUES (1, 1);

-- CREATE
CALL harness.compare(ARRAY[
    $$CREATE TABLE t (id integer)$$,
    $$CREATE TEMP TABLE customers (id integer)$$,
    $$CREATE TABLE IF NOT EXISTS customers (id integer)$$,
    $$CREATE TABLE t (id integer REFERENCES customers, other integer, FOREIGN KEY (other) REFERENCES orders ON DELETE CASCADE)$$,
    $$CREATE TABLE t (event integer, day date, FOREIGN KEY (event, day) REFERENCES events)$$,
    $$CREATE TABLE t (id integer PRIMARY KEY, up integer REFERENCES t)$$,
    $$CREATE TABLE t (id integer DEFAULT nextval('tickets'))$$,
    $$CREATE TABLE t (LIKE customers)$$,
    $$CREATE TABLE t (LIKE orders INCLUDING ALL)$$,
    $$CREATE TABLE t (LIKE numbered_names INCLUDING DEFAULTS, LIKE assets INCLUDING ALL)$$,
    $$CREATE TABLE t (a integer) INHERITS (animals, assets)$$,
    $$CREATE TABLE t () INHERITS (numbered)$$,
    $$CREATE TABLE t OF pair$$,
    $$CREATE TABLE t PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')$$,
    $$CREATE TABLE t PARTITION OF bare FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')$$,
    $$CREATE TABLE t PARTITION OF bare DEFAULT$$,
    $$CREATE TABLE t PARTITION OF events_rest FOR VALUES IN (2)$$,
    $$CREATE VIEW v AS SELECT nested.* FROM nested JOIN orders ON customer = nested.id$$,
    $$CREATE OR REPLACE VIEW names AS SELECT id, name FROM customers WHERE id > 0$$,
    $$CREATE VIEW v AS SELECT * FROM names WITH CASCADED CHECK OPTION$$,
    $$CREATE SEQUENCE s OWNED BY customers.id$$,
    $$ALTER SEQUENCE tickets OWNED BY numbered.id$$,
    $$ALTER SEQUENCE tickets RESTART WITH 5$$,
    $$ALTER SEQUENCE orders_id_seq AS bigint$$,
    $$CREATE INDEX ON customers (id, name)$$,
    $$CREATE INDEX IF NOT EXISTS customers_name ON customers (name)$$,
    $$CREATE UNIQUE INDEX ON customers (name) INCLUDE (size) WHERE id > 5$$,
    $$CREATE INDEX ON events (day)$$,
    $$CREATE INDEX ON ONLY events (day)$$,
    $$CREATE INDEX ON animals (name)$$,
    $$CREATE INDEX ON kept (n)$$,
    $$CREATE TRIGGER t BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch()$$,
    $$CREATE TRIGGER t AFTER UPDATE ON events FOR EACH ROW EXECUTE FUNCTION touch()$$,
    $$CREATE TRIGGER t AFTER UPDATE ON events FOR EACH STATEMENT EXECUTE FUNCTION touch()$$,
    $$CREATE CONSTRAINT TRIGGER t AFTER INSERT ON orders FROM customers FOR EACH ROW EXECUTE FUNCTION touch()$$,
    $$CREATE TRIGGER t INSTEAD OF INSERT ON names FOR EACH ROW EXECUTE FUNCTION touch()$$,
    $$CREATE RULE r AS ON INSERT TO orders DO ALSO INSERT INTO numbered VALUES (NEW.id)$$,
    $$CREATE RULE r AS ON UPDATE TO numbered WHERE OLD.id IN (SELECT id FROM names) DO INSTEAD DELETE FROM assets$$,
    $$CREATE POLICY p ON orders USING (customer IN (SELECT id FROM names)) WITH CHECK (EXISTS (SELECT FROM assets))$$,
    $$ALTER POLICY mine ON customers USING (id IN (SELECT customer FROM orders))$$,
    $$CREATE STATISTICS s ON total, customer FROM orders$$,
    $$ALTER STATISTICS customers_stats SET STATISTICS 50$$,
    $$CREATE PUBLICATION p FOR TABLE orders, animals$$,
    $$CREATE PUBLICATION p FOR TABLE ONLY animals, events$$,
    $$CREATE PUBLICATION p FOR TABLE orders (id, total) WHERE (total > 0)$$,
    $$ALTER PUBLICATION published ADD TABLE orders$$,
    $$ALTER PUBLICATION published SET TABLE orders$$,
    $$ALTER PUBLICATION published DROP TABLE customers$$,
    $$CREATE PUBLICATION p FOR ALL TABLES$$,
    $$CREATE FUNCTION f(customers) RETURNS orders.total%TYPE LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'$$,
    $$CREATE TYPE t AS (c color, p text)$$,
    $$CREATE DOMAIN d AS integer DEFAULT nextval('tickets')$$,
    $$CREATE SCHEMA s CREATE TABLE t (id integer REFERENCES public.customers) CREATE VIEW v AS SELECT * FROM t$$,
    $$CREATE EXTENSION IF NOT EXISTS plpgsql$$,
    $$CREATE CAST (integer AS color) WITH INOUT$$,
    $$CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer)$$,
    $$SET LOCAL work_mem = '8MB'$$
], with_work => true);

-- DROP
CALL harness.compare(ARRAY[
    $$DROP TABLE typed$$,
    $$DROP TABLE IF EXISTS nonesuch$$,
    $$DROP TABLE customers CASCADE$$,
    $$DROP TABLE orders CASCADE$$,
    $$DROP TABLE lines$$,
    $$DROP TABLE lines, typed$$,
    $$DROP TABLE animals CASCADE$$,
    $$DROP TABLE foals$$,
    $$DROP TABLE events_2025 CASCADE$$,
    $$DROP TABLE events_2024 CASCADE$$,
    $$DROP TABLE events_2024_0 CASCADE$$,
    $$DROP TABLE events_rest CASCADE$$,
    $$DROP TABLE events CASCADE$$,
    $$DROP TABLE event_notes$$,
    $$DROP TABLE bare$$,
    $$DROP VIEW nested$$,
    $$DROP VIEW names CASCADE$$,
    $$DROP MATERIALIZED VIEW kept$$,
    $$DROP INDEX customers_name$$,
    $$DROP INDEX events_customer$$,
    $$DROP INDEX kept_customer$$,
    $$DROP INDEX bare_id$$,
    $$DROP SEQUENCE tickets CASCADE$$,
    $$DROP SEQUENCE orders_id_seq CASCADE$$,
    $$DROP TRIGGER touch ON customers$$,
    $$DROP TRIGGER touch ON events$$,
    $$DROP TRIGGER IF EXISTS nonesuch ON customers$$,
    $$DROP RULE quiet ON numbered$$,
    $$DROP POLICY mine ON customers$$,
    $$DROP STATISTICS customers_stats$$,
    $$DROP FUNCTION touch() CASCADE$$,
    $$DROP FUNCTION twice CASCADE$$,
    $$DROP FUNCTION size_of(customers)$$,
    $$DROP TYPE color CASCADE$$,
    $$DROP TYPE pair CASCADE$$,
    $$DROP DOMAIN positive CASCADE$$,
    $$DROP DOMAIN small CASCADE$$,
    $$DROP PUBLICATION published$$,
    $$DROP SCHEMA other$$,
    $$DROP SCHEMA doomed CASCADE$$,
    $$DROP OWNED BY foretell_owner CASCADE$$,
    $$REASSIGN OWNED BY foretell_owner TO foretell_other$$
], with_work => true);
CALL harness.compare(ARRAY[$$DROP TABLE lines, orders CASCADE$$]);

-- names, schemas, comments, rights
CALL harness.compare(ARRAY[
    $$ALTER TABLE customers RENAME TO clients$$,
    $$ALTER TABLE customers RENAME COLUMN name TO title$$,
    $$ALTER TABLE animals RENAME COLUMN name TO title$$,
    $$ALTER TABLE events RENAME COLUMN customer TO client$$,
    $$ALTER TABLE animals RENAME CONSTRAINT named TO titled$$,
    $$ALTER TABLE customers RENAME CONSTRAINT customers_pkey TO customers_key$$,
    $$ALTER TABLE orders RENAME CONSTRAINT orders_customer_fkey TO fk$$,
    $$ALTER TABLE events RENAME CONSTRAINT events_pkey TO pk$$,
    $$ALTER INDEX customers_name RENAME TO i$$,
    $$ALTER INDEX events_customer RENAME TO i$$,
    $$ALTER TABLE customers_name RENAME TO i$$,
    $$ALTER INDEX customers_pkey RENAME TO i$$,
    $$ALTER VIEW names RENAME TO n$$,
    $$ALTER VIEW names RENAME COLUMN name TO title$$,
    $$ALTER MATERIALIZED VIEW kept RENAME TO k$$,
    $$ALTER SEQUENCE tickets RENAME TO t$$,
    $$ALTER TRIGGER touch ON customers RENAME TO t$$,
    $$ALTER TRIGGER touch ON events RENAME TO t$$,
    $$ALTER POLICY mine ON customers RENAME TO p$$,
    $$ALTER RULE quiet ON numbered RENAME TO r$$,
    $$ALTER TYPE pair RENAME TO p$$,
    $$ALTER TYPE pair RENAME ATTRIBUTE a TO x CASCADE$$,
    $$ALTER TYPE color RENAME VALUE 'red' TO 'blue'$$,
    $$ALTER TYPE color ADD VALUE 'green'$$,
    $$ALTER DOMAIN positive RENAME TO p$$,
    $$ALTER SCHEMA doomed RENAME TO d$$,
    $$ALTER STATISTICS customers_stats RENAME TO s$$,
    $$ALTER TABLE orders SET SCHEMA other$$,
    $$ALTER TABLE customers SET SCHEMA other$$,
    $$ALTER TABLE lines SET SCHEMA other$$,
    $$ALTER TABLE events SET SCHEMA other$$,
    $$ALTER VIEW names SET SCHEMA other$$,
    $$ALTER SEQUENCE tickets SET SCHEMA other$$,
    $$ALTER TYPE pair SET SCHEMA other$$,
    $$ALTER TYPE pair OWNER TO foretell_owner$$,
    $$ALTER DOMAIN positive SET SCHEMA other$$,
    $$ALTER FUNCTION twice(integer) SET SCHEMA other$$,
    $$COMMENT ON TABLE customers IS 'x'$$,
    $$COMMENT ON COLUMN customers.name IS 'x'$$,
    $$COMMENT ON INDEX customers_name IS 'x'$$,
    $$COMMENT ON VIEW names IS 'x'$$,
    $$COMMENT ON CONSTRAINT sane ON orders IS 'x'$$,
    $$COMMENT ON TRIGGER touch ON customers IS 'x'$$,
    $$COMMENT ON RULE quiet ON numbered IS 'x'$$,
    $$COMMENT ON POLICY mine ON customers IS 'x'$$,
    $$COMMENT ON FUNCTION twice(integer) IS 'x'$$,
    $$COMMENT ON TYPE pair IS 'x'$$,
    $$COMMENT ON CONSTRAINT late ON DOMAIN positive IS 'x'$$,
    $$COMMENT ON SCHEMA doomed IS 'x'$$,
    $$GRANT SELECT ON customers TO foretell_other$$,
    $$GRANT UPDATE (name) ON customers TO foretell_other$$,
    $$REVOKE ALL ON customers, orders FROM foretell_other$$,
    $$GRANT USAGE ON SEQUENCE tickets TO foretell_other$$,
    $$GRANT SELECT ON ALL TABLES IN SCHEMA public TO foretell_other$$,
    $$GRANT USAGE ON SCHEMA doomed TO foretell_other$$,
    $$ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO foretell_other$$,
    $$ALTER DOMAIN positive ADD CHECK (VALUE < 100)$$,
    $$ALTER DOMAIN positive ADD CHECK (VALUE < 100) NOT VALID$$,
    $$ALTER DOMAIN positive VALIDATE CONSTRAINT late$$,
    $$ALTER DOMAIN positive DROP CONSTRAINT late$$,
    $$ALTER DOMAIN positive SET DEFAULT nextval('tickets')$$,
    $$ALTER DOMAIN small SET NOT NULL$$,
    $$ALTER INDEX bare_id ATTACH PARTITION bare_1_own$$,
    $$ALTER EXTENSION plpgsql ADD TABLE numbered$$,
    $$ALTER INDEX customers_name DEPENDS ON EXTENSION plpgsql$$,
    $$ANALYZE customers$$,
    $$ANALYZE customers (name), events$$,
    $$ANALYZE animals$$,
    $$ANALYZE kept$$,
    $$CLUSTER customers USING customers_name$$,
    $$REINDEX TABLE customers$$,
    $$REINDEX INDEX customers_name$$
], with_work => true);

-- names that are hard to read
CREATE SCHEMA "S ""x"" .y";
CREATE TABLE "S ""x"" .y"."Tä.b" ("C ol" serial PRIMARY KEY);
CREATE TABLE "S ""x"" .y".orders ("C ol" integer REFERENCES "S ""x"" .y"."Tä.b");
CREATE FUNCTION "S ""x"" .y"."f'n"() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER "T'r" BEFORE INSERT ON "S ""x"" .y"."Tä.b" FOR EACH ROW EXECUTE FUNCTION "S ""x"" .y"."f'n"();
CREATE TEMP TABLE names (id integer);
SET search_path = "S ""x"" .y", public;
CALL harness.compare(ARRAY[
    $$DROP TABLE "Tä.b" CASCADE$$,
    $$DROP TABLE orders$$,
    $$DROP TABLE public.lines$$,
    $$DROP FUNCTION "f'n" CASCADE$$,
    $$DROP TRIGGER "T'r" ON "Tä.b"$$,
    $$DROP SCHEMA "S ""x"" .y" CASCADE$$,
    $$COMMENT ON COLUMN "Tä.b"."C ol" IS 'it''s'$$,
    $$ALTER TABLE "Tä.b" RENAME COLUMN "C ol" TO "C"$$,
    $$DROP TABLE names$$,
    $$DROP VIEW public.names CASCADE$$,
    $$COMMENT ON TABLE names IS 'x'$$
], with_work => true);
RESET search_path;

-- who does not own it makes nobody wait
SET ROLE foretell_other;
SELECT statement, f.refused, (SELECT count(*) FROM harness.foretold(statement)) AS locks FROM unnest(ARRAY[
    'DROP TABLE customers CASCADE', 'DROP VIEW nested', 'DROP INDEX customers_name', 'DROP SEQUENCE tickets CASCADE', 'DROP FUNCTION twice CASCADE',
    'DROP TYPE color CASCADE', 'DROP SCHEMA doomed CASCADE', 'DROP TRIGGER touch ON customers', 'DROP OWNED BY foretell_owner', 'REASSIGN OWNED BY foretell_owner TO foretell_other',
    'ALTER TABLE customers RENAME TO x', 'ALTER TABLE customers RENAME COLUMN name TO x', 'ALTER TYPE pair RENAME TO x', 'ALTER TABLE customers SET SCHEMA other',
    'COMMENT ON TABLE customers IS NULL', 'CREATE TRIGGER t BEFORE INSERT ON customers EXECUTE FUNCTION touch()', 'CREATE RULE r AS ON INSERT TO customers DO NOTHING',
    'CREATE POLICY p ON customers', 'CREATE STATISTICS s ON id, name FROM customers', 'CREATE TABLE t () INHERITS (animals)', 'ALTER DOMAIN positive SET NOT NULL',
    'ALTER SEQUENCE tickets RESTART', 'ANALYZE customers', 'CLUSTER customers USING customers_name', 'REINDEX TABLE customers', 'REFRESH MATERIALIZED VIEW kept',
    'CREATE OR REPLACE VIEW names AS SELECT 1', 'ALTER TABLE events ATTACH PARTITION bare DEFAULT', 'CREATE TABLE t (id integer)', 'SELECT * FROM doomed.a', 'DROP TABLE doomed.a'
]) AS statement, harness.flags(statement) f;
RESET ROLE;

\c :home
DROP DATABASE foretell;
DROP ROLE foretell_owner, foretell_other;
