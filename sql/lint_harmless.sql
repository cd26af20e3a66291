-- What linters of text warn of, and what does no harm: lint() has nothing to say of it above "info".
SET client_min_messages = warning;
CREATE EXTENSION migrate;
\getenv root PG_ABS_SRCDIR
\set file :root '/test/online/harmless.sql'

-- The cases of test/online/harmless.sql; its form is in the README there.
CREATE TABLE cases AS
WITH file AS (SELECT regexp_split_to_array(pg_read_file(:'file'), E'(\n|^)-- case: ') AS parts),
cut AS (SELECT ordinality AS number, split_part(part, E'\n', 1) AS name, substr(part, strpos(part, E'\n')) AS text
        FROM file, unnest(parts[2:]) WITH ORDINALITY AS p (part, ordinality))
SELECT number, name, (SELECT split_part(parts[1], E'-- fixture:\n', 2) FROM file) AS fixture,
       split_part(split_part(text, E'\n-- setup:\n', 2), E'\n-- up:\n', 1) AS setup,
       CASE WHEN text ~ '\n-- up:\n' THEN split_part(text, E'\n-- up:\n', 2) ELSE text END AS script,
       text ~ '\n-- size: large\n' AS large, coalesce(substring(text FROM '\n-- versions: (\d+)-\n')::int, 0) AS since
FROM cut;
SELECT count(*) >= 40 AS enough, count(*) = count(DISTINCT name) AS distinct_names, bool_and(script ~ '[;]') AS complete FROM cases;

-- Each in a schema of its own, in a transaction that is rolled back; every table counts as large where it says so.
CREATE TABLE findings (name text, rule text, severity text, statement text, message text);
CREATE PROCEDURE check_case(checked cases) LANGUAGE plpgsql AS $$
DECLARE
    found findings[];
BEGIN
    BEGIN
        CREATE SCHEMA harmless;
        SET LOCAL search_path = harmless, public;
        PERFORM set_config('migrate.small_table', CASE WHEN checked.large THEN '0' ELSE '1MB' END, true);
        EXECUTE checked.fixture || checked.setup;
        found := array(SELECT ROW(checked.name, l.rule, l.severity, l.statement, l.message)::findings FROM migrate.lint(checked.script) l);
        RAISE SQLSTATE 'UNDO1';
    EXCEPTION
        WHEN SQLSTATE 'UNDO1' THEN NULL;
        WHEN OTHERS THEN found := ARRAY[ROW(checked.name, NULL, 'fails', checked.script, SQLERRM)::findings];
    END;
    INSERT INTO findings SELECT * FROM unnest(found);
END $$;
DO $$
DECLARE
    checked cases;
BEGIN
    FOR checked IN SELECT * FROM cases WHERE since * 10000 <= current_setting('server_version_num')::int ORDER BY number LOOP
        CALL check_case(checked);
    END LOOP;
END $$;
SELECT name, rule, severity, statement, message FROM findings WHERE severity <> 'info' ORDER BY name, rule;

-- The same with all tables taken as they are.
TRUNCATE findings;
UPDATE cases SET large = false;
DO $$
DECLARE
    checked cases;
BEGIN
    FOR checked IN SELECT * FROM cases WHERE since * 10000 <= current_setting('server_version_num')::int ORDER BY number LOOP
        CALL check_case(checked);
    END LOOP;
END $$;
SELECT name, rule, severity, statement, message FROM findings WHERE severity <> 'info' ORDER BY name, rule;
DROP TABLE cases CASCADE;
DROP TABLE findings CASCADE;
SET migrate.allow_drop = on;
DROP EXTENSION migrate;
