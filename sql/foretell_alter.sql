-- needs MIGRATE_TESTING
-- The locks foretold of ALTER TABLE are those that the server takes.
SELECT current_database() AS home \gset
CREATE DATABASE foretell TEMPLATE template0;
\c foretell
\getenv root PG_ABS_SRCDIR
\set harness :root '/test/foretell/harness.sql'
\set ECHO none
\i :harness
\set ECHO all

CREATE TABLE customers (id integer PRIMARY KEY, name varchar(20), code text UNIQUE, score numeric(10,2), at timestamp);
CREATE INDEX customers_lower ON customers (lower(name));
CREATE STATISTICS customers_stats ON name, code FROM customers;
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer integer REFERENCES customers,
    total numeric CHECK (total >= 0), note text, serial serial, doubled numeric GENERATED ALWAYS AS (total * 2) STORED);
CREATE INDEX orders_customer ON orders (customer);
CREATE TABLE lines (order_id bigint REFERENCES orders ON DELETE CASCADE, line integer, code text REFERENCES customers (code));
CREATE TABLE employees (id integer PRIMARY KEY, boss integer REFERENCES employees, name text);
CREATE TABLE loose (id integer, name varchar(10), flag boolean);
ALTER TABLE loose ADD CONSTRAINT late CHECK (id > 0) NOT VALID;
ALTER TABLE loose ADD CONSTRAINT late_fk FOREIGN KEY (id) REFERENCES customers NOT VALID;
CREATE TABLE proven (a integer, b text, CHECK (a IS NOT NULL AND b <> ''));
ALTER TABLE proven ADD CHECK (b IS NOT NULL) NOT VALID;
CREATE UNIQUE INDEX loose_id ON loose (id);
CREATE VIEW customer_names AS SELECT id, name FROM customers;
CREATE MATERIALIZED VIEW order_totals AS SELECT serial, sum(total) AS total FROM orders GROUP BY serial;
CREATE UNIQUE INDEX order_totals_serial ON order_totals (serial);
CREATE SEQUENCE tickets;
CREATE TYPE pair AS (a integer, b text);
CREATE TYPE triple AS (a integer, b text, c date);
CREATE TABLE typed OF pair;
CREATE TABLE untyped (a integer, b text);
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE TABLE domains (id positive);
CREATE ROLE foretell_owner;
GRANT CREATE ON SCHEMA public TO foretell_owner;

CREATE TABLE heirs (id integer, price numeric);

-- partitions, three levels deep, with a default
CREATE TABLE events (id bigint NOT NULL, day date NOT NULL, kind text, payload text, customer integer REFERENCES customers,
    PRIMARY KEY (id, day, kind)) PARTITION BY RANGE (day);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (kind);
CREATE TABLE events_2024_a PARTITION OF events_2024 FOR VALUES IN ('a') PARTITION BY HASH (id);
CREATE TABLE events_2024_a0 PARTITION OF events_2024_a FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE events_2024_a1 PARTITION OF events_2024_a FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE events_2024_b PARTITION OF events_2024 FOR VALUES IN ('b');
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
CREATE INDEX events_kind ON events (kind);
CREATE TABLE event_notes (event bigint, day date, kind text, note text, FOREIGN KEY (event, day, kind) REFERENCES events);
CREATE TABLE events_2026 (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES);
CREATE TABLE events_2027 (LIKE events);
ALTER TABLE events_2026 ADD FOREIGN KEY (customer) REFERENCES customers;
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER rows AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION nothing();
CREATE TRIGGER statements AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION nothing();
CREATE TRIGGER rows AFTER INSERT ON customers FOR EACH ROW EXECUTE FUNCTION nothing();
-- inheritance, with two parents
CREATE TABLE animals (id integer, name text, CONSTRAINT named CHECK (name <> ''));
CREATE TABLE assets (id integer, price numeric);
CREATE TABLE horses (speed integer) INHERITS (animals, assets);
CREATE TABLE racehorses (wins integer) INHERITS (horses);
CREATE INDEX horses_id ON horses (id);
ALTER TABLE animals ADD CONSTRAINT late CHECK (id > 0) NOT VALID;

INSERT INTO customers (id, name, code) VALUES (1, 'one', 'a'), (2, 'two', 'b');
INSERT INTO orders (customer, total) VALUES (1, 10);
INSERT INTO lines VALUES (1, 1, 'a');
INSERT INTO employees VALUES (1, 1, 'self');
INSERT INTO loose VALUES (1, 'one', true);
INSERT INTO events VALUES (1, '2025-02-02', 'a', '', 1);

-- columns
SET timezone = 'UTC';
CALL harness.compare(ARRAY[
    $$ALTER TABLE customers ADD COLUMN phone text$$,
    $$ALTER TABLE customers ADD COLUMN IF NOT EXISTS name text$$,
    $$ALTER TABLE customers ADD COLUMN phone text DEFAULT 'none'$$,
    $$ALTER TABLE customers ADD COLUMN since timestamptz DEFAULT now()$$,
    $$ALTER TABLE customers ADD COLUMN random double precision DEFAULT random()$$,
    $$ALTER TABLE customers ADD COLUMN seen timestamptz NOT NULL DEFAULT clock_timestamp()$$,
    $$ALTER TABLE customers ADD COLUMN number integer DEFAULT nextval('tickets')$$,
    $$ALTER TABLE customers ALTER COLUMN id SET DEFAULT nextval('tickets')$$,
    $$ALTER TABLE customers ADD COLUMN number serial$$,
    $$ALTER TABLE customers ADD COLUMN number bigint GENERATED BY DEFAULT AS IDENTITY$$,
    $$ALTER TABLE customers ADD COLUMN long text GENERATED ALWAYS AS (name || code) STORED$$,
    $$ALTER TABLE customers ADD COLUMN part positive$$,
    $$ALTER TABLE customers ADD COLUMN email text UNIQUE$$,
    $$ALTER TABLE customers ADD COLUMN adult boolean CHECK (adult)$$,
    $$ALTER TABLE customers ADD COLUMN parent integer REFERENCES customers$$,
    $$ALTER TABLE loose ADD COLUMN owner integer REFERENCES customers$$,
    $$ALTER TABLE loose ADD COLUMN owner integer DEFAULT 1 REFERENCES customers$$,
    $$ALTER TABLE events ADD COLUMN extra text$$,
    $$ALTER TABLE events ADD COLUMN extra text DEFAULT random()::text$$,
    $$ALTER TABLE animals ADD COLUMN legs integer$$,
    $$ALTER TABLE animals ADD COLUMN legs integer DEFAULT (random() * 4)::integer$$,
    $$ALTER TABLE customers DROP COLUMN score$$,
    $$ALTER TABLE customers DROP COLUMN at, DROP COLUMN score$$,
    $$ALTER TABLE customers DROP COLUMN code CASCADE$$,
    $$ALTER TABLE customers DROP COLUMN name CASCADE$$,
    $$ALTER TABLE customers DROP COLUMN id CASCADE$$,
    $$ALTER TABLE customers DROP COLUMN IF EXISTS nonesuch$$,
    $$ALTER TABLE orders DROP COLUMN customer CASCADE$$,
    $$ALTER TABLE orders DROP COLUMN serial CASCADE$$,
    $$ALTER TABLE orders DROP COLUMN id CASCADE$$,
    $$ALTER TABLE orders DROP COLUMN total CASCADE$$,
    $$ALTER TABLE events DROP COLUMN customer$$,
    $$ALTER TABLE animals DROP COLUMN name$$,
    $$ALTER TABLE animals DROP COLUMN id$$,
    $$ALTER TABLE ONLY animals DROP COLUMN name$$,
    $$ALTER TABLE horses DROP COLUMN speed$$,
    $$ALTER TABLE customers ALTER COLUMN name SET DEFAULT 'x'$$,
    $$ALTER TABLE customers ALTER COLUMN name DROP DEFAULT$$,
    $$ALTER TABLE animals ALTER COLUMN name SET DEFAULT 'x'$$,
    $$ALTER TABLE ONLY animals ALTER COLUMN name SET DEFAULT 'x'$$,
    $$ALTER TABLE events ALTER COLUMN kind SET DEFAULT 'a'$$,
    $$ALTER TABLE customers ALTER COLUMN name SET NOT NULL$$,
    $$ALTER TABLE proven ALTER COLUMN a SET NOT NULL$$,
    $$ALTER TABLE proven ALTER COLUMN b SET NOT NULL$$,
    $$ALTER TABLE animals ALTER COLUMN name SET NOT NULL$$,
    $$ALTER TABLE events ALTER COLUMN customer SET NOT NULL$$,
    $$ALTER TABLE events ALTER COLUMN day SET NOT NULL$$,
    $$ALTER TABLE customers ALTER COLUMN score DROP NOT NULL$$,
    $$ALTER TABLE events ALTER COLUMN customer DROP NOT NULL$$,
    $$ALTER TABLE events_2025 ALTER COLUMN customer DROP NOT NULL$$,
    $$ALTER TABLE animals ALTER COLUMN name DROP NOT NULL$$,
    $$ALTER TABLE customers ALTER COLUMN name SET STATISTICS 500$$,
    $$ALTER TABLE events ALTER COLUMN kind SET STATISTICS 500$$,
    $$ALTER TABLE customers ALTER COLUMN name SET (n_distinct = 5)$$,
    $$ALTER TABLE customers ALTER COLUMN name SET STORAGE external$$,
    $$ALTER TABLE events ALTER COLUMN kind SET STORAGE external$$,
    $$ALTER TABLE customers ALTER COLUMN name SET COMPRESSION pglz$$,
    $$ALTER TABLE events ALTER COLUMN kind SET COMPRESSION pglz$$,
    $$ALTER TABLE orders ALTER COLUMN id SET GENERATED BY DEFAULT$$,
    $$ALTER TABLE orders ALTER COLUMN id SET INCREMENT BY 10$$,
    $$ALTER TABLE orders ALTER COLUMN id RESTART$$,
    $$ALTER TABLE orders ALTER COLUMN id DROP IDENTITY$$,
    $$ALTER TABLE customers ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY$$,
    $$ALTER TABLE orders ALTER COLUMN doubled DROP EXPRESSION$$
], with_work => true);
CALL harness.compare(ARRAY[
    $$ALTER TABLE events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY$$,
    $$ALTER TABLE orders ALTER COLUMN doubled SET EXPRESSION AS (total * 3)$$
], since => 170000, with_work => true);

-- types
CALL harness.compare(ARRAY[
    $$ALTER TABLE loose ALTER COLUMN name TYPE varchar(30)$$,
    $$ALTER TABLE loose ALTER COLUMN name TYPE text$$,
    $$ALTER TABLE loose ALTER COLUMN name TYPE varchar(5)$$,
    $$ALTER TABLE loose ALTER COLUMN name TYPE text USING name::text$$,
    $$ALTER TABLE loose ALTER COLUMN name TYPE text USING upper(name)$$,
    $$ALTER TABLE loose ALTER COLUMN id TYPE bigint$$,
    $$ALTER TABLE loose ALTER COLUMN flag TYPE integer USING flag::integer$$,
    $$ALTER TABLE domains ALTER COLUMN id TYPE integer$$,
    $$ALTER TABLE loose ALTER COLUMN id TYPE positive$$,
    $$ALTER TABLE customers ALTER COLUMN score TYPE numeric(12,2)$$,
    $$ALTER TABLE customers ALTER COLUMN score TYPE numeric(12,4)$$,
    $$ALTER TABLE customers ALTER COLUMN at TYPE timestamptz$$,
    $$ALTER TABLE customers ALTER COLUMN code TYPE varchar$$,
    $$ALTER TABLE customers ALTER COLUMN code TYPE varchar(10)$$,
    $$ALTER TABLE orders ALTER COLUMN customer TYPE bigint$$,
    $$ALTER TABLE orders ALTER COLUMN id TYPE integer$$,
    $$ALTER TABLE orders ALTER COLUMN note TYPE varchar, ALTER COLUMN serial SET NOT NULL$$,
    $$ALTER TABLE employees ALTER COLUMN id TYPE bigint$$,
    $$ALTER TABLE employees ALTER COLUMN boss TYPE bigint$$,
    $$ALTER TABLE lines ALTER COLUMN order_id TYPE integer$$,
    $$ALTER TABLE lines ALTER COLUMN code TYPE varchar(40)$$,
    $$ALTER TABLE animals ALTER COLUMN name TYPE varchar(40)$$,
    $$ALTER TABLE events ALTER COLUMN customer TYPE bigint$$,
    $$ALTER TABLE events ALTER COLUMN payload TYPE varchar$$
], with_work => true);
SET timezone = 'Europe/Berlin';
CALL harness.compare(ARRAY[$$ALTER TABLE customers ALTER COLUMN at TYPE timestamptz$$]);

-- constraints
CALL harness.compare(ARRAY[
    $$ALTER TABLE customers ADD CHECK (score > 0)$$,
    $$ALTER TABLE customers ADD CHECK (score > 0) NOT VALID$$,
    $$ALTER TABLE animals ADD CHECK (id > 0)$$,
    $$ALTER TABLE animals ADD CHECK (id > 0) NO INHERIT$$,
    $$ALTER TABLE events ADD CHECK (id > 0)$$,
    $$ALTER TABLE loose ADD UNIQUE (name)$$,
    $$ALTER TABLE loose ADD PRIMARY KEY (name)$$,
    $$ALTER TABLE loose ADD PRIMARY KEY USING INDEX loose_id$$,
    $$ALTER TABLE loose ADD CONSTRAINT loose_id UNIQUE USING INDEX loose_id$$,
    $$ALTER TABLE loose ADD EXCLUDE (name WITH =)$$,
    $$ALTER TABLE events ADD UNIQUE (day, kind, id, customer)$$,
    $$ALTER TABLE animals ADD PRIMARY KEY (id)$$,
    $$ALTER TABLE loose ADD FOREIGN KEY (id) REFERENCES orders$$,
    $$ALTER TABLE loose ADD FOREIGN KEY (id) REFERENCES orders NOT VALID$$,
    $$ALTER TABLE loose ADD FOREIGN KEY (id) REFERENCES customers, ADD FOREIGN KEY (id) REFERENCES orders$$,
    $$ALTER TABLE employees ADD FOREIGN KEY (boss) REFERENCES employees ON DELETE SET NULL$$,
    $$ALTER TABLE events ADD FOREIGN KEY (id) REFERENCES orders$$,
    $$ALTER TABLE event_notes ADD FOREIGN KEY (event, day, kind) REFERENCES events$$,
    $$ALTER TABLE loose VALIDATE CONSTRAINT late$$,
    $$ALTER TABLE loose VALIDATE CONSTRAINT late_fk$$,
    $$ALTER TABLE animals VALIDATE CONSTRAINT late$$,
    $$ALTER TABLE orders VALIDATE CONSTRAINT orders_total_check$$,
    $$ALTER TABLE orders DROP CONSTRAINT orders_total_check$$,
    $$ALTER TABLE orders DROP CONSTRAINT orders_customer_fkey$$,
    $$ALTER TABLE lines DROP CONSTRAINT lines_order_id_fkey$$,
    $$ALTER TABLE employees DROP CONSTRAINT employees_boss_fkey$$,
    $$ALTER TABLE orders DROP CONSTRAINT orders_pkey CASCADE$$,
    $$ALTER TABLE customers DROP CONSTRAINT customers_code_key CASCADE$$,
    $$ALTER TABLE customers DROP CONSTRAINT IF EXISTS nonesuch$$,
    $$ALTER TABLE animals DROP CONSTRAINT named$$,
    $$ALTER TABLE ONLY animals DROP CONSTRAINT named$$,
    $$ALTER TABLE events DROP CONSTRAINT events_customer_fkey$$,
    $$ALTER TABLE events DROP CONSTRAINT events_pkey CASCADE$$,
    $$ALTER TABLE event_notes DROP CONSTRAINT event_notes_event_day_kind_fkey$$,
    $$ALTER TABLE orders ALTER CONSTRAINT orders_customer_fkey DEFERRABLE$$,
    $$ALTER TABLE events ALTER CONSTRAINT events_customer_fkey DEFERRABLE$$
], with_work => true);

-- the table as a whole
CALL harness.compare(ARRAY[
    $$ALTER TABLE customers OWNER TO foretell_owner$$,
    $$ALTER TABLE orders OWNER TO foretell_owner$$,
    $$ALTER TABLE orders OWNER TO current_user$$,
    $$ALTER TABLE events OWNER TO foretell_owner$$,
    $$ALTER VIEW customer_names OWNER TO foretell_owner$$,
    $$ALTER SEQUENCE tickets OWNER TO foretell_owner$$,
    $$ALTER TABLE customers CLUSTER ON customers_lower$$,
    $$ALTER TABLE customers SET WITHOUT CLUSTER$$,
    $$ALTER TABLE orders REPLICA IDENTITY FULL$$,
    $$ALTER TABLE orders REPLICA IDENTITY USING INDEX orders_pkey$$,
    $$ALTER TABLE lines SET UNLOGGED$$,
    $$ALTER TABLE loose SET LOGGED$$,
    $$ALTER TABLE loose SET UNLOGGED$$,
    $$ALTER SEQUENCE tickets SET UNLOGGED$$,
    $$ALTER TABLE customers SET ACCESS METHOD heap$$,
    $$ALTER TABLE customers SET (fillfactor = 70)$$,
    $$ALTER TABLE customers SET (autovacuum_enabled = off)$$,
    $$ALTER TABLE customers RESET (fillfactor)$$,
    $$ALTER INDEX customers_lower SET (fillfactor = 70)$$,
    $$ALTER INDEX customers_lower ALTER COLUMN 1 SET STATISTICS 100$$,
    $$ALTER VIEW customer_names SET (security_barrier)$$,
    $$ALTER VIEW customer_names ALTER COLUMN name SET DEFAULT 'x'$$,
    $$ALTER MATERIALIZED VIEW order_totals SET (fillfactor = 50)$$,
    $$ALTER MATERIALIZED VIEW order_totals CLUSTER ON order_totals_serial$$,
    $$ALTER TABLE customers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY$$,
    $$ALTER TABLE customers DISABLE TRIGGER rows$$,
    $$ALTER TABLE customers DISABLE TRIGGER ALL$$,
    $$ALTER TABLE events DISABLE TRIGGER rows$$,
    $$ALTER TABLE events DISABLE TRIGGER statements$$,
    $$ALTER TABLE events DISABLE TRIGGER USER$$,
    $$ALTER TABLE ONLY events DISABLE TRIGGER rows$$,

    $$ALTER TABLE heirs INHERIT assets$$,
    $$ALTER TABLE horses NO INHERIT assets$$,
    $$ALTER TABLE racehorses NO INHERIT horses$$,
    $$ALTER TABLE untyped OF pair$$,
    $$ALTER TABLE typed NOT OF$$,
    $$ALTER TYPE triple ADD ATTRIBUTE d integer$$,
    $$ALTER TYPE triple ALTER ATTRIBUTE a TYPE bigint$$,
    $$ALTER TYPE triple DROP ATTRIBUTE a$$,
    $$ALTER TYPE pair ADD ATTRIBUTE c integer CASCADE$$
], with_work => true);

-- partitions
CALL harness.compare(ARRAY[
    $$ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')$$,
    $$ALTER TABLE events ATTACH PARTITION events_2027 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')$$,
    $$ALTER TABLE events_2024 ATTACH PARTITION events_2027 FOR VALUES IN ('c')$$,
    $$ALTER TABLE events DETACH PARTITION events_2025$$,
    $$ALTER TABLE events DETACH PARTITION events_rest$$,
    $$ALTER TABLE events DETACH PARTITION events_2024$$,
    $$ALTER TABLE events_2024 DETACH PARTITION events_2024_a$$,
    $$ALTER TABLE events_2024_a DETACH PARTITION events_2024_a0$$
], with_work => true);
-- what valid checks prove of the new partition, and of the default one
CREATE TABLE gates (id integer, part integer, note text) PARTITION BY LIST (part);
CREATE TABLE gates_1 PARTITION OF gates FOR VALUES IN (1);
CREATE TABLE gates_rest PARTITION OF gates DEFAULT;
INSERT INTO gates VALUES (1, 9, '');
CREATE TABLE gates_plain (id integer, part integer, note text);
CREATE TABLE gates_proven (note text, part integer NOT NULL, id integer, CHECK (part IN (2)));
CREATE TABLE gates_late (id integer, part integer NOT NULL, note text);
ALTER TABLE gates_late ADD CHECK (part IN (2)) NOT VALID;
CREATE TABLE gates_nullable (id integer, part integer, note text, CHECK (part IN (2)));
CALL harness.compare(ARRAY[
    $$ALTER TABLE gates ATTACH PARTITION gates_plain FOR VALUES IN (2)$$,
    $$ALTER TABLE gates ATTACH PARTITION gates_proven FOR VALUES IN (2)$$,
    $$ALTER TABLE gates ATTACH PARTITION gates_proven FOR VALUES IN (2, 3)$$,
    $$ALTER TABLE gates ATTACH PARTITION gates_late FOR VALUES IN (2)$$,
    $$ALTER TABLE gates ATTACH PARTITION gates_nullable FOR VALUES IN (2)$$,
    $$ALTER TABLE gates ATTACH PARTITION gates_plain FOR VALUES IN (1 + 1)$$,
    $$CREATE TABLE gates_2 PARTITION OF gates FOR VALUES IN (2)$$
], with_work => true);
ALTER TABLE gates_rest ADD CHECK (part IS NOT NULL AND part > 5);
CALL harness.compare(ARRAY[
    $$ALTER TABLE gates ATTACH PARTITION gates_plain FOR VALUES IN (2)$$,
    $$ALTER TABLE gates ATTACH PARTITION gates_proven FOR VALUES IN (2)$$,
    $$ALTER TABLE gates ATTACH PARTITION gates_proven FOR VALUES IN (2, 3)$$,
    $$ALTER TABLE gates ATTACH PARTITION gates_late FOR VALUES IN (NULL, 2)$$,
    $$ALTER TABLE gates DETACH PARTITION gates_rest$$,
    $$CREATE TABLE gates_2 PARTITION OF gates FOR VALUES IN (2)$$,
    $$CREATE TABLE gates_null PARTITION OF gates FOR VALUES IN (NULL)$$
], with_work => true);
-- which of the parent's indexes are built
CREATE TABLE keyed (gone integer, id integer NOT NULL, part integer NOT NULL, note text, UNIQUE (id, part)) PARTITION BY LIST (part);
ALTER TABLE keyed DROP COLUMN gone;
CREATE INDEX ON keyed (lower(note)) WHERE id > 0;
CREATE TABLE keyed_1 PARTITION OF keyed FOR VALUES IN (1);
CREATE TABLE keyed_bare (id integer NOT NULL, part integer NOT NULL, note text, CHECK (part = 2));
CREATE TABLE keyed_index (LIKE keyed_bare INCLUDING CONSTRAINTS);
CREATE UNIQUE INDEX ON keyed_index (id, part);
CREATE INDEX ON keyed_index (lower(note)) WHERE id > 0;
CREATE TABLE keyed_ready (note text, part integer NOT NULL, id integer NOT NULL, CHECK (part = 2), PRIMARY KEY (id, part));
CREATE INDEX ON keyed_ready (lower(note) DESC) WHERE id > 0;
CREATE TABLE keyed_other (LIKE keyed_ready INCLUDING CONSTRAINTS, UNIQUE (id, part));
CREATE INDEX ON keyed_other (lower(note)) WHERE id > 1;
CREATE TABLE keyed_collated (LIKE keyed_ready INCLUDING CONSTRAINTS, UNIQUE (id, part));
CREATE INDEX ON keyed_collated (lower(note) COLLATE "C") WHERE id > 0;
CREATE TABLE keyed_deep (LIKE keyed_bare INCLUDING CONSTRAINTS) PARTITION BY RANGE (id);
CREATE TABLE keyed_deep_1 PARTITION OF keyed_deep FOR VALUES FROM (0) TO (10);
CALL harness.compare(ARRAY[
    $$ALTER TABLE keyed ATTACH PARTITION keyed_bare FOR VALUES IN (2)$$,
    $$ALTER TABLE keyed ATTACH PARTITION keyed_index FOR VALUES IN (2)$$,
    $$ALTER TABLE keyed ATTACH PARTITION keyed_ready FOR VALUES IN (2)$$,
    $$ALTER TABLE keyed ATTACH PARTITION keyed_other FOR VALUES IN (2)$$,
    $$ALTER TABLE keyed ATTACH PARTITION keyed_collated FOR VALUES IN (2)$$,
    $$ALTER TABLE keyed ATTACH PARTITION keyed_deep FOR VALUES IN (2)$$,
    $$ALTER TABLE keyed DETACH PARTITION keyed_1$$
], with_work => true);
CALL harness.compare(ARRAY[
    $$ALTER TABLE loose SET TABLESPACE pg_default$$,
    $$ALTER TABLE loose SET ACCESS METHOD heap$$
], with_work => true);

-- names that are hard to read, and tables that hide others
CREATE SCHEMA "Very ""Odd"" Schema";
CREATE TABLE "Very ""Odd"" Schema"."täble.with.dots" ("Id ""x""" integer PRIMARY KEY, "ÄÖ" text);
CREATE TABLE "Very ""Odd"" Schema"."select" (id integer REFERENCES "Very ""Odd"" Schema"."täble.with.dots");
CREATE TABLE "Very ""Odd"" Schema".customers (id integer);
CREATE TEMP TABLE loose (id integer);
CALL harness.compare(ARRAY[
    $$ALTER TABLE "Very ""Odd"" Schema"."täble.with.dots" ALTER COLUMN "Id ""x""" TYPE bigint$$,
    $$ALTER TABLE "Very ""Odd"" Schema"."täble.with.dots" DROP COLUMN "Id ""x""" CASCADE$$,
    $$ALTER TABLE "Very ""Odd"" Schema"."select" DROP CONSTRAINT select_id_fkey$$,
    $$ALTER TABLE loose ADD COLUMN hidden integer$$,
    $$ALTER TABLE public.loose ADD COLUMN seen integer$$
], with_work => true);
SET search_path = "Very ""Odd"" Schema", public;
CALL harness.compare(ARRAY[
    $$ALTER TABLE customers ADD COLUMN a integer$$,
    $$ALTER TABLE orders ADD COLUMN a integer REFERENCES "täble.with.dots"$$,
    $$ALTER TABLE "select" ADD CHECK (id > 0)$$
], with_work => true);
RESET search_path;

\c :home
DROP DATABASE foretell;
DROP ROLE foretell_owner;
