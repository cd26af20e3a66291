-- Nothing of one migration's session is seen by the next; what the caller has set is seen by all.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
CREATE ROLE regress_leaks;
GRANT CREATE, USAGE ON SCHEMA public TO regress_leaks;
CREATE SCHEMA elsewhere;
\set look 'SELECT current_user AS role, session_user AS session, current_setting(\'work_mem\') AS work_mem, current_setting(\'search_path\') AS path, current_setting(\'regress.custom\', true) AS custom, to_regclass(\'pg_temp.theirs\') AS temporary, (SELECT count(*) FROM pg_prepared_statements) AS prepared, (SELECT count(*) FROM pg_cursors) AS cursors, (SELECT count(*) FROM pg_listening_channels()) AS channels, (SELECT count(*) FROM pg_locks WHERE locktype = \'advisory\' AND pid = pg_backend_pid() AND objsubid <= 2) AS locks, current_setting(\'default_transaction_read_only\') AS read_only, current_setting(\'client_encoding\') AS encoding'
SELECT migrate.add('l1', $m$
SET work_mem = '3MB';
SET LOCAL maintenance_work_mem = '7MB';
SET regress.custom = 'leak';
CREATE TEMP TABLE theirs (a int);
PREPARE theirs AS SELECT 2;
DECLARE their_cursor CURSOR WITH HOLD FOR SELECT 3;
SELECT pg_advisory_lock(1, 2), pg_advisory_lock_shared(78), pg_advisory_lock(9);
CREATE SEQUENCE l1_s; SELECT nextval('l1_s');
SET client_encoding = 'LATIN1';
SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;
SET SESSION AUTHORIZATION regress_leaks;
SELECT pg_catalog.set_config('search_path', '', false);
$m$, 'DROP SEQUENCE l1_s');
SELECT migrate.add('l2', $m$CREATE TABLE t2 AS $m$ || :'look', 'DROP TABLE t2');
SELECT migrate.add('l3', E'SET ROLE regress_leaks;\nCREATE TABLE t3 (a int);\nSELECT set_config(''work_mem'', ''4MB'', false);', 'DROP TABLE t3');
SELECT migrate.add('l4', $m$CREATE TABLE t4 AS $m$ || :'look', 'DROP TABLE t4');
SELECT migration, step, mode FROM migrate.apply();
\x on
SELECT * FROM t2;
SELECT * FROM t4;
\x off
SELECT relname, relnamespace::regnamespace, relowner::regrole FROM pg_class WHERE relname IN ('t2', 't3', 't4') ORDER BY 1;
-- nor by the caller
SHOW work_mem;
SELECT migration, step FROM migrate.rollback(4);

-- nobody would hear it
SELECT migrate.add('l0', 'LISTEN their_channel');
SELECT migration FROM migrate.apply(names => '{l0}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.remove('l0');

-- a pg_dump, then an unqualified name
SELECT migrate.add('l5', $m$
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.dumped (id integer NOT NULL);
ALTER TABLE public.dumped OWNER TO regress_leaks;
COPY public.dumped (id) FROM stdin;
1
\.
ALTER TABLE ONLY public.dumped ADD CONSTRAINT dumped_pkey PRIMARY KEY (id);
$m$, 'DROP TABLE public.dumped'), migrate.add('l6', 'create table after_dump()', 'DROP TABLE after_dump');
SELECT migration, step, mode FROM migrate.apply(names => '{l5,l6}');
SELECT relname, relnamespace::regnamespace FROM pg_class WHERE relname IN ('dumped', 'after_dump') ORDER BY 1;
SELECT migration, step, mode FROM migrate.rollback(2);

-- within a migration settings last from step to step, and are made again when it is resumed
SELECT migrate.add('l7', $m$
SET search_path = elsewhere; SET work_mem = '6MB';
CREATE TABLE t7 (a int);
CREATE INDEX CONCURRENTLY ON t7 (a);
CREATE TABLE t7b AS SELECT current_setting('work_mem') AS work_mem, current_setting('search_path') AS path;
VACUUM t7;
INSERT INTO t7b SELECT nothing;
$m$, 'DROP TABLE elsewhere.t7, elsewhere.t7b');
SELECT migration, step FROM migrate.apply(names => '{l7}');
SELECT migrate.add('l7', $m$
SET search_path = elsewhere; SET work_mem = '6MB';
CREATE TABLE t7 (a int);
CREATE INDEX CONCURRENTLY ON t7 (a);
CREATE TABLE t7b AS SELECT current_setting('work_mem') AS work_mem, current_setting('search_path') AS path;
VACUUM t7;
INSERT INTO t7b SELECT current_setting('work_mem') || ' again', current_setting('search_path');
$m$, 'DROP TABLE elsewhere.t7, elsewhere.t7b');
SELECT migration, step, mode, statement FROM migrate.apply(names => '{l7}');
TABLE elsewhere.t7b;
SELECT migration FROM migrate.rollback();

-- the caller's settings and role travel to the worker
SET search_path = elsewhere, public;
SET work_mem = '9MB';
SET regress.custom = 'from the caller';
SET DateStyle = 'German';
SET statement_timeout = '7min';
SET lock_timeout = '6min';
SELECT migrate.add('l8', $m$CREATE TABLE t8 AS SELECT current_setting('work_mem') AS work_mem, current_setting('search_path') AS path, current_setting('regress.custom', true) AS custom,
    DATE '2024-12-31'::text AS date, current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock$m$, 'DROP TABLE t8');
SELECT migration FROM migrate.apply(names => '{l8}');
RESET search_path;
TABLE elsewhere.t8;
RESET work_mem; RESET regress.custom; RESET DateStyle; RESET statement_timeout; RESET lock_timeout;
DROP TABLE elsewhere.t8;

DROP SCHEMA elsewhere;
DROP OWNED BY regress_leaks;
DROP ROLE regress_leaks;
SET migrate.allow_drop = on;
DROP EXTENSION migrate;
