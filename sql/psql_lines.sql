-- Lines that begin with a backslash are psql's: two of them are skipped, the others refused.
SET client_min_messages = warning;
CREATE EXTENSION migrate;

SELECT migrate.add('p1', $m$\restrict 6QmCpOmqCpfkSWlAFkv8fRQdZUXk2oQhUhaJs9CJ8
SELECT 1;
  \restrict x
SELECT 2;
\unrestrict 6QmCpOmqCpfkSWlAFkv8fRQdZUXk2oQhUhaJs9CJ8
$m$);
SELECT line, statement FROM migrate.plan('p1');
SELECT migration, step, statement FROM migrate.apply('p1');

SELECT migrate.add('p2', E'SELECT 1;\n\\connect other');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('p2', E'SELECT 1;\n\n\\i x.sql\n');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('p2', E'\\copy t FROM ''file''');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('p2', E'SELECT 1;\n-- a comment\n\\');
SELECT migrate.add('p2', E'SELECT 1;\n\\.\n');
SELECT migrate.add('p2', E'SELECT 1 \\gset');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('p2', E'SELECT 1;\n\\set ON_ERROR_STOP on');
SELECT migrate.add('p2', E'SELECT 1\n\\restrict x');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('p2', E'SELECT 1;\n\\restricted x');
SELECT migrate.add('p2', 'SELECT 1;', E'SELECT 1;\n\\echo hidden');
\echo :LAST_ERROR_SQLSTATE

-- inside of a string or a comment they are text
SELECT migrate.add('p3', E'SELECT ''\n\\connect\n'';\n/*\n\\connect\n*/\n-- \\connect\nDO $$ BEGIN\n-- \n\\connect\nEND $$;');
SELECT line, left(statement, 8) FROM migrate.plan('p3');

-- ":name", "${name}" and "{{name}}" are not replaced by anything
SELECT migrate.add('p4', $m$CREATE TABLE p4 AS SELECT ':name' AS a, '${not_a_placeholder}' AS b, '{{x}}' AS c, (ARRAY[1,2,3])[1:2] AS d, 1::text AS e$m$);
SELECT migration, step FROM migrate.apply(names => '{p4}');
TABLE p4;
DROP TABLE p4;
SELECT migrate.add('p5', 'SELECT :name');
\echo :LAST_ERROR_SQLSTATE

SELECT name, state FROM migrate.status;
SET migrate.allow_drop = on;
DROP EXTENSION migrate;
