-- How long plan() thinks that statements take: from rows, widths, access methods, collations and the planner.  The
-- catalogs are told that the table is large, and what is in it is told by ANALYZE.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
SET migrate.online = off;
SET migrate.lint = off;
\pset null ''
CREATE TABLE big (id bigint PRIMARY KEY, a int, code text, note text COLLATE "C", wide text);
INSERT INTO big SELECT i, i, 'c' || i, 'n' || i, (SELECT string_agg(md5(i::text || j), '') FROM generate_series(1, 8) j) FROM generate_series(1, 1000) i;
CREATE TABLE small (id int PRIMARY KEY);
CREATE TABLE parts (LIKE big) PARTITION BY RANGE (id);
CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (10000);
INSERT INTO parts SELECT * FROM big;
ANALYZE big, small, parts;
UPDATE pg_class SET reltuples = 2e6 WHERE relname IN ('big', 'big_pkey', 'part');
CREATE FUNCTION durations(script text) RETURNS TABLE (duration text, hold text, statement text) LANGUAGE plpgsql AS $$BEGIN
    PERFORM migrate.add('p', script, '-- none');
    RETURN QUERY SELECT p.effects ->> 'duration', p.hold, p.statement FROM migrate.plan() p WHERE p.mode <> 'summary';
    PERFORM migrate.remove('p');
END$$;

-- indexes: as many entries, of one width or another, sorted or not, all rows or some
SELECT * FROM durations('
    CREATE INDEX ON big (a);
    CREATE INDEX ON big (a) INCLUDE (wide);
    CREATE INDEX ON big (wide);
    CREATE INDEX ON big (a) WHERE a = 7;
    CREATE INDEX ON big (a) WHERE a > 0;
    CREATE INDEX ON big USING brin (a);
    CREATE INDEX ON big USING hash (a);
    CREATE INDEX ON big (lower(code));
    CREATE INDEX ON parts (a) WHERE a = 7;
    CREATE INDEX ON parts (a);
    ALTER TABLE big ADD UNIQUE (a);
    ALTER TABLE big ADD EXCLUDE USING hash (a WITH =);
    REINDEX INDEX big_pkey;
    CREATE INDEX ON small (id);');
-- nobody's function is run for an estimate: the index counts as one of all rows
CREATE FUNCTION mine(int) RETURNS bool IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RAISE 'run'; END$$;
SELECT * FROM durations('CREATE INDEX ON big (a) WHERE mine(7)');

-- rewrites, with the indexes; scans
SELECT * FROM durations('
    ALTER TABLE big ALTER a TYPE bigint;
    ALTER TABLE big ADD CHECK (a > 0);
    ALTER TABLE small ALTER id TYPE bigint;');

-- rows: of a lock that stops nobody there is no hold
SELECT * FROM durations('
    UPDATE big SET a = 0;
    UPDATE big SET a = 0 WHERE id = 7;
    UPDATE big SET a = 0 WHERE code = ''c7'';
    DELETE FROM big;
    DELETE FROM small;
    INSERT INTO big SELECT * FROM big;
    INSERT INTO big VALUES (0);
    CREATE TABLE copied AS SELECT * FROM big;
    CREATE TABLE none AS SELECT * FROM big WITH NO DATA;
    SELECT count(*) FROM big x, big y WHERE x.a > y.a;
    SELECT 1;');
SET migrate.allow_drop = on;
DROP EXTENSION migrate;
DROP TABLE big, small, parts;
DROP FUNCTION durations, mine;
