-- A hostile schema first in search_path, objects named like ours, and names of every kind.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
CREATE SCHEMA hostile;
SET search_path = hostile, pg_catalog, public;
-- whatever our own SQL might call without a schema cries out
CREATE TABLE cries (who text);
CREATE FUNCTION hostile.cry(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN INSERT INTO hostile.cries VALUES ($1); RETURN $1; END $$;
CREATE FUNCTION hostile.eq(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.cry('='); RETURN NOT $1 OPERATOR(pg_catalog.=) $2; END $$;
CREATE OPERATOR hostile.= (LEFTARG = text, RIGHTARG = text, FUNCTION = hostile.eq);
CREATE FUNCTION hostile.eq(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.cry('='); RETURN NOT $1 OPERATOR(pg_catalog.=) $2; END $$;
CREATE OPERATOR hostile.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = hostile.eq);
CREATE FUNCTION hostile.eq(oid, oid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.cry('='); RETURN NOT $1 OPERATOR(pg_catalog.=) $2; END $$;
CREATE OPERATOR hostile.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = hostile.eq);
CREATE FUNCTION hostile.join(text, text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN hostile.cry('||'); END $$;
CREATE OPERATOR hostile.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = hostile.join);
CREATE FUNCTION hostile.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.cry('now'); RETURN 'epoch'; END $$;
CREATE FUNCTION hostile.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.cry('clock'); RETURN 'epoch'; END $$;
CREATE FUNCTION hostile.current_database() RETURNS name LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.cry('database'); RETURN 'x'; END $$;
CREATE FUNCTION hostile.lower(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN hostile.cry('lower'); END $$;
CREATE FUNCTION hostile.sort_key(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN hostile.cry('sort_key'); END $$;
CREATE FUNCTION hostile.checksum(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN hostile.cry('checksum'); END $$;
CREATE FUNCTION hostile.coalesce(text, text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN hostile.cry('coalesce'); END $$;
CREATE FUNCTION hostile.pg_notify(text, text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.cry('notify'); END $$;
CREATE FUNCTION hostile.array_to_string(text[], text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN hostile.cry('array'); END $$;
CREATE FUNCTION hostile.has_function_privilege(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.cry('privilege'); RETURN true; END $$;
CREATE TABLE hostile.migrations (id bigint, name text, up text);
CREATE TABLE hostile.runs (id bigint);
CREATE TABLE hostile.pg_class (oid oid, relname name);
CREATE TABLE hostile.pg_locks (pid int);
CREATE TABLE hostile.pg_roles (rolname name, rolsuper boolean);
CREATE VIEW hostile.status AS SELECT hostile.cry('status');
CREATE TYPE hostile.text AS (x int);
CREATE TEMP TABLE pg_index (indexrelid oid);
CREATE TEMP TABLE migrations (id bigint);
CREATE SCHEMA "Migrate";

SELECT migrate.add('h1', 'CREATE TABLE h1 (a int); INSERT INTO h1 VALUES (1)', 'DROP TABLE h1');
SELECT migrate.add('h2', 'CREATE INDEX CONCURRENTLY h2 ON h1 (a); REINDEX TABLE h1; VACUUM h1', 'DROP INDEX CONCURRENTLY h2', requires => '{h1}');
SELECT migrate.add('h3', E'CREATE TABLE h3 (a int, b pg_catalog.text);\nCOPY h3 FROM stdin;\n1\tx\n\\.\nSELECT nothing;', 'DROP TABLE h3');
SELECT migration, step, mode, statement FROM migrate.plan();
SELECT migration, step, mode FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('h3', E'CREATE TABLE h3 (a int, b pg_catalog.text);\nCOPY h3 FROM stdin;\n1\tx\n\\.\nSELECT 1;', 'DROP TABLE h3');
BEGIN;
SELECT migration, step, mode FROM migrate.apply();
COMMIT;
SELECT name, state, checksum_ok, applied_at > '2020-01-01' AS recent FROM migrate.status;
SELECT event, migration FROM migrate.history;
SELECT migration, state FROM migrate.steps;
SELECT count(*) FROM migrate.progress;
SELECT migrate.repair('h3', down => 'DROP TABLE h3');
SELECT migration, step, mode FROM migrate.redo();
SELECT migration, step, mode FROM migrate.rollback('h2', cascade => true);
SELECT migrate.mark('h2', 'applied');
SELECT migrate.mark('h2', 'pending');
SELECT migrate.remove('h3');
SELECT migrate.baseline('h1');
SELECT relnamespace::regnamespace FROM pg_catalog.pg_class WHERE relname OPERATOR(pg_catalog.=) 'h1';
TABLE cries;
SELECT migration FROM migrate.rollback();
TABLE cries;
RESET search_path;
DROP TABLE pg_temp.pg_index, pg_temp.migrations;
DROP SCHEMA hostile CASCADE;
DROP SCHEMA "Migrate";
SELECT migrate.remove('h2');
SELECT migrate.remove('h1');

-- names that need quotes, of 63 bytes, of many bytes a character
\set long 'żółtażółtażółtażółtażółtażółtażółtaxxxxxxx'
\set long2 'żółtażółtażółtażółtażółtażółtażółtaxxxxxxy'
SELECT octet_length(:'long'), octet_length(:'long2');
CREATE ROLE "regress ""Odd"" róle" LOGIN;
GRANT CREATE ON SCHEMA public TO "regress ""Odd"" róle";
SELECT migrate.grant('regress "Odd" róle');
SELECT migrate.add('n "1"', format('CREATE SCHEMA %1$I; CREATE TABLE %1$I.%1$I (%1$I int, "a;b" text, "%%s" int);', :'long'), format('DROP SCHEMA %I CASCADE', :'long'));
SELECT migrate.add('n ''2''', format('CREATE INDEX CONCURRENTLY %2$I ON %1$I.%1$I (%1$I); CREATE INDEX CONCURRENTLY ON %1$I.%1$I ("a;b")', :'long', :'long2'), format('DROP INDEX CONCURRENTLY %1$I.%2$I;', :'long', :'long2'));
SELECT migrate.add('n {3,"x\y"}', format(E'COPY %1$I.%1$I (%1$I, "a;b") FROM stdin;\n1\tx\n\\.', :'long'), '-- nothing', requires => ARRAY['n "1"']);
SELECT migrate.add('n %s %4$s \n', format('CREATE TABLE %1$I.p (a int) PARTITION BY LIST (a); CREATE TABLE %1$I.%2$I PARTITION OF %1$I.p FOR VALUES IN (1); CREATE INDEX CONCURRENTLY %3$I ON %1$I.p (a); ALTER TABLE %1$I.p DETACH PARTITION %1$I.%2$I CONCURRENTLY',
    :'long', 'Odd ".;'' name', 'Odd ".;'' index'), '-- nothing');
SELECT migration, step, mode FROM migrate.apply();
SELECT name, state, requires FROM migrate.status;
SELECT migration FROM migrate.apply('n "1"');
SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = format('%1$I.%1$I', :'long')::regclass ORDER BY 1;
SELECT count(*) FROM migrate.rollback(10);
SELECT to_regnamespace(format('%I', :'long'));
SELECT migrate.add('n ''2''', E'SELECT nothing', '-- nothing');
SELECT migration FROM migrate.apply(names => ARRAY['n ''2''']);
SELECT migration FROM migrate.rollback('n {3,"x\y"}');
SELECT migrate.mark('n ''2''', 'pending');
SELECT migrate.add('n5', 'CREATE TABLE n5 (a int)', 'DROP TABLE n5');
SELECT migration FROM migrate.apply(names => '{n5}', role => 'regress "Odd" róle');
SELECT tableowner FROM pg_tables WHERE tablename = 'n5';
SET SESSION AUTHORIZATION "regress ""Odd"" róle";
SELECT migration FROM migrate.rollback('n5');
SELECT session_role FROM migrate.history WHERE migration = 'n5' ORDER BY id DESC LIMIT 1;
RESET SESSION AUTHORIZATION;
SELECT migrate.revoke('regress "Odd" róle');
DROP OWNED BY "regress ""Odd"" róle";
DROP ROLE "regress ""Odd"" róle";

SET migrate.allow_drop = on;
DROP EXTENSION migrate;
