-- ALTER COLUMN ... SET NOT NULL.

-- fixture:
CREATE TABLE users (id int PRIMARY KEY, name text, "E mail" text, age int, needed int NOT NULL);
INSERT INTO users SELECT i, 'n' || i, 'e' || i, i, i FROM generate_series(1, 1000) i;
CREATE TABLE base (id int, v int, w int);
CREATE TABLE child (x int) INHERITS (base);
CREATE TABLE grandchild () INHERITS (child);
INSERT INTO base SELECT i, i, i FROM generate_series(1, 300) i;
INSERT INTO child SELECT i, i, i, i FROM generate_series(1, 300) i;
INSERT INTO grandchild SELECT i, i, i, i FROM generate_series(1, 300) i;
CREATE TABLE parts (id int, day int, v int) PARTITION BY RANGE (day);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10) PARTITION BY LIST (id);
CREATE TABLE "Parts 1 a" (v int, day int, id int);
ALTER TABLE parts_1 ATTACH PARTITION "Parts 1 a" DEFAULT;
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20);
INSERT INTO parts SELECT i, i % 20, i FROM generate_series(1, 500) i;

-- case: not_null_plain
-- expect: rewritten
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
-- down:
ALTER TABLE users ALTER COLUMN name DROP NOT NULL;

-- case: not_null_several
-- expect: rewritten
ALTER TABLE users ALTER COLUMN name SET NOT NULL, ALTER COLUMN "E mail" SET NOT NULL, ALTER age SET NOT NULL;

-- case: not_null_one_by_one
-- expect: rewritten
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
ALTER TABLE users ALTER COLUMN age SET NOT NULL;

-- case: not_null_quoted
-- expect: rewritten
-- setup:
CREATE TABLE "Odd ""table""; --" ("Odd ""col""; --" int, "a column with a name of just sixty-three bytes, as long as it is" int, "ééééééééééééééééééééééééééééééé" int);
INSERT INTO "Odd ""table""; --" SELECT i, i, i FROM generate_series(1, 500) i;
-- up:
ALTER TABLE "Odd ""table""; --" ALTER COLUMN "Odd ""col""; --" SET NOT NULL;
ALTER TABLE "Odd ""table""; --" ALTER COLUMN "a column with a name of just sixty-three bytes, as long as it is" SET NOT NULL;
ALTER TABLE "Odd ""table""; --" ALTER COLUMN "ééééééééééééééééééééééééééééééé" SET NOT NULL;

-- case: not_null_name_taken
-- expect: rewritten
-- setup:
ALTER TABLE users ADD CONSTRAINT users_name_not_null CHECK (length(name) > 0);
-- up:
ALTER TABLE users ALTER COLUMN name SET NOT NULL;

-- case: not_null_proven
-- setup:
ALTER TABLE users ADD CONSTRAINT there CHECK (name IS NOT NULL);
-- up:
ALTER TABLE users ALTER COLUMN name SET NOT NULL;

-- case: not_null_proven_by_and
-- setup:
ALTER TABLE users ADD CONSTRAINT there CHECK (name IS NOT NULL AND age > 0);
-- up:
ALTER TABLE users ALTER COLUMN name SET NOT NULL;

-- case: not_null_not_valid_check
-- setup:
ALTER TABLE users ADD CONSTRAINT there CHECK (name IS NOT NULL) NOT VALID;
-- up:
ALTER TABLE users ALTER COLUMN name SET NOT NULL;

-- case: not_null_by_hand
-- setup:
ALTER TABLE users ADD CONSTRAINT there CHECK (name IS NOT NULL) NOT VALID;
-- up:
ALTER TABLE users VALIDATE CONSTRAINT there;
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
ALTER TABLE users DROP CONSTRAINT there;

-- case: not_null_already
ALTER TABLE users ALTER COLUMN needed SET NOT NULL;

-- case: not_null_key
ALTER TABLE users ALTER COLUMN id SET NOT NULL, ALTER COLUMN name SET NOT NULL;

-- case: not_null_inherited
-- expect: rewritten
ALTER TABLE base ALTER COLUMN v SET NOT NULL;
-- down:
ALTER TABLE base ALTER COLUMN v DROP NOT NULL;

-- case: not_null_child_has_it
-- setup:
ALTER TABLE child ALTER COLUMN v SET NOT NULL;
-- up:
ALTER TABLE base ALTER COLUMN v SET NOT NULL;

-- case: not_null_child
-- expect: rewritten
ALTER TABLE child ALTER COLUMN v SET NOT NULL;

-- case: not_null_only
ALTER TABLE ONLY base ALTER COLUMN v SET NOT NULL;

-- case: not_null_only_leaf
ALTER TABLE ONLY grandchild ALTER COLUMN v SET NOT NULL;

-- case: not_null_partitioned
-- expect: rewritten
ALTER TABLE parts ALTER COLUMN v SET NOT NULL;

-- case: not_null_partitioned_middle
-- expect: rewritten
ALTER TABLE parts_1 ALTER COLUMN v SET NOT NULL;

-- case: not_null_partition_leaf
-- expect: rewritten
ALTER TABLE "Parts 1 a" ALTER COLUMN v SET NOT NULL;

-- case: not_null_partition_key
-- expect: rewritten
ALTER TABLE parts ALTER COLUMN day SET NOT NULL;

-- case: not_null_partition_leaf_has_it
-- setup:
ALTER TABLE "Parts 1 a" ALTER COLUMN v SET NOT NULL;
-- up:
ALTER TABLE parts ALTER COLUMN v SET NOT NULL;

-- case: not_null_bad_rows
-- expect: rewritten
-- error: 23502
-- setup:
UPDATE users SET name = NULL WHERE id IN (3, 500);
-- up:
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
-- repair:
UPDATE users SET name = '' WHERE name IS NULL;

-- case: not_null_bad_rows_in_child
-- error: 23502
-- setup:
UPDATE grandchild SET v = NULL WHERE id = 3;
-- up:
ALTER TABLE base ALTER COLUMN v SET NOT NULL;
-- repair:
UPDATE grandchild SET v = 0 WHERE v IS NULL;

-- case: not_null_among_others
ALTER TABLE users ALTER COLUMN name SET DEFAULT '', ALTER COLUMN name SET NOT NULL, ADD COLUMN more int, ADD CHECK (age > 0);

-- case: not_null_of_new_column
ALTER TABLE users ADD COLUMN more int DEFAULT 3, ALTER COLUMN name SET NOT NULL;
ALTER TABLE users ALTER COLUMN more SET NOT NULL;

-- case: not_null_then_dropped
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
ALTER TABLE users ALTER COLUMN name DROP NOT NULL;

-- case: not_null_after_fill
-- setup:
UPDATE users SET name = NULL WHERE id % 3 = 0;
-- up:
UPDATE users SET name = 'none' WHERE name IS NULL;
ALTER TABLE users ALTER COLUMN name SET NOT NULL;

-- case: not_null_matview_below
-- expect: rewritten
-- setup:
CREATE VIEW names AS SELECT name FROM users;
CREATE MATERIALIZED VIEW kept AS SELECT name FROM users;
-- up:
ALTER TABLE users ALTER COLUMN name SET NOT NULL;

-- case: not_null_empty_table
-- setup:
CREATE TABLE bare (i int);
-- up:
ALTER TABLE bare ALTER COLUMN i SET NOT NULL;

-- case: not_null_row_type
-- setup:
CREATE TYPE pair AS (a int, b int);
ALTER TABLE users ADD COLUMN p pair DEFAULT ROW(1, NULL);
UPDATE users SET p = ROW(NULL, NULL);
-- up:
ALTER TABLE users ALTER COLUMN p SET NOT NULL;

-- case: not_null_named_18
-- versions: 18-
-- expect: rewritten
ALTER TABLE users ADD CONSTRAINT "Name is there" NOT NULL name;
-- down:
ALTER TABLE users DROP CONSTRAINT "Name is there";

-- case: not_null_unnamed_18
-- versions: 18-
-- expect: rewritten
ALTER TABLE users ADD NOT NULL name;

-- case: not_null_not_valid_18
-- versions: 18-
-- expect: written
ALTER TABLE users ADD CONSTRAINT there NOT NULL name NOT VALID;

-- case: not_null_set_on_not_valid_18
-- versions: 18-
-- setup:
ALTER TABLE users ADD CONSTRAINT there NOT NULL name NOT VALID;
-- up:
ALTER TABLE users ALTER COLUMN name SET NOT NULL;

-- case: not_null_validate_18
-- versions: 18-
-- setup:
ALTER TABLE users ADD CONSTRAINT there NOT NULL name NOT VALID;
-- up:
ALTER TABLE users VALIDATE CONSTRAINT there;

-- case: not_null_no_inherit_18
-- versions: 18-
-- expect: rewritten
ALTER TABLE base ADD CONSTRAINT own NOT NULL v NO INHERIT;

-- case: not_null_named_inherited_18
-- versions: 18-
-- expect: rewritten
ALTER TABLE base ADD CONSTRAINT own NOT NULL v;

-- case: not_null_inherited_named_child_18
-- versions: 18-
-- setup:
ALTER TABLE child ADD CONSTRAINT of_child NOT NULL v;
-- up:
ALTER TABLE base ALTER COLUMN v SET NOT NULL;

-- case: not_null_inherited_not_valid_child_18
-- versions: 18-
-- setup:
ALTER TABLE child ADD CONSTRAINT of_child NOT NULL v NOT VALID;
-- up:
ALTER TABLE child VALIDATE CONSTRAINT of_child;
ALTER TABLE base ALTER COLUMN v SET NOT NULL;

-- case: not_null_set_inherit_18
-- versions: 18-
-- setup:
ALTER TABLE base ADD CONSTRAINT own NOT NULL v NO INHERIT;
-- up:
ALTER TABLE base ALTER CONSTRAINT own INHERIT;

-- case: not_null_partitioned_named_18
-- versions: 18-
-- expect: rewritten
ALTER TABLE parts ADD CONSTRAINT "V is there" NOT NULL v;

-- case: not_null_proof_dropped_before
-- expect: written, rewritten, rewritten
-- setup:
ALTER TABLE users ADD CONSTRAINT there CHECK (name IS NOT NULL);
ALTER TABLE base ADD CONSTRAINT v_there CHECK (v IS NOT NULL);
-- up:
ALTER TABLE users DROP CONSTRAINT there;
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
ALTER TABLE base DROP CONSTRAINT v_there, ALTER COLUMN v SET NOT NULL;

-- case: not_null_proof_dropped_with_column
-- expect: written, rewritten
-- setup:
ALTER TABLE users ADD CONSTRAINT there CHECK (name IS NOT NULL AND age > 0);
-- up:
ALTER TABLE users DROP COLUMN age;
ALTER TABLE users ALTER COLUMN name SET NOT NULL;

-- case: not_null_other_proof_dropped
-- expect: written, written
-- setup:
ALTER TABLE users ADD CONSTRAINT there CHECK (name IS NOT NULL), ADD CONSTRAINT here CHECK (age > 0);
-- up:
ALTER TABLE users DROP CONSTRAINT here;
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
