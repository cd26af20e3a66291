-- Schema migrations inside the server, version 1.0.
--
-- Everything is in schema migrate, which this script creates: it fails if the schema is there, so that
-- nobody can prepare it.  USAGE on that schema is the one key: whoever has it may upload, run and read
-- migrations; nobody can write the ledger with plain SQL.  The engine writes it as the owner of these
-- tables.
\echo Use "CREATE EXTENSION migrate" to load this file. \quit

CREATE SCHEMA migrate;
COMMENT ON SCHEMA migrate IS 'schema migrations: functions to run them, views of what happened';

-- ---------------------------------------------------------------------------------------------------
-- The ledger.  Roles are kept by name and no column has a reg* type, for pg_upgrade and pg_dump.
-- ---------------------------------------------------------------------------------------------------

CREATE SEQUENCE migrate.migrations_id_seq;
CREATE SEQUENCE migrate.runs_id_seq;
CREATE SEQUENCE migrate.events_id_seq;
CREATE SEQUENCE migrate.backfill_pieces_piece_seq;
COMMENT ON SEQUENCE migrate.migrations_id_seq IS 'identifies a migration across renames';
COMMENT ON SEQUENCE migrate.runs_id_seq IS 'run numbers';
COMMENT ON SEQUENCE migrate.events_id_seq IS 'order of events';
COMMENT ON SEQUENCE migrate.backfill_pieces_piece_seq IS 'identifies the pieces of backfills';

CREATE TABLE migrate.migrations (
    id bigint PRIMARY KEY DEFAULT pg_catalog.nextval('migrate.migrations_id_seq'),
    name text NOT NULL UNIQUE,
    up text NOT NULL,
    down text,
    verify text,
    contract text,
    requires text[] NOT NULL DEFAULT '{}',
    uploaded_at timestamptz NOT NULL,
    uploaded_by text NOT NULL,
    uploaded_by_superuser boolean NOT NULL,
    restored_by text,
    removed_at timestamptz,
    applied_at timestamptz,
    applied_by text,
    applied_run bigint,
    applied_order bigint,
    applied_checksum text,
    duration interval,
    out_of_order boolean NOT NULL DEFAULT false,
    unfinished_run bigint
);
COMMENT ON TABLE migrate.migrations IS 'every migration known: its scripts, and how it stands';
COMMENT ON COLUMN migrate.migrations.restored_by IS 'who restored the row from a dump, unless a superuser did: the other columns are that role''s word';
COMMENT ON COLUMN migrate.migrations.applied_order IS 'the event that applied it: the order in which to take migrations back';
COMMENT ON COLUMN migrate.migrations.unfinished_run IS 'the run that holds its steps while it is neither applied nor undone';

CREATE TABLE migrate.runs (
    id bigint PRIMARY KEY DEFAULT pg_catalog.nextval('migrate.runs_id_seq'),
    operation text NOT NULL,
    target text,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    outcome text,
    pid integer NOT NULL,
    in_worker boolean NOT NULL,
    role text NOT NULL,
    session_role text NOT NULL,
    application_name text,
    client_addr text,
    lsn text,
    restore_point text,
    error_sqlstate text,
    error_message text,
    error_detail text,
    error_hint text,
    error_context text
);
COMMENT ON TABLE migrate.runs IS 'every run: who, when, from where, and how it ended';
COMMENT ON COLUMN migrate.runs.outcome IS 'done, failed or interrupted; null while it runs, and for ever if the server died under it';
COMMENT ON COLUMN migrate.runs.lsn IS 'write-ahead log position before the first step: a recovery target';

CREATE TABLE migrate.run_steps (
    run bigint NOT NULL,
    step integer NOT NULL,
    migration_id bigint NOT NULL,
    migration text NOT NULL,
    direction text NOT NULL,
    step_of_migration integer NOT NULL,
    steps_of_migration integer NOT NULL,
    mode text NOT NULL,
    begin_options text NOT NULL,
    statements text[] NOT NULL,
    numbers integer[] NOT NULL,
    lines integer[] NOT NULL,
    state text NOT NULL,
    started_at timestamptz,
    ended_at timestamptz,
    lock_wait interval,
    lock_mode text,
    lock_held interval,
    attempts integer NOT NULL DEFAULT 0,
    note text,
    written text,
    part integer,
    parts integer,
    undo text[],
    bad_rows text,
    failure text,
    PRIMARY KEY (run, step)
);
CREATE INDEX run_steps_migration_id_idx ON migrate.run_steps (migration_id);
COMMENT ON TABLE migrate.run_steps IS 'the plan of every run, and what became of each step';
COMMENT ON COLUMN migrate.run_steps.state IS 'planned, started (a step without a transaction), done, carried (done by an earlier run), failed, in doubt';
COMMENT ON COLUMN migrate.run_steps.lock_wait IS 'time spent on getting locks, pauses between attempts included';
COMMENT ON COLUMN migrate.run_steps.lock_mode IS 'strongest lock that it held on a relation of others, if it stops reads or writes';
COMMENT ON COLUMN migrate.run_steps.lock_held IS 'how long it held that lock, until the commit was over';
COMMENT ON COLUMN migrate.run_steps.attempts IS 'how often it was begun: a step that cannot get its locks is rolled back and begun again';
COMMENT ON COLUMN migrate.run_steps.written IS 'the statement as the script has it, if other statements are run instead, to the same end';
COMMENT ON COLUMN migrate.run_steps.part IS 'which of them this step is';
COMMENT ON COLUMN migrate.run_steps.undo IS 'what takes this step back by itself; null if only the down script can';
COMMENT ON COLUMN migrate.run_steps.bad_rows IS 'the query that lists the rows for which it fails';
COMMENT ON COLUMN migrate.run_steps.failure IS 'the error that the statement as written raises for such rows';
COMMENT ON COLUMN migrate.run_steps.note IS 'what was seen before a step without a transaction, to decide about it after a crash';

CREATE TABLE migrate.events (
    id bigint PRIMARY KEY DEFAULT pg_catalog.nextval('migrate.events_id_seq'),
    at timestamptz NOT NULL,
    event text NOT NULL,
    migration_id bigint,
    migration text,
    run bigint,
    role text NOT NULL,
    session_role text NOT NULL,
    application_name text,
    client_addr text,
    duration interval,
    checksum text,
    detail text
);
CREATE INDEX events_migration_id_idx ON migrate.events (migration_id);
COMMENT ON TABLE migrate.events IS 'what happened to each migration; nothing is ever deleted here';

-- A backfill is a run of its own, also as a step of another run.
CREATE TABLE migrate.backfills (
    run bigint PRIMARY KEY,
    parent_run bigint,
    statement text NOT NULL,
    tokens text NOT NULL,
    relation text NOT NULL,
    relation_oid bigint NOT NULL,
    method text NOT NULL,
    key_indexes text[] NOT NULL,
    role text NOT NULL,
    options text[] NOT NULL,
    remaining text,
    workers integer NOT NULL,
    rows_per_second double precision,
    paused boolean NOT NULL DEFAULT false,
    abandoned boolean NOT NULL DEFAULT false,
    leader integer NOT NULL DEFAULT 0,
    leader_since timestamptz,
    units_before bigint NOT NULL DEFAULT 0,
    total_units bigint NOT NULL,
    estimated_rows bigint NOT NULL,
    pass integer NOT NULL DEFAULT 1,
    phase text NOT NULL DEFAULT 'batches'
);
COMMENT ON TABLE migrate.backfills IS 'every backfill: its statement, how it is cut, and what the operator asked of it';
COMMENT ON COLUMN migrate.backfills.tokens IS 'the statement without comments and white space: by it a call finds the run that it goes on with';
COMMENT ON COLUMN migrate.backfills.relation_oid IS 'a table of the same name that is another one is not gone on with by itself';
COMMENT ON COLUMN migrate.backfills.key_indexes IS 'by which the tables are cut, and rows put aside are told; empty: by blocks';
COMMENT ON COLUMN migrate.backfills.leader IS 'counts the processes that led the run: a worker of an earlier one finds its claims gone';
COMMENT ON COLUMN migrate.backfills.total_units IS 'what there is to go through: index entries, estimated, or blocks';

CREATE TABLE migrate.backfill_pieces (
    run bigint NOT NULL,
    piece bigint NOT NULL DEFAULT pg_catalog.nextval('migrate.backfill_pieces_piece_seq'),
    relation text NOT NULL,
    relation_oid bigint NOT NULL,
    key_index text,
    key_order text,
    kind text NOT NULL,
    low text[],
    high text[] NOT NULL,
    leader integer,
    worker integer,
    since timestamptz,
    due timestamptz,
    PRIMARY KEY (run, piece)
);
COMMENT ON TABLE migrate.backfill_pieces IS 'what is left of an unfinished backfill: ranges, and rows that were locked; a batch and its piece change in one transaction';
COMMENT ON COLUMN migrate.backfill_pieces.key_index IS 'the index whose order the bounds are in; null: they are blocks';
COMMENT ON COLUMN migrate.backfill_pieces.relation_oid IS 'a table of the same name that is another one is not gone on with by itself';
COMMENT ON COLUMN migrate.backfill_pieces.key_order IS 'what the index orders by: columns with their types, collations and operator classes; null: blocks';
COMMENT ON COLUMN migrate.backfill_pieces.kind IS 'range: from low to high; row: the row whose key is high, found locked since then';
COMMENT ON COLUMN migrate.backfill_pieces.worker IS 'who has claimed it, of which leader; null: nobody';

CREATE TABLE migrate.backfill_workers (
    run bigint NOT NULL,
    worker integer NOT NULL,
    pid integer,
    rows bigint NOT NULL DEFAULT 0,
    units bigint NOT NULL DEFAULT 0,
    batches bigint NOT NULL DEFAULT 0,
    batch_size bigint,
    relation text,
    low text[],
    high text[],
    throttled text,
    at timestamptz,
    PRIMARY KEY (run, worker)
);
COMMENT ON TABLE migrate.backfill_workers IS 'what each worker of a backfill did, and what holds it up';

CREATE TABLE migrate.backfill_skipped (
    run bigint NOT NULL,
    relation text NOT NULL,
    key text[] NOT NULL,
    column_name text,
    sqlstate text NOT NULL,
    message text NOT NULL,
    detail text,
    at timestamptz NOT NULL,
    PRIMARY KEY (run, relation, key)
);
COMMENT ON TABLE migrate.backfill_skipped IS 'rows that a backfill with on_error => skip could not change, and why';

CREATE TABLE migrate.seal (
    sealed boolean PRIMARY KEY CHECK (sealed)
);
COMMENT ON TABLE migrate.seal IS 'has a row once the engine wrote anything here: until then a dump may be restored into the ledger';

-- A dump carries the ledger and its sequences; the database's owner can make and restore one.
SELECT pg_catalog.pg_extension_config_dump('migrate.migrations', '');
SELECT pg_catalog.pg_extension_config_dump('migrate.runs', '');
SELECT pg_catalog.pg_extension_config_dump('migrate.run_steps', '');
SELECT pg_catalog.pg_extension_config_dump('migrate.events', '');
SELECT pg_catalog.pg_extension_config_dump('migrate.backfills', '');
SELECT pg_catalog.pg_extension_config_dump('migrate.backfill_pieces', '');
SELECT pg_catalog.pg_extension_config_dump('migrate.backfill_workers', '');
SELECT pg_catalog.pg_extension_config_dump('migrate.backfill_skipped', '');
SELECT pg_catalog.pg_extension_config_dump('migrate.migrations_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('migrate.runs_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('migrate.events_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('migrate.backfill_pieces_piece_seq', '');

CREATE FUNCTION migrate.guard_restore() RETURNS trigger
    LANGUAGE c AS 'MODULE_PATHNAME', 'migrate_guard_restore';
COMMENT ON FUNCTION migrate.guard_restore() IS 'lets plain SQL insert into the ledger only while it is unused, which is when a dump is restored';
REVOKE ALL ON FUNCTION migrate.guard_restore() FROM PUBLIC;

CREATE TRIGGER guard_restore BEFORE INSERT ON migrate.migrations FOR EACH ROW EXECUTE FUNCTION migrate.guard_restore();
CREATE TRIGGER guard_restore BEFORE INSERT ON migrate.runs FOR EACH ROW EXECUTE FUNCTION migrate.guard_restore();
CREATE TRIGGER guard_restore BEFORE INSERT ON migrate.run_steps FOR EACH ROW EXECUTE FUNCTION migrate.guard_restore();
CREATE TRIGGER guard_restore BEFORE INSERT ON migrate.events FOR EACH ROW EXECUTE FUNCTION migrate.guard_restore();
CREATE TRIGGER guard_restore BEFORE INSERT ON migrate.backfills FOR EACH ROW EXECUTE FUNCTION migrate.guard_restore();
CREATE TRIGGER guard_restore BEFORE INSERT ON migrate.backfill_pieces FOR EACH ROW EXECUTE FUNCTION migrate.guard_restore();
CREATE TRIGGER guard_restore BEFORE INSERT ON migrate.backfill_workers FOR EACH ROW EXECUTE FUNCTION migrate.guard_restore();
CREATE TRIGGER guard_restore BEFORE INSERT ON migrate.backfill_skipped FOR EACH ROW EXECUTE FUNCTION migrate.guard_restore();

-- ---------------------------------------------------------------------------------------------------
-- Telling the server what to run
-- ---------------------------------------------------------------------------------------------------

CREATE TYPE migrate.registered AS (migration text, result text);
COMMENT ON TYPE migrate.registered IS 'what add and upload did: added, changed, unchanged, renamed, restored';

CREATE FUNCTION migrate.add(name text, up text, down text DEFAULT NULL, verify text DEFAULT NULL, requires text[] DEFAULT '{}')
    RETURNS text LANGUAGE c AS 'MODULE_PATHNAME', 'migrate_add';
COMMENT ON FUNCTION migrate.add(text, text, text, text, text[]) IS 'registers a migration, or changes a pending one; returns added, changed or unchanged';

CREATE FUNCTION migrate.upload(paths text[], contents text[])
    RETURNS SETOF migrate.registered LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'migrate_upload';
COMMENT ON FUNCTION migrate.upload(text[], text[]) IS 'registers migration files, all or none; returns a row for each';

CREATE FUNCTION migrate.remove(name text)
    RETURNS void LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'migrate_remove';
COMMENT ON FUNCTION migrate.remove(text) IS 'forgets a pending migration';

-- ---------------------------------------------------------------------------------------------------
-- Running
-- ---------------------------------------------------------------------------------------------------

CREATE TYPE migrate.report AS (
    run bigint,
    migration text,
    step integer,
    statement text,
    mode text,
    duration interval,
    lock_wait interval
);
COMMENT ON TYPE migrate.report IS 'one step that was run';

CREATE FUNCTION migrate.apply(target text DEFAULT NULL, names text[] DEFAULT NULL, role text DEFAULT NULL,
                              wait interval DEFAULT NULL, out_of_order text DEFAULT NULL, detach boolean DEFAULT false,
                              settings jsonb DEFAULT NULL)
    RETURNS SETOF migrate.report LANGUAGE c AS 'MODULE_PATHNAME', 'migrate_apply';
COMMENT ON FUNCTION migrate.apply(text, text[], text, interval, text, boolean, jsonb) IS 'runs all pending migrations at or below the target, and what they require; all pending ones without a target';

CREATE FUNCTION migrate.rollback(steps integer DEFAULT 1, role text DEFAULT NULL, wait interval DEFAULT NULL, detach boolean DEFAULT false,
                              settings jsonb DEFAULT NULL)
    RETURNS SETOF migrate.report LANGUAGE c AS 'MODULE_PATHNAME', 'migrate_rollback_steps';
COMMENT ON FUNCTION migrate.rollback(integer, text, interval, boolean, jsonb) IS 'takes back the last migrations, newest first; an unfinished one counts as the last';

CREATE FUNCTION migrate.rollback(target text, cascade boolean DEFAULT false, role text DEFAULT NULL, wait interval DEFAULT NULL, detach boolean DEFAULT false,
                              settings jsonb DEFAULT NULL)
    RETURNS SETOF migrate.report LANGUAGE c AS 'MODULE_PATHNAME', 'migrate_rollback_target';
COMMENT ON FUNCTION migrate.rollback(text, boolean, text, interval, boolean, jsonb) IS 'takes back just this migration; with cascade also those applied after it';

CREATE FUNCTION migrate.rollback(run bigint, role text DEFAULT NULL, wait interval DEFAULT NULL, detach boolean DEFAULT false,
                              settings jsonb DEFAULT NULL)
    RETURNS SETOF migrate.report LANGUAGE c AS 'MODULE_PATHNAME', 'migrate_rollback_run';
COMMENT ON FUNCTION migrate.rollback(bigint, text, interval, boolean, jsonb) IS 'takes back what that run applied';

CREATE FUNCTION migrate.goto(target text, role text DEFAULT NULL, wait interval DEFAULT NULL, out_of_order text DEFAULT NULL, detach boolean DEFAULT false,
                              settings jsonb DEFAULT NULL)
    RETURNS SETOF migrate.report LANGUAGE c AS 'MODULE_PATHNAME', 'migrate_goto';
COMMENT ON FUNCTION migrate.goto(text, text, interval, text, boolean, jsonb) IS 'makes the target the last migration applied, going up or down';

CREATE FUNCTION migrate.redo(steps integer DEFAULT 1, role text DEFAULT NULL, wait interval DEFAULT NULL, detach boolean DEFAULT false,
                              settings jsonb DEFAULT NULL)
    RETURNS SETOF migrate.report LANGUAGE c AS 'MODULE_PATHNAME', 'migrate_redo';
COMMENT ON FUNCTION migrate.redo(integer, text, interval, boolean, jsonb) IS 'takes the last migrations back and applies them again';

CREATE FUNCTION migrate.plan(target text DEFAULT NULL, direction text DEFAULT 'up', names text[] DEFAULT NULL,
                             OUT migration text, OUT step integer, OUT mode text, OUT line integer, OUT statement text, OUT runs text,
                             OUT locks text, OUT work text, OUT hold text, OUT findings text, OUT note text, OUT effects jsonb)
    RETURNS SETOF record LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'migrate_plan';
COMMENT ON FUNCTION migrate.plan(text, text, text[]) IS 'what apply (direction up) or rollback (direction down) would run, how, under which locks and for how long: a row for each statement, then one about the migration';

CREATE FUNCTION migrate.lint(script text, style boolean DEFAULT false,
                             OUT rule text, OUT severity text, OUT line integer, OUT statement integer, OUT relation text,
                             OUT message text, OUT why text, OUT safe text)
    RETURNS SETOF record LANGUAGE c STABLE STRICT AS 'MODULE_PATHNAME', 'migrate_lint';
COMMENT ON FUNCTION migrate.lint(text, boolean) IS 'dangers in any SQL text, as this database makes them: what each does, why it matters, and the safe way';

CREATE FUNCTION migrate.check(target text DEFAULT NULL, names text[] DEFAULT NULL, OUT point text, OUT result text, OUT evidence text)
    RETURNS SETOF record LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'migrate_check';
COMMENT ON FUNCTION migrate.check(text, text[]) IS 'what to look at before what is pending is deployed: a row for each point, with ok, warning or failed, and the evidence';

CREATE FUNCTION migrate.wait(run bigint)
    RETURNS SETOF migrate.report LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'migrate_wait';
COMMENT ON FUNCTION migrate.wait(bigint) IS 'waits for a run to end, returns its report or raises its error';

CREATE FUNCTION migrate.cancel(run bigint)
    RETURNS boolean LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'migrate_cancel';
COMMENT ON FUNCTION migrate.cancel(bigint) IS 'cancels the current step of a run and leaves the run interrupted; false if it was not running';

CREATE TYPE migrate.backfill_report AS (
    run bigint,
    state text,
    rows bigint,
    skipped bigint,
    batches bigint,
    duration interval
);
COMMENT ON TYPE migrate.backfill_report IS 'what a backfill did, in all processes that worked on it';

CREATE FUNCTION migrate.backfill(statement text, batch bigint DEFAULT NULL, pause interval DEFAULT NULL, workers integer DEFAULT 1,
                                 target_time interval DEFAULT NULL, rows_per_second double precision DEFAULT NULL,
                                 on_error text DEFAULT 'stop', max_skipped double precision DEFAULT NULL,
                                 remaining text DEFAULT NULL, unsafe boolean DEFAULT false, restart boolean DEFAULT false,
                                 role text DEFAULT NULL, detach boolean DEFAULT false)
    RETURNS SETOF migrate.backfill_report LANGUAGE c AS 'MODULE_PATHNAME', 'migrate_backfill';
COMMENT ON FUNCTION migrate.backfill(text, bigint, interval, integer, interval, double precision, text, double precision, text, boolean, boolean, text, boolean) IS 'runs one UPDATE or DELETE in small committed batches; the same statement again goes on with its unfinished run';

CREATE FUNCTION migrate.resume(run bigint, detach boolean DEFAULT false)
    RETURNS SETOF migrate.backfill_report LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'migrate_resume';
COMMENT ON FUNCTION migrate.resume(bigint, boolean) IS 'lets a paused backfill go on, or takes up one that was interrupted or failed';

CREATE FUNCTION migrate.pause(run bigint)
    RETURNS boolean LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'migrate_pause';
COMMENT ON FUNCTION migrate.pause(bigint) IS 'holds a backfill still after its present batch, until migrate.resume(); false if it was not running';

CREATE FUNCTION migrate.throttle(run bigint, rows_per_second double precision DEFAULT NULL, workers integer DEFAULT NULL)
    RETURNS boolean LANGUAGE c AS 'MODULE_PATHNAME', 'migrate_throttle';
COMMENT ON FUNCTION migrate.throttle(bigint, double precision, integer) IS 'changes the speed of a backfill, 0 for no limit, and its number of workers; false if it is not unfinished';

-- ---------------------------------------------------------------------------------------------------
-- Setting the record straight
-- ---------------------------------------------------------------------------------------------------

CREATE FUNCTION migrate.baseline(target text)
    RETURNS SETOF text LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'migrate_baseline';
COMMENT ON FUNCTION migrate.baseline(text) IS 'marks everything up to the target as applied, for a database that has it already; does nothing in an empty database';

CREATE FUNCTION migrate.mark(name text, state text)
    RETURNS void LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'migrate_mark';
COMMENT ON FUNCTION migrate.mark(text, text) IS 'records a migration as applied or as pending without running anything';

CREATE FUNCTION migrate.repair(name text, decision text DEFAULT NULL, up text DEFAULT NULL, down text DEFAULT NULL)
    RETURNS void LANGUAGE c AS 'MODULE_PATHNAME', 'migrate_repair';
COMMENT ON FUNCTION migrate.repair(text, text, text, text) IS 'settles a step in doubt (done or retry), or accepts a changed text of an applied migration without running it';

-- ---------------------------------------------------------------------------------------------------
-- Looking
-- ---------------------------------------------------------------------------------------------------

CREATE FUNCTION migrate.version() RETURNS text
    LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'migrate_version';
COMMENT ON FUNCTION migrate.version() IS 'version of the loaded library';

CREATE FUNCTION migrate.sort_key(name text) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'migrate_sort_key';
COMMENT ON FUNCTION migrate.sort_key(text) IS 'text that sorts (COLLATE "C") as migrations do';

-- The ROWS of the functions behind the views are few: by the planner's own guess of 1,000 each, a look at
-- them once a second would be worth compiling.

-- The step that a run is at is carried by a lock of the session that runs it: it is gone with the
-- session, whatever happens, and never stored.
CREATE FUNCTION migrate.active_steps(OUT run bigint, OUT step integer, OUT pid integer, OUT migration_id bigint)
    RETURNS SETOF record LANGUAGE sql STABLE ROWS 1 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT l.classid::bigint, l.objid::bigint::integer, l.pid, m.objid::bigint
      FROM pg_catalog.pg_locks l
      LEFT JOIN pg_catalog.pg_locks m ON m.locktype = 'advisory' AND m.objsubid = 19786 AND m.granted
                                     AND m.database = l.database AND m.pid = l.pid AND m.classid = l.classid
     WHERE l.locktype = 'advisory' AND l.objsubid = 19784 AND l.granted
       AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database());
END;
COMMENT ON FUNCTION migrate.active_steps() IS 'runs going on in this database, and the step each is at';

CREATE FUNCTION migrate.active_runs(OUT run bigint, OUT pid integer)
    RETURNS SETOF record LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT l.classid::bigint, l.pid
      FROM pg_catalog.pg_locks l
     WHERE l.locktype = 'advisory' AND l.objsubid = 19785 AND l.granted AND l.mode = 'ExclusiveLock'
       AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database());
END;
COMMENT ON FUNCTION migrate.active_runs() IS 'runs going on in this database, and the process that leads each';

-- Standbys as they stand, seen with the rights of its owner: an ordinary role sees their names only.
CREATE FUNCTION migrate.replicas(OUT name text, OUT replayed bigint, OUT logical boolean)
    RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT r.application_name,
           pg_catalog.pg_wal_lsn_diff(COALESCE(r.replay_lsn, r.flush_lsn, r.sent_lsn, '0/0'), '0/0')::bigint,
           EXISTS (SELECT FROM pg_catalog.pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical')
      FROM pg_catalog.pg_stat_replication r
     WHERE r.state IN ('streaming', 'catchup');
END;
COMMENT ON FUNCTION migrate.replicas() IS 'the standbys that follow this server, and the log position each has replayed';

-- Its body is bound to the functions of pg_catalog here and now, whatever the search_path is later; without
-- a setting of its own it can be inlined.
CREATE FUNCTION migrate.checksum(script text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(script, 'UTF8')), 'hex');
COMMENT ON FUNCTION migrate.checksum(text) IS 'SHA-256 of a script as stored: line endings are already one';

-- A run that the server's death ended has no end in the ledger; the migration it was at is the first one
-- with a step that is not done.
CREATE VIEW migrate.status AS
WITH active AS MATERIALIZED (
    SELECT * FROM migrate.active_steps()
), crashed AS MATERIALIZED (
    SELECT r.id, (SELECT s.migration_id FROM migrate.run_steps s
                   WHERE s.run = r.id AND s.state NOT IN ('done', 'carried') ORDER BY s.step LIMIT 1) AS migration_id
      FROM migrate.runs r
     WHERE r.ended_at IS NULL
       AND r.id = (SELECT pg_catalog.max(y.id) FROM migrate.runs y WHERE y.operation <> 'backfill')
       AND NOT EXISTS (SELECT FROM active a WHERE a.run = r.id)
)
SELECT m.name,
       CASE
           WHEN a.run IS NOT NULL THEN 'running'
           WHEN m.unfinished_run IS NOT NULL AND u.outcome = 'failed' THEN 'failed'
           WHEN m.unfinished_run IS NOT NULL OR c.id IS NOT NULL THEN 'interrupted'
           WHEN m.applied_at IS NOT NULL THEN 'applied'
           ELSE 'pending'
       END AS state,
       m.applied_at,
       m.applied_by,
       m.duration,
       m.applied_checksum = migrate.checksum(m.up) AS checksum_ok,
       m.out_of_order,
       COALESCE(a.run, m.unfinished_run, c.id, m.applied_run) AS run,
       CASE WHEN a.run IS NULL THEN u.error_message END AS error,
       m.requires,
       m.down IS NOT NULL AS reversible,
       m.uploaded_at,
       m.uploaded_by
  FROM migrate.migrations m
  LEFT JOIN active a ON a.migration_id = m.id
  LEFT JOIN migrate.runs u ON u.id = m.unfinished_run
  LEFT JOIN crashed c ON c.migration_id = m.id
 WHERE m.removed_at IS NULL
 ORDER BY migrate.sort_key(m.name) COLLATE "C";
COMMENT ON VIEW migrate.status IS 'every migration and how it stands: pending, running, applied, failed or interrupted';

CREATE VIEW migrate.history AS
SELECT e.id, e.at, e.event, e.migration, e.run, e.role, e.session_role, e.application_name, e.client_addr,
       e.duration, e.checksum, e.detail
  FROM migrate.events e
 ORDER BY e.id;
COMMENT ON VIEW migrate.history IS 'everything that ever happened to a migration, oldest first';

CREATE VIEW migrate.steps AS
SELECT s.run, s.step, s.migration, s.direction, s.mode,
       pg_catalog.array_to_string(s.statements, E';\n') AS statement,
       CASE WHEN a.run IS NOT NULL THEN 'running'
            WHEN s.state = 'started' THEN 'interrupted'
            ELSE s.state END AS state,
       s.started_at, s.ended_at, s.ended_at - s.started_at AS duration, s.lock_wait, s.attempts,
       s.lock_mode, s.lock_held,
       CASE WHEN s.state = 'failed' THEN r.error_message END AS error
  FROM migrate.run_steps s
  JOIN migrate.runs r ON r.id = s.run
  LEFT JOIN migrate.active_steps() a ON a.run = s.run AND a.step = s.step
 ORDER BY s.run, s.step;
COMMENT ON VIEW migrate.steps IS 'the steps of every run';

-- Who is in the way of a run.  A step that waits for a lock stands in no queue: it says what it wants with
-- an advisory lock of class 19787 (a relation and the number of a mode; mode 0: a transaction, whose rows it
-- wants), 19788 or 19789 (an application's advisory lock of class 1 or 2).  What does stand in a queue, such as CREATE INDEX CONCURRENTLY, is asked of the server.  The
-- function's owner may see other roles' sessions; it shows just those that are in the way.  The server has no
-- idea how few rows there are, and would compile the query for seconds, while the run itself asks.
CREATE FUNCTION migrate.blocking(OUT run bigint, OUT step integer, OUT migration_id bigint, OUT relation text,
                                 OUT mode_wanted text, OUT mode_held text, OUT pid integer, OUT gid text, OUT role text,
                                 OUT application_name text, OUT client_addr inet, OUT transaction_age interval,
                                 OUT state text, OUT state_age interval, OUT query text, OUT wait_event text)
    RETURNS SETOF record LANGUAGE sql VOLATILE ROWS 10 SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off
BEGIN ATOMIC
    WITH modes (mode, number, conflicts) AS (
        VALUES ('AccessShareLock', 1, '8'), ('RowShareLock', 2, '78'), ('RowExclusiveLock', 3, '5678'),
               ('ShareUpdateExclusiveLock', 4, '45678'), ('ShareLock', 5, '34678'), ('ShareRowExclusiveLock', 6, '345678'),
               ('ExclusiveLock', 7, '2345678'), ('AccessExclusiveLock', 8, '12345678')
    ), runner AS MATERIALIZED (
        SELECT a.run, a.step, a.migration_id, a.pid FROM migrate.active_steps() a
    ), lock AS MATERIALIZED (
        SELECT l.*, m.number, m.conflicts,
               (l.database = 0 OR l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())) AS here
          FROM pg_locks l LEFT JOIN modes m ON m.mode = l.mode
         WHERE EXISTS (SELECT FROM runner)
    ), wanted AS MATERIALIZED (
        SELECT r.run, r.step, r.migration_id, r.pid, l.classid AS object, m.mode, m.conflicts
          FROM runner r JOIN lock l ON l.pid = r.pid AND l.locktype = 'advisory' AND l.objsubid = 19787 AND l.granted
          LEFT JOIN modes m ON m.number = l.objid::bigint
    ), blocker AS (
        -- holders of the relation, and those who queue for it already
        SELECT w.run, w.step, w.migration_id, w.object AS relation, w.mode AS wanted,
               CASE WHEN h.granted THEN h.mode END AS held, h.pid, h.virtualtransaction
          FROM wanted w JOIN lock h ON h.locktype = 'relation' AND h.here AND h.relation = w.object
                                   AND position(h.number::text IN w.conflicts) > 0 AND h.pid IS DISTINCT FROM w.pid
        UNION ALL
        -- the transaction that has the row
        SELECT w.run, w.step, w.migration_id, NULL, 'row', h.mode, h.pid, h.virtualtransaction
          FROM wanted w JOIN lock h ON w.conflicts IS NULL AND h.locktype = 'transactionid' AND h.granted
                                   AND h.transactionid::text::bigint = w.object::bigint AND h.pid IS DISTINCT FROM w.pid
        UNION ALL
        -- the session that has the advisory lock
        SELECT r.run, r.step, r.migration_id, NULL, 'advisory lock', h.mode, h.pid, h.virtualtransaction
          FROM runner r
          JOIN lock l ON l.pid = r.pid AND l.locktype = 'advisory' AND l.objsubid IN (19788, 19789) AND l.granted
          JOIN lock h ON h.locktype = 'advisory' AND h.here AND h.granted AND h.objsubid = l.objsubid - 19787
                     AND h.classid = l.classid AND h.objid = l.objid AND h.pid IS DISTINCT FROM r.pid
        UNION ALL
        -- in a queue of the server
        SELECT r.run, r.step, r.migration_id, coalesce(q.relation, i.relid),
               CASE q.locktype WHEN 'relation' THEN q.mode ELSE 'end of transaction' END,
               coalesce((SELECT h.mode FROM lock h WHERE h.pid = b.pid AND h.granted AND h.locktype = 'relation' AND h.here
                            AND h.relation = coalesce(q.relation, i.relid) ORDER BY h.number DESC LIMIT 1),
                        CASE WHEN q.locktype = 'virtualxid' THEN 'snapshot'
                             WHEN q.locktype <> 'relation' THEN q.locktype END),
               nullif(b.pid, 0), (SELECT h.virtualtransaction FROM lock h WHERE b.pid = 0 AND h.pid IS NULL AND h.granted
                   AND h.locktype = q.locktype AND h.relation IS NOT DISTINCT FROM q.relation
                   AND h.transactionid IS NOT DISTINCT FROM q.transactionid LIMIT 1)
          FROM runner r
          JOIN lock q ON q.pid = r.pid AND NOT q.granted
          LEFT JOIN pg_stat_progress_create_index i ON i.pid = r.pid
          CROSS JOIN LATERAL (SELECT DISTINCT unnest(pg_blocking_pids(r.pid)) AS pid) b
    )
    SELECT DISTINCT ON (b.run, b.relation, coalesce(a.leader_pid, b.pid), p.gid)
           b.run, b.step, b.migration_id, b.relation::regclass::text, b.wanted, b.held,
           coalesce(a.leader_pid, b.pid), p.gid, coalesce(l.usename, a.usename, p.owner)::text,
           nullif(coalesce(l.application_name, a.application_name, ''), ''), coalesce(l.client_addr, a.client_addr),
           clock_timestamp() - coalesce(l.xact_start, a.xact_start, p.prepared),
           CASE WHEN p.gid IS NOT NULL THEN 'prepared' WHEN a.backend_type IN ('client backend', 'parallel worker') THEN coalesce(l.state, a.state)
                ELSE a.backend_type END,
           clock_timestamp() - coalesce(l.state_change, a.state_change, p.prepared),
           coalesce(l.query, a.query),
           coalesce(l.wait_event_type, a.wait_event_type) || ': ' || coalesce(l.wait_event, a.wait_event)
      FROM blocker b
      LEFT JOIN pg_stat_activity a ON a.pid = b.pid
      LEFT JOIN pg_stat_activity l ON l.pid = a.leader_pid
      LEFT JOIN lock x ON b.pid IS NULL AND x.locktype = 'transactionid' AND x.pid IS NULL AND x.granted
                      AND x.virtualtransaction = b.virtualtransaction
      LEFT JOIN pg_prepared_xacts p ON p.transaction = x.transactionid
     ORDER BY b.run, b.relation, coalesce(a.leader_pid, b.pid), p.gid, b.held IS NULL;
END;
COMMENT ON FUNCTION migrate.blocking() IS 'who is in the way of the runs going on in this database';

CREATE VIEW migrate.blockers AS
SELECT b.run, b.step, m.name AS migration, b.relation, b.mode_wanted, b.mode_held, b.pid, b.gid, b.role,
       b.application_name, b.client_addr, b.transaction_age, b.state, b.state_age, b.query, b.wait_event
  FROM migrate.blocking() b
  LEFT JOIN migrate.migrations m ON m.id = b.migration_id
 ORDER BY b.run, b.transaction_age DESC NULLS LAST;
COMMENT ON VIEW migrate.blockers IS 'who is in the way of a run that waits: a row for each session or prepared transaction and relation';

-- What the runner's process does.  Its owner may see other roles' queries; it shows just those of our own
-- process.
CREATE FUNCTION migrate.activity(pid integer, OUT doing text, OUT since timestamptz, OUT phase text,
                                 OUT done bigint, OUT total bigint)
    RETURNS SETOF record LANGUAGE sql STABLE STRICT ROWS 1 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT a.query, a.query_start,
           COALESCE(ci.phase, cl.phase, va.phase),
           COALESCE(CASE WHEN ci.phase LIKE 'waiting%' THEN ci.lockers_done
                         WHEN ci.blocks_total > 0 AND ci.blocks_done < ci.blocks_total THEN ci.blocks_done
                         WHEN ci.tuples_total > 0 THEN ci.tuples_done ELSE ci.blocks_done END,
                    cl.heap_blks_scanned, va.heap_blks_scanned, co.bytes_processed),
           COALESCE(CASE WHEN ci.phase LIKE 'waiting%' THEN ci.lockers_total
                         WHEN ci.blocks_total > 0 AND ci.blocks_done < ci.blocks_total THEN ci.blocks_total
                         WHEN ci.tuples_total > 0 THEN ci.tuples_total ELSE ci.blocks_total END,
                    cl.heap_blks_total, va.heap_blks_total, NULLIF(co.bytes_total, 0))
      FROM pg_catalog.pg_stat_activity a
      LEFT JOIN pg_catalog.pg_stat_progress_create_index ci ON ci.pid = a.pid
      LEFT JOIN pg_catalog.pg_stat_progress_cluster cl ON cl.pid = a.pid
      LEFT JOIN pg_catalog.pg_stat_progress_vacuum va ON va.pid = a.pid
      LEFT JOIN pg_catalog.pg_stat_progress_copy co ON co.pid = a.pid
     WHERE a.pid = activity.pid
       AND EXISTS (SELECT FROM pg_catalog.pg_locks l
                    WHERE l.pid = a.pid AND l.locktype = 'advisory' AND l.objsubid = 19784);
END;
COMMENT ON FUNCTION migrate.activity(integer) IS 'what the process of a run does; no rows for any other process';

-- The unfinished backfills, running or not.  Of a backfill that is a step of a migration this is the child
-- run.  total is what there is to go through in the units of the method; rows are rows changed.
CREATE VIEW migrate.backfill_progress AS
SELECT b.run, b.parent_run,
       CASE WHEN l.pid IS NULL THEN CASE WHEN r.outcome = 'failed' THEN 'failed' ELSE 'interrupted' END
            WHEN b.paused THEN 'paused' ELSE 'running' END AS state,
       b.statement, b.relation, b.method, l.pid, b.phase, b.pass,
       w.rows, e.rows AS estimated_rows,
       w.units, b.total_units, s.share,
       CASE WHEN l.pid IS NOT NULL AND t.seconds > 0 THEN (w.units - b.units_before) / t.seconds END AS units_per_second,
       CASE WHEN l.pid IS NOT NULL AND w.units > b.units_before AND t.seconds > 0
            THEN GREATEST(GREATEST(b.total_units - w.units, 0) / ((w.units - b.units_before) / t.seconds),
                          (e.rows - w.rows) / b.rows_per_second) * interval '1 second' END AS time_left,
       CASE WHEN l.pid IS NOT NULL THEN w.throttled END AS throttled,
       (SELECT pg_catalog.count(*) FROM migrate.backfill_pieces p WHERE p.run = b.run AND p.kind = 'row') AS locked_rows,
       (SELECT pg_catalog.count(*) FROM migrate.backfill_skipped k WHERE k.run = b.run) AS skipped,
       b.rows_per_second, b.workers, r.started_at, r.error_message AS error
  FROM migrate.backfills b
  JOIN migrate.runs r ON r.id = b.run
  CROSS JOIN LATERAL (SELECT COALESCE(pg_catalog.sum(x.rows), 0)::bigint AS rows, COALESCE(pg_catalog.sum(x.units), 0)::bigint AS units,
                             pg_catalog.max(x.throttled) AS throttled FROM migrate.backfill_workers x WHERE x.run = b.run) w
  CROSS JOIN LATERAL (SELECT CASE WHEN b.total_units > 0 THEN LEAST(w.units::double precision / b.total_units, 1) ELSE 0 END AS share) s
  CROSS JOIN LATERAL (SELECT GREATEST(w.rows, CASE WHEN s.share > 0.01 THEN (w.rows / s.share)::bigint ELSE b.estimated_rows END) AS rows) e
  CROSS JOIN LATERAL (SELECT EXTRACT(epoch FROM pg_catalog.clock_timestamp() - b.leader_since)::double precision AS seconds) t
  LEFT JOIN migrate.active_runs() l ON l.run = b.run
 WHERE NOT b.abandoned AND (r.outcome IS DISTINCT FROM 'done');
COMMENT ON VIEW migrate.backfill_progress IS 'every unfinished backfill: how far it is, how fast, when it will be done, and what holds it up';

CREATE VIEW migrate.backfill_worker_progress AS
SELECT w.run, w.worker, w.pid, w.relation, w.low, w.high, w.batch_size, w.rows, w.batches, w.throttled, w.at
  FROM migrate.backfill_workers w
  JOIN migrate.backfills b ON b.run = w.run
  JOIN migrate.runs r ON r.id = b.run
 WHERE NOT b.abandoned AND r.outcome IS DISTINCT FROM 'done';
COMMENT ON VIEW migrate.backfill_worker_progress IS 'the same worker by worker, with the range each is at';

CREATE VIEW migrate.skipped AS
SELECT k.run, k.relation, k.key, k.column_name, k.sqlstate, k.message, k.detail, k.at FROM migrate.backfill_skipped k;
COMMENT ON VIEW migrate.skipped IS 'rows that backfills could not change and put aside';

CREATE VIEW migrate.progress AS
SELECT a.run, a.step, m.name AS migration, a.pid,
       COALESCE(x.doing, pg_catalog.array_to_string(s.statements, '; ')) AS doing,
       COALESCE(c.throttled, c.phase, x.phase) AS phase, COALESCE(x.since, s.started_at) AS since, b.pid AS waits_for_pid, b.query AS waits_for_query,
       COALESCE(c.units, x.done) AS done, COALESCE(c.total_units, x.total) AS total, COALESCE(c.state, 'running') AS state, c.rows, c.estimated_rows,
       CASE WHEN c.units > 0 THEN c.units_per_second * c.rows / c.units END AS rows_per_second, c.time_left, c.throttled,
       (SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(w) - 'run' ORDER BY w.worker) FROM migrate.backfill_worker_progress w WHERE w.run = c.run) AS workers
  FROM migrate.active_steps() a
  LEFT JOIN migrate.migrations m ON m.id = a.migration_id
  LEFT JOIN migrate.run_steps s ON s.run = a.run AND s.step = a.step
  LEFT JOIN LATERAL migrate.activity(a.pid) x ON true
  LEFT JOIN migrate.backfill_progress c ON c.pid = a.pid -- the step is a backfill
  LEFT JOIN LATERAL (SELECT w.pid, COALESCE(w.query, 'prepared transaction ' || pg_catalog.quote_literal(w.gid)) AS query
                       FROM migrate.blocking() w WHERE w.run = a.run ORDER BY w.transaction_age DESC NULLS LAST LIMIT 1) b ON true
UNION ALL
SELECT b.run, NULL, NULL, b.pid, b.statement, b.phase, b.started_at, NULL, NULL, b.units, b.total_units,
       b.state, b.rows, b.estimated_rows,
       CASE WHEN b.units > 0 THEN b.units_per_second * b.rows / b.units END, b.time_left, b.throttled,
       (SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(w) - 'run' ORDER BY w.worker) FROM migrate.backfill_worker_progress w WHERE w.run = b.run) AS workers
  FROM migrate.backfill_progress b
 WHERE NOT EXISTS (SELECT FROM migrate.active_steps() a WHERE a.pid = b.pid);
COMMENT ON VIEW migrate.progress IS 'what is running now: its step, what it does and since when, what it waits for, and how far it is; and unfinished backfills';

-- ---------------------------------------------------------------------------------------------------
-- Guarding against DROP
-- ---------------------------------------------------------------------------------------------------

CREATE FUNCTION migrate.guard_drop() RETURNS event_trigger
    LANGUAGE c AS 'MODULE_PATHNAME', 'migrate_guard_drop';
COMMENT ON FUNCTION migrate.guard_drop() IS 'refuses to drop the extension while it holds history, unless migrate.allow_drop is on';
REVOKE ALL ON FUNCTION migrate.guard_drop() FROM PUBLIC;

CREATE EVENT TRIGGER migrate_guard_drop ON ddl_command_start
    WHEN TAG IN ('DROP EXTENSION', 'DROP SCHEMA', 'DROP OWNED')
    EXECUTE FUNCTION migrate.guard_drop();
COMMENT ON EVENT TRIGGER migrate_guard_drop IS 'keeps the history of migrations from being dropped by accident';

-- ---------------------------------------------------------------------------------------------------
-- Rights
-- ---------------------------------------------------------------------------------------------------

CREATE FUNCTION migrate.grant(role text) RETURNS void
    LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'migrate_grant';
COMMENT ON FUNCTION migrate.grant(text) IS 'lets a role upload, run and read migrations; for the owner of the database';

CREATE FUNCTION migrate.revoke(role text) RETURNS void
    LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'migrate_revoke';
COMMENT ON FUNCTION migrate.revoke(text) IS 'takes back migrate.grant()';

GRANT USAGE ON SCHEMA migrate TO pg_database_owner;
GRANT SELECT ON migrate.status, migrate.history, migrate.steps, migrate.progress, migrate.blockers, migrate.backfill_progress,
      migrate.backfill_worker_progress, migrate.skipped TO PUBLIC;
-- For pg_dump and pg_restore by the database's owner; guard_restore closes the door behind the restore.
GRANT SELECT, INSERT ON migrate.migrations, migrate.runs, migrate.run_steps, migrate.events, migrate.backfills,
      migrate.backfill_pieces, migrate.backfill_workers, migrate.backfill_skipped TO pg_database_owner;
GRANT SELECT, UPDATE ON SEQUENCE migrate.migrations_id_seq, migrate.runs_id_seq, migrate.events_id_seq,
      migrate.backfill_pieces_piece_seq TO pg_database_owner;
