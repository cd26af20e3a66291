-- Scripts of several statements: what belongs together stays in order, what has to stay whole stays whole.

-- fixture:
CREATE TABLE users (id int PRIMARY KEY, name text, email text, plan text);
INSERT INTO users SELECT i, 'n' || i, 'e' || i, CASE i % 2 WHEN 0 THEN 'free' END FROM generate_series(1, 1000) i;
CREATE TABLE orders (id int PRIMARY KEY, user_id int, total int);
INSERT INTO orders SELECT i, 1 + i % 1000, i FROM generate_series(1, 1000) i;

-- case: script_add_fill_not_null
ALTER TABLE users ADD COLUMN status text;
UPDATE users SET status = 'active' WHERE status IS NULL;
ALTER TABLE users ALTER COLUMN status SET NOT NULL;
-- down:
ALTER TABLE users DROP COLUMN status;

-- case: script_add_fill_constrain_index
ALTER TABLE users ADD COLUMN status text;
ALTER TABLE users ALTER COLUMN status SET DEFAULT 'active';
UPDATE users SET status = coalesce(plan, 'active');
ALTER TABLE users ALTER COLUMN status SET NOT NULL, ADD CONSTRAINT known CHECK (status IN ('active', 'free'));
CREATE INDEX ON users (status) WHERE status <> 'active';
COMMENT ON COLUMN users.status IS 'what it is';

-- case: script_new_table
-- expect: written
CREATE TABLE tags (id int, name text);
INSERT INTO tags SELECT i, 't' || i FROM generate_series(1, 300) i;
CREATE INDEX tags_name ON tags (name);
ALTER TABLE tags ADD PRIMARY KEY (id), ALTER COLUMN name SET NOT NULL, ADD UNIQUE (name), ADD CHECK (id > 0);

-- case: script_new_and_old_tables
CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders);
CREATE INDEX lines_order ON lines (order_id);
CREATE INDEX orders_user ON orders (user_id);
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users;

-- case: script_begin_commit
-- expect: written
BEGIN;
CREATE INDEX orders_user ON orders (user_id);
ALTER TABLE orders ADD CONSTRAINT orders_user_fk FOREIGN KEY (user_id) REFERENCES users;
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
COMMIT;

-- case: script_begin_commit_then_more
-- expect: written, written, rewritten
BEGIN;
CREATE INDEX orders_user ON orders (user_id);
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
COMMIT;
CREATE INDEX orders_total ON orders (total);

-- case: script_transaction_always
-- expect: written
-- transaction: always
-- migrate:up transaction:always
CREATE INDEX orders_user ON orders (user_id);
ALTER TABLE users ALTER COLUMN name SET NOT NULL;

-- case: script_online_off
-- expect: written
-- migrate:up online:off
CREATE INDEX orders_user ON orders (user_id);
ALTER TABLE users ALTER COLUMN name SET NOT NULL;

-- case: script_online_set_off
-- migrate:set online = off
CREATE INDEX orders_user ON orders (user_id);
ALTER TABLE users ALTER COLUMN name SET NOT NULL;

-- case: script_online_set_always
-- expect: rewritten
-- migrate:set online = always
CREATE INDEX orders_user ON orders (user_id);

-- case: script_two_on_one_table
-- expect: rewritten, rewritten
CREATE INDEX orders_user ON orders (user_id);
CREATE INDEX orders_total ON orders (total DESC);
-- down:
DROP INDEX orders_total;
DROP INDEX orders_user;

-- case: script_everything_on_one_table
CREATE INDEX orders_total ON orders (total DESC);
ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0);
ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users;
ALTER TABLE orders ALTER COLUMN user_id SET NOT NULL;
ALTER TABLE orders ADD UNIQUE (id, total);
DROP INDEX orders_total;
-- down:
ALTER TABLE orders DROP CONSTRAINT positive, DROP CONSTRAINT orders_user, DROP CONSTRAINT orders_id_total_key, ALTER COLUMN user_id DROP NOT NULL;
CREATE INDEX orders_total ON orders (total DESC);
DROP INDEX orders_total;

-- case: script_rename_then_index
-- expect: written, rewritten, written, rewritten
ALTER TABLE orders RENAME TO purchases;
CREATE INDEX ON purchases (user_id);
ALTER TABLE purchases RENAME COLUMN total TO amount;
CREATE INDEX ON purchases (amount);

-- case: script_index_then_rename
-- expect: rewritten, written, rewritten
CREATE INDEX ON orders (user_id);
ALTER TABLE orders RENAME TO purchases;
ALTER TABLE purchases ADD CHECK (total > 0);

-- case: script_rename_then_everything
-- expect: written, rewritten, rewritten, rewritten, rewritten, rewritten
ALTER TABLE orders RENAME TO purchases;
ALTER TABLE purchases ALTER COLUMN user_id SET NOT NULL;
ALTER TABLE purchases ADD UNIQUE (id, total);
ALTER TABLE purchases ADD FOREIGN KEY (user_id) REFERENCES users;
ALTER TABLE purchases ADD COLUMN token boolean NOT NULL DEFAULT random() < 2, ADD CHECK (total > 0);
CREATE INDEX ON purchases (total);
-- down:
DROP INDEX purchases_total_idx;
ALTER TABLE purchases DROP COLUMN token, DROP CONSTRAINT purchases_total_check, DROP CONSTRAINT purchases_user_id_fkey,
    DROP CONSTRAINT purchases_id_total_key, ALTER COLUMN user_id DROP NOT NULL;
ALTER TABLE purchases RENAME TO orders;

-- case: script_move_then_constrain
-- expect: written, written, rewritten, rewritten
CREATE SCHEMA "moved Here";
ALTER TABLE orders SET SCHEMA "moved Here";
ALTER TABLE "moved Here".orders ALTER COLUMN user_id SET NOT NULL;
CREATE INDEX ON "moved Here".orders (user_id);
-- down:
DROP INDEX "moved Here".orders_user_id_idx;
ALTER TABLE "moved Here".orders ALTER COLUMN user_id DROP NOT NULL;
DO $$ BEGIN EXECUTE format('ALTER TABLE "moved Here".orders SET SCHEMA %I', current_schema); END $$;
DROP SCHEMA "moved Here";

-- case: script_move_then_unnamed
-- expect: written, written, written, written
CREATE SCHEMA "moved too";
ALTER TABLE orders SET SCHEMA "moved too";
ALTER TABLE "moved too".orders ADD UNIQUE (user_id, id);
ALTER TABLE "moved too".orders ADD CHECK (id > 0);
-- down:
ALTER TABLE "moved too".orders DROP CONSTRAINT orders_id_check;
ALTER TABLE "moved too".orders DROP CONSTRAINT orders_user_id_id_key;
DO $$ BEGIN EXECUTE format('ALTER TABLE "moved too".orders SET SCHEMA %I', current_schema); END $$;
DROP SCHEMA "moved too";

-- case: script_swap_tables
-- expect: written, written, written, written, written, rewritten
CREATE TABLE orders_new (LIKE orders INCLUDING ALL);
INSERT INTO orders_new SELECT * FROM orders;
ALTER TABLE orders RENAME TO orders_old;
ALTER TABLE orders_new RENAME TO orders;
CREATE INDEX ON orders (user_id);
CREATE INDEX ON orders_old (user_id);

-- case: script_recreate_table
DROP TABLE orders;
CREATE TABLE orders (id int, user_id int);
CREATE INDEX ON orders (user_id);
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users;

-- case: script_new_column_indexed
ALTER TABLE orders ADD COLUMN paid boolean NOT NULL DEFAULT false;
CREATE INDEX ON orders (paid);
ALTER TABLE orders ADD CHECK (paid OR total > 0);

-- case: script_type_then_index
ALTER TABLE orders ALTER COLUMN total TYPE bigint;
CREATE INDEX orders_total ON orders (total);
ALTER TABLE orders ALTER COLUMN total SET NOT NULL;

-- case: script_do_between
CREATE INDEX orders_user ON orders (user_id);
DO $$ BEGIN PERFORM 1 FROM pg_indexes WHERE indexname = 'orders_user' AND schemaname = 'script_do_between'; IF NOT FOUND THEN RAISE 'no index'; END IF; END $$;
ALTER TABLE orders ADD CHECK (total > 0);

-- case: script_savepoint
BEGIN;
SAVEPOINT s;
CREATE INDEX orders_user ON orders (user_id);
ROLLBACK TO s;
CREATE INDEX orders_user ON orders (total);
COMMIT;

-- case: script_set_local
BEGIN;
SET LOCAL maintenance_work_mem = '8MB';
CREATE INDEX orders_user ON orders (user_id);
COMMIT;
SET maintenance_work_mem = '16MB';
CREATE INDEX orders_total ON orders (total);
RESET maintenance_work_mem;

-- case: script_lock_table
LOCK TABLE orders IN SHARE MODE;
CREATE INDEX orders_user ON orders (user_id);
-- transaction: always

-- case: script_function_and_trigger
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := coalesce(NEW.name, ''); RETURN NEW; END $$;
CREATE TRIGGER touched BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
CREATE INDEX ON users (lower(name));

-- case: script_enum
CREATE TYPE state AS ENUM ('new', 'done');
ALTER TABLE orders ADD COLUMN state state NOT NULL DEFAULT 'new';
CREATE INDEX ON orders (state) WHERE state = 'new';
ALTER TYPE state ADD VALUE 'lost';

-- case: script_role
-- setup:
DO $$ BEGIN CREATE ROLE corpus_owner; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT ALL ON SCHEMA script_role TO corpus_owner;
ALTER TABLE orders OWNER TO corpus_owner;
-- up:
SET ROLE corpus_owner;
CREATE INDEX orders_user ON orders (user_id);
ALTER TABLE orders ADD CHECK (total > 0);
RESET ROLE;

-- case: script_fails_late
-- error: 23514
CREATE INDEX orders_user ON orders (user_id);
ALTER TABLE orders ADD CONSTRAINT small CHECK (total < 500);
CREATE INDEX orders_total ON orders (total);
-- as written:
CREATE INDEX IF NOT EXISTS orders_user ON orders (user_id);
ALTER TABLE orders ADD CONSTRAINT small CHECK (total < 500);
CREATE INDEX orders_total ON orders (total);
-- repair:
UPDATE orders SET total = 1;

-- case: script_comments_and_odd_layout
/* leading /* nested */ comment */ CREATE -- inner
  INDEX
  orders_user ON orders /* here */ (user_id)   ; ;; -- trailing
ALTER TABLE orders
    -- with a ; in a comment
    ADD CONSTRAINT "semi;colon" CHECK (total > 0 /* ; */) ;

-- case: script_dollar_and_strings
CREATE INDEX "it's" ON orders ((total || $$it's; a 'string'$$)) WHERE user_id::text <> E'\'; --';
ALTER TABLE orders ADD CHECK (user_id::text <> U&'\0041;' AND $tag$;--$tag$ <> '');

-- case: script_standard_strings_off
SET standard_conforming_strings = off;
SET escape_string_warning = off;
ALTER TABLE orders ADD CONSTRAINT odd CHECK (total::text <> '\';');
CREATE INDEX orders_odd ON orders (user_id) WHERE total::text <> '\\';

-- case: script_search_path_switch
-- setup:
CREATE SCHEMA script_search_path_switch__b;
CREATE TABLE script_search_path_switch__b.orders (user_id int, note text);
INSERT INTO script_search_path_switch__b.orders SELECT i, 'n' FROM generate_series(1, 300) i;
-- up:
SET search_path TO script_search_path_switch__b;
CREATE INDEX orders_user ON orders (user_id);
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
SET search_path TO script_search_path_switch, script_search_path_switch__b;
CREATE INDEX orders_user ON orders (user_id);
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users;
RESET search_path;

-- case: script_type_in_path
-- setup:
CREATE SCHEMA script_type_in_path__b;
CREATE DOMAIN script_type_in_path__b.score AS int CHECK (VALUE >= 0);
CREATE FUNCTION script_type_in_path__b.fine(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 0';
-- up:
SET search_path = script_type_in_path, script_type_in_path__b;
ALTER TABLE orders ADD CHECK (fine(total));
CREATE INDEX orders_score ON orders ((total::score));
CREATE INDEX ON orders (id) WHERE fine(user_id);

-- case: script_views_between
CREATE VIEW paid AS SELECT * FROM orders WHERE total > 0;
CREATE INDEX orders_user ON orders (user_id);
CREATE OR REPLACE VIEW paid AS SELECT *, 1 AS one FROM orders WHERE total > 10;
CREATE MATERIALIZED VIEW sums AS SELECT user_id, sum(total) FROM orders GROUP BY user_id;
CREATE UNIQUE INDEX ON sums (user_id);
REFRESH MATERIALIZED VIEW CONCURRENTLY sums;

-- case: script_statistics_and_storage
ALTER TABLE users ALTER COLUMN name SET STATISTICS 1000, ALTER COLUMN name SET NOT NULL, SET (fillfactor = 90);
ALTER TABLE users ALTER COLUMN email SET STORAGE EXTERNAL, ADD UNIQUE (email);

-- case: script_grants
GRANT SELECT (name) ON users TO PUBLIC;
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
REVOKE SELECT (name) ON users FROM PUBLIC;
CREATE POLICY everybody ON users USING (true);
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE INDEX ON users (email);

-- case: script_truncate_and_reload
TRUNCATE orders;
INSERT INTO orders SELECT i, 1 + i % 1000, i FROM generate_series(1, 500) i;
ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users;
CREATE INDEX ON orders (total);
