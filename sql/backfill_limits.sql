-- What would make a backfill another change than its statement is refused, and whose rights and names it runs with.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS migrate;
CREATE EXTENSION migrate;
CREATE SCHEMA limits;
SET search_path = limits, public;
CREATE ROLE regress_limits;
GRANT USAGE ON SCHEMA limits TO regress_limits;
RESET client_min_messages;
\set VERBOSITY terse

-- a trigger sets the key afterwards: rows would be met again
CREATE TABLE moved (id int PRIMARY KEY, n int NOT NULL DEFAULT 0);
INSERT INTO moved SELECT i FROM generate_series(1, 100) i;
CREATE FUNCTION move_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE limits.moved SET id = id + 1000 WHERE id = NEW.id AND id % 2 = 0;
    RETURN NULL;
END $$;
CREATE TRIGGER move_on AFTER UPDATE OF n ON moved FOR EACH ROW EXECUTE FUNCTION move_on();
\set VERBOSITY default
SELECT rows FROM migrate.backfill('UPDATE limits.moved SET n = n + 1', batch => 10);
\set VERBOSITY terse
SELECT max(id), sum(n) FROM moved;
-- in WITH
CREATE OR REPLACE FUNCTION move_on() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE c int;
BEGIN
    WITH u AS (UPDATE limits.moved SET id = id + 1000 WHERE id = NEW.id AND id % 2 = 0 RETURNING 1) SELECT count(*) INTO c FROM u;
    RETURN NULL;
END $$;
SELECT rows FROM migrate.backfill('UPDATE limits.moved SET n = n + 1', batch => 10);
-- as the table or as its parent
CREATE TABLE moved_parts (id int PRIMARY KEY, n int NOT NULL DEFAULT 0) PARTITION BY RANGE (id);
CREATE TABLE moved_all PARTITION OF moved_parts DEFAULT;
INSERT INTO moved_parts SELECT i FROM generate_series(1, 100) i;
CREATE FUNCTION move_by_parent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE limits.moved_parts SET id = id + 1000 WHERE id = NEW.id AND id % 2 = 0;
    RETURN NULL;
END $$;
CREATE TRIGGER move_on AFTER UPDATE OF n ON moved_parts FOR EACH ROW EXECUTE FUNCTION move_by_parent();
SELECT rows FROM migrate.backfill('UPDATE limits.moved_parts SET n = n + 1', batch => 10);
-- in one batch it is what the statement does
SELECT rows FROM migrate.backfill('UPDATE limits.moved SET n = n + 1', batch => 1000, restart => true, unsafe => true);
SELECT n, count(*) FROM moved GROUP BY n;
-- what it sets else is its own affair
CREATE OR REPLACE FUNCTION move_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE limits.moved SET n = n + 10 WHERE id = NEW.id AND pg_trigger_depth() = 1;
    RETURN NULL;
END $$;
SELECT rows FROM migrate.backfill('UPDATE limits.moved SET n = n + 1', batch => 10);
SELECT n, count(*) FROM moved GROUP BY n;

-- a row as a whole is not one of the table named where its parts have other columns
CREATE TABLE wholes (id int PRIMARY KEY, a text, w text) PARTITION BY RANGE (id);
CREATE TABLE wholes_1 PARTITION OF wholes FOR VALUES FROM (0) TO (10);
CREATE TABLE wholes_2 (w text, id int NOT NULL, a text);
INSERT INTO wholes VALUES (1, 'x');
SELECT rows FROM migrate.backfill('UPDATE limits.wholes SET w = wholes::text');
SELECT w FROM wholes;
ALTER TABLE wholes ATTACH PARTITION wholes_2 FOR VALUES FROM (10) TO (20);
INSERT INTO wholes VALUES (11, 'y');
SELECT rows FROM migrate.backfill('UPDATE limits.wholes SET w = wholes::text');
SELECT rows FROM migrate.backfill('UPDATE limits.wholes o SET w = (SELECT o::text FROM generate_series(1, 1))');
SELECT rows FROM migrate.backfill('UPDATE limits.wholes SET w = (SELECT max(wholes::text) FROM (VALUES (1)) wholes (x))', unsafe => true);
SELECT w FROM wholes ORDER BY id;

-- rights on the table named count, as written, and those on the parts that the batches change
CREATE TABLE named (id int PRIMARY KEY, n int NOT NULL DEFAULT 0) PARTITION BY RANGE (id);
CREATE TABLE named_1 PARTITION OF named FOR VALUES FROM (0) TO (100);
INSERT INTO named SELECT i FROM generate_series(1, 20) i;
SELECT migrate.grant('regress_limits');
GRANT SELECT, UPDATE (n) ON named TO regress_limits;
SELECT rows FROM migrate.backfill('UPDATE limits.named SET n = n + 1', role => 'regress_limits', batch => 7);
GRANT SELECT, UPDATE (n) ON named_1 TO regress_limits;
SELECT rows FROM migrate.backfill('UPDATE limits.named SET n = n + 1', role => 'regress_limits', batch => 7);
SELECT rows FROM migrate.backfill('DELETE FROM limits.named WHERE n > 100', role => 'regress_limits');
REVOKE SELECT ON named_1 FROM regress_limits;
SELECT rows FROM migrate.backfill('UPDATE limits.named SET n = 9', remaining => 'n > 100', role => 'regress_limits');
REVOKE SELECT ON named FROM regress_limits;
GRANT SELECT, UPDATE ON named_1 TO regress_limits;
SELECT rows FROM migrate.backfill('UPDATE limits.named SET n = n + 1 WHERE n > 0', role => 'regress_limits');
-- and so does its name
SELECT rows FROM migrate.backfill('UPDATE limits.named SET n = limits.named.n + 1 WHERE named.id > 0', batch => 7);
SELECT rows FROM migrate.backfill('UPDATE limits.named SET n = n + 1', remaining => 'limits.named.n < 3', batch => 7);
-- but not where another has it
CREATE TABLE other (named int);
SELECT rows FROM migrate.backfill('UPDATE limits.named SET n = (SELECT count(*) FROM limits.other AS named WHERE named.named = limits.named.id)');
SELECT n, count(*) FROM named GROUP BY n;
-- by itself it runs as written, if the role may not change the parts
SET migrate.small_update = 5;
ANALYZE named;
SELECT migrate.add('named', 'UPDATE limits.named SET n = 7;');
REVOKE ALL ON named_1 FROM regress_limits;
GRANT SELECT ON named TO regress_limits;
SET client_min_messages = warning;
SELECT mode FROM migrate.apply(role => 'regress_limits');
RESET client_min_messages;
RESET migrate.small_update;
SELECT n, count(*) FROM named GROUP BY n;

-- a superuser who runs it as a weaker role is not led into more by what that role wrote
CREATE TABLE led (id int PRIMARY KEY, n int NOT NULL DEFAULT 0);
CREATE TABLE superusers (who name);
INSERT INTO led VALUES (1);
ALTER TABLE led OWNER TO regress_limits;
CREATE FUNCTION lead_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RESET ROLE;
    INSERT INTO limits.superusers VALUES (current_user);
    RETURN NEW;
END $$;
CREATE TRIGGER lead_on BEFORE UPDATE ON led FOR EACH ROW EXECUTE FUNCTION lead_on();
SELECT rows FROM migrate.backfill('UPDATE limits.led SET n = n + 1', role => 'regress_limits');
SELECT count(*) FROM superusers;

-- a key of an enum's domain
CREATE TYPE mood AS ENUM ('low', 'middle', 'high');
CREATE DOMAIN some_mood AS mood CHECK (VALUE <> 'middle');
CREATE TABLE moods (m some_mood PRIMARY KEY, n int NOT NULL DEFAULT 0);
INSERT INTO moods VALUES ('high'), ('low');
SELECT rows FROM migrate.backfill('UPDATE limits.moods SET n = n + 1', batch => 1);
SELECT * FROM moods ORDER BY m;

-- looking for the column that fails leaves nothing behind
CREATE TABLE traces (id int);
CREATE FUNCTION trace(id int) RETURNS int LANGUAGE sql AS 'INSERT INTO limits.traces VALUES ($1) RETURNING id';
CREATE TABLE traced (id int PRIMARY KEY, a int, b int, z int NOT NULL);
INSERT INTO traced SELECT i, NULL, NULL, (i <> 5)::int FROM generate_series(1, 10) i;
SELECT rows, skipped FROM migrate.backfill('UPDATE limits.traced SET a = limits.trace(id), b = 1 / z', batch => 3, on_error => 'skip');
SELECT column_name, key FROM migrate.skipped;
SELECT count(*) FROM traces;

-- no numbers
SELECT migrate.backfill('UPDATE limits.traced SET a = 1', rows_per_second => 'NaN');
SELECT migrate.backfill('UPDATE limits.traced SET a = 1', rows_per_second => 'Infinity');
SELECT migrate.backfill('UPDATE limits.traced SET a = 1', max_skipped => 'NaN');
SELECT migrate.throttle(1, rows_per_second => 'NaN');

SET client_min_messages = error;
SET migrate.allow_drop = on;
DROP SCHEMA limits CASCADE;
DROP EXTENSION migrate;
DROP OWNED BY regress_limits;
DROP ROLE regress_limits;
