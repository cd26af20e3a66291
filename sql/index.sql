-- CREATE INDEX CONCURRENTLY: INVALID leftovers, duplicates, partitioned tables.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
CREATE TABLE t (a int, b text);
INSERT INTO t VALUES (1, 'x'), (1, 'y'), (2, 'z');
CREATE VIEW indexes AS SELECT indexrelid::regclass AS index, indisvalid AS valid FROM pg_index WHERE indrelid = 't'::regclass ORDER BY indexrelid::regclass::text;

-- duplicate keys: the error says so, and no INVALID index stays
SELECT migrate.add('i01', 'CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a)', 'DROP INDEX t_a');
SELECT migration, step FROM migrate.apply(names => '{i01}');
\echo :LAST_ERROR_SQLSTATE
TABLE indexes;
SELECT name, state, error FROM migrate.status;
SELECT migration, step FROM migrate.apply(names => '{i01}');
TABLE indexes;
DELETE FROM t WHERE b = 'y';
SELECT migration, step FROM migrate.apply(names => '{i01}');
TABLE indexes;
-- the same without a name
INSERT INTO t VALUES (3, 'z');
SELECT migrate.add('i02', 'CREATE UNIQUE INDEX CONCURRENTLY ON t (b)', 'DROP INDEX t_b_idx');
SELECT migration, step FROM migrate.apply(names => '{i02}');
\echo :LAST_ERROR_SQLSTATE
TABLE indexes;
-- other errors
SELECT migrate.add('i03', 'CREATE INDEX CONCURRENTLY t_c ON t (c)');
SELECT migration, step FROM migrate.apply(names => '{i03}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('i03', 'CREATE INDEX CONCURRENTLY t_c ON no_table (c)');
SELECT migration, step FROM migrate.apply(names => '{i03}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('i03', 'CREATE INDEX CONCURRENTLY t_c ON t ((1 / (a - 2)))');
SELECT migration, step FROM migrate.apply(names => '{i03}');
\echo :LAST_ERROR_SQLSTATE
TABLE indexes;
SELECT migrate.add('i03', 'CREATE INDEX CONCURRENTLY t_a ON t (b)');
SELECT migration, step FROM migrate.apply(names => '{i03}');
\echo :LAST_ERROR_SQLSTATE
TABLE indexes;
SELECT migrate.mark(name, 'pending') FROM unnest('{i02,i03}'::text[]) AS name;
SELECT migrate.remove(name) FROM unnest('{i02,i03}'::text[]) AS name;

-- INVALID indexes that somebody left
CREATE UNIQUE INDEX CONCURRENTLY left1 ON t (b);
CREATE UNIQUE INDEX CONCURRENTLY left2 ON t (b) WHERE a > 1;
CREATE UNIQUE INDEX CONCURRENTLY "Left 3" ON t (lower(b) DESC NULLS LAST) INCLUDE (a) WITH (fillfactor = 80);
TABLE indexes;
DELETE FROM t WHERE a = 3;
-- another definition: not ours to drop
SELECT migrate.add('i04', 'CREATE UNIQUE INDEX CONCURRENTLY left1 ON t (b) WHERE a > 0', 'DROP INDEX left1');
SELECT migration, step FROM migrate.apply(names => '{i04}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('i04', 'CREATE INDEX CONCURRENTLY IF NOT EXISTS left1 ON t (b)', 'DROP INDEX left1');
SELECT migration, step FROM migrate.apply(names => '{i04}');
\echo :LAST_ERROR_SQLSTATE
TABLE indexes;
-- of the same definition: dropped, and built
SELECT migrate.add('i04', 'CREATE UNIQUE INDEX CONCURRENTLY left1 ON public.t USING btree (b ASC)', 'DROP INDEX left1');
SELECT migration, step FROM migrate.apply(names => '{i04}');
-- behind IF NOT EXISTS as well, which the server would take for done
SELECT migrate.add('i05', 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS left2 ON t (b) WHERE (a > 1); CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "Left 3" ON t (lower(b) DESC NULLS LAST) INCLUDE (a) WITH (fillfactor = 80)', 'DROP INDEX left2; DROP INDEX "Left 3"');
SET client_min_messages = notice;
SELECT bool_and(mode = 'alone') FROM (SELECT * FROM migrate.plan(names => '{i05}')) AS p WHERE step IS NOT NULL;
SET client_min_messages = warning;
SELECT migration, step FROM migrate.apply(names => '{i05}');
TABLE indexes;
-- a valid one of that name
SELECT migrate.add('i06', 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS left2 ON t (b) WHERE a > 1', '-- was there');
SELECT migration, step FROM migrate.apply(names => '{i06}');
SELECT migrate.add('i07', 'CREATE UNIQUE INDEX CONCURRENTLY left2 ON t (b) WHERE a > 1');
SELECT migration, step FROM migrate.apply(names => '{i07}');
\echo :LAST_ERROR_SQLSTATE
TABLE indexes;
SELECT migrate.mark('i07', 'pending');
SELECT migrate.remove('i07');
SELECT migration, step FROM migrate.rollback(4);
TABLE indexes;

-- names and schemas that need quotes; ONLY; tables found by search_path
SELECT migrate.add('i08', $m$
CREATE SCHEMA "My Schema";
CREATE TABLE "My Schema"."Odd ""Table" ("A b" int, ż text);
SET search_path = "My Schema";
CREATE INDEX CONCURRENTLY "Ix ""1""" ON ONLY "Odd ""Table" ("A b", (upper(ż)));
CREATE INDEX CONCURRENTLY IF NOT EXISTS "on" ON "Odd ""Table" USING hash (ż);
CREATE INDEX CONCURRENTLY ON "Odd ""Table" (ż text_pattern_ops) WHERE "A b" IN (1, 2);
$m$, 'DROP SCHEMA "My Schema" CASCADE');
SELECT migration, step FROM migrate.apply(names => '{i08}');
SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = '"My Schema"."Odd ""Table"'::regclass ORDER BY 1;
SELECT migration, step FROM migrate.rollback();

-- a partitioned table: built on every leaf, attached, with the names that the server would choose
CREATE TABLE p (a int NOT NULL, b text) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20) PARTITION BY LIST (b);
CREATE TABLE p2x PARTITION OF p2 FOR VALUES IN ('x');
CREATE TABLE p2y PARTITION OF p2 FOR VALUES IN ('y');
INSERT INTO p VALUES (1, 'x'), (11, 'x'), (12, 'y'), (12, 'y');
CREATE VIEW p_indexes AS SELECT indrelid::regclass AS "table", indexrelid::regclass AS index, indisvalid AS valid,
    (SELECT inhparent::regclass FROM pg_inherits WHERE inhrelid = indexrelid) AS parent
  FROM pg_index WHERE indrelid IN (SELECT relid FROM pg_partition_tree('p')) ORDER BY indrelid::regclass::text, indexrelid::regclass::text;
CREATE INDEX p_like_this ON p (a, b);
CREATE INDEX ON p (b) INCLUDE (a);
TABLE p_indexes;
DROP INDEX p_like_this, p_b_a_idx;
SELECT migrate.add('i09', 'CREATE INDEX CONCURRENTLY p_like_this ON p (a, b); CREATE INDEX CONCURRENTLY ON p (b) INCLUDE (a);', 'DROP INDEX p_like_this, p_b_a_idx');
SELECT step, mode, statement FROM migrate.plan(names => '{i09}');
SELECT migration, step, mode FROM migrate.apply(names => '{i09}');
TABLE p_indexes;
SELECT migrate.add('i10', 'CREATE INDEX CONCURRENTLY IF NOT EXISTS p_like_this ON p (a, b)', '-- was there');
SELECT migration, step, mode FROM migrate.apply(names => '{i10}');
SELECT migration, step, mode FROM migrate.rollback(2);
TABLE p_indexes;
-- an index that a leaf has already is attached
CREATE INDEX mine ON p2x (a DESC);
SELECT migrate.add('i11', 'CREATE INDEX CONCURRENTLY p_a ON p (a DESC)', 'DROP INDEX p_a');
SELECT migration, step, mode FROM migrate.apply(names => '{i11}');
TABLE p_indexes;
SELECT migration, step, mode FROM migrate.rollback();
-- duplicates in a leaf: nothing stays anywhere
SELECT migrate.add('i12', 'CREATE UNIQUE INDEX CONCURRENTLY p_u ON p (a, b)', 'DROP INDEX p_u');
SELECT migration, step, mode FROM migrate.apply(names => '{i12}');
\echo :LAST_ERROR_SQLSTATE
TABLE p_indexes;
DELETE FROM p WHERE a = 12;
SELECT migration, step, mode FROM migrate.apply(names => '{i12}');
TABLE p_indexes;
SELECT migration, step, mode FROM migrate.rollback();
-- what the server refuses is refused as it refuses it
SELECT migrate.add('i12', 'CREATE UNIQUE INDEX CONCURRENTLY p_u ON p (b)', 'DROP INDEX p_u');
SELECT migration, step, mode FROM migrate.apply(names => '{i12}');
\echo :LAST_ERROR_SQLSTATE
TABLE p_indexes;

DROP VIEW indexes, p_indexes;
DROP TABLE t, p;
SET migrate.allow_drop = on;
DROP EXTENSION migrate;
