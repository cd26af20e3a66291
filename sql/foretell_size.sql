-- needs MIGRATE_TESTING
-- How much of existing tables a statement goes over, as the size of their files.
SELECT current_database() AS home \gset
CREATE DATABASE foretell TEMPLATE template0;
\c foretell
\getenv root PG_ABS_SRCDIR
\set harness :root '/test/foretell/harness.sql'
\set ECHO none
\i :harness
\set ECHO all

CREATE TABLE large (id integer PRIMARY KEY, name varchar(10), long text);
ALTER TABLE large ADD CONSTRAINT late CHECK (id > 0) NOT VALID;
ALTER TABLE large ALTER COLUMN long SET STORAGE EXTERNAL;
INSERT INTO large SELECT i, i, repeat('x', 5000) FROM generate_series(1, 100) i;
CREATE TABLE other (id integer, large integer);
INSERT INTO other SELECT i, i FROM generate_series(1, 1000) i;
CREATE TABLE parts (id integer, part integer, PRIMARY KEY (id, part)) PARTITION BY LIST (part);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES IN (2);
INSERT INTO parts SELECT i, 1 + i % 2 FROM generate_series(1, 3000) i;
CREATE TEMP TABLE short AS SELECT generate_series(1, 5000) AS id;
CREATE VIEW names AS SELECT id, name FROM large;

CREATE FUNCTION size_of(tables regclass[]) RETURNS bigint LANGUAGE sql AS $$
    SELECT coalesce(sum(pg_relation_size(t.oid) + coalesce(pg_relation_size(nullif(t.reltoastrelid, 0)), 0)), 0)::bigint
    FROM pg_class t WHERE t.oid = ANY (tables)
$$;
-- which of them, when all of a statement's bytes are accounted for
SELECT statement, coalesce((SELECT string_agg(t::text, ', ' ORDER BY t::text) FROM unnest(tables) t), 'nothing') AS goes_over,
    (SELECT f.bytes = size_of(tables) FROM harness.flags(statement) f) AS right
FROM (VALUES
    ('ALTER TABLE large ADD COLUMN a integer', '{}'::regclass[]),
    ('ALTER TABLE large ADD COLUMN a integer DEFAULT 5', '{}'),
    ('ALTER TABLE large ADD COLUMN a uuid DEFAULT gen_random_uuid()', '{large}'),
    ('ALTER TABLE large ALTER COLUMN name TYPE varchar(20)', '{}'),
    ('ALTER TABLE large ALTER COLUMN name TYPE varchar(5)', '{large}'),
    ('ALTER TABLE large ALTER COLUMN name SET NOT NULL', '{large}'),
    ('ALTER TABLE large ALTER COLUMN id SET NOT NULL', '{}'),
    ('ALTER TABLE large ADD CHECK (id > 0)', '{large}'),
    ('ALTER TABLE large ADD CHECK (id > 0) NOT VALID', '{}'),
    ('ALTER TABLE large VALIDATE CONSTRAINT late', '{large}'),
    ('ALTER TABLE large ADD UNIQUE (name)', '{large}'),
    ('ALTER TABLE large DROP COLUMN name', '{}'),
    ('ALTER TABLE large SET UNLOGGED', '{large}'),
    ('ALTER TABLE large SET (fillfactor = 50)', '{}'),
    ('ALTER TABLE other ADD FOREIGN KEY (large) REFERENCES large', '{large,other}'),
    ('ALTER TABLE other ADD FOREIGN KEY (large) REFERENCES large NOT VALID', '{}'),
    ('ALTER TABLE parts ADD CHECK (id > 0)', '{parts_1,parts_2}'),
    ('ALTER TABLE parts ADD COLUMN b integer DEFAULT random()::integer', '{parts_1,parts_2}'),
    ('CREATE INDEX ON large (name)', '{large}'),
    ('CREATE INDEX CONCURRENTLY ON large (name)', '{large}'),
    ('CREATE INDEX ON parts (id)', '{parts_1,parts_2}'),
    ('CREATE INDEX ON ONLY parts (id)', '{}'),
    ('REINDEX TABLE large', '{large}'),
    ('VACUUM FULL large', '{large}'),
    ('DROP TABLE large CASCADE', '{}'),
    ('TRUNCATE large', '{}'),
    ('CREATE TABLE new (id integer REFERENCES large)', '{}'),
    ('CREATE TABLE new AS SELECT * FROM large', '{large}'),
    ('CREATE VIEW new AS SELECT * FROM large', '{}'),
    ('INSERT INTO large VALUES (1)', '{}'),
    ('INSERT INTO large (id) SELECT id FROM other', '{other}'),
    ('UPDATE large SET name = ''x''', '{large}'),
    ('UPDATE large SET name = ''x'' WHERE name = ''y''', '{large}'),
    ('UPDATE large SET name = ''x'' WHERE id = 5', '{}'),
    ('UPDATE large SET name = ''x'' WHERE 5 = large.id AND name <> ''x''', '{}'),
    ('UPDATE large SET name = ''x'' WHERE id = 5 OR id = 6', '{large}'),
    ('UPDATE large SET name = ''x'' FROM other WHERE large.id = other.id', '{large,other}'),
    ('DELETE FROM parts', '{parts_1,parts_2}'),
    ('DELETE FROM parts WHERE id = 1', '{parts_1,parts_2}'),
    ('DELETE FROM parts WHERE id = 1 AND part = 2', '{}'),
    ('SELECT * FROM names', '{large}'),
    ('SELECT * FROM large WHERE id = 1', '{}'),
    ('SELECT * FROM large l WHERE l.id = (SELECT max(id) FROM other)', '{large,other}'),
    ('EXPLAIN SELECT * FROM large', '{}'),
    ('SELECT * FROM short', '{short}'),
    ('COPY large TO STDOUT', '{large}')
) AS s (statement, tables);

\c :home
DROP DATABASE foretell;
