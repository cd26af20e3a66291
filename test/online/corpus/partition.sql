-- DETACH PARTITION and ATTACH PARTITION.

-- fixture:
CREATE TABLE events (id int NOT NULL, day int NOT NULL, kind text) PARTITION BY RANGE (day);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (10);
CREATE TABLE "Events ""2""" PARTITION OF events FOR VALUES FROM (10) TO (20) PARTITION BY LIST (kind);
CREATE TABLE "Events 2 a" PARTITION OF "Events ""2""" FOR VALUES IN ('a');
CREATE TABLE events_2_rest PARTITION OF "Events ""2""" DEFAULT;
CREATE INDEX events_id ON events (id);
INSERT INTO events SELECT i, i % 20, CASE i % 2 WHEN 0 THEN 'a' ELSE 'b' END FROM generate_series(1, 1000) i;
CREATE TABLE kinds (id int, kind text) PARTITION BY LIST (kind);
CREATE TABLE kinds_a PARTITION OF kinds FOR VALUES IN ('a');
CREATE TABLE kinds_rest PARTITION OF kinds DEFAULT;
INSERT INTO kinds SELECT i, CASE i % 3 WHEN 0 THEN 'a' ELSE 'x' END FROM generate_series(1, 600) i;
CREATE TABLE hashed (id int, v text) PARTITION BY HASH (id);
CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE fresh_day (id int NOT NULL, day int NOT NULL, kind text);
INSERT INTO fresh_day SELECT i, 20 + i % 10, 'c' FROM generate_series(1, 500) i;
CREATE TABLE fresh_kind (kind text, id int);
INSERT INTO fresh_kind SELECT 'c', i FROM generate_series(1, 500) i;

-- case: detach
-- expect: rewritten
ALTER TABLE events DETACH PARTITION events_1;
-- down:
ALTER TABLE events ATTACH PARTITION events_1 FOR VALUES FROM (0) TO (10);

-- case: detach_quoted
ALTER TABLE "Events ""2""" DETACH PARTITION events_2_rest;
ALTER TABLE "Events ""2""" DETACH PARTITION "Events 2 a";

-- case: detach_with_children
-- expect: rewritten
ALTER TABLE events DETACH PARTITION "Events ""2""";

-- case: detach_with_default
ALTER TABLE kinds DETACH PARTITION kinds_a;

-- case: detach_default
ALTER TABLE kinds DETACH PARTITION kinds_rest;

-- case: detach_hash
ALTER TABLE hashed DETACH PARTITION hashed_0;

-- case: detach_concurrently_written
-- expect: written
ALTER TABLE events DETACH PARTITION events_1 CONCURRENTLY;

-- case: detach_own_check
-- setup:
ALTER TABLE events_1 ADD CONSTRAINT events_1_day_check CHECK (day < 1000);
ALTER TABLE events_1 ADD CHECK (day IS NOT NULL AND day >= 0 AND day < 10);
-- up:
ALTER TABLE events DETACH PARTITION events_1;

-- case: detach_inherited_check
-- setup:
ALTER TABLE events ADD CONSTRAINT positive CHECK (id > 0);
-- up:
ALTER TABLE events DETACH PARTITION events_1;

-- case: detach_with_keys
-- setup:
ALTER TABLE events ADD PRIMARY KEY (id, day, kind);
CREATE TABLE owners (id int PRIMARY KEY);
INSERT INTO owners SELECT generate_series(1, 1000);
ALTER TABLE events ADD FOREIGN KEY (id) REFERENCES owners;
-- up:
ALTER TABLE events DETACH PARTITION events_1;

-- case: detach_referenced
-- setup:
ALTER TABLE events ADD PRIMARY KEY (id, day, kind);
CREATE TABLE refers (id int, day int, kind text, FOREIGN KEY (id, day, kind) REFERENCES events);
INSERT INTO refers SELECT id, day, kind FROM events WHERE day >= 10;
-- up:
ALTER TABLE events DETACH PARTITION events_1;

-- case: detach_referenced_rows
-- error: 23503
-- setup:
ALTER TABLE events ADD PRIMARY KEY (id, day, kind);
CREATE TABLE refers (id int, day int, kind text, FOREIGN KEY (id, day, kind) REFERENCES events);
INSERT INTO refers SELECT id, day, kind FROM events;
-- up:
ALTER TABLE events DETACH PARTITION events_1;
-- repair:
DELETE FROM refers WHERE day < 10;

-- case: detach_multicolumn_key
-- setup:
CREATE TABLE wide (a int, b text, c int) PARTITION BY RANGE (a, lower(b));
CREATE TABLE wide_1 PARTITION OF wide FOR VALUES FROM (0, MINVALUE) TO (10, 'm');
INSERT INTO wide SELECT i % 10, 'b', i FROM generate_series(1, 300) i;
-- up:
ALTER TABLE wide DETACH PARTITION wide_1;

-- case: detach_long_name
-- setup:
CREATE TABLE events_with_a_name_of_just_sixty_three_bytes_as_long_as_it_goes PARTITION OF events FOR VALUES FROM (30) TO (40);
CREATE TABLE "éééééééééééééééééééééééééééééé" PARTITION OF events FOR VALUES FROM (40) TO (50);
-- up:
ALTER TABLE events DETACH PARTITION events_with_a_name_of_just_sixty_three_bytes_as_long_as_it_goes;
ALTER TABLE events DETACH PARTITION "éééééééééééééééééééééééééééééé";

-- case: detach_then_dropped
ALTER TABLE events DETACH PARTITION events_1;
DROP TABLE events_1;

-- case: detach_then_attached
ALTER TABLE events DETACH PARTITION events_1;
ALTER TABLE events ATTACH PARTITION events_1 FOR VALUES FROM (0) TO (10);

-- case: detach_identity_17
-- versions: 17-
-- setup:
CREATE TABLE counted (id int GENERATED ALWAYS AS IDENTITY, day int) PARTITION BY RANGE (day);
CREATE TABLE counted_1 PARTITION OF counted FOR VALUES FROM (0) TO (10);
INSERT INTO counted (day) SELECT i % 10 FROM generate_series(1, 300) i;
-- up:
ALTER TABLE counted DETACH PARTITION counted_1;

-- case: detach_triggers
-- setup:
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER noted AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION note();
-- up:
ALTER TABLE events DETACH PARTITION events_1;

-- case: detach_not_a_partition
-- error: 42P01
ALTER TABLE events DETACH PARTITION fresh_day;
-- repair:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);

-- case: attach_range
-- expect: rewritten
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);
-- down:
ALTER TABLE events DETACH PARTITION fresh_day;

-- case: attach_list
-- expect: rewritten
-- setup:
ALTER TABLE kinds DETACH PARTITION kinds_rest;
-- up:
ALTER TABLE kinds ATTACH PARTITION fresh_kind FOR VALUES IN ('c', 'd', NULL);

-- case: attach_with_default
ALTER TABLE kinds ATTACH PARTITION fresh_kind FOR VALUES IN ('c', 'd');

-- case: attach_with_default_rows
-- error: 23514
-- setup:
INSERT INTO kinds VALUES (1, 'c');
-- up:
ALTER TABLE kinds ATTACH PARTITION fresh_kind FOR VALUES IN ('c', 'd');
-- repair:
DELETE FROM kinds WHERE kind = 'c';

-- case: attach_as_default
-- setup:
ALTER TABLE kinds DETACH PARTITION kinds_rest;
-- up:
ALTER TABLE kinds ATTACH PARTITION kinds_rest DEFAULT;

-- case: attach_hash
-- setup:
CREATE TABLE hashed_1 (id int, v text);
-- up:
ALTER TABLE hashed ATTACH PARTITION hashed_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);

-- case: attach_hash_rows
-- setup:
CREATE TABLE hashed_rows (id int, v text) PARTITION BY HASH (id);
CREATE TABLE hashed_rows_0 PARTITION OF hashed_rows FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE hashed_rows_1 PARTITION OF hashed_rows FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO hashed_rows SELECT i, 'v' FROM generate_series(1, 500) i;
ALTER TABLE hashed_rows DETACH PARTITION hashed_rows_1;
-- up:
ALTER TABLE hashed_rows ATTACH PARTITION hashed_rows_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);

-- case: attach_with_check
-- setup:
ALTER TABLE fresh_day ADD CONSTRAINT in_bounds CHECK (day >= 20 AND day < 30);
-- up:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);

-- case: attach_with_not_valid_check
-- setup:
ALTER TABLE fresh_day ADD CONSTRAINT in_bounds CHECK (day >= 20 AND day < 30) NOT VALID;
-- up:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);

-- case: attach_with_indexes
-- setup:
CREATE INDEX fresh_day_by_id ON fresh_day (id);
CREATE INDEX fresh_day_other ON fresh_day (kind);
-- up:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);

-- case: attach_lacking_key
-- setup:
ALTER TABLE fresh_day ALTER COLUMN kind SET NOT NULL;
ALTER TABLE events ADD PRIMARY KEY (id, day, kind);
-- up:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);

-- case: attach_lacking_foreign_key
-- setup:
CREATE TABLE owners (id int PRIMARY KEY);
INSERT INTO owners SELECT generate_series(1, 1000);
ALTER TABLE events ADD CONSTRAINT owned FOREIGN KEY (id) REFERENCES owners;
-- up:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);

-- case: attach_partitioned
-- setup:
CREATE TABLE deep (id int NOT NULL, day int NOT NULL, kind text) PARTITION BY LIST (kind);
CREATE TABLE "Deep 1" PARTITION OF deep FOR VALUES IN ('c');
CREATE TABLE deep_rest PARTITION OF deep DEFAULT;
INSERT INTO deep SELECT i, 30 + i % 10, CASE i % 2 WHEN 0 THEN 'c' ELSE 'd' END FROM generate_series(1, 400) i;
-- up:
ALTER TABLE events ATTACH PARTITION deep FOR VALUES FROM (30) TO (40);

-- case: attach_bare
-- expect: rewritten
-- setup:
ALTER TABLE fresh_day ALTER kind SET NOT NULL;
CREATE TABLE owners (id int PRIMARY KEY, other int UNIQUE);
INSERT INTO owners SELECT i, i FROM generate_series(1, 1000) i;
ALTER TABLE events ADD PRIMARY KEY (id, day, kind);
ALTER TABLE events ADD UNIQUE (day, kind, id) INCLUDE (kind) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX ON events (kind COLLATE "C" DESC) WITH (fillfactor = 70);
CREATE INDEX ON events (lower(kind), (id + day), upper(kind)) WHERE id > 10;
CREATE UNIQUE INDEX ON events (day, id, kind) NULLS NOT DISTINCT;
ALTER TABLE events ADD CONSTRAINT owned FOREIGN KEY (id) REFERENCES owners ON DELETE CASCADE DEFERRABLE;
ALTER TABLE events ADD FOREIGN KEY (id) REFERENCES owners (other) MATCH FULL ON UPDATE SET NULL;
-- up:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);

-- case: attach_bare_names_taken
-- expect: rewritten
-- setup:
ALTER TABLE fresh_day ALTER kind SET NOT NULL;
CREATE TABLE owners (id int PRIMARY KEY);
INSERT INTO owners SELECT generate_series(1, 1000);
ALTER TABLE events ADD PRIMARY KEY (id, day, kind);
ALTER TABLE events ADD CONSTRAINT owned FOREIGN KEY (id) REFERENCES owners;
CREATE TABLE fresh_day_pkey (i int);
CREATE SEQUENCE fresh_day_id_idx;
CREATE INDEX ON events (id);
ALTER TABLE fresh_day ADD CONSTRAINT owned CHECK (id > 0);
-- up:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);

-- case: attach_has_some
-- expect: rewritten
-- setup:
ALTER TABLE fresh_day ALTER kind SET NOT NULL;
CREATE TABLE owners (id int PRIMARY KEY);
INSERT INTO owners SELECT generate_series(1, 1000);
ALTER TABLE events ADD PRIMARY KEY (id, day, kind);
ALTER TABLE events ADD UNIQUE (day, id, kind);
ALTER TABLE events ADD CONSTRAINT owned FOREIGN KEY (id) REFERENCES owners;
CREATE UNIQUE INDEX own_unique ON fresh_day (day, id, kind);
ALTER TABLE fresh_day ADD CONSTRAINT own_key UNIQUE (id, day, kind);
ALTER TABLE fresh_day ADD CONSTRAINT own_owner FOREIGN KEY (id) REFERENCES owners;
CREATE INDEX own_id ON fresh_day (id DESC);
-- up:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);

-- case: attach_has_key_for_unique
-- setup:
ALTER TABLE fresh_day ALTER kind SET NOT NULL;
ALTER TABLE events ADD UNIQUE (day, id, kind);
ALTER TABLE fresh_day ADD CONSTRAINT own_key PRIMARY KEY (day, id, kind);
-- up:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);

-- case: attach_bare_to_partitioned
-- setup:
CREATE TABLE owners (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE owners_1 PARTITION OF owners FOR VALUES FROM (0) TO (300);
CREATE TABLE owners_2 PARTITION OF owners FOR VALUES FROM (300) TO (2000);
INSERT INTO owners SELECT generate_series(1, 1000);
ALTER TABLE events ADD CONSTRAINT owned FOREIGN KEY (id) REFERENCES owners;
-- up:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);

-- case: attach_bare_referenced
-- setup:
ALTER TABLE fresh_day ALTER kind SET NOT NULL;
ALTER TABLE events ADD PRIMARY KEY (id, day, kind);
CREATE TABLE refers (id int, day int, kind text, FOREIGN KEY (id, day, kind) REFERENCES events);
INSERT INTO refers SELECT id, day, kind FROM events;
-- up:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);

-- case: attach_bare_nullable_key
-- error: 42804
-- setup:
ALTER TABLE events ADD PRIMARY KEY (id, day, kind);
-- up:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);
-- repair:
ALTER TABLE fresh_day ALTER COLUMN kind SET NOT NULL;

-- case: attach_bare_duplicates
-- error: 23505
-- setup:
ALTER TABLE fresh_day ALTER kind SET NOT NULL;
ALTER TABLE events ADD PRIMARY KEY (id, day, kind);
INSERT INTO fresh_day VALUES (1, 25, 'c'), (1, 25, 'c');
-- up:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);
-- repair:
DELETE FROM fresh_day WHERE id = 1;

-- case: attach_bare_orphans
-- error: 23503
-- setup:
CREATE TABLE owners (id int PRIMARY KEY);
INSERT INTO owners SELECT generate_series(1, 1000);
ALTER TABLE events ADD CONSTRAINT owned FOREIGN KEY (id) REFERENCES owners;
INSERT INTO fresh_day VALUES (5000, 25, 'c');
-- up:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);
-- repair:
DELETE FROM fresh_day WHERE id = 5000;

-- case: attach_bare_two
-- setup:
ALTER TABLE fresh_day ALTER kind SET NOT NULL;
ALTER TABLE events ADD PRIMARY KEY (id, day, kind);
CREATE INDEX ON events (kind, lower(kind));
CREATE TABLE fresh_day_2 (kind text, spare int, day int NOT NULL, id int NOT NULL);
ALTER TABLE fresh_day_2 ALTER kind SET NOT NULL;
ALTER TABLE fresh_day_2 DROP COLUMN spare;
INSERT INTO fresh_day_2 SELECT 'd', 30 + i % 10, i FROM generate_series(1, 500) i;
-- up:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);
ALTER TABLE events ATTACH PARTITION fresh_day_2 FOR VALUES FROM (30) TO (40);
-- down:
ALTER TABLE events DETACH PARTITION fresh_day_2;
ALTER TABLE events DETACH PARTITION fresh_day;

-- case: attach_bare_tablespace
-- setup:
CREATE INDEX ON events (kind) TABLESPACE corpus_space;
-- up:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);

-- case: attach_bare_partitioned
-- setup:
ALTER TABLE fresh_day ALTER kind SET NOT NULL;
CREATE TABLE owners (id int PRIMARY KEY);
INSERT INTO owners SELECT generate_series(1, 1000);
ALTER TABLE events ADD PRIMARY KEY (id, day, kind);
CREATE INDEX ON events (lower(kind), id);
ALTER TABLE events ADD CONSTRAINT owned FOREIGN KEY (id) REFERENCES owners;
CREATE TABLE deep (id int NOT NULL, day int NOT NULL, kind text NOT NULL) PARTITION BY LIST (kind);
CREATE TABLE "Deep 1" PARTITION OF deep FOR VALUES IN ('c');
CREATE TABLE deep_rest PARTITION OF deep DEFAULT;
CREATE INDEX own_index ON "Deep 1" (lower(kind), id);
INSERT INTO deep SELECT i, 30 + i % 10, CASE i % 2 WHEN 0 THEN 'c' ELSE 'd' END FROM generate_series(1, 400) i;
-- up:
ALTER TABLE events ATTACH PARTITION deep FOR VALUES FROM (30) TO (40);

-- case: attach_partitioned_rows
-- error: 23514
-- setup:
CREATE TABLE deep (id int NOT NULL, day int NOT NULL, kind text) PARTITION BY LIST (kind);
CREATE TABLE deep_rest PARTITION OF deep DEFAULT;
INSERT INTO deep VALUES (1, 30, 'c'), (2, 40, 'd');
-- up:
ALTER TABLE events ATTACH PARTITION deep FOR VALUES FROM (30) TO (40);
-- repair:
DELETE FROM deep WHERE day = 40;

-- case: attach_to_middle
-- setup:
ALTER TABLE "Events ""2""" DETACH PARTITION events_2_rest;
DELETE FROM events_2_rest WHERE kind <> 'b';
-- up:
ALTER TABLE "Events ""2""" ATTACH PARTITION events_2_rest FOR VALUES IN ('b');

-- case: attach_bad_rows
-- error: 23514
-- setup:
INSERT INTO fresh_day VALUES (1, 35, 'c');
-- up:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);
-- repair:
DELETE FROM fresh_day WHERE day = 35;

-- case: attach_overlapping
-- error: 42P17
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (15) TO (30);
-- repair:
ALTER TABLE events DETACH PARTITION "Events ""2""";
UPDATE fresh_day SET day = 16;

-- case: attach_lacking_check
-- expect: written
-- error: 42804
-- setup:
ALTER TABLE events ADD CONSTRAINT positive CHECK (id > 0);
-- up:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);
-- repair:
ALTER TABLE fresh_day ADD CONSTRAINT positive CHECK (id > 0);

-- case: attach_quoted
-- setup:
CREATE TABLE quoted ("Odd ""k""" text, v int) PARTITION BY LIST ("Odd ""k""");
CREATE TABLE "Quoted ""1""; --" (v int, "Odd ""k""" text);
INSERT INTO "Quoted ""1""; --" SELECT i, 'it''s; --' FROM generate_series(1, 300) i;
-- up:
ALTER TABLE quoted ATTACH PARTITION "Quoted ""1""; --" FOR VALUES IN ('it''s; --');

-- case: attach_multicolumn
-- setup:
CREATE TABLE wide (a int, b timestamptz, c text) PARTITION BY RANGE (a, b, lower(c));
CREATE TABLE wide_1 (a int, b timestamptz, c text);
INSERT INTO wide_1 SELECT i % 10, '2024-01-01', 'c' FROM generate_series(1, 300) i;
-- up:
ALTER TABLE wide ATTACH PARTITION wide_1 FOR VALUES FROM (0, MINVALUE, MINVALUE) TO (10, '2024-06-01 00:00+02', 'm');

-- case: attach_bounds_unbounded
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (MAXVALUE);

-- case: attach_in_script
-- expect: written
CREATE TABLE events_3 (LIKE events);
ALTER TABLE events ATTACH PARTITION events_3 FOR VALUES FROM (50) TO (60);

-- case: attach_in_script_filled
CREATE TABLE events_3 (LIKE events INCLUDING ALL);
INSERT INTO events_3 SELECT i, 50, 'x' FROM generate_series(1, 300) i;
ALTER TABLE events ATTACH PARTITION events_3 FOR VALUES FROM (50) TO (60);

-- case: attach_schemas
-- setup:
CREATE SCHEMA attach_schemas__archive;
ALTER TABLE fresh_day SET SCHEMA attach_schemas__archive;
-- up:
ALTER TABLE attach_schemas.events ATTACH PARTITION attach_schemas__archive.fresh_day FOR VALUES FROM (20) TO (30);
ALTER TABLE attach_schemas.events DETACH PARTITION events_1;

-- case: attach_lacks_not_null
-- expect: written
-- error: 42804
-- setup:
ALTER TABLE fresh_day ALTER COLUMN id DROP NOT NULL;
-- up:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);

-- case: attach_has_more_columns
-- expect: written
-- error: 42804
-- setup:
ALTER TABLE fresh_day ADD COLUMN more int;
-- up:
ALTER TABLE events ATTACH PARTITION fresh_day FOR VALUES FROM (20) TO (30);
