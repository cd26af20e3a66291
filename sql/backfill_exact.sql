-- Backfills that are not to do a row twice, leave one out, or do one that the statement would not have done.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS migrate;
CREATE EXTENSION migrate;
CREATE SCHEMA exact;
SET search_path = exact, public;
CREATE ROLE regress_exact;
GRANT USAGE ON SCHEMA exact TO regress_exact;
RESET client_min_messages;
\set VERBOSITY terse

-- ONLY is meant
CREATE TABLE parent (id int PRIMARY KEY, n int DEFAULT 0);
CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent);
INSERT INTO parent SELECT i FROM generate_series(1, 10) i;
INSERT INTO child SELECT i FROM generate_series(11, 20) i;
SELECT rows FROM migrate.backfill('UPDATE ONLY exact.parent SET n = n + 1');
SELECT tableoid::regclass, n, count(*) FROM parent GROUP BY 1, 2 ORDER BY 1, 2;

-- row by row, while a trigger changes the rows that follow
CREATE TABLE chain (id int PRIMARY KEY, n int NOT NULL DEFAULT 0, touched int DEFAULT 0, z int DEFAULT 1);
INSERT INTO chain (id) SELECT i FROM generate_series(1, 40) i;
UPDATE chain SET z = 0 WHERE id = 5;
CREATE FUNCTION touch_next() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() = 1 THEN
        UPDATE exact.chain SET touched = touched + 1 WHERE id = NEW.id + 1;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER touch_next AFTER UPDATE ON chain FOR EACH ROW EXECUTE FUNCTION touch_next();
SELECT rows, skipped FROM migrate.backfill('UPDATE exact.chain SET n = n + 1 / z', on_error => 'skip');
SELECT n, count(*) FROM chain GROUP BY n ORDER BY n;

-- an operator class of its own in a key of several columns
CREATE TABLE patterns (a int NOT NULL, b text NOT NULL, n int DEFAULT 0);
CREATE UNIQUE INDEX patterns_key ON patterns (a, b text_pattern_ops);
INSERT INTO patterns SELECT i % 3, (ARRAY['a', 'B', 'c', 'A', 'b', '-a'])[1 + i % 6] || i FROM generate_series(1, 400) i;
SELECT rows FROM migrate.backfill('UPDATE exact.patterns SET n = n + 1', batch => 7);
CREATE UNIQUE INDEX patterns_alone ON patterns (b text_pattern_ops);
SELECT rows FROM migrate.backfill('UPDATE exact.patterns SET n = n + 1', batch => 7);
SELECT n, count(*) FROM patterns GROUP BY n;

-- policies of a partition, which the statement as written would not ask
CREATE TABLE parts (id int PRIMARY KEY, n int DEFAULT 0) PARTITION BY RANGE (id);
CREATE TABLE low PARTITION OF parts FOR VALUES FROM (0) TO (100);
CREATE TABLE high PARTITION OF parts FOR VALUES FROM (100) TO (200);
INSERT INTO parts SELECT i FROM generate_series(1, 199) i;
ALTER TABLE high ENABLE ROW LEVEL SECURITY;
GRANT ALL ON parts, low, high, parent, child TO regress_exact;
SELECT rows FROM migrate.backfill('UPDATE exact.parts SET n = n + 1', role => 'regress_exact');
SELECT rows FROM migrate.backfill('UPDATE exact.parts SET n = n + 1');
ALTER TABLE parent ENABLE ROW LEVEL SECURITY;
SELECT rows FROM migrate.backfill('UPDATE exact.parent SET n = n + 1', role => 'regress_exact');

-- rows on another server
CREATE FOREIGN DATA WRAPPER regress_exact_wrapper;
CREATE SERVER regress_exact_server FOREIGN DATA WRAPPER regress_exact_wrapper;
CREATE TABLE near_and_far (id int, n int) PARTITION BY RANGE (id);
CREATE TABLE near PARTITION OF near_and_far FOR VALUES FROM (0) TO (100);
CREATE FOREIGN TABLE far PARTITION OF near_and_far FOR VALUES FROM (100) TO (200) SERVER regress_exact_server;
SELECT rows FROM migrate.backfill('UPDATE exact.near_and_far SET n = 1 WHERE n IS NULL');

-- a column whose name is no regular expression
CREATE TABLE odd (id int NOT NULL, n int, "a(b" int) PARTITION BY RANGE ((id + 1));
CREATE TABLE odd_all PARTITION OF odd DEFAULT;
INSERT INTO odd SELECT i FROM generate_series(1, 10) i;
SELECT rows FROM migrate.backfill('UPDATE exact.odd SET n = 1 WHERE n IS NULL');
SELECT rows FROM migrate.backfill('UPDATE exact.odd SET id = 1 WHERE n IS NULL');

-- what is evaluated when a key is read back
CREATE FUNCTION is_small(i int) RETURNS boolean LANGUAGE sql AS 'SELECT $1 < (SELECT 1000)';
CREATE DOMAIN small AS int CHECK (exact.is_small(VALUE));
CREATE TABLE arrays (a small[] PRIMARY KEY, n int DEFAULT 0);
INSERT INTO arrays SELECT ARRAY[i] FROM generate_series(1, 30) i;
SELECT rows FROM migrate.backfill('UPDATE exact.arrays SET n = n + 1', batch => 5);

-- several columns from one subselect
CREATE TABLE several (id int PRIMARY KEY, n int DEFAULT 0, m int);
INSERT INTO several SELECT i FROM generate_series(1, 30) i;
SELECT rows, skipped FROM migrate.backfill('UPDATE exact.several SET (n, m) = (SELECT n + 1, 1 / (id - 7))', batch => 10, on_error => 'skip');
SELECT n, count(*) FROM several GROUP BY n ORDER BY n;

-- the best key is set, another one is cut by: what was put aside is told by that one
CREATE TABLE two_keys (email text NOT NULL, id int NOT NULL, done boolean NOT NULL DEFAULT false, z int);
CREATE UNIQUE INDEX two_keys_email ON two_keys (email);
CREATE UNIQUE INDEX two_keys_id ON two_keys (id);
INSERT INTO two_keys SELECT lpad(i::text, 5, '0'), 10000 - i * 7919 % 10007, false, (i % 10 <> 0)::int FROM generate_series(1, 500) i;
ANALYZE two_keys;
SELECT migrate.backfill('UPDATE exact.two_keys SET email = ''x'' || email, done = true, z = 1 / z WHERE NOT done', on_error => 'skip');
SELECT rows, skipped FROM migrate.backfill('UPDATE exact.two_keys SET email = ''x'' || email, done = true, z = 1 / z WHERE NOT done', on_error => 'skip', max_skipped => 1);

-- another key has become the best meanwhile
CREATE TABLE either_key (a int NOT NULL, b int NOT NULL, done boolean NOT NULL DEFAULT false, z int);
CREATE UNIQUE INDEX either_key_a ON either_key (a);
CREATE UNIQUE INDEX either_key_b ON either_key (b);
INSERT INTO either_key SELECT i, i * 7919 % 10007, false, (i % 10 <> 0)::int FROM generate_series(1, 500) i;
ANALYZE either_key;
SELECT migrate.backfill('UPDATE exact.either_key SET done = true, z = 1 / z WHERE NOT done', on_error => 'skip');
CLUSTER either_key USING either_key_b;
ANALYZE either_key;
SELECT rows, skipped FROM migrate.backfill('UPDATE exact.either_key SET done = true, z = 1 / z WHERE NOT done', on_error => 'skip', max_skipped => 1);

-- no key, and the condition stays true: nothing tells what is done
CREATE TABLE keyless (a int, b int DEFAULT 0);
INSERT INTO keyless SELECT i FROM generate_series(1, 100) i;
SELECT rows FROM migrate.backfill('UPDATE exact.keyless SET b = 1 WHERE a > 50');
SELECT b, count(*) FROM keyless GROUP BY b;
ANALYZE keyless;
SELECT migrate.add('keyless', 'UPDATE exact.keyless SET b = 1 WHERE a > 50;');
SET client_min_messages = warning;
SET migrate.small_update = 10;
SELECT mode FROM migrate.apply();
SELECT b, count(*) FROM keyless GROUP BY b ORDER BY b;
-- in batches of its own accord: what the statement as written leaves is no failure
CREATE TABLE partly (id int PRIMARY KEY, a int, b int);
INSERT INTO partly SELECT i, NULL, nullif(i % 5, 0) FROM generate_series(1, 500) i;
ANALYZE partly;
SELECT migrate.add('partly', 'UPDATE exact.partly SET a = b WHERE a IS NULL;');
SELECT mode FROM migrate.apply();
SELECT a IS NULL AS is_left, count(*) FROM partly GROUP BY 1 ORDER BY 1;
RESET migrate.small_update;

-- a weaker role's script in a superuser's session: what planning evaluates has not the superuser's rights
CREATE TABLE superusers_only (who text);
CREATE FUNCTION leave_role() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RESET ROLE;
    INSERT INTO exact.superusers_only VALUES (current_user);
EXCEPTION WHEN insufficient_privilege OR invalid_parameter_value THEN
END $$;
CREATE FUNCTION constant() RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM exact.leave_role(); RETURN 'x'; END $$;
CREATE TABLE roles (id int PRIMARY KEY, was text);
INSERT INTO roles VALUES (1);
GRANT ALL ON roles TO regress_exact;
SELECT migrate.grant('regress_exact');
SET ROLE regress_exact;
SELECT migrate.add('roles', E'-- migrate:backfill\nUPDATE exact.roles SET was = exact.constant();');
RESET ROLE;
SET client_min_messages = warning;
SELECT count(*) FROM migrate.apply(role => 'regress_exact');
SELECT was FROM roles;
SELECT count(*) FROM superusers_only;

SET client_min_messages = error;
SET migrate.allow_drop = on;
DROP SERVER regress_exact_server CASCADE;
DROP FOREIGN DATA WRAPPER regress_exact_wrapper;
DROP SCHEMA exact CASCADE;
DROP EXTENSION migrate;
DROP OWNED BY regress_exact;
DROP ROLE regress_exact;
