-- Which migrations a call means, and in what order they run.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
CREATE TABLE ran (at int GENERATED ALWAYS AS IDENTITY, name text);
-- a migration that leaves its name
CREATE FUNCTION put(name text, requires text[] DEFAULT '{}') RETURNS text LANGUAGE sql AS
    $$SELECT migrate.add(name, format('INSERT INTO ran (name) VALUES (%L)', name), format('DELETE FROM ran WHERE name = %L', name), requires => requires)$$;

-- order of names
SELECT DISTINCT put(n) FROM unnest('{v10_ten,v9_nine,9.1,9-01-a,20240115_001_a,20240115_002,20240115,20230518191501_t,20250625_late,
    2_b,002_a,b_no_number,a_no_number,Z,V3,zażółć}'::text[]) AS n;
SELECT name FROM migrate.status;
SELECT name, migrate.sort_key(name) COLLATE "C" < migrate.sort_key('v10') COLLATE "C" AS before_ten FROM (VALUES ('9'), ('010'), ('v11'), ('x')) AS v(name);

-- up to a target; shortened names
SELECT migration FROM migrate.apply('v9_nine');
SELECT migration FROM migrate.apply('10');
SELECT migration FROM migrate.apply('V0010');
SELECT migration FROM migrate.apply('20240115');
SELECT migration FROM migrate.apply('20240115.1');
-- unknown, ambiguous, not a name
SELECT migration FROM migrate.apply('v42');
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate.apply('2');
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate.apply('2024');
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate.apply('');
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate.apply('v9_nin');
SELECT migration FROM migrate.apply(names => '{nothing_like_it}');
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate.apply(names => '{a,NULL}');
\echo :LAST_ERROR_SQLSTATE
-- already there: no rows, a notice
SET client_min_messages = notice;
SELECT migration FROM migrate.apply('v9_nine');
SELECT migration FROM migrate.apply(names => '{}');
SET client_min_messages = warning;
SELECT migration FROM migrate.apply();
SET client_min_messages = notice;
SELECT migration FROM migrate.apply();
SET client_min_messages = warning;
SELECT name FROM ran ORDER BY at;
SELECT count(*) FROM migrate.rollback(100);
DELETE FROM ran;
SELECT count(*) FROM (SELECT migrate.remove(name) FROM migrate.status OFFSET 0) AS removed;

-- what is required runs first, also above the target, also when it is not named
SELECT put('1', '{5}'), put('2'), put('3', '{2}'), put('4', '{3,v2}'), put('5'), put('6', '{1,4}');
SELECT migration FROM migrate.plan('2');
SELECT migration FROM migrate.apply('2');
SELECT migration FROM migrate.apply(names => '{4}');
SELECT migration FROM migrate.apply(names => '{6}');
SELECT count(*) FROM migrate.rollback(100);
SELECT migration FROM migrate.plan();
-- cycles and missing names, before anything runs
SELECT put('2', '{6}');
SELECT migration FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate.apply('1');
SELECT migration FROM migrate.rollback();
SELECT put('2', '{2}');
SELECT migration FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
SELECT put('2', '{no_such_thing}');
SELECT migration FROM migrate.apply();
\echo :LAST_ERROR_SQLSTATE
SELECT put('02_b'), put('3', '{"02"}');
SELECT migration FROM migrate.apply(names => '{3}');
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate.plan();
SELECT name FROM migrate.status WHERE state <> 'pending';
SELECT put('alpha_users'), put('beta', '{alpha_user}');
SELECT migration FROM migrate.apply(names => '{beta}');
\echo :LAST_ERROR_SQLSTATE
SELECT put('2'), put('3'), put('4', '{3,"2"}'), put('beta');
SELECT migrate.remove('02_b');

-- out of order: run, recorded, warned about; or refused
SELECT migration FROM migrate.apply('5');
SELECT migration FROM migrate.apply('6');
SELECT put('4a'), put('4b');
SELECT migration FROM migrate.apply('4b', out_of_order => 'refuse');
\echo :LAST_ERROR_SQLSTATE
SET migrate.out_of_order = refuse;
SELECT migration FROM migrate.apply('4a');
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate.apply('4a', out_of_order => 'perhaps');
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate.apply('4a', out_of_order => 'warn');
RESET migrate.out_of_order;
SELECT migration FROM migrate.apply('4b');
SELECT name, state, out_of_order FROM migrate.status WHERE name LIKE '4%';
SELECT event, migration, detail FROM migrate.history WHERE detail = 'out of order';
SET migrate.out_of_order = never;
\echo :LAST_ERROR_SQLSTATE

DROP FUNCTION put;
DROP TABLE ran;
SET migrate.allow_drop = on;
DROP EXTENSION migrate;
