-- How a script is cut into statements: strings, comments, bodies and operators that look like something else.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
\set plan 'SELECT line, statement FROM migrate.plan(names => \'{t}\');'

-- several statements on a line, comments behind and between them
SELECT migrate.add('t', $m$CREATE TABLE post (
		id int NOT NULL,
		title text,
		body text,
		PRIMARY KEY(id)
);                  -- 1st stmt

-- comment
SELECT 2;           -- 2nd stmt
SELECT 3; SELECT 3; -- 3rd stmt
SELECT 4;           -- 4th stmt
$m$, $m$DROP TABLE post;    -- 1st stmt
$m$);
:plan
SELECT migration, step, statement FROM migrate.apply('t');
SELECT line, statement FROM migrate.plan(direction => 'down');
SELECT migration, step, statement FROM migrate.rollback();

-- function bodies: inner semicolons, comments, nested quoting
SELECT migrate.add('t', $m$
CREATE OR REPLACE FUNCTION histories_partition_creation( DATE, DATE )
returns void AS $$
DECLARE
  create_query text;
BEGIN
  FOR create_query IN SELECT
      'CREATE TABLE IF NOT EXISTS histories_'
      || TO_CHAR( d, 'YYYY_MM' )
      || ' ( CHECK( created_at >= timestamp '''
      || TO_CHAR( d, 'YYYY-MM-DD 00:00:00' )
      || ''') ) inherits ( histories );'
    FROM generate_series( $1, $2, '1 month' ) AS d
  LOOP
    EXECUTE create_query;
  END LOOP;  -- LOOP END
END;         -- FUNCTION END
$$
language plpgsql;
CREATE FUNCTION cs_parse(v_url IN VARCHAR, OUT a_output text) AS '
DECLARE
  a_pos1 INTEGER; -- a comment; with a semicolon
BEGIN
  a_output := ''CREATE FUNCTION cs_find(varchar) RETURNS varchar AS ''''
    BEGIN
      RETURN ''''''''x;'''''''';
    END;
  '''' LANGUAGE plpgsql;'';
END;
' LANGUAGE 'plpgsql'; -- comment
$m$);
SELECT line, left(statement, 34), right(statement, 20) FROM migrate.plan(names => '{t}');
SELECT migration, step, mode FROM migrate.apply('t');
SELECT cs_parse('x');
DROP FUNCTION cs_parse, histories_partition_creation;
SELECT migrate.mark('t', 'pending');

-- quotes in quotes, semicolons in names, comments that nest, dollar tags that nest
SELECT migrate.add('t', $m$select 42, ';' ";"; select 7;
select * -- foo ; bar
from users -- ; single line comments
where id = 1;
/* ; multi line ; */ /* /* ; with nesting ; */ */ select 1;
SELECT $_testął123$hello; world$_testął123$;
SELECT $test$ (select $$nested$$ || $testing$strings;$testing$) $test$;
select 'a' -- one literal in two lines;
  ';b';
;;;
select "quoted "" identifier; with a semicolon" from "odd;table"
$m$);
:plan

-- unterminated: an error with its line, nothing stored
SELECT migrate.add('u', E'SELECT 1;\nSELECT $test$ending');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('u', E'SELECT 1;\n\nSELECT ''ending');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('u', E'SELECT 1;\n/* no end /* */');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('u', E'SELECT 1;\nSELECT "ending');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('u', E'SELECT 1;\nSELECT (1;\nSELECT 2);');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('u', E'CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1;\nSELECT 2;');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('u', E'ALTER TABLE post');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM migrate.status WHERE name = 'u';

-- bodies of the SQL standard hold semicolons without any quotes
SELECT migrate.add('t', $m$
CREATE FUNCTION functest_s_15(x int) RETURNS boolean
    LANGUAGE SQL
BEGIN ATOMIC
select case when x % 2 = 0 then true else false end; -- tricky parsing
END;
CREATE FUNCTION functest_s_3() RETURNS boolean
    RETURN false;
CREATE TABLE ruled (a int);
CREATE RULE r AS ON INSERT TO ruled DO ALSO (DELETE FROM ruled WHERE a = 1; DELETE FROM ruled WHERE a = 2);
$m$);
:plan
SELECT migration, step, mode FROM migrate.apply('t');
SELECT functest_s_15(2), functest_s_15(3), functest_s_3();
DROP TABLE ruled;
DROP FUNCTION functest_s_15, functest_s_3;
SELECT migrate.mark('t', 'pending');

-- operators that look like comments, and backslashes
SELECT migrate.add('t', $m$
ALTER TABLE ONLY t ADD CONSTRAINT name1 EXCLUDE USING gist (id WITH =, cid WITH -|-);
CREATE INDEX "i" ON "s"."t" (((c #>> '{a,b,c}'::text[])));
create table t1 (c text default '\');
create table t2 (c text default E'\\');
create table t3 (c text default e'\\A\\');
SELECT 1 @- 2, '{}'::jsonb ?| array['a'], 3 -/* comment; */ 4;
$m$);
:plan

-- the script's own setting of standard_conforming_strings moves the ends of its strings
SELECT migrate.add('t', $m$
set standard_conforming_strings=off;
create table scs (a text default 'it\'s; one', b text default 'back\\');
set standard_conforming_strings=on;
create table scs2 (a text default 'back\'); select ';';
$m$);
:plan
SELECT migration, step, mode FROM migrate.apply('t');
INSERT INTO scs DEFAULT VALUES;
INSERT INTO scs2 DEFAULT VALUES;
SELECT a, b, (SELECT a FROM scs2) FROM scs;
SHOW standard_conforming_strings;
DROP TABLE scs, scs2;
SELECT migrate.mark('t', 'pending');
-- the other way round, in the caller's session
SET standard_conforming_strings = off;
SET escape_string_warning = off;
SELECT migrate.add('t', $m$create table scs (a text default 'back\'); select ';';$m$);
RESET standard_conforming_strings;
RESET escape_string_warning;
:plan

-- bodies of other languages
SELECT migrate.add('t', $m$
DO $BEGIN$ BEGIN PERFORM 1; IF true THEN NULL; END IF; END; $BEGIN$;
CREATE FUNCTION tcl_f(int, text) RETURNS text AS $$
    if {[catch { set x "[lindex $args 0];" } err]} { return $::errorCode; }
    return $1; # } unbalanced
$$ LANGUAGE pltcl;
DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM "__EFMigrationsHistory" WHERE "MigrationId" = '20250101_x') THEN
    CREATE TABLE x (id int);
    END IF;
END $EF$;
$m$);
SELECT line, left(statement, 30) FROM migrate.plan(names => '{t}');

-- dollar signs and strings of every kind
SELECT migrate.add('t', $m$
CREATE TABLE a$b$c (d$ int, "e$$;$$" int);
PREPARE p(int) AS SELECT $1; DEALLOCATE p;
SELECT '$$;$$', '$a$';
SELECT U&'\0441;', U&'d!0061t!+000061;' UESCAPE '!', U&"\0441;" FROM (SELECT 1) AS x(U&"\0441;");
SELECT B'01', X'1F', N'x;', e'\';', E'\x41;';
SELECT '${not_a_placeholder}', '{{x}}', ':name;', (array[1,2,3])[1:2], '1'::text;
SELECT 1 AS "--", 2 AS "/*";
$m$);
:plan

-- texts that look like comments keep every byte
SELECT migrate.add('t', $m$
CREATE TABLE ssh_keys (id int, "publicKey" text);
INSERT INTO ssh_keys VALUES (1, '-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEAxx;
-- migrate:down

-----END RSA PUBLIC KEY-----
');
INSERT INTO ssh_keys VALUES (2, E'# My markdown doc

first paragraph

-- with a comment
    -- with an indent comment

second');
$m$);
SELECT migration, step, mode FROM migrate.apply('t');
SELECT * FROM ssh_keys ORDER BY id;
DROP TABLE ssh_keys;
SELECT migrate.mark('t', 'pending');

-- nothing to run is a migration all the same: no statements, recorded
SELECT name, migrate.add(name, text)
  FROM (VALUES ('e1', ''), ('e2', E' \n\t\n'), ('e3', '-- just a comment'), ('e4', E'-- migrate:up\n-- This is just a comment'),
               ('e5', ';;'), ('e6', '/* nothing */ ; -- here'), ('e7', E'-- migrate:up\n-- migrate:down\nSELECT 1;')) AS v(name, text);
SELECT migration, step, mode, line, statement, note FROM migrate.plan(names => '{e1,e2,e3,e4,e5,e6,e7}');
SELECT migration, step FROM migrate.apply(names => '{e1,e2,e3,e4,e5,e6,e7}');
SELECT name, state FROM migrate.status WHERE name LIKE 'e%';

-- every error of the parser says where: migration, statement, line
SELECT migrate.add('u', E'SELECT 1;\n-- two\nSELECT 2; SELEC 3;');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('u', E'CREATE TABLE foo (foo text); CREATE TABLEE bar (bar text);');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('u', 'SELECT 1;', E'DROP TABLE a;\nDROP TABEL b;');
\echo :LAST_ERROR_SQLSTATE

SET migrate.allow_drop = on;
DROP EXTENSION migrate;
