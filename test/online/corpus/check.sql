-- ADD CONSTRAINT ... CHECK.

-- fixture:
CREATE TABLE accounts (id int PRIMARY KEY, balance int NOT NULL, limits int, note text, opened date);
INSERT INTO accounts SELECT i, i, i * 2, 'note ' || i, '2020-01-01'::date + i FROM generate_series(1, 1000) i;
CREATE TABLE savings (rate int) INHERITS (accounts);
INSERT INTO savings SELECT i, i, i * 2, 'savings ' || i, '2020-01-01', 3 FROM generate_series(2001, 2200) i;
CREATE TABLE parts (id int, day int, v int) PARTITION BY RANGE (day);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10) PARTITION BY LIST (id);
CREATE TABLE parts_1_a (v int, day int, id int);
ALTER TABLE parts_1 ATTACH PARTITION parts_1_a DEFAULT;
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20);
INSERT INTO parts SELECT i, i % 20, i FROM generate_series(1, 500) i;
CREATE TABLE plain (id int PRIMARY KEY, a int, "B c" int, t text);
INSERT INTO plain SELECT i, i, i, 't' || i FROM generate_series(1, 1000) i;

-- case: check_named
-- expect: rewritten
ALTER TABLE plain ADD CONSTRAINT positive CHECK (a > 0);
-- down:
ALTER TABLE plain DROP CONSTRAINT positive;

-- case: check_unnamed
-- expect: rewritten
ALTER TABLE plain ADD CHECK (a > 0);
-- down:
ALTER TABLE plain DROP CONSTRAINT plain_a_check;

-- case: check_unnamed_two_columns
-- expect: rewritten
ALTER TABLE plain ADD CHECK (a > 0 OR id > 5);

-- case: check_unnamed_no_column
-- expect: rewritten
ALTER TABLE plain ADD CHECK (1 < 2);

-- case: check_unnamed_twice
-- expect: rewritten
ALTER TABLE plain ADD CHECK (a > 0);
ALTER TABLE plain ADD CHECK (a > -1);

-- case: check_unnamed_taken
-- expect: rewritten
-- setup:
ALTER TABLE plain ADD CONSTRAINT plain_a_check CHECK (a > -5);
-- up:
ALTER TABLE plain ADD CHECK (a > 0);

-- case: check_unnamed_taken_on_other_table
-- expect: rewritten
-- setup:
ALTER TABLE accounts ADD CONSTRAINT plain_a_check CHECK (id > 0);
-- up:
ALTER TABLE plain ADD CHECK (a > 0);

-- case: check_quoted
-- expect: rewritten
ALTER TABLE plain ADD CONSTRAINT "Odd ""check""; --" CHECK ("B c" > 0 AND t <> 'it''s');
ALTER TABLE plain ADD CHECK ("B c" > -1);

-- case: check_long_names
-- expect: rewritten
ALTER TABLE plain ADD CONSTRAINT plain_check_23456789_123456789_123456789_123456789_123456789_1234567 CHECK (a > 0);
ALTER TABLE plain ADD CONSTRAINT "éééééééééééééééééééééééééééééééé" CHECK (a > 0);

-- case: check_no_inherit
-- expect: rewritten
ALTER TABLE accounts ADD CONSTRAINT positive CHECK (balance > 0) NO INHERIT;

-- case: check_not_valid
-- expect: written
ALTER TABLE plain ADD CONSTRAINT positive CHECK (a > 0) NOT VALID;

-- case: check_not_valid_then_validate
ALTER TABLE plain ADD CONSTRAINT positive CHECK (a > 0) NOT VALID;
ALTER TABLE plain VALIDATE CONSTRAINT positive;

-- case: check_validate
-- setup:
ALTER TABLE plain ADD CONSTRAINT positive CHECK (a > 0) NOT VALID;
-- up:
ALTER TABLE plain VALIDATE CONSTRAINT positive;

-- case: check_inherited
-- expect: rewritten
ALTER TABLE accounts ADD CONSTRAINT positive CHECK (balance > 0);
-- down:
ALTER TABLE accounts DROP CONSTRAINT positive;

-- case: check_inherited_merges
-- setup:
ALTER TABLE savings ADD CONSTRAINT positive CHECK (balance > 0);
-- up:
ALTER TABLE accounts ADD CONSTRAINT positive CHECK (balance > 0);

-- case: check_inherited_merges_not_valid
-- setup:
ALTER TABLE savings ADD CONSTRAINT positive CHECK (balance > 0) NOT VALID;
-- up:
ALTER TABLE savings VALIDATE CONSTRAINT positive;
ALTER TABLE accounts ADD CONSTRAINT positive CHECK (balance > 0);

-- case: check_only_parent
-- error: 42P16
ALTER TABLE ONLY accounts ADD CONSTRAINT positive CHECK (balance > 0);
-- repair:
DROP TABLE savings;

-- case: check_only_no_inherit
ALTER TABLE ONLY accounts ADD CONSTRAINT positive CHECK (balance > 0) NO INHERIT;

-- case: check_on_child
-- expect: rewritten
ALTER TABLE savings ADD CHECK (rate > 0);

-- case: check_partitioned
-- expect: rewritten
ALTER TABLE parts ADD CONSTRAINT positive CHECK (v > 0);

-- case: check_partitioned_unnamed
-- expect: rewritten
ALTER TABLE parts ADD CHECK (v > 0);
ALTER TABLE parts ADD CHECK (v > day - 100);

-- case: check_partitioned_merges
-- setup:
ALTER TABLE parts_1_a ADD CONSTRAINT positive CHECK (v > 0);
-- up:
ALTER TABLE parts ADD CONSTRAINT positive CHECK (v > 0);

-- case: check_leaf
-- expect: rewritten
ALTER TABLE parts_1_a ADD CHECK (v > 0);

-- case: check_several_commands
-- expect: rewritten
ALTER TABLE plain ADD CHECK (a > 0), ADD CONSTRAINT short CHECK (length(t) < 100), ADD CHECK (a > -1);

-- case: check_among_others
ALTER TABLE plain ADD COLUMN extra int, ADD CONSTRAINT positive CHECK (a > 0), ALTER COLUMN t SET DEFAULT 'none', ALTER COLUMN a SET STATISTICS 200;

-- case: check_and_column_of_one_statement
ALTER TABLE plain ADD COLUMN extra int DEFAULT 7, ADD CONSTRAINT positive CHECK (extra > 0);

-- case: check_and_drop_of_other
-- setup:
ALTER TABLE plain ADD CONSTRAINT bound CHECK (a > 0);
-- up:
ALTER TABLE plain DROP CONSTRAINT bound, ADD CONSTRAINT bound CHECK (a > -10);

-- case: check_function
-- expect: rewritten
-- setup:
CREATE FUNCTION fine(text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN $1 LIKE 't%'; END $$;
-- up:
ALTER TABLE plain ADD CHECK (fine(t));

-- case: check_whole_row
-- expect: rewritten
-- setup:
CREATE FUNCTION fine(plain) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT $1.a > 0';
-- up:
ALTER TABLE plain ADD CONSTRAINT fine CHECK (fine(plain));

-- case: check_column_form
ALTER TABLE plain ADD COLUMN extra int CHECK (extra > 0);

-- case: check_column_form_default
ALTER TABLE plain ADD COLUMN extra int NOT NULL DEFAULT 5 CONSTRAINT "Extra is positive" CHECK (extra > 0);

-- case: check_column_form_two
ALTER TABLE plain ADD COLUMN extra int CHECK (extra > 0) CHECK (extra < a);

-- case: check_if_exists
-- expect: rewritten
ALTER TABLE IF EXISTS plain ADD CHECK (a > 0);
ALTER TABLE IF EXISTS no_such_table ADD CHECK (a > 0);

-- case: check_qualified
-- expect: rewritten
ALTER TABLE check_qualified.plain ADD CONSTRAINT positive CHECK (check_qualified.plain.a > 0 AND plain.id > 0);

-- case: check_bad_rows
-- expect: rewritten
-- error: 23514
ALTER TABLE plain ADD CONSTRAINT small CHECK (a < 900);
-- repair:
UPDATE plain SET a = 1 WHERE a >= 900;

-- case: check_name_taken
-- error: 42710
-- setup:
ALTER TABLE plain ADD CONSTRAINT positive CHECK (id > 0);
-- up:
ALTER TABLE plain ADD CONSTRAINT positive CHECK (a > 0);
-- repair:
ALTER TABLE plain DROP CONSTRAINT positive;

-- case: check_not_enforced
-- versions: 18-
ALTER TABLE plain ADD CONSTRAINT positive CHECK (a > 100000) NOT ENFORCED;

-- case: check_enforced
-- versions: 18-
ALTER TABLE plain ADD CONSTRAINT positive CHECK (a > 0) ENFORCED;

-- case: check_then_comment
ALTER TABLE plain ADD CONSTRAINT positive CHECK (a > 0);
COMMENT ON CONSTRAINT positive ON plain IS 'no debts';

-- case: check_foreign_table
-- setup:
CREATE FOREIGN DATA WRAPPER corpus_check;
CREATE SERVER corpus_check FOREIGN DATA WRAPPER corpus_check;
CREATE FOREIGN TABLE far (a int) SERVER corpus_check;
-- up:
ALTER FOREIGN TABLE far ADD CONSTRAINT positive CHECK (a > 0);

-- case: check_typed_domain
-- setup:
CREATE DOMAIN positive AS int CHECK (VALUE > -5);
CREATE TABLE typed (v positive);
INSERT INTO typed SELECT generate_series(1, 500);
-- up:
ALTER TABLE typed ADD CHECK (v > 0);
ALTER DOMAIN positive ADD CHECK (VALUE > 0);
