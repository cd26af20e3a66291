-- What a weaker role uploaded stays with that role in a superuser's session, to the last trigger.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
CREATE ROLE regress_weak;
SELECT migrate.grant('regress_weak');
CREATE SCHEMA weak AUTHORIZATION regress_weak;
CREATE TABLE weak.notes (note text);
ALTER TABLE weak.notes OWNER TO regress_weak;
\set VERBOSITY terse

SET SESSION AUTHORIZATION regress_weak;
-- a trigger that defers the next one, which would run at commit
SELECT migrate.add('d1', $m$
CREATE TABLE weak.a (i int);
CREATE TABLE weak.b (i int);
CREATE FUNCTION weak.grab() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN
    BEGIN
        SET ROLE NONE;
        ALTER ROLE regress_weak SUPERUSER;
    EXCEPTION WHEN insufficient_privilege THEN
        INSERT INTO weak.notes VALUES ('refused');
    END;
    RETURN NULL;
END $f$;
CREATE FUNCTION weak.defer() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN
    SET CONSTRAINTS ALL DEFERRED;
    INSERT INTO weak.b VALUES (1);
    RETURN NULL;
END $f$;
CREATE CONSTRAINT TRIGGER t AFTER INSERT ON weak.a DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION weak.defer();
CREATE CONSTRAINT TRIGGER t AFTER INSERT ON weak.b DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION weak.grab();
INSERT INTO weak.a VALUES (1);
$m$, 'DROP TABLE weak.a, weak.b; DROP FUNCTION weak.grab(), weak.defer();');
-- for ever
SELECT migrate.add('d2', $m$
CREATE TABLE weak.c (i int);
CREATE FUNCTION weak.again() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN
    SET CONSTRAINTS ALL DEFERRED;
    INSERT INTO weak.c VALUES (1);
    RETURN NULL;
END $f$;
CREATE CONSTRAINT TRIGGER t AFTER INSERT ON weak.c DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION weak.again();
INSERT INTO weak.c VALUES (1);
$m$);
-- DISCARD ALL gives back the session's own role
SELECT migrate.add('d3', 'DISCARD ALL; ALTER SYSTEM SET application_name = ''taken'';');
-- types of pg_temp are found before all others
SELECT migrate.add('d4', $m$
CREATE DOMAIN pg_temp.int8 AS pg_catalog.int8 CHECK (false);
CREATE FUNCTION pg_temp.left_behind() RETURNS int LANGUAGE sql RETURN 1;
CREATE TEMP TABLE left_behind (i int);
CREATE TEMP VIEW seen_behind AS SELECT * FROM left_behind;
$m$);
RESET SESSION AUTHORIZATION;

SELECT migration, step FROM migrate.apply('d1', role => 'regress_weak');
TABLE weak.notes;
SELECT rolsuper FROM pg_roles WHERE rolname = 'regress_weak';
SELECT migration, step FROM migrate.rollback('d1', role => 'regress_weak');
TRUNCATE weak.notes;
BEGIN;
SELECT migration, step FROM migrate.apply('d1', role => 'regress_weak');
COMMIT;
TABLE weak.notes;
SELECT rolsuper FROM pg_roles WHERE rolname = 'regress_weak';
SELECT migration, step FROM migrate.apply(names => '{d2}', role => 'regress_weak');
\echo :LAST_ERROR_SQLSTATE
SELECT to_regclass('weak.c');
SELECT migration, step FROM migrate.apply(names => '{d3}', role => 'regress_weak');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM pg_file_settings WHERE name = 'application_name';

BEGIN;
SELECT migration, step FROM migrate.apply(names => '{d4}', role => 'regress_weak');
SELECT 1::int8;
SELECT to_regprocedure('pg_temp.left_behind()'), to_regclass('pg_temp.left_behind'), to_regclass('pg_temp.seen_behind');
ROLLBACK;

SET migrate.allow_drop = on;
DROP EXTENSION migrate;
DROP SCHEMA weak CASCADE;
DROP ROLE regress_weak;
