-- CREATE INDEX on partitioned tables: built leaf by leaf, then attached.

-- fixture:
CREATE TABLE events (id bigint NOT NULL, gone int, day date NOT NULL, kind text, payload text) PARTITION BY RANGE (day);
ALTER TABLE events DROP COLUMN gone;
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE "Events ""2""" (payload text, kind text, spare int, day date NOT NULL, id bigint NOT NULL) PARTITION BY LIST (kind);
ALTER TABLE "Events ""2""" DROP COLUMN spare;
ALTER TABLE events ATTACH PARTITION "Events ""2""" FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE "Events 2 A" PARTITION OF "Events ""2""" FOR VALUES IN ('a');
CREATE TABLE events_2_b PARTITION OF "Events ""2""" FOR VALUES IN ('b') PARTITION BY HASH (id);
CREATE TABLE events_2_b_0 PARTITION OF events_2_b FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE "Events 2 b 1" PARTITION OF events_2_b FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE events_rest PARTITION OF events DEFAULT;
INSERT INTO events SELECT i, '2024-01-01'::date + i % 75, CASE i % 2 WHEN 0 THEN 'a' ELSE 'b' END, 'payload ' || i FROM generate_series(1, 1000) i;

-- case: part_index_plain
-- expect: rewritten
CREATE INDEX events_payload ON events (payload);
-- down:
DROP INDEX events_payload;

-- case: part_index_unnamed
-- expect: rewritten
CREATE INDEX ON events (payload);
CREATE INDEX ON events (payload);
CREATE INDEX ON events (lower(payload), kind);

-- case: part_index_unique
-- expect: rewritten
CREATE UNIQUE INDEX events_id ON events (day, kind, id);

-- case: part_index_unique_lacks_key
-- error: 0A000
CREATE UNIQUE INDEX events_id ON events (id);
-- repair:
DROP TABLE events;
CREATE TABLE events (id int);

-- case: part_index_middle
-- expect: rewritten
CREATE INDEX events_2_payload ON "Events ""2""" (payload);

-- case: part_index_lowest
-- expect: rewritten
CREATE INDEX events_2_b_payload ON events_2_b (payload, id DESC);

-- case: part_index_leaf
-- expect: rewritten
CREATE INDEX "Leaf's index" ON "Events 2 A" (payload);

-- case: part_index_only
-- expect: written
CREATE INDEX events_payload ON ONLY events (payload);

-- case: part_index_only_then_attached
CREATE INDEX events_1_payload ON events_1 (payload);
CREATE INDEX events_payload ON ONLY events (payload);
ALTER INDEX events_payload ATTACH PARTITION events_1_payload;

-- case: part_index_quoted
-- expect: rewritten
CREATE INDEX "Odd ""index""; --" ON events (payload COLLATE "C" DESC NULLS LAST);

-- case: part_index_attached_leaf
-- setup:
CREATE INDEX my_own_payload ON events_1 (payload);
CREATE INDEX deep_payload ON "Events 2 b 1" (payload);
-- up:
CREATE INDEX events_payload ON events (payload);

-- case: part_index_attached_middle
-- setup:
CREATE INDEX middle_payload ON "Events ""2""" (payload);
-- up:
CREATE INDEX events_payload ON events (payload);

-- case: part_index_leaf_taken_by_other
-- setup:
CREATE INDEX first_payload ON events (payload);
CREATE INDEX extra_payload ON events_1 (payload);
-- up:
CREATE INDEX events_payload ON events (payload);

-- case: part_index_leaf_name_taken
-- setup:
CREATE SEQUENCE events_1_payload_idx;
CREATE TABLE "Events 2 A_payload_idx" (i int);
-- up:
CREATE INDEX events_payload ON events (payload);

-- case: part_index_long_leaves
-- setup:
CREATE TABLE events_123456789_123456789_123456789_123456789_123456789_long_1 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2023-02-01');
CREATE TABLE events_123456789_123456789_123456789_123456789_123456789_long_2 PARTITION OF events FOR VALUES FROM ('2023-02-01') TO ('2023-03-01');
CREATE TABLE "éééééééééééééééééééééééééééééé1" PARTITION OF events FOR VALUES FROM ('2023-03-01') TO ('2023-04-01');
-- up:
CREATE INDEX events_payload_and_kind ON events (payload, kind);

-- case: part_index_leaves_in_schemas
-- setup:
CREATE SCHEMA part_index_leaves_in_schemas__archive;
CREATE TABLE part_index_leaves_in_schemas__archive.events_1 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2023-02-01');
CREATE TABLE part_index_leaves_in_schemas__archive.events PARTITION OF events FOR VALUES FROM ('2023-02-01') TO ('2023-03-01');
INSERT INTO events SELECT i, '2023-01-01'::date + i % 40, 'c', 'old ' || i FROM generate_series(1, 200) i;
-- up:
CREATE INDEX events_payload ON events (payload);

-- case: part_index_partial
-- expect: rewritten
CREATE INDEX events_b ON events (payload, day) WHERE kind = 'b' AND id > 10;

-- case: part_index_expression
-- expect: rewritten
CREATE INDEX events_length ON events ((length(payload) + id), lower(kind) text_pattern_ops) INCLUDE (day);

-- case: part_index_options
-- expect: rewritten
CREATE INDEX events_payload ON events (payload) WITH (fillfactor = 80) TABLESPACE corpus_space;
CREATE INDEX events_day ON events USING brin (day) WITH (pages_per_range = 8);

-- case: part_index_nulls_not_distinct
-- expect: rewritten
CREATE UNIQUE INDEX events_id ON events (id, day, kind) NULLS NOT DISTINCT;

-- case: part_index_if_not_exists
-- expect: rewritten
CREATE INDEX IF NOT EXISTS events_payload ON events (payload);

-- case: part_index_if_not_exists_there
-- setup:
CREATE INDEX events_payload ON events (payload);
-- up:
CREATE INDEX IF NOT EXISTS events_payload ON events (payload);

-- case: part_index_no_partitions
-- setup:
CREATE TABLE empty (i int) PARTITION BY LIST (i);
-- up:
CREATE INDEX empty_i ON empty (i);

-- case: part_index_foreign_leaf
-- setup:
CREATE FOREIGN DATA WRAPPER corpus_part_index;
CREATE SERVER corpus_part_index FOREIGN DATA WRAPPER corpus_part_index;
CREATE FOREIGN TABLE events_far PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2023-02-01') SERVER corpus_part_index;
-- up:
CREATE INDEX events_payload ON events (payload);

-- case: part_index_taken_in_other_order
-- setup:
CREATE INDEX other_order ON events_1 (payload DESC);
-- up:
CREATE INDEX events_payload ON events (payload);

-- case: part_index_named_as_leaf
CREATE INDEX events_1_payload_idx ON events (payload);

-- case: part_index_parts_in_other_order
-- setup:
CREATE TABLE events_with_a_name_of_just_sixty_three_bytes_as_long_as_it_goes PARTITION OF events FOR VALUES FROM ('2023-03-01') TO ('2023-04-01');
CREATE TABLE events_with_a_name_of_just_sixty_three_bytes_as_long_as_it_goe2 PARTITION OF events FOR VALUES FROM ('2023-02-01') TO ('2023-03-01') PARTITION BY LIST (kind);
CREATE TABLE events_with_a_name_of_just_sixty_three_bytes_as_long_as_it_goe3 PARTITION OF events_with_a_name_of_just_sixty_three_bytes_as_long_as_it_goe2 DEFAULT;
CREATE TABLE events_with_a_name_of_just_sixty_three_bytes_as_long_as_it_goe4 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2023-02-01');
-- up:
CREATE INDEX events_payload_and_kind ON events (payload, kind);

-- case: part_index_foreign_unique
-- error: 42809
-- setup:
CREATE FOREIGN DATA WRAPPER corpus_part_unique;
CREATE SERVER corpus_part_unique FOREIGN DATA WRAPPER corpus_part_unique;
CREATE FOREIGN TABLE events_far PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2023-02-01') SERVER corpus_part_unique;
-- up:
CREATE UNIQUE INDEX events_id ON events (id, day, kind);
-- repair:
DROP FOREIGN TABLE events_far;

-- case: part_index_bad_rows
-- error: 23505
-- setup:
INSERT INTO events SELECT 1, day, kind, 'again' FROM events WHERE id = 1;
-- up:
CREATE UNIQUE INDEX events_id ON events (id, day, kind);
-- repair:
DELETE FROM events WHERE payload = 'again';

-- case: part_index_table_in_script
-- expect: written
CREATE TABLE logs (id int, level int) PARTITION BY LIST (level);
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES IN (1);
CREATE INDEX logs_id ON logs (id);

-- case: part_index_leaf_in_script
CREATE TABLE events_0 PARTITION OF events FOR VALUES FROM ('2023-12-01') TO ('2024-01-01');
CREATE INDEX events_payload ON events (payload);

-- case: part_index_then_partition
CREATE INDEX events_payload ON events (payload);
CREATE TABLE events_0 PARTITION OF events FOR VALUES FROM ('2023-12-01') TO ('2024-01-01');
