-- Data changes that are no statement of their own: in WITH, behind EXPLAIN ANALYZE, prepared and executed.  They lock,
-- write and lose what the same change does as a statement.
SELECT current_database() AS home \gset
CREATE DATABASE lint_enclosed TEMPLATE template0;
\c lint_enclosed
SET client_min_messages = warning;
CREATE EXTENSION migrate;
SET migrate.small_table = 0;
SET migrate.small_update = 1000;
SET migrate.online = off;
CREATE TABLE users (id integer PRIMARY KEY, name text);
INSERT INTO users SELECT i, 'n' || i FROM generate_series(1, 20000) i;
CREATE TABLE gone (id integer, name text);
VACUUM ANALYZE;
CREATE FUNCTION found(script text) RETURNS TABLE (statement integer, severity text, rule text, message text) LANGUAGE sql AS $$
    SELECT l.statement, l.severity, l.rule, l.message FROM migrate.lint(script) l ORDER BY 1, 3, 4
$$;
CREATE FUNCTION planned(script text) RETURNS TABLE (statement text, effects text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM migrate.add('v1', script);
    RETURN QUERY
        SELECT p.statement, concat_ws('; ',
            (SELECT string_agg(concat_ws(' ', e ->> 'relation', e ->> 'lock'), ', ' ORDER BY n)
             FROM jsonb_array_elements(p.effects -> 'relations') WITH ORDINALITY AS r (e, n) WHERE e ->> 'kind' NOT LIKE '%index'),
            substring(p.work FROM 'writes about .*'), p.effects ->> 'way_back')
        FROM migrate.plan() p WHERE p.step IS NOT NULL;
    PERFORM migrate.remove('v1');
END $$;

-- as a statement of its own
SELECT * FROM found('DELETE FROM users');
SELECT * FROM found('UPDATE users SET name = upper(name)');

-- in WITH
SELECT * FROM found('WITH old AS (DELETE FROM users RETURNING *) SELECT count(*) FROM old');
SELECT * FROM found('WITH old AS (DELETE FROM users RETURNING *) INSERT INTO gone SELECT * FROM old');
SELECT * FROM found('WITH new AS (UPDATE users SET name = upper(name) RETURNING id) DELETE FROM gone USING new WHERE gone.id = new.id');
SELECT * FROM found('CREATE TABLE copies AS WITH old AS (DELETE FROM users RETURNING *) SELECT * FROM old');
SELECT * FROM found('WITH old AS (DELETE FROM users RETURNING *) SELECT * INTO copies FROM old');
-- as many rows as the planner thinks, not all that there are
SELECT * FROM found('WITH old AS (DELETE FROM users WHERE id <= 100 RETURNING *) INSERT INTO gone SELECT * FROM old');
SELECT * FROM found('WITH old AS (DELETE FROM users WHERE id = 7 RETURNING *) INSERT INTO gone SELECT * FROM old');
SELECT * FROM planned('WITH old AS (DELETE FROM users WHERE id <= 10000 RETURNING *) SELECT count(*) FROM old');
-- nothing is changed
SELECT * FROM found('WITH all_users AS (SELECT * FROM users) SELECT count(*) FROM all_users');

-- EXPLAIN changes something only if it runs what it explains
SELECT * FROM found('EXPLAIN ANALYZE DELETE FROM users');
SELECT * FROM found('EXPLAIN (ANALYZE, BUFFERS) UPDATE users SET name = upper(name) WHERE id > 10');
SELECT * FROM found('EXPLAIN (ANALYZE off) DELETE FROM users');
SELECT * FROM found('EXPLAIN DELETE FROM users');
SELECT * FROM found('EXPLAIN ANALYZE CREATE TABLE copies AS SELECT * FROM users; CREATE TABLE copies (id integer)');
SELECT * FROM planned('EXPLAIN ANALYZE DELETE FROM users WHERE id <= 10000; EXPLAIN DELETE FROM users');

-- PREPARE keeps, EXECUTE runs
SELECT * FROM found('PREPARE p AS DELETE FROM users');
SELECT * FROM found('PREPARE p AS DELETE FROM users; EXECUTE p; EXPLAIN ANALYZE EXECUTE p; EXPLAIN EXECUTE p; DEALLOCATE p');
SELECT * FROM found('PREPARE p (integer) AS DELETE FROM users WHERE id = $1; EXECUTE p(1)');
SELECT * FROM found('PREPARE "P" (integer, text) AS UPDATE users SET name = $2 WHERE id > $1; EXECUTE "P"(1, ''x'')');
SELECT * FROM planned('PREPARE p AS UPDATE users SET name = upper(name) WHERE id <= 10000; EXECUTE p');
-- what was not prepared here
SELECT * FROM found('EXECUTE p');

-- COPY runs its query
SELECT * FROM found('COPY (DELETE FROM users RETURNING *) TO ''/nowhere''');

-- a function is code that cannot be looked into, also if the script makes it
CREATE FUNCTION there() RETURNS void LANGUAGE plpgsql AS 'BEGIN END';
SELECT * FROM found('SELECT there()');
SELECT * FROM found('CREATE FUNCTION made() RETURNS void LANGUAGE plpgsql AS ''BEGIN DELETE FROM users; END''; SELECT made(); SELECT public.made(); SELECT missing(); EXPLAIN SELECT made()');
SELECT * FROM found('CREATE OR REPLACE FUNCTION made(i integer) RETURNS integer LANGUAGE sql IMMUTABLE AS ''SELECT i''; SELECT made(1)');
SELECT * FROM found('CREATE SCHEMA app; SET search_path = app; CREATE FUNCTION made() RETURNS integer LANGUAGE sql AS ''SELECT 1''; SELECT made(); SELECT app.made(); SELECT public.made()');

\c :home
DROP DATABASE lint_enclosed;
