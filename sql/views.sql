-- The views: what they show, of what type, and how it looks while nothing runs.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
SELECT attrelid::regclass AS view, string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) AS columns
  FROM pg_attribute WHERE attrelid IN ('migrate.status'::regclass, 'migrate.history'::regclass, 'migrate.steps'::regclass, 'migrate.progress'::regclass, 'migrate.blockers'::regclass)
   AND attnum > 0 GROUP BY 1 ORDER BY 1::text;
SELECT * FROM migrate.status;
SELECT * FROM migrate.history;
SELECT * FROM migrate.steps;
SELECT * FROM migrate.progress;
SELECT * FROM migrate.blockers;
SELECT migrate.version() = extversion AS same FROM pg_extension WHERE extname = 'migrate';

SELECT migrate.add('w1', E'CREATE TABLE w1 (a int);\nCREATE INDEX CONCURRENTLY w1_a ON w1 (a);', 'DROP TABLE w1'),
       migrate.add('w2', 'SELECT nothing', requires => '{w1}'), migrate.add('w3', 'SELECT 3', '-- nothing');
SET application_name = 'the application';
-- what a script itself sees of its run
SELECT migrate.add('w0', $m$CREATE TABLE w0 AS SELECT p.run, p.step, p.pid = pg_backend_pid() AS here, left(p.doing, 20) AS doing, p.since <= clock_timestamp() AS since,
    p.waits_for_pid FROM migrate.progress p$m$, 'DROP TABLE w0');
SELECT run, migration, step, mode, statement, duration >= '0' AS duration, lock_wait >= '0' AS lock_wait FROM migrate.apply();
RESET application_name;
TABLE w0;
SELECT name, state, applied_at IS NOT NULL AS at, applied_by, duration >= '0' AS duration, checksum_ok, out_of_order, run, error, requires, reversible, uploaded_at IS NOT NULL AS uploaded, uploaded_by FROM migrate.status;
SELECT id, at <= clock_timestamp() AS at, event, migration, run, role, session_role, application_name, client_addr, duration >= '0' AS duration, length(checksum) AS checksum, detail FROM migrate.history;
SELECT run, step, migration, direction, mode, statement, state, started_at <= ended_at AS times, duration >= '0' AS duration, lock_wait >= '0' AS lock_wait, attempts, error FROM migrate.steps;
SELECT id, operation, outcome, in_worker, ended_at >= started_at AS times, lsn ~ '^[0-9A-F]+/[0-9A-F]+$' AS lsn, restore_point IS NOT NULL AS point, error_sqlstate, error_message, error_context FROM migrate.runs;
SELECT checksum = encode(sha256('SELECT 3'), 'hex') AS sha256 FROM (SELECT migrate.checksum('SELECT 3') AS checksum) AS c;

SELECT migrate.remove('w2');

-- the report is of the run asked for
SELECT run, migration, step, mode, statement FROM migrate.wait(1);
SELECT * FROM migrate.wait(99);
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.cancel(99);
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.cancel(1);
SELECT run, migration, step, mode, statement FROM migrate.apply();
SELECT run, migration, step, mode, statement FROM migrate.wait(2);
SELECT count(*) FROM migrate.rollback(3);
SELECT step, migration, direction, statement FROM migrate.steps WHERE run = 3;

-- every object has its comment
SELECT classid::regclass, pg_describe_object(classid, objid, 0) FROM pg_depend d
 WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'migrate') AND deptype = 'e'
   AND NOT EXISTS (SELECT FROM pg_description c WHERE c.classoid = d.classid AND c.objoid = d.objid AND c.objsubid = 0)
   AND NOT EXISTS (SELECT FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid AND c.relkind <> 'c')
   AND NOT EXISTS (SELECT FROM pg_type t WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid AND t.typelem <> 0)
 ORDER BY 2;

SET migrate.allow_drop = on;
DROP EXTENSION migrate;
