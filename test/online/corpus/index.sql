-- CREATE INDEX on tables and materialized views.

-- fixture:
CREATE TABLE users (id bigint PRIMARY KEY, gone int, email text NOT NULL, name varchar(50), age int, tags text[], doc jsonb,
    place point, during int4range, joined timestamptz NOT NULL, code text);
ALTER TABLE users DROP COLUMN gone;
INSERT INTO users SELECT i, 'user' || i || '@example.org', 'Name ' || i % 97, i % 80, ARRAY['t' || i % 7, 't' || i % 11], jsonb_build_object('n', i),
    point(i % 100, i / 100), int4range(i, i + 5), '2024-01-01 00:00+00'::timestamptz + i * interval '1 hour', CASE WHEN i % 3 = 0 THEN 'c' || i END
    FROM generate_series(1, 1000) i;

-- case: index_plain
-- expect: rewritten
CREATE INDEX users_age ON users (age);
-- down:
DROP INDEX users_age;

-- case: index_unnamed
-- expect: rewritten
CREATE INDEX ON users (age);
-- down:
DROP INDEX users_age_idx;

-- case: index_unnamed_twice
-- expect: rewritten
CREATE INDEX ON users (age);
CREATE INDEX ON users (age);
CREATE INDEX ON users (age, name);

-- case: index_unnamed_taken
-- expect: rewritten
-- setup:
CREATE SEQUENCE users_age_idx;
CREATE TYPE users_age_idx1 AS (i int);
-- up:
CREATE INDEX ON users (age);

-- case: index_unnamed_expressions
-- expect: rewritten
CREATE INDEX ON users (lower(email));
CREATE INDEX ON users ((age + 1), name, (age + 2));
CREATE INDEX ON users ((doc ->> 'n'));
CREATE INDEX ON users (upper(name), lower(email));

-- case: index_unique
-- expect: rewritten
CREATE UNIQUE INDEX users_email ON users (email);
-- down:
DROP INDEX users_email;

-- case: index_unique_nulls_not_distinct
-- expect: rewritten
CREATE UNIQUE INDEX users_code ON users (code, id) NULLS NOT DISTINCT;

-- case: index_unique_nulls_distinct
-- expect: rewritten
CREATE UNIQUE INDEX users_code ON users (code) NULLS DISTINCT;

-- case: index_unique_bad_rows
-- expect: rewritten
-- error: 23505
CREATE UNIQUE INDEX users_name ON users (name);
-- repair:
UPDATE users SET name = 'Name of ' || id;

-- case: index_partial
-- expect: rewritten
CREATE INDEX users_adults ON users (name) WHERE age >= 18 AND email IS NOT NULL;

-- case: index_unique_partial
-- expect: rewritten
CREATE UNIQUE INDEX users_code ON users (code) WHERE code IS NOT NULL;

-- case: index_expression
-- expect: rewritten
CREATE UNIQUE INDEX users_email_lower ON users (lower(email));

-- case: index_own_function
-- expect: rewritten
-- setup:
CREATE FUNCTION slug(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN lower(replace($1, ' ', '-')); END $$;
-- up:
CREATE INDEX users_slug ON users (slug(name)) WHERE slug(name) <> '';

-- case: index_function_made_in_script
-- expect: written, rewritten
CREATE FUNCTION slug(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
CREATE INDEX users_slug ON users (slug(name));

-- case: index_opclass
-- expect: rewritten
CREATE INDEX users_name ON users (name varchar_pattern_ops, email text_pattern_ops DESC);

-- case: index_opclass_options
-- expect: rewritten
CREATE INDEX users_words ON users USING gist (to_tsvector('simple', name) tsvector_ops (siglen = 100));

-- case: index_own_opclass
-- expect: rewritten
-- setup:
CREATE OPERATOR CLASS "Odd ops" FOR TYPE int4 USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(int4, int4);
-- up:
CREATE INDEX users_age ON users (age "Odd ops");

-- case: index_collation
-- expect: rewritten
-- setup:
CREATE COLLATION "Odd ""C""" (LOCALE = 'C');
-- up:
CREATE INDEX users_name_c ON users (name COLLATE "C", email COLLATE "Odd ""C""" DESC);

-- case: index_include
-- expect: rewritten
CREATE UNIQUE INDEX users_email ON users (email) INCLUDE (name, age);

-- case: index_order
-- expect: rewritten
CREATE INDEX users_order ON users (age DESC NULLS LAST, name ASC NULLS FIRST, joined DESC);

-- case: index_tablespace
-- expect: rewritten
CREATE INDEX users_age ON users (age) TABLESPACE corpus_space;

-- case: index_default_tablespace
-- expect: written, rewritten
SET default_tablespace = corpus_space;
CREATE INDEX users_age ON users (age);

-- case: index_fillfactor
-- expect: rewritten
CREATE INDEX users_age ON users (age) WITH (fillfactor = 70, deduplicate_items = off);

-- case: index_hash
-- expect: rewritten
CREATE INDEX users_email ON users USING hash (email) WITH (fillfactor = 60);

-- case: index_gist
-- expect: rewritten
CREATE INDEX users_place ON users USING gist (place, during) WITH (buffering = on);

-- case: index_spgist
-- expect: rewritten
CREATE INDEX users_place ON users USING spgist (place kd_point_ops);

-- case: index_gin
-- expect: rewritten
CREATE INDEX users_tags ON users USING gin (tags) WITH (fastupdate = off, gin_pending_list_limit = 128);
CREATE INDEX users_doc ON users USING gin (doc jsonb_path_ops);

-- case: index_brin
-- expect: rewritten
CREATE INDEX users_joined ON users USING brin (joined timestamptz_minmax_multi_ops (values_per_range = 16)) WITH (pages_per_range = 4, autosummarize = on);

-- case: index_if_not_exists
-- expect: rewritten
CREATE INDEX IF NOT EXISTS users_age ON users (age);

-- case: index_if_not_exists_there
CREATE INDEX IF NOT EXISTS users_age ON users (age);
-- setup:
CREATE INDEX users_age ON users (age);

-- case: index_if_not_exists_other_there
CREATE INDEX IF NOT EXISTS users_age ON users (age);
-- setup:
CREATE INDEX users_age ON users (name);

-- case: index_if_not_exists_table_there
CREATE INDEX IF NOT EXISTS users_age ON users (age);
-- setup:
CREATE TABLE users_age (i int);

-- case: index_name_taken
-- error: 42P07
CREATE INDEX users_age ON users (age);
-- setup:
CREATE VIEW users_age AS SELECT 1 AS one;
-- repair:
DROP VIEW users_age;

-- case: index_quoted
-- expect: rewritten
-- setup:
CREATE TABLE "My ""Table"" (x); --" ("Quoted ""Col""" int, "select" text, "Ünïcode 列" text);
INSERT INTO "My ""Table"" (x); --" SELECT i, 't' || i, 'u' || i FROM generate_series(1, 500) i;
-- up:
CREATE INDEX "Weird ""idx"" $$; DROP TABLE users; --" ON "My ""Table"" (x); --" ("Quoted ""Col""", "select" DESC);
CREATE INDEX ON "My ""Table"" (x); --" ("Ünïcode 列");

-- case: index_63_bytes
-- expect: rewritten
CREATE INDEX users_age_23456789_123456789_123456789_123456789_123456789_1234 ON users (age);

-- case: index_too_long
-- expect: rewritten
CREATE INDEX users_name_23456789_123456789_123456789_123456789_123456789_1234_and_more ON users (name);

-- case: index_multibyte_too_long
-- expect: rewritten
CREATE INDEX "ééééééééééééééééééééééééééééééééééééééééé" ON users (name);

-- case: index_unnamed_long_table
-- expect: rewritten
-- setup:
CREATE TABLE "a table with a name of just sixty-three bytes, as long as it goe" (id int, "a column with a name of just sixty-three bytes, as long as it is" int);
CREATE TABLE "ééééééééééééééééééééééééééééééé" ("éééééééééééééééééééééééééééééé" int);
INSERT INTO "a table with a name of just sixty-three bytes, as long as it goe" SELECT i, i FROM generate_series(1, 500) i;
-- up:
CREATE INDEX ON "a table with a name of just sixty-three bytes, as long as it goe" ("a column with a name of just sixty-three bytes, as long as it is");
CREATE INDEX ON "a table with a name of just sixty-three bytes, as long as it goe" (id, "a column with a name of just sixty-three bytes, as long as it is");
CREATE INDEX ON "ééééééééééééééééééééééééééééééé" ("éééééééééééééééééééééééééééééé");

-- case: index_matview
-- expect: rewritten
-- setup:
CREATE MATERIALIZED VIEW ages AS SELECT age, count(*) AS users FROM users GROUP BY age;
-- up:
CREATE UNIQUE INDEX ages_age ON ages (age);
CREATE INDEX ON ages (users);

-- case: index_matview_unpopulated
-- setup:
CREATE MATERIALIZED VIEW ages AS SELECT age, count(*) AS users FROM users GROUP BY age WITH NO DATA;
-- up:
CREATE UNIQUE INDEX ages_age ON ages (age);

-- case: index_only
-- expect: rewritten
CREATE INDEX users_age ON ONLY users (age);

-- case: index_inherited
-- expect: rewritten
-- setup:
CREATE TABLE admins (level int) INHERITS (users);
INSERT INTO admins SELECT *, 1 FROM users LIMIT 100;
-- up:
CREATE INDEX users_age ON users (age);
CREATE INDEX ON admins (age, level);

-- case: index_other_schema
-- expect: rewritten
-- setup:
CREATE SCHEMA "index_other_schema__Odd ""schema""";
CREATE TABLE "index_other_schema__Odd ""schema""".users (age int);
INSERT INTO "index_other_schema__Odd ""schema""".users SELECT generate_series(1, 500);
-- up:
CREATE INDEX users_age ON "index_other_schema__Odd ""schema""".users (age);

-- case: index_search_path
-- setup:
CREATE SCHEMA index_search_path__one;
CREATE TABLE index_search_path__one.users (age int);
-- up:
SET search_path = index_search_path__one, index_search_path;
CREATE INDEX users_age ON users (age);
SET search_path = index_search_path;
CREATE INDEX users_age ON users (age);

-- case: index_search_path_emptied
SELECT pg_catalog.set_config('search_path', '', false);
CREATE INDEX users_age ON index_search_path_emptied.users (age);
CREATE INDEX ON index_search_path_emptied.users USING btree (name);

-- case: index_invalid_same
-- setup:
\set ON_ERROR_STOP 0
INSERT INTO users (id, email, joined) VALUES (1001, 'user1@example.org', now());
CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email);
DELETE FROM users WHERE id = 1001;
\set ON_ERROR_STOP 1
-- up:
CREATE UNIQUE INDEX users_email ON users (email);
-- as written:
DROP INDEX users_email;
CREATE UNIQUE INDEX users_email ON users (email);

-- case: index_invalid_same_if_not_exists
-- setup:
\set ON_ERROR_STOP 0
INSERT INTO users (id, email, joined) VALUES (1001, 'user1@example.org', now());
CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email);
DELETE FROM users WHERE id = 1001;
\set ON_ERROR_STOP 1
-- up:
CREATE UNIQUE INDEX IF NOT EXISTS users_email ON users (email);
-- as written:
DROP INDEX users_email;
CREATE UNIQUE INDEX users_email ON users (email);

-- case: index_invalid_other
-- error: 42P07, 55000
-- setup:
\set ON_ERROR_STOP 0
CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (name);
\set ON_ERROR_STOP 1
-- up:
CREATE UNIQUE INDEX users_email ON users (email);
-- repair:
DROP INDEX users_email;

-- case: index_then_attributes
CREATE INDEX users_lower ON users (lower(name));
ALTER INDEX users_lower ALTER COLUMN 1 SET STATISTICS 500;
COMMENT ON INDEX users_lower IS 'by name';
CREATE UNIQUE INDEX users_email ON users (email);
ALTER TABLE users CLUSTER ON users_email;
ALTER TABLE users REPLICA IDENTITY USING INDEX users_email;

-- case: index_then_renamed
CREATE INDEX users_age ON users (age);
ALTER INDEX users_age RENAME TO users_by_age;
CREATE INDEX users_age ON users (name);

-- case: index_then_constraint
CREATE UNIQUE INDEX users_email ON users (email);
ALTER TABLE users ADD CONSTRAINT users_email_unique UNIQUE USING INDEX users_email;

-- case: index_then_dropped
CREATE INDEX users_age ON users (age);
DROP INDEX users_age;
CREATE INDEX users_age ON users (name);

-- case: index_then_table_dropped
CREATE INDEX users_age ON users (age);
DROP TABLE users;

-- case: index_temp
CREATE TEMP TABLE scratch AS SELECT * FROM users;
CREATE INDEX scratch_age ON scratch (age);
CREATE INDEX users_age ON users (age);

-- case: index_unlogged
-- expect: rewritten
-- setup:
CREATE UNLOGGED TABLE visits (id int, at timestamptz);
INSERT INTO visits SELECT i, '2024-01-01' FROM generate_series(1, 500) i;
-- up:
CREATE INDEX visits_id ON visits (id);

-- case: index_concurrently_written
-- expect: written
CREATE INDEX CONCURRENTLY users_age ON users (age);
CREATE INDEX CONCURRENTLY ON users (name);

-- case: index_in_do
-- expect: written
DO $$ BEGIN CREATE INDEX users_age ON users (age); END $$;

-- case: index_tables_missing
-- error: 42P01
CREATE INDEX users_age ON no_such_table (age);
-- repair:
CREATE TABLE no_such_table (age int);
