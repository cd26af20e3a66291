-- FOREIGN KEY constraints, as table constraints and at new columns.

-- fixture:
CREATE TABLE users (id bigint PRIMARY KEY, region int NOT NULL, email text NOT NULL UNIQUE, UNIQUE (region, id));
INSERT INTO users SELECT i, i % 5, 'user' || i FROM generate_series(1, 500) i;
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, region int, parent bigint, "User Mail" text, day int NOT NULL DEFAULT 1);
INSERT INTO orders SELECT i, 1 + i % 500, (1 + i % 500) % 5, nullif(i - 1, 0), 'user' || (1 + i % 500), i % 20 FROM generate_series(1, 1000) i;
CREATE TABLE sales (id bigint NOT NULL, day int NOT NULL, user_id bigint, region int, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE sales_1 PARTITION OF sales FOR VALUES FROM (0) TO (10) PARTITION BY HASH (id);
CREATE TABLE "Sales 1 x" (region int, user_id bigint, id bigint NOT NULL, day int NOT NULL);
ALTER TABLE sales_1 ATTACH PARTITION "Sales 1 x" FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE sales_1_y PARTITION OF sales_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE sales_2 PARTITION OF sales FOR VALUES FROM (10) TO (20);
INSERT INTO sales SELECT i, i % 20, 1 + i % 500, (1 + i % 500) % 5 FROM generate_series(1, 1000) i;

-- case: fk_named
-- expect: rewritten
ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id);
-- down:
ALTER TABLE orders DROP CONSTRAINT orders_user;

-- case: fk_unnamed
-- expect: rewritten
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users;
-- down:
ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey;

-- case: fk_unnamed_twice
-- expect: rewritten
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users;
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users ON DELETE CASCADE;

-- case: fk_unnamed_taken
-- expect: rewritten
-- setup:
ALTER TABLE orders ADD CONSTRAINT orders_user_id_fkey CHECK (user_id > 0);
-- up:
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users;

-- case: fk_self
-- expect: rewritten
ALTER TABLE orders ADD CONSTRAINT orders_parent FOREIGN KEY (parent) REFERENCES orders (id) ON DELETE CASCADE;

-- case: fk_composite
-- expect: rewritten
ALTER TABLE orders ADD FOREIGN KEY (region, user_id) REFERENCES users (region, id);

-- case: fk_composite_other_order
-- expect: rewritten
ALTER TABLE orders ADD FOREIGN KEY (user_id, region) REFERENCES users (id, region);

-- case: fk_match_full
-- expect: rewritten
ALTER TABLE orders ADD CONSTRAINT whole FOREIGN KEY (region, user_id) REFERENCES users (region, id) MATCH FULL ON UPDATE CASCADE;

-- case: fk_match_full_bad_rows
-- expect: rewritten
-- error: 23503
-- setup:
UPDATE orders SET region = NULL WHERE id = 7;
-- up:
ALTER TABLE orders ADD CONSTRAINT whole FOREIGN KEY (region, user_id) REFERENCES users (region, id) MATCH FULL;
-- repair:
UPDATE orders SET user_id = NULL WHERE id = 7;

-- case: fk_set_null_columns
-- expect: rewritten
ALTER TABLE orders ADD FOREIGN KEY (region, user_id) REFERENCES users (region, id) ON DELETE SET NULL (user_id);

-- case: fk_set_default_columns
-- expect: rewritten
ALTER TABLE orders ADD FOREIGN KEY (region, user_id) REFERENCES users (region, id) ON DELETE SET DEFAULT (user_id, region) ON UPDATE RESTRICT;

-- case: fk_deferrable
-- expect: rewritten
ALTER TABLE orders ADD CONSTRAINT late FOREIGN KEY (user_id) REFERENCES users DEFERRABLE INITIALLY DEFERRED;

-- case: fk_deferrable_immediate
-- expect: rewritten
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users DEFERRABLE;

-- case: fk_other_key
-- expect: rewritten
ALTER TABLE orders ADD FOREIGN KEY ("User Mail") REFERENCES users (email) ON UPDATE CASCADE;

-- case: fk_unique_index
-- expect: rewritten
-- setup:
CREATE UNIQUE INDEX users_id_again ON users (id) INCLUDE (email);
ALTER TABLE users DROP CONSTRAINT users_pkey;
-- up:
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id);

-- case: fk_other_type
-- expect: rewritten
-- setup:
ALTER TABLE orders ADD COLUMN small smallint, ADD COLUMN exact numeric;
UPDATE orders SET small = user_id, exact = user_id;
-- up:
ALTER TABLE orders ADD FOREIGN KEY (small) REFERENCES users;

-- case: fk_numeric
-- expect: rewritten
-- setup:
CREATE TABLE exact (id numeric PRIMARY KEY);
INSERT INTO exact SELECT generate_series(1, 600);
-- up:
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES exact;

-- case: fk_no_such_key
-- error: 42830
ALTER TABLE orders ADD FOREIGN KEY (region) REFERENCES users (region);
-- repair:
ALTER TABLE users ADD COLUMN spare int;
UPDATE users SET region = id;
UPDATE orders SET region = user_id;
ALTER TABLE users ADD UNIQUE (region);

-- case: fk_quoted
-- expect: rewritten
-- setup:
CREATE SCHEMA "fk_quoted__Odd ""schema""";
CREATE TABLE "fk_quoted__Odd ""schema"""."Owner's; --" ("I d" text PRIMARY KEY);
INSERT INTO "fk_quoted__Odd ""schema"""."Owner's; --" SELECT email FROM users;
-- up:
ALTER TABLE orders ADD FOREIGN KEY ("User Mail") REFERENCES "fk_quoted__Odd ""schema"""."Owner's; --" ("I d");
ALTER TABLE orders ADD CONSTRAINT "Odd ""key""; --" FOREIGN KEY ("User Mail") REFERENCES "fk_quoted__Odd ""schema"""."Owner's; --";

-- case: fk_long_names
-- expect: rewritten
-- setup:
CREATE TABLE "orders with a name of just sixty-three bytes, as long as it may" ("a user with a name of just sixty-three bytes, as long as it mayb" bigint);
INSERT INTO "orders with a name of just sixty-three bytes, as long as it may" SELECT id FROM users;
-- up:
ALTER TABLE "orders with a name of just sixty-three bytes, as long as it may" ADD FOREIGN KEY ("a user with a name of just sixty-three bytes, as long as it mayb") REFERENCES users;

-- case: fk_not_valid
-- expect: written
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users NOT VALID;

-- case: fk_not_valid_then_validate
ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_user;

-- case: fk_bad_rows
-- expect: rewritten
-- error: 23503
-- setup:
UPDATE orders SET user_id = 100000 + id WHERE id > 990;
-- up:
ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users;
-- repair:
UPDATE orders SET user_id = NULL WHERE user_id > 100000;

-- case: fk_several_commands
-- expect: rewritten
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users, ADD CONSTRAINT orders_parent FOREIGN KEY (parent) REFERENCES orders ON DELETE SET NULL;

-- case: fk_and_check
-- expect: rewritten
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users, ADD CHECK (id > 0);

-- case: fk_and_key_of_one_statement
-- setup:
CREATE TABLE nodes (id bigint NOT NULL, parent bigint);
INSERT INTO nodes SELECT i, nullif(i - 1, 0) FROM generate_series(1, 500) i;
-- up:
ALTER TABLE nodes ADD PRIMARY KEY (id), ADD FOREIGN KEY (parent) REFERENCES nodes (id);

-- case: fk_add_column
ALTER TABLE orders ADD COLUMN payer bigint REFERENCES users;

-- case: fk_add_column_named
ALTER TABLE orders ADD COLUMN payer bigint CONSTRAINT "Who pays" REFERENCES users (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;

-- case: fk_add_column_default
ALTER TABLE orders ADD COLUMN payer bigint DEFAULT 1 REFERENCES users;

-- case: fk_add_column_default_not_null
ALTER TABLE orders ADD COLUMN payer bigint NOT NULL DEFAULT 1 REFERENCES users ON DELETE CASCADE;

-- case: fk_add_column_self
ALTER TABLE orders ADD COLUMN above bigint REFERENCES orders, ADD COLUMN below bigint REFERENCES orders;

-- case: fk_new_table
-- expect: written
CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders);
ALTER TABLE lines ADD COLUMN user_id bigint REFERENCES users;
ALTER TABLE lines ADD FOREIGN KEY (id) REFERENCES orders;

-- case: fk_to_new_table
CREATE TABLE regions (id int PRIMARY KEY);
INSERT INTO regions SELECT generate_series(0, 10);
ALTER TABLE orders ADD FOREIGN KEY (region) REFERENCES regions;

-- case: fk_to_partitioned
-- expect: written; from 18 rewritten
ALTER TABLE orders ADD FOREIGN KEY (id, day) REFERENCES sales (id, day);
-- down:
ALTER TABLE orders DROP CONSTRAINT orders_id_day_fkey;

-- case: fk_to_partitioned_named
-- expect: written; from 18 rewritten
ALTER TABLE orders ADD CONSTRAINT "Order's sale" FOREIGN KEY (id, day) REFERENCES sales ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;

-- case: fk_to_partitioned_middle
-- expect: written; from 18 rewritten
ALTER TABLE orders ADD CONSTRAINT to_first FOREIGN KEY (id, day) REFERENCES sales_1 (id, day);
-- setup:
DELETE FROM orders WHERE day >= 10;

-- case: fk_from_partitioned
-- expect: rewritten
ALTER TABLE sales ADD CONSTRAINT sales_user FOREIGN KEY (user_id) REFERENCES users;
-- down:
ALTER TABLE sales DROP CONSTRAINT sales_user;

-- case: fk_from_partitioned_unnamed
-- expect: rewritten
ALTER TABLE sales ADD FOREIGN KEY (user_id) REFERENCES users ON DELETE SET NULL;
ALTER TABLE sales ADD FOREIGN KEY (region, user_id) REFERENCES users (region, id);

-- case: fk_from_partitioned_middle
-- expect: rewritten
ALTER TABLE sales_1 ADD FOREIGN KEY (user_id) REFERENCES users;

-- case: fk_from_leaf
-- expect: rewritten
ALTER TABLE "Sales 1 x" ADD FOREIGN KEY (user_id) REFERENCES users;

-- case: fk_from_partitioned_leaf_has_it
-- setup:
ALTER TABLE sales_2 ADD CONSTRAINT my_own_user FOREIGN KEY (user_id) REFERENCES users;
-- up:
ALTER TABLE sales ADD CONSTRAINT sales_user FOREIGN KEY (user_id) REFERENCES users;

-- case: fk_from_partitioned_leaf_has_other
-- setup:
ALTER TABLE sales_2 ADD CONSTRAINT sales_user FOREIGN KEY (user_id) REFERENCES users ON DELETE CASCADE;
-- up:
ALTER TABLE sales ADD CONSTRAINT sales_user FOREIGN KEY (user_id) REFERENCES users;

-- case: fk_from_partitioned_middle_has_it
-- setup:
ALTER TABLE sales_1 ADD CONSTRAINT middle_user FOREIGN KEY (user_id) REFERENCES users;
-- up:
ALTER TABLE sales ADD CONSTRAINT sales_user FOREIGN KEY (user_id) REFERENCES users;

-- case: fk_from_partitioned_bad_rows
-- error: 23503
-- setup:
UPDATE sales SET user_id = 100000 WHERE id = 5;
-- up:
ALTER TABLE sales ADD CONSTRAINT sales_user FOREIGN KEY (user_id) REFERENCES users;
-- repair:
UPDATE sales SET user_id = 5 WHERE id = 5;

-- case: fk_partitioned_self
-- expect: written; from 18 rewritten
-- setup:
ALTER TABLE sales ADD COLUMN above bigint;
-- up:
ALTER TABLE sales ADD CONSTRAINT sales_above FOREIGN KEY (above, day) REFERENCES sales (id, day);

-- case: fk_partitioned_both
-- expect: written; from 18 rewritten
-- setup:
CREATE TABLE refunds (sale bigint, day int NOT NULL) PARTITION BY LIST (day);
CREATE TABLE refunds_1 PARTITION OF refunds FOR VALUES IN (1);
CREATE TABLE refunds_rest PARTITION OF refunds DEFAULT;
INSERT INTO refunds SELECT id, day FROM sales WHERE id < 200;
-- up:
ALTER TABLE refunds ADD FOREIGN KEY (sale, day) REFERENCES sales (id, day);

-- case: fk_partitioned_twice
-- expect: rewritten
ALTER TABLE sales ADD FOREIGN KEY (user_id) REFERENCES users;
ALTER TABLE sales ADD FOREIGN KEY (user_id) REFERENCES users ON DELETE CASCADE;

-- case: fk_partitioned_foreign_leaf
-- error: 42809
-- setup:
CREATE FOREIGN DATA WRAPPER corpus_fk;
CREATE SERVER corpus_fk FOREIGN DATA WRAPPER corpus_fk;
CREATE TABLE spread (user_id bigint) PARTITION BY LIST (user_id);
CREATE TABLE spread_near PARTITION OF spread DEFAULT;
CREATE FOREIGN TABLE spread_far PARTITION OF spread FOR VALUES IN (0) SERVER corpus_fk;
-- up:
ALTER TABLE spread ADD FOREIGN KEY (user_id) REFERENCES users;
-- repair:
DROP FOREIGN TABLE spread_far;

-- case: fk_partitioned_no_leaves
-- setup:
CREATE TABLE empty (user_id bigint) PARTITION BY LIST (user_id);
-- up:
ALTER TABLE empty ADD FOREIGN KEY (user_id) REFERENCES users;

-- case: fk_partitioned_not_valid
-- versions: 18-
-- expect: written
ALTER TABLE sales ADD CONSTRAINT sales_user FOREIGN KEY (user_id) REFERENCES users NOT VALID;

-- case: fk_partitioned_not_valid_refused
-- versions: 15-17
-- error: 42809
ALTER TABLE sales ADD CONSTRAINT sales_user FOREIGN KEY (user_id) REFERENCES users NOT VALID;
-- repair:
ALTER TABLE sales RENAME TO sales_before;
CREATE TABLE sales (user_id bigint);

-- case: fk_inherited_parent
-- setup:
CREATE TABLE old_orders () INHERITS (orders);
INSERT INTO old_orders SELECT * FROM orders LIMIT 10;
-- up:
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users;

-- case: fk_row_security
-- setup:
ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY all_of_them ON users USING (true);
-- up:
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users;

-- case: fk_not_enforced
-- versions: 18-
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users NOT ENFORCED;

-- case: fk_then_altered
ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users;
ALTER TABLE orders ALTER CONSTRAINT orders_user DEFERRABLE;
ALTER TABLE orders RENAME CONSTRAINT orders_user TO its_user;
COMMENT ON CONSTRAINT its_user ON orders IS 'who ordered';

-- case: fk_schemas
-- expect: rewritten
-- setup:
CREATE SCHEMA fk_schemas__billing;
CREATE TABLE fk_schemas__billing.invoices (user_id bigint);
INSERT INTO fk_schemas__billing.invoices SELECT id FROM users;
-- up:
ALTER TABLE fk_schemas__billing.invoices ADD FOREIGN KEY (user_id) REFERENCES fk_schemas.users;

-- case: fk_period
-- versions: 18-
-- setup:
CREATE TABLE rooms (id int4range, during int4range, PRIMARY KEY (id, during WITHOUT OVERLAPS));
CREATE TABLE bookings (room int4range, during int4range);
INSERT INTO rooms SELECT int4range(i, i + 1), int4range(1, 100) FROM generate_series(1, 200) i;
INSERT INTO bookings SELECT int4range(i, i + 1), int4range(5, 10) FROM generate_series(1, 200) i;
-- up:
ALTER TABLE bookings ADD FOREIGN KEY (room, PERIOD during) REFERENCES rooms (id, PERIOD during);
