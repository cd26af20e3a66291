-- DROP INDEX and REINDEX.

-- fixture:
CREATE TABLE items (id int PRIMARY KEY, name text, size int, during int4range, CONSTRAINT items_name_key UNIQUE (name), EXCLUDE USING gist (during WITH &&));
INSERT INTO items SELECT i, 'item ' || i, i % 10, int4range(i * 10, i * 10 + 5) FROM generate_series(1, 1000) i;
CREATE INDEX items_size ON items (size);
CREATE INDEX "Items ""by"" size" ON items (size, name);
CREATE TABLE parts (id int, day int) PARTITION BY RANGE (day);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20);
INSERT INTO parts SELECT i, i % 20 FROM generate_series(1, 500) i;
CREATE INDEX parts_id ON parts (id);
CREATE MATERIALIZED VIEW sizes AS SELECT size, count(*) AS items FROM items GROUP BY size;
CREATE INDEX sizes_size ON sizes (size);

-- case: drop_index_one
-- expect: rewritten
DROP INDEX items_size;
-- down:
CREATE INDEX items_size ON items (size);

-- case: drop_index_restrict
-- expect: rewritten
DROP INDEX items_size RESTRICT;

-- case: drop_index_quoted
-- expect: rewritten
DROP INDEX "Items ""by"" size";

-- case: drop_index_qualified
-- expect: rewritten
DROP INDEX drop_index_qualified.items_size;

-- case: drop_index_if_exists
-- expect: rewritten
DROP INDEX IF EXISTS items_size;

-- case: drop_index_if_exists_missing
DROP INDEX IF EXISTS no_such_index;

-- case: drop_index_missing
-- error: 42704
DROP INDEX no_such_index;
-- repair:
CREATE INDEX no_such_index ON items (id);

-- case: drop_index_several
-- expect: written
DROP INDEX items_size, "Items ""by"" size";

-- case: drop_index_several_if_exist
-- expect: written
DROP INDEX IF EXISTS items_size, no_such_index;

-- case: drop_index_cascade
-- expect: written
DROP INDEX items_size CASCADE;

-- case: drop_index_cascade_key
-- expect: written
-- setup:
CREATE UNIQUE INDEX items_pair ON items (id, name);
CREATE TABLE refers (id int, name text, FOREIGN KEY (id, name) REFERENCES items (id, name));
-- up:
DROP INDEX items_pair CASCADE;

-- case: drop_index_key_needs_it
-- error: 2BP01
-- setup:
CREATE UNIQUE INDEX items_pair ON items (id, name);
CREATE TABLE refers (id int, name text, FOREIGN KEY (id, name) REFERENCES items (id, name));
-- up:
DROP INDEX items_pair;
-- repair:
DROP TABLE refers;

-- case: drop_index_of_constraint
-- error: 2BP01
DROP INDEX items_name_key;
-- repair:
ALTER TABLE items DROP CONSTRAINT items_name_key;
CREATE INDEX items_name_key ON items (name);

-- case: drop_index_partitioned
-- expect: written
DROP INDEX parts_id;

-- case: drop_index_of_partition
-- error: 2BP01
DROP INDEX parts_1_id_idx;
-- repair:
ALTER TABLE parts DETACH PARTITION parts_1;

-- case: drop_index_matview
-- expect: rewritten
DROP INDEX sizes_size;

-- case: drop_index_with_comment
-- expect: rewritten
-- setup:
COMMENT ON INDEX items_size IS 'by size';
ALTER TABLE items CLUSTER ON items_size;
-- up:
DROP INDEX items_size;

-- case: drop_index_replica_identity
-- setup:
ALTER TABLE items REPLICA IDENTITY USING INDEX items_pkey;
CREATE UNIQUE INDEX items_other ON items (id, size);
-- up:
DROP INDEX items_other;

-- case: drop_index_invalid
-- setup:
\set ON_ERROR_STOP 0
CREATE UNIQUE INDEX CONCURRENTLY items_bad ON items (size);
\set ON_ERROR_STOP 1
-- up:
DROP INDEX items_bad;

-- case: drop_index_two_schemas
-- setup:
CREATE SCHEMA drop_index_two_schemas__b;
CREATE TABLE drop_index_two_schemas__b.items (size int);
CREATE INDEX items_size ON drop_index_two_schemas__b.items (size);
-- up:
SET search_path = drop_index_two_schemas__b, drop_index_two_schemas;
DROP INDEX items_size;
DROP INDEX items_size;

-- case: drop_index_concurrently_written
-- expect: written
DROP INDEX CONCURRENTLY items_size;

-- case: drop_index_replaced
-- expect: rewritten, rewritten
DROP INDEX items_size;
CREATE INDEX items_size ON items (size DESC);

-- case: reindex_index
-- expect: rewritten
REINDEX INDEX items_size;

-- case: reindex_primary_key
-- expect: rewritten
REINDEX INDEX items_pkey;

-- case: reindex_constraint
-- expect: rewritten
REINDEX INDEX items_name_key;

-- case: reindex_table
-- expect: rewritten
-- setup:
ALTER TABLE items DROP CONSTRAINT items_during_excl;
COMMENT ON INDEX items_size IS 'by size';
-- up:
REINDEX TABLE items;

-- case: reindex_table_with_exclusion
REINDEX TABLE items;

-- case: reindex_exclusion
-- expect: written
REINDEX INDEX items_during_excl;

-- case: reindex_table_referenced
-- setup:
ALTER TABLE items DROP CONSTRAINT items_during_excl;
CREATE TABLE refers (item int REFERENCES items);
ALTER TABLE items CLUSTER ON items_size;
ALTER TABLE items REPLICA IDENTITY USING INDEX items_pkey;
-- up:
REINDEX TABLE items;

-- case: reindex_partitioned_index
REINDEX INDEX parts_id;

-- case: reindex_partitioned_table
REINDEX TABLE parts;

-- case: reindex_quoted
-- expect: rewritten
REINDEX (VERBOSE) INDEX "Items ""by"" size";

-- case: reindex_tablespace
-- expect: rewritten
REINDEX (TABLESPACE corpus_space) INDEX items_size;

-- case: reindex_matview
-- expect: rewritten
REINDEX TABLE sizes;

-- case: reindex_invalid
-- setup:
\set ON_ERROR_STOP 0
CREATE UNIQUE INDEX CONCURRENTLY items_bad ON items (size);
\set ON_ERROR_STOP 1
UPDATE items SET size = id;
-- up:
REINDEX INDEX items_bad;

-- case: reindex_schema
REINDEX SCHEMA reindex_schema;

-- case: reindex_concurrently_written
-- expect: written
REINDEX INDEX CONCURRENTLY items_size;

-- case: reindex_no_index
CREATE TABLE bare (i int);
REINDEX TABLE bare;
