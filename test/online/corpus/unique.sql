-- ADD UNIQUE and ADD PRIMARY KEY; EXCLUDE and WITHOUT OVERLAPS, which stay as written.

-- fixture:
CREATE TABLE users (id bigint NOT NULL, email text NOT NULL, code text, "Odd col" int, during int4range);
INSERT INTO users SELECT i, 'user' || i, CASE WHEN i % 3 = 0 THEN 'c' || i END, i, int4range(i * 10, i * 10 + 5) FROM generate_series(1, 1000) i;
CREATE TABLE maybe (a int, b int, c text);
INSERT INTO maybe SELECT i, i + 1, 'c' || i FROM generate_series(1, 500) i;
CREATE TABLE parts (id int NOT NULL, day int NOT NULL, v text) PARTITION BY RANGE (day);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10) PARTITION BY LIST (id);
CREATE TABLE "Parts 1 a" (v text, day int NOT NULL, id int NOT NULL);
ALTER TABLE parts_1 ATTACH PARTITION "Parts 1 a" DEFAULT;
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20);
INSERT INTO parts SELECT i, i % 20, 'v' || i FROM generate_series(1, 500) i;

-- case: unique_named
-- expect: rewritten
ALTER TABLE users ADD CONSTRAINT one_email UNIQUE (email);
-- down:
ALTER TABLE users DROP CONSTRAINT one_email;

-- case: unique_unnamed
-- expect: rewritten
ALTER TABLE users ADD UNIQUE (email);
-- down:
ALTER TABLE users DROP CONSTRAINT users_email_key;

-- case: unique_unnamed_twice
ALTER TABLE users ADD UNIQUE (email);
ALTER TABLE users ADD UNIQUE (email);

-- case: unique_unnamed_taken
-- expect: rewritten
-- setup:
CREATE TABLE users_email_key (i int);
ALTER TABLE users ADD CONSTRAINT users_email_key1 CHECK (id > 0);
-- up:
ALTER TABLE users ADD UNIQUE (email);

-- case: unique_several_columns
-- expect: rewritten
ALTER TABLE users ADD UNIQUE (email, code, "Odd col");

-- case: unique_include
-- expect: rewritten
ALTER TABLE users ADD UNIQUE (email) INCLUDE (code, "Odd col");
ALTER TABLE users ADD CONSTRAINT with_code UNIQUE (id) INCLUDE (code);

-- case: unique_nulls_not_distinct
-- expect: rewritten
ALTER TABLE users ADD UNIQUE NULLS NOT DISTINCT (id, code);

-- case: unique_nulls_distinct
-- expect: rewritten
ALTER TABLE users ADD UNIQUE NULLS DISTINCT (code);

-- case: unique_nulls_not_distinct_bad_rows
-- expect: rewritten
-- error: 23505
ALTER TABLE users ADD CONSTRAINT one_code UNIQUE NULLS NOT DISTINCT (code);
-- repair:
UPDATE users SET code = 'c' || id;

-- case: unique_deferrable
-- expect: rewritten
ALTER TABLE users ADD UNIQUE (email) DEFERRABLE;

-- case: unique_deferred
-- expect: rewritten
ALTER TABLE users ADD CONSTRAINT one_email UNIQUE (email) DEFERRABLE INITIALLY DEFERRED;

-- case: unique_using_index
-- expect: written
-- setup:
CREATE UNIQUE INDEX users_email ON users (email);
-- up:
ALTER TABLE users ADD CONSTRAINT one_email UNIQUE USING INDEX users_email;

-- case: unique_tablespace
-- expect: rewritten
ALTER TABLE users ADD UNIQUE (email) USING INDEX TABLESPACE corpus_space;

-- case: unique_with
-- expect: rewritten
ALTER TABLE users ADD UNIQUE (email) WITH (fillfactor = 70, deduplicate_items = off) USING INDEX TABLESPACE corpus_space;

-- case: unique_default_tablespace
SET default_tablespace = corpus_space;
ALTER TABLE users ADD UNIQUE (email);

-- case: unique_quoted
-- expect: rewritten
ALTER TABLE users ADD CONSTRAINT "Odd ""key""; --" UNIQUE ("Odd col");
ALTER TABLE users ADD UNIQUE ("Odd col", id);

-- case: unique_long_names
-- expect: rewritten
-- setup:
CREATE TABLE "users with a name of just sixty-three bytes, as long as it maybe" ("a column with a name of just sixty-three bytes, as long as it is" int, "éééééééééééééééééééééééééééééé" int);
INSERT INTO "users with a name of just sixty-three bytes, as long as it maybe" SELECT i, i FROM generate_series(1, 500) i;
-- up:
ALTER TABLE "users with a name of just sixty-three bytes, as long as it maybe" ADD UNIQUE ("a column with a name of just sixty-three bytes, as long as it is");
ALTER TABLE "users with a name of just sixty-three bytes, as long as it maybe" ADD UNIQUE ("éééééééééééééééééééééééééééééé");
ALTER TABLE "users with a name of just sixty-three bytes, as long as it maybe" ADD CONSTRAINT unique_23456789_123456789_123456789_123456789_123456789_1234567890 UNIQUE ("éééééééééééééééééééééééééééééé");

-- case: unique_bad_rows
-- expect: rewritten
-- error: 23505
-- setup:
UPDATE users SET email = 'user1' WHERE id = 2;
-- up:
ALTER TABLE users ADD CONSTRAINT one_email UNIQUE (email);
-- repair:
UPDATE users SET email = 'user2' WHERE id = 2;

-- case: unique_bad_rows_unnamed
-- expect: rewritten
-- error: 23505
-- setup:
UPDATE users SET email = 'user1' WHERE id = 2;
-- up:
ALTER TABLE users ADD UNIQUE (email);
-- repair:
UPDATE users SET email = 'user2' WHERE id = 2;

-- case: unique_name_taken
-- error: 42P07
-- setup:
CREATE TABLE one_email (i int);
-- up:
ALTER TABLE users ADD CONSTRAINT one_email UNIQUE (email);
-- repair:
DROP TABLE one_email;

-- case: unique_several_commands
-- expect: rewritten
ALTER TABLE users ADD UNIQUE (email), ADD CONSTRAINT odd UNIQUE ("Odd col");

-- case: unique_and_others
ALTER TABLE users ADD COLUMN extra int, ADD UNIQUE (email), ALTER COLUMN code SET DEFAULT 'none', ADD CHECK (id > 0);

-- case: unique_replaced
-- setup:
ALTER TABLE users ADD CONSTRAINT one UNIQUE (email);
-- up:
ALTER TABLE users DROP CONSTRAINT one, ADD CONSTRAINT one UNIQUE (email, id);

-- case: unique_of_column_of_one_statement
ALTER TABLE users ADD COLUMN extra int, ADD UNIQUE (extra);

-- case: unique_add_column
ALTER TABLE users ADD COLUMN extra int UNIQUE;

-- case: unique_add_column_named
ALTER TABLE users ADD COLUMN extra int CONSTRAINT "Extra once" UNIQUE DEFERRABLE INITIALLY DEFERRED;

-- case: unique_inherited
-- expect: rewritten
-- setup:
CREATE TABLE admins () INHERITS (users);
-- up:
ALTER TABLE users ADD UNIQUE (email);

-- case: unique_partitioned
-- expect: rewritten
ALTER TABLE parts ADD CONSTRAINT parts_once UNIQUE (id, day);
-- down:
ALTER TABLE parts DROP CONSTRAINT parts_once;

-- case: unique_partitioned_unnamed
-- expect: rewritten
ALTER TABLE parts ADD UNIQUE (day, id);
ALTER TABLE parts ADD UNIQUE (v, id, day) INCLUDE (v);

-- case: unique_partitioned_middle
ALTER TABLE parts_1 ADD UNIQUE (v, id);

-- case: unique_partitioned_leaf
-- expect: rewritten
ALTER TABLE "Parts 1 a" ADD UNIQUE (v);

-- case: unique_partitioned_leaf_has_index
-- setup:
CREATE UNIQUE INDEX own ON parts_2 (id, day);
-- up:
ALTER TABLE parts ADD CONSTRAINT parts_once UNIQUE (id, day);

-- case: unique_partitioned_leaf_has_constraint
-- setup:
ALTER TABLE parts_2 ADD CONSTRAINT own UNIQUE (id, day);
-- up:
ALTER TABLE parts ADD CONSTRAINT parts_once UNIQUE (id, day);

-- case: unique_partitioned_middle_has_constraint
-- setup:
ALTER TABLE parts_1 ADD CONSTRAINT middle UNIQUE (id, day);
-- up:
ALTER TABLE parts ADD CONSTRAINT parts_once UNIQUE (id, day);

-- case: unique_partitioned_leaf_has_key
-- setup:
ALTER TABLE parts_2 ADD CONSTRAINT own PRIMARY KEY (id, day);
-- up:
ALTER TABLE parts ADD CONSTRAINT parts_once UNIQUE (id, day);

-- case: key_partitioned_leaf_has_constraint
-- setup:
ALTER TABLE parts_2 ADD CONSTRAINT own UNIQUE (id, day);
-- up:
ALTER TABLE parts ADD PRIMARY KEY (id, day);

-- case: unique_partitioned_twice
-- expect: rewritten
ALTER TABLE parts ADD UNIQUE (id, day);
ALTER TABLE parts ADD UNIQUE (id, day);

-- case: unique_partitioned_named_as_leaf
ALTER TABLE parts ADD CONSTRAINT parts_2_id_day_key UNIQUE (id, day);

-- case: unique_partitioned_foreign_leaf
-- error: 42809
-- setup:
CREATE FOREIGN DATA WRAPPER corpus_unique;
CREATE SERVER corpus_unique FOREIGN DATA WRAPPER corpus_unique;
CREATE FOREIGN TABLE parts_far PARTITION OF parts FOR VALUES FROM (1000) TO (2000) SERVER corpus_unique;
-- up:
ALTER TABLE parts ADD UNIQUE (id, day);
-- repair:
DROP FOREIGN TABLE parts_far;

-- case: unique_partitioned_deferrable
ALTER TABLE parts ADD CONSTRAINT parts_once UNIQUE (id, day) DEFERRABLE INITIALLY DEFERRED;

-- case: unique_then_referenced
ALTER TABLE users ADD UNIQUE (email);
CREATE TABLE mails (email text REFERENCES users (email));
ALTER TABLE users REPLICA IDENTITY USING INDEX users_email_key;

-- case: unique_index_name_is_constraint_of_other
-- setup:
CREATE INDEX users_email_key ON maybe (a);
-- up:
ALTER TABLE users ADD UNIQUE (email);

-- case: unique_unlogged_table_in_script
-- expect: written
CREATE UNLOGGED TABLE fresh (i int);
ALTER TABLE fresh ADD UNIQUE (i);
ALTER TABLE fresh ADD COLUMN j int PRIMARY KEY;

-- case: key_named
-- expect: rewritten
ALTER TABLE users ADD CONSTRAINT the_key PRIMARY KEY (id);
-- down:
ALTER TABLE users DROP CONSTRAINT the_key;

-- case: key_unnamed
-- expect: rewritten
ALTER TABLE users ADD PRIMARY KEY (id);

-- case: key_several_columns
-- expect: rewritten
ALTER TABLE users ADD PRIMARY KEY (email, id);

-- case: key_nullable
-- expect: rewritten
ALTER TABLE maybe ADD PRIMARY KEY (a);
-- down:
ALTER TABLE maybe DROP CONSTRAINT maybe_pkey;

-- case: key_nullable_several
-- expect: rewritten
ALTER TABLE maybe ADD CONSTRAINT "Key of maybe" PRIMARY KEY (a, b) INCLUDE (c);

-- case: key_nullable_bad_rows
-- error: 23502
-- setup:
UPDATE maybe SET a = NULL WHERE a = 5;
-- up:
ALTER TABLE maybe ADD PRIMARY KEY (a);
-- repair:
UPDATE maybe SET a = 5 WHERE a IS NULL;

-- case: key_bad_rows
-- error: 23505
-- setup:
UPDATE maybe SET a = 6 WHERE a = 5;
-- up:
ALTER TABLE maybe ADD PRIMARY KEY (a);
-- repair:
UPDATE maybe SET a = 5 WHERE b = 6;

-- case: key_include
-- expect: rewritten
ALTER TABLE users ADD PRIMARY KEY (id) INCLUDE (email, code);

-- case: key_deferrable
-- expect: rewritten
ALTER TABLE users ADD PRIMARY KEY (id) DEFERRABLE INITIALLY DEFERRED;

-- case: key_options
-- expect: rewritten
ALTER TABLE users ADD PRIMARY KEY (id) WITH (fillfactor = 80) USING INDEX TABLESPACE corpus_space;

-- case: key_using_index
-- setup:
CREATE UNIQUE INDEX users_id ON users (id);
-- up:
ALTER TABLE users ADD CONSTRAINT users_pk PRIMARY KEY USING INDEX users_id;

-- case: key_using_index_nullable
-- setup:
CREATE UNIQUE INDEX maybe_ab ON maybe (a, b);
-- up:
ALTER TABLE maybe ADD PRIMARY KEY USING INDEX maybe_ab;

-- case: key_second
-- expect: written
-- error: 42P16
-- setup:
ALTER TABLE users ADD PRIMARY KEY (email);
-- up:
ALTER TABLE users ADD CONSTRAINT the_key PRIMARY KEY (id);
-- repair:
ALTER TABLE users DROP CONSTRAINT users_pkey;
ALTER TABLE users ALTER COLUMN email DROP NOT NULL;

-- case: key_replaced
-- setup:
ALTER TABLE users ADD PRIMARY KEY (email);
-- up:
ALTER TABLE users DROP CONSTRAINT users_pkey, ADD PRIMARY KEY (id);

-- case: key_replaced_in_two
-- setup:
ALTER TABLE users ADD PRIMARY KEY (email);
-- up:
ALTER TABLE users DROP CONSTRAINT users_pkey;
ALTER TABLE users ADD PRIMARY KEY (id);

-- case: key_partitioned
-- expect: rewritten
ALTER TABLE parts ADD PRIMARY KEY (id, day);

-- case: key_partitioned_nullable
-- setup:
ALTER TABLE parts ALTER COLUMN id DROP NOT NULL;
ALTER TABLE parts_1 ALTER COLUMN id DROP NOT NULL;
ALTER TABLE parts_2 ALTER COLUMN id DROP NOT NULL;
ALTER TABLE "Parts 1 a" ALTER COLUMN id DROP NOT NULL;
-- up:
ALTER TABLE parts ADD CONSTRAINT the_key PRIMARY KEY (day, id);

-- case: key_inherited
-- setup:
CREATE TABLE maybe_more () INHERITS (maybe);
INSERT INTO maybe_more SELECT i, i, 'm' FROM generate_series(1, 100) i;
-- up:
ALTER TABLE maybe ADD PRIMARY KEY (a);

-- case: key_add_column_serial
-- random: users.nr
ALTER TABLE users ADD COLUMN nr bigserial PRIMARY KEY;
-- check:
SELECT count(DISTINCT nr) = 1000 AND count(nr) = 1000 FROM users;

-- case: key_add_column_identity
-- random: users.nr
ALTER TABLE users ADD COLUMN nr int GENERATED ALWAYS AS IDENTITY PRIMARY KEY;
-- check:
SELECT count(DISTINCT nr) = 1000 AND count(nr) = 1000 FROM users;

-- case: key_of_identity_column
-- expect: rewritten
-- setup:
ALTER TABLE users ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY;
-- up:
ALTER TABLE users ADD PRIMARY KEY (id);

-- case: key_named_not_null_18
-- versions: 18-
-- setup:
ALTER TABLE maybe ADD CONSTRAINT "A is there" NOT NULL a;
-- up:
ALTER TABLE maybe ADD PRIMARY KEY (a, b);

-- case: key_not_valid_not_null_18
-- versions: 18-
-- error: 55000
-- setup:
ALTER TABLE maybe ADD CONSTRAINT "A is there" NOT NULL a NOT VALID;
-- up:
ALTER TABLE maybe ADD PRIMARY KEY (a, b);
-- repair:
ALTER TABLE maybe VALIDATE CONSTRAINT "A is there";

-- case: exclude
-- expect: written
ALTER TABLE users ADD EXCLUDE USING gist (during WITH &&);

-- case: exclude_partial
-- expect: written
ALTER TABLE users ADD CONSTRAINT apart EXCLUDE USING gist (during WITH &&) WHERE (id > 10) DEFERRABLE;

-- case: without_overlaps_18
-- versions: 18-
-- expect: written
-- setup:
CREATE TABLE rooms (room int4range, during int4range);
INSERT INTO rooms SELECT int4range(i, i + 1), int4range(1, 5) FROM generate_series(1, 300) i;
-- up:
ALTER TABLE rooms ADD PRIMARY KEY (room, during WITHOUT OVERLAPS);

-- case: unique_without_overlaps_18
-- versions: 18-
-- expect: written
-- setup:
CREATE TABLE rooms (room int4range, during int4range);
INSERT INTO rooms SELECT int4range(i, i + 1), int4range(1, 5) FROM generate_series(1, 300) i;
-- up:
ALTER TABLE rooms ADD UNIQUE (room, during WITHOUT OVERLAPS);

-- case: unique_other_primary_key
-- expect: written, rewritten, rewritten
-- setup:
ALTER TABLE users ADD PRIMARY KEY (id);
ALTER TABLE maybe ADD PRIMARY KEY (a);
-- up:
ALTER TABLE users DROP CONSTRAINT users_pkey;
ALTER TABLE users ADD PRIMARY KEY (email);
ALTER TABLE maybe DROP CONSTRAINT maybe_pkey, ADD PRIMARY KEY (b);

-- case: unique_partitioned_without_its_key
-- expect: written
-- error: 0A000
ALTER TABLE parts ADD UNIQUE (day);
