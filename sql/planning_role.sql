-- Looking at a script evaluates some of it.  Whatever a weaker role puts there, it never has a superuser's rights.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
CREATE ROLE regress_weak;
CREATE ROLE regress_other;
SELECT migrate.grant('regress_weak');
CREATE SCHEMA weak AUTHORIZATION regress_weak;
\pset null ''
SET SESSION AUTHORIZATION regress_weak;
SET search_path = weak;
-- what is evaluated tries to leave its role, and tells if it has more than it should
CREATE FUNCTION grab(i int) RETURNS bool IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    BEGIN
        PERFORM set_config('role', 'none', false);
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        RAISE WARNING 'evaluated as superuser %', current_user;
    END IF;
    RETURN i IS NOT NULL;
END $$;
CREATE FUNCTION seen(int, int) RETURNS bool LANGUAGE plpgsql AS $$BEGIN RETURN weak.grab($1); END$$;
-- estimates of it call it; so would those of one that ends processes
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = seen, RESTRICT = eqsel);
CREATE OPERATOR !!! (LEFTARG = int, RIGHTARG = bigint, FUNCTION = pg_terminate_backend, RESTRICT = eqsel);
CREATE DOMAIN checked AS int CHECK (grab(VALUE));
CREATE TABLE plain (a int, b int, c int);
INSERT INTO plain SELECT i % 3, i, pg_backend_pid() FROM generate_series(1, 1000) i;
CREATE TABLE indexed (a int, b int);
CREATE INDEX ON indexed (a) WHERE grab(b) AND grab(1);
CREATE TABLE parent (a int, b int CHECK (grab(7) AND b > 0));
CREATE TABLE child () INHERITS (parent);
ANALYZE plain, indexed;
SELECT migrate.add('v1', 'UPDATE weak.plain SET b = 1 WHERE a OPERATOR(weak.===) 1; CREATE INDEX ON weak.plain (b) WHERE weak.grab(a);');
SELECT migrate.add('v2', 'UPDATE weak.plain SET b = 2 WHERE a = 7 AND c OPERATOR(weak.!!!) 5::bigint;');
SELECT migrate.add('v3', 'UPDATE weak.indexed SET b = 1 WHERE a = 1; UPDATE weak.parent SET b = 2 WHERE a = 3;');
SELECT migrate.add('v4', $$SELECT '{5}'::weak.checked[]; ALTER TABLE weak.plain ADD d weak.checked[] DEFAULT '{5}'; ALTER TABLE weak.plain ALTER a TYPE weak.checked;$$);
SELECT migrate.add('v5', $$ALTER TABLE weak.parent ADD CHECK (weak.grab(8)); UPDATE weak.plain SET b = 3 WHERE weak.grab(9);$$);
RESET search_path;
RESET SESSION AUTHORIZATION;

-- what it may do itself, it may
SELECT migration, step, mode FROM migrate.plan();
SELECT count(*) FROM migrate.check();
-- the run is refused, and looks at nothing
SELECT migration FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
-- as the weaker role, in a superuser's session
SET migrate.lint = off;
SELECT migration, step FROM migrate.apply(names => '{v1,v3}', role => 'regress_weak');
SELECT migration, step, mode FROM migrate.plan();
-- by another role: it does not see the tables, as a run of its own would not
SET migrate.role = 'regress_other';
SELECT migration, step, mode FROM migrate.plan('v3');
RESET migrate.role;
-- nobody is left who it could be looked at as
ALTER ROLE regress_weak SUPERUSER;
SELECT migration FROM migrate.plan();
\echo :LAST_ERROR_SQLSTATE
SELECT point FROM migrate.check();
\echo :LAST_ERROR_SQLSTATE
-- a superuser's own text is looked at as itself, without calling functions of users
SELECT rule FROM migrate.lint('UPDATE weak.plain SET b = 1 WHERE a OPERATOR(weak.===) 1; UPDATE weak.plain SET b = 3 WHERE weak.grab(9); CREATE INDEX ON weak.plain (b) WHERE weak.grab(a);');
SET migrate.allow_drop = on;
DROP EXTENSION migrate;
DROP SCHEMA weak CASCADE;
DROP ROLE regress_weak, regress_other;
