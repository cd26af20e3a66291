-- Statements that linters of text warn of (in brackets: whose rule), and that do no harm: migrate.lint() has nothing to
-- say of them above "info".  The form is that of README.md; "size: large" makes every table count as a large one.

-- fixture:
CREATE TABLE big (id bigint PRIMARY KEY, name varchar(50), note text, amount numeric(10,2), at timestamp(3), at_tz timestamptz(3), took interval(3),
    net cidr, bits bit varying(10), needed text NOT NULL, proven text CHECK (proven IS NOT NULL), pair text, owner int, moment timestamp, moment_tz timestamptz);
INSERT INTO big SELECT i, 'name ' || i, repeat('x', 40), i, '2024-01-01', '2024-01-01', '1 s', '10.0.0.0/8', B'1', 'n', 'p', 'p' || i, 1 + i % 200, '2024-01-01', '2024-01-01' FROM generate_series(1, 20000) i;
CREATE INDEX big_name ON big (name);
CREATE UNIQUE INDEX big_pair ON big (pair);
CREATE TABLE small (id int PRIMARY KEY, name text, n int, big_id bigint, during int4range);
INSERT INTO small SELECT i, 'name ' || i, i, i, int4range(i * 2, i * 2 + 1) FROM generate_series(1, 200) i;
CREATE INDEX small_n ON small (n);
CREATE TABLE bare (id int PRIMARY KEY, name text, n int);
CREATE TYPE mood AS ENUM ('bad', 'good');

-- case: type_varchar_wider
-- [squawk changing-column-type, strong_migrations change_column]
-- size: large
ALTER TABLE big ALTER COLUMN name TYPE varchar(100);

-- case: type_varchar_unbound
-- [squawk changing-column-type, strong_migrations change_column]
-- size: large
ALTER TABLE big ALTER COLUMN name TYPE varchar;

-- case: type_varchar_to_text
-- [squawk changing-column-type, strong_migrations change_column]
-- size: large
ALTER TABLE big ALTER COLUMN name TYPE text;

-- case: type_text_to_varchar
-- [squawk changing-column-type, strong_migrations change_column]
-- size: large
ALTER TABLE big ALTER COLUMN note TYPE varchar;

-- case: type_numeric_precision
-- [squawk changing-column-type, strong_migrations change_column]
-- size: large
ALTER TABLE big ALTER COLUMN amount TYPE numeric(14,2);

-- case: type_numeric_unbound
-- [squawk changing-column-type, strong_migrations change_column]
-- size: large
ALTER TABLE big ALTER COLUMN amount TYPE numeric;

-- case: type_timestamp_precision
-- [squawk changing-column-type, strong_migrations change_column]
-- size: large
ALTER TABLE big ALTER COLUMN at TYPE timestamp(6);

-- case: type_timestamp_unbound
-- [squawk changing-column-type, strong_migrations change_column]
-- size: large
ALTER TABLE big ALTER COLUMN at TYPE timestamp;

-- case: type_timestamptz_precision
-- [squawk changing-column-type, strong_migrations change_column]
-- size: large
ALTER TABLE big ALTER COLUMN at_tz TYPE timestamptz(6);

-- case: type_interval_precision
-- [squawk changing-column-type, strong_migrations change_column]
-- size: large
ALTER TABLE big ALTER COLUMN took TYPE interval(6);

-- case: type_cidr_to_inet
-- [squawk changing-column-type, strong_migrations change_column]
-- size: large
ALTER TABLE big ALTER COLUMN net TYPE inet;

-- case: type_varbit_wider
-- [squawk changing-column-type, strong_migrations change_column]
-- size: large
ALTER TABLE big ALTER COLUMN bits TYPE bit varying(20);

-- case: type_same_type
-- [squawk changing-column-type, strong_migrations change_column]
-- size: large
ALTER TABLE big ALTER COLUMN name TYPE varchar(50);

-- case: type_timestamp_to_timestamptz
-- [squawk changing-column-type, strong_migrations change_column]
-- size: large
-- setup:
SET TimeZone = 'UTC';
-- up:
ALTER TABLE big ALTER COLUMN moment TYPE timestamptz;

-- case: type_timestamptz_to_timestamp
-- [squawk changing-column-type, strong_migrations change_column]
-- size: large
-- setup:
SET TimeZone = 'UTC';
-- up:
ALTER TABLE big ALTER COLUMN moment_tz TYPE timestamp;

-- case: type_indexed_varchar_wider
-- [squawk changing-column-type, strong_migrations change_column]
-- size: large
ALTER TABLE big ALTER COLUMN name TYPE varchar(200), ALTER COLUMN note TYPE varchar;

-- case: type_to_plain_domain
-- [squawk changing-column-type, strong_migrations change_column]
-- size: large
-- setup:
CREATE DOMAIN label AS text;
-- up:
ALTER TABLE big ALTER COLUMN note TYPE label;

-- case: type_domain_to_base
-- [squawk changing-column-type, strong_migrations change_column]
-- size: large
-- setup:
CREATE DOMAIN label AS text CHECK (VALUE <> '');
CREATE TABLE described AS SELECT 'a'::label AS v FROM generate_series(1, 5000);
-- up:
ALTER TABLE described ALTER COLUMN v TYPE text;

-- case: type_using_itself
-- [squawk changing-column-type, strong_migrations change_column]
-- size: large
ALTER TABLE big ALTER COLUMN name TYPE varchar(80) USING name;

-- case: type_of_small_table
-- [squawk changing-column-type, strong_migrations change_column]
ALTER TABLE small ALTER COLUMN n TYPE bigint;

-- case: type_of_empty_table
-- [squawk changing-column-type, strong_migrations change_column]
-- size: large
ALTER TABLE bare ALTER COLUMN n TYPE bigint USING n::bigint;

-- case: not_null_proven
-- [squawk adding-not-nullable-field, strong_migrations change_column_null, eugene E2]
-- size: large
ALTER TABLE big ALTER COLUMN proven SET NOT NULL;

-- case: not_null_already
-- [squawk adding-not-nullable-field, strong_migrations change_column_null, eugene E2]
-- size: large
ALTER TABLE big ALTER COLUMN needed SET NOT NULL;

-- case: not_null_key
-- [squawk adding-not-nullable-field, strong_migrations change_column_null, eugene E2]
-- size: large
ALTER TABLE big ALTER COLUMN id SET NOT NULL;

-- case: not_null_step_by_step
-- [squawk adding-not-nullable-field, strong_migrations change_column_null, eugene E2]
-- size: large
ALTER TABLE big ADD CONSTRAINT pair_there CHECK (pair IS NOT NULL) NOT VALID;
ALTER TABLE big VALIDATE CONSTRAINT pair_there;
ALTER TABLE big ALTER COLUMN pair SET NOT NULL;
ALTER TABLE big DROP CONSTRAINT pair_there;

-- case: not_null_small
-- [squawk adding-not-nullable-field, strong_migrations change_column_null, eugene E2]
ALTER TABLE small ALTER COLUMN name SET NOT NULL;

-- case: not_null_empty
-- [squawk adding-not-nullable-field, strong_migrations change_column_null, eugene E2]
-- size: large
ALTER TABLE bare ALTER COLUMN name SET NOT NULL;

-- case: not_null_new_column
-- [squawk adding-not-nullable-field, strong_migrations change_column_null, eugene E2]
-- size: large
ALTER TABLE big ADD COLUMN kind int NOT NULL DEFAULT 1;
ALTER TABLE big ALTER COLUMN kind SET NOT NULL;

-- case: default_constant
-- [squawk adding-field-with-default of older versions, strong_migrations add_column_default]
-- size: large
ALTER TABLE big ADD COLUMN visits int NOT NULL DEFAULT 0;

-- case: default_text
-- [squawk adding-field-with-default of older versions, strong_migrations add_column_default]
-- size: large
ALTER TABLE big ADD COLUMN state varchar(20) NOT NULL DEFAULT 'active';

-- case: default_jsonb
-- [squawk adding-field-with-default of older versions, strong_migrations add_column_default]
-- size: large
ALTER TABLE big ADD COLUMN doc jsonb DEFAULT '{}'::jsonb;

-- case: default_array
-- [squawk adding-field-with-default of older versions, strong_migrations add_column_default]
-- size: large
ALTER TABLE big ADD COLUMN tags text[] NOT NULL DEFAULT ARRAY[]::text[];

-- case: default_now
-- [squawk adding-field-with-default of older versions, strong_migrations add_column_default]
-- size: large
ALTER TABLE big ADD COLUMN created timestamptz NOT NULL DEFAULT now();

-- case: default_current_date
-- [squawk adding-field-with-default of older versions, strong_migrations add_column_default]
-- size: large
ALTER TABLE big ADD COLUMN created date DEFAULT current_date, ADD COLUMN by_whom text DEFAULT current_user;

-- case: default_immutable_call
-- [squawk adding-field-with-default of older versions, strong_migrations add_column_default]
-- size: large
ALTER TABLE big ADD COLUMN code text DEFAULT upper('abc') || md5('x');

-- case: default_own_stable_function
-- [squawk adding-field-with-default of older versions, strong_migrations add_column_default]
-- size: large
-- setup:
CREATE FUNCTION made() RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'x' $$;
-- up:
ALTER TABLE big ADD COLUMN code text DEFAULT made();

-- case: default_enum
-- [squawk adding-field-with-default of older versions, strong_migrations add_column_default]
-- size: large
ALTER TABLE big ADD COLUMN feels mood NOT NULL DEFAULT 'good';

-- case: default_plain_domain
-- [squawk adding-field-with-default of older versions, strong_migrations add_column_default]
-- size: large
-- setup:
CREATE DOMAIN colour AS text DEFAULT 'red';
-- up:
ALTER TABLE big ADD COLUMN colour colour;

-- case: default_of_old_column
-- [strong_migrations change_column_default]
-- size: large
ALTER TABLE big ALTER COLUMN note SET DEFAULT 'none';
ALTER TABLE big ALTER COLUMN note DROP DEFAULT;

-- case: default_volatile_small
-- [squawk adding-field-with-default, strong_migrations add_column_default_callable]
ALTER TABLE small ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();

-- case: default_volatile_later
-- [strong_migrations change_column_default]
-- size: large
ALTER TABLE big ADD COLUMN token uuid;
ALTER TABLE big ALTER COLUMN token SET DEFAULT gen_random_uuid();

-- case: column_plain
-- [squawk require-lock-timeout, prefer-robust-stmts]
-- size: large
ALTER TABLE big ADD COLUMN extra text;

-- case: column_two_statements
-- [eugene W12]
-- size: large
ALTER TABLE big ADD COLUMN extra text;
ALTER TABLE big ADD COLUMN more int;

-- case: column_virtual
-- [strong_migrations add_column_generated_stored]
-- versions: 18-
-- size: large
ALTER TABLE big ADD COLUMN upper_name text GENERATED ALWAYS AS (upper(name)) VIRTUAL;

-- case: column_serial_small
-- [strong_migrations add_column_auto_incrementing, eugene E11]
ALTER TABLE small ADD COLUMN nr serial;

-- case: column_stored_empty
-- [strong_migrations add_column_generated_stored]
-- size: large
ALTER TABLE bare ADD COLUMN twice int GENERATED ALWAYS AS (n * 2) STORED;

-- case: column_references
-- [squawk adding-foreign-key-constraint, strong_migrations add_reference]
-- size: large
ALTER TABLE big ADD COLUMN small_id int REFERENCES small;
CREATE INDEX CONCURRENTLY big_small ON big (small_id);

-- case: check_small
-- [squawk constraint-missing-not-valid, strong_migrations add_check_constraint]
ALTER TABLE small ADD CONSTRAINT positive CHECK (n > 0);

-- case: check_empty
-- [squawk constraint-missing-not-valid, strong_migrations add_check_constraint]
-- size: large
ALTER TABLE bare ADD CONSTRAINT positive CHECK (n > 0);

-- case: check_in_two_transactions
-- [squawk constraint-missing-not-valid]
-- size: large
BEGIN;
ALTER TABLE big ADD CONSTRAINT positive CHECK (amount > 0) NOT VALID;
COMMIT;
BEGIN;
ALTER TABLE big VALIDATE CONSTRAINT positive;
COMMIT;

-- case: check_not_valid
-- size: large
ALTER TABLE big ADD CONSTRAINT positive CHECK (amount > 0) NOT VALID;

-- case: check_validate
-- [strong_migrations validate_check_constraint]
-- size: large
-- setup:
ALTER TABLE big ADD CONSTRAINT positive CHECK (amount > 0) NOT VALID;
-- up:
ALTER TABLE big VALIDATE CONSTRAINT positive;

-- case: check_drop
-- [eugene E4]
-- size: large
ALTER TABLE big DROP CONSTRAINT big_proven_check;

-- case: fk_small
-- [squawk adding-foreign-key-constraint, strong_migrations add_foreign_key]
ALTER TABLE small ADD FOREIGN KEY (n) REFERENCES small (id);

-- case: fk_from_empty
-- [squawk adding-foreign-key-constraint, strong_migrations add_foreign_key]
-- size: large
ALTER TABLE bare ADD FOREIGN KEY (n) REFERENCES small (id);

-- case: fk_from_empty_to_large
-- [squawk adding-foreign-key-constraint, strong_migrations add_foreign_key]
-- size: large
-- setup:
CREATE TABLE empty (big_id bigint);
CREATE INDEX ON empty (big_id);
-- up:
ALTER TABLE empty ADD FOREIGN KEY (big_id) REFERENCES big;

-- case: fk_in_two_transactions
-- [squawk constraint-missing-not-valid]
-- size: large
-- setup:
CREATE INDEX ON big (owner);
-- up:
BEGIN;
ALTER TABLE big ADD CONSTRAINT owned FOREIGN KEY (owner) REFERENCES small (id) NOT VALID;
COMMIT;
ALTER TABLE big VALIDATE CONSTRAINT owned;

-- case: fk_of_new_table
-- [squawk adding-foreign-key-constraint]
-- size: large
CREATE TABLE lines (id bigint PRIMARY KEY, big_id bigint NOT NULL REFERENCES big);
CREATE INDEX ON lines (big_id);

-- case: fk_added_to_new_table
-- [squawk adding-foreign-key-constraint, strong_migrations add_foreign_key]
-- size: large
CREATE TABLE lines (id bigint PRIMARY KEY, small_id int NOT NULL);
CREATE INDEX ON lines (small_id);
ALTER TABLE lines ADD FOREIGN KEY (small_id) REFERENCES small;

-- case: unique_small
-- [squawk disallowed-unique-constraint, strong_migrations add_unique_constraint, eugene E7]
ALTER TABLE small ADD UNIQUE (name);

-- case: unique_using_index
-- [eugene E7]
-- size: large
ALTER TABLE big ADD CONSTRAINT one_pair UNIQUE USING INDEX big_pair;

-- case: unique_concurrently_first
-- [squawk prefer-robust-stmts]
-- size: large
CREATE UNIQUE INDEX CONCURRENTLY big_name_id ON big (name, id);
ALTER TABLE big ADD CONSTRAINT big_name_id UNIQUE USING INDEX big_name_id;

-- case: key_using_index
-- [eugene W14]
-- size: large
-- setup:
CREATE TABLE keyless (id int NOT NULL);
CREATE UNIQUE INDEX keyless_id ON keyless (id);
-- up:
ALTER TABLE keyless ADD PRIMARY KEY USING INDEX keyless_id;

-- case: key_of_small_table
-- [squawk adding-serial-primary-key-field]
-- setup:
CREATE TABLE keyless AS SELECT i AS id FROM generate_series(1, 100) i;
-- up:
ALTER TABLE keyless ADD PRIMARY KEY (id);

-- case: exclude_small
-- [strong_migrations add_exclusion_constraint, eugene E8]
ALTER TABLE small ADD EXCLUDE USING gist (during WITH &&);

-- case: index_small
-- [squawk require-concurrent-index-creation, strong_migrations add_index, eugene E6]
CREATE INDEX small_name ON small (name);

-- case: index_empty
-- [squawk require-concurrent-index-creation, strong_migrations add_index, eugene E6]
-- size: large
CREATE INDEX bare_name ON bare (name);

-- case: index_of_new_table
-- [squawk require-concurrent-index-creation, strong_migrations add_index, eugene E6]
-- size: large
CREATE TABLE fresh (id int PRIMARY KEY, name text);
CREATE INDEX fresh_name ON fresh (name);
CREATE UNIQUE INDEX fresh_both ON fresh (id, name);

-- case: index_of_filled_new_table
-- [squawk require-concurrent-index-creation, strong_migrations add_index, eugene E6]
-- size: large
CREATE TABLE fresh AS SELECT * FROM generate_series(1, 1000) AS id;
CREATE INDEX fresh_id ON fresh (id);

-- case: index_concurrently
-- [squawk prefer-robust-stmts, require-lock-timeout]
-- size: large
CREATE INDEX CONCURRENTLY big_note ON big (note);

-- case: index_temp_table
-- [squawk require-concurrent-index-creation, strong_migrations add_index, eugene E6]
-- size: large
CREATE TEMP TABLE scratch AS SELECT id FROM small;
CREATE INDEX ON scratch (id);

-- case: index_many_columns
-- [strong_migrations add_index_columns]
CREATE INDEX small_all ON small (id, name, n, big_id);

-- case: index_matview_small
-- [squawk require-concurrent-index-creation, strong_migrations add_index, eugene E6]
-- setup:
CREATE MATERIALIZED VIEW sums AS SELECT n, count(*) FROM small GROUP BY n;
-- up:
CREATE UNIQUE INDEX sums_n ON sums (n);

-- case: index_drop_small
-- [squawk require-concurrent-index-deletion]
DROP INDEX small_n;

-- case: index_drop_concurrently
-- [squawk prefer-robust-stmts]
-- size: large
DROP INDEX CONCURRENTLY big_name;

-- case: index_reindex_small
-- [squawk require-concurrent-reindex]
REINDEX TABLE small;

-- case: index_reindex_concurrently
-- [squawk require-lock-timeout]
-- size: large
REINDEX INDEX CONCURRENTLY big_name;

-- case: index_rename
-- size: large
ALTER INDEX big_name RENAME TO big_by_name;

-- case: new_table
-- [squawk prefer-robust-stmts, prefer-identity, prefer-bigint-over-int, ban-char-field, prefer-text-field, prefer-timestamp-tz, disallowed-unique-constraint]
-- size: large
CREATE TABLE fresh (id serial PRIMARY KEY, small smallint, code char(3), name varchar(20) UNIQUE, at timestamp, n int CHECK (n > 0));

-- case: new_table_changed
-- [squawk changing-column-type, renaming-column, renaming-table, ban-drop-column]
-- size: large
CREATE TABLE fresh (id int, name text, gone int);
ALTER TABLE fresh ALTER COLUMN id TYPE bigint, ALTER COLUMN name SET NOT NULL, DROP COLUMN gone;
ALTER TABLE fresh RENAME COLUMN name TO title;
ALTER TABLE fresh ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();
ALTER TABLE fresh RENAME TO fresher;

-- case: new_table_dropped
-- [squawk ban-drop-table]
-- size: large
CREATE TABLE fresh (id int);
DROP TABLE fresh;

-- case: new_table_updated
-- size: large
CREATE TABLE fresh AS SELECT id, name FROM small;
UPDATE fresh SET name = upper(name);
DELETE FROM fresh WHERE id > 100;

-- case: new_table_truncated
-- [squawk ban-truncate-cascade]
-- size: large
CREATE TABLE fresh (id int PRIMARY KEY);
TRUNCATE fresh CASCADE;

-- case: new_table_excluded
-- [strong_migrations add_exclusion_constraint]
-- size: large
CREATE TABLE fresh (during int4range, EXCLUDE USING gist (during WITH &&));

-- case: new_partition
-- [squawk require-lock-timeout]
-- size: large
-- setup:
CREATE TABLE parts (id int, k int) PARTITION BY LIST (k);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
-- up:
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES IN (2);

-- case: attach_new_table
-- [squawk require-lock-timeout]
-- size: large
-- setup:
CREATE TABLE parts (id int, k int) PARTITION BY LIST (k);
-- up:
CREATE TABLE parts_2 (LIKE parts);
ALTER TABLE parts ATTACH PARTITION parts_2 FOR VALUES IN (2);

-- case: attach_proven
-- size: large
-- setup:
CREATE TABLE parts (id int, k int) PARTITION BY LIST (k);
CREATE TABLE parts_2 (id int, k int NOT NULL CHECK (k = 2));
INSERT INTO parts_2 SELECT i, 2 FROM generate_series(1, 5000) i;
-- up:
ALTER TABLE parts ATTACH PARTITION parts_2 FOR VALUES IN (2);

-- case: detach_concurrently
-- size: large
-- setup:
CREATE TABLE parts (id int, k int) PARTITION BY LIST (k);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
-- up:
ALTER TABLE parts DETACH PARTITION parts_1 CONCURRENTLY;

-- case: detach_small
-- [squawk require-concurrent-partition-detach]
-- setup:
CREATE TABLE parts (id int, k int) PARTITION BY LIST (k);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
-- up:
ALTER TABLE parts DETACH PARTITION parts_1;

-- case: drop_column_empty
-- [squawk ban-drop-column, strong_migrations remove_column]
ALTER TABLE bare DROP COLUMN n;

-- case: truncate_empty
-- [squawk ban-truncate-cascade]
TRUNCATE bare CASCADE;

-- case: vacuum_full_small
-- [squawk prefer-repack]
VACUUM FULL small;

-- case: cluster_small
-- [squawk prefer-repack]
CLUSTER small USING small_pkey;

-- case: enum_value
-- [squawk require-enum-value-ordering, eugene W13]
-- size: large
ALTER TYPE mood ADD VALUE 'great';

-- case: enum_new
-- [eugene W13]
-- size: large
CREATE TYPE size AS ENUM ('s', 'm');
ALTER TABLE big ADD COLUMN size size DEFAULT 's';

-- case: domain_new
-- [squawk ban-create-domain-with-constraint]
-- size: large
CREATE DOMAIN share AS numeric CHECK (VALUE BETWEEN 0 AND 1);

-- case: domain_unused
-- [squawk ban-alter-domain-with-add-constraint]
-- size: large
-- setup:
CREATE DOMAIN share AS numeric;
-- up:
ALTER DOMAIN share ADD CHECK (VALUE < 2);

-- case: update_one_row
-- [strong_migrations execute]
-- size: large
UPDATE big SET note = 'x' WHERE id = 7;

-- case: update_small
-- [strong_migrations execute]
UPDATE small SET name = upper(name);

-- case: insert_rows
-- [strong_migrations execute]
-- size: large
INSERT INTO small VALUES (1001, 'x', 1, 1), (1002, 'y', 2, 2) ON CONFLICT DO NOTHING;

-- case: views_and_functions
-- [squawk prefer-robust-stmts]
-- size: large
CREATE VIEW names AS SELECT id, name FROM big;
CREATE OR REPLACE VIEW names AS SELECT id, name, note FROM big;
CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
DROP FUNCTION one();
DROP VIEW names;

-- case: comments_and_rights
-- [squawk require-lock-timeout]
-- size: large
COMMENT ON TABLE big IS 'large';
GRANT SELECT ON big TO PUBLIC;
REVOKE SELECT ON big FROM PUBLIC;

-- case: parameters
-- [squawk require-lock-timeout]
-- size: large
ALTER TABLE big SET (fillfactor = 90);
ALTER TABLE big ALTER COLUMN note SET STATISTICS 500;
ANALYZE big;

-- case: rename_constraint
-- size: large
ALTER TABLE big RENAME CONSTRAINT big_proven_check TO proven_there;

-- case: whole_in_transaction
-- [squawk transaction-nesting, require-concurrent-index-creation]
BEGIN;
ALTER TABLE small ADD COLUMN extra text;
CREATE INDEX small_extra ON small (extra);
COMMIT;

-- case: unqualified_and_long
-- [squawk require-table-schema, prefer-robust-stmts]
-- size: large
CREATE TABLE "a name of just sixty-three bytes, which is as long as it may be" (id int);
