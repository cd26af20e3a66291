-- Run once in the database of the isolation specs, before any of them.
--
-- The tester takes a step for waiting if its process waits for a lock of another session of the spec.  A
-- caller of ours waits for its worker instead, and it is the worker that a session of the spec holds up: at
-- a waitpoint, or with a lock of its own.  So the tester's question is answered for the worker as well, also
-- when it says what it waits for outside of any queue.
CREATE FUNCTION pg_catalog.test_session_stands_by(integer, integer[]) RETURNS boolean
LANGUAGE sql AS $$
    SELECT EXISTS (SELECT FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_locks h
                       ON (h.relation = l.classid AND l.objid <> 0 OR h.transactionid::text::bigint = l.classid::bigint AND l.objid = 0)
                    WHERE l.pid = $1 AND l.locktype = 'advisory' AND l.objsubid = 19787
                      AND h.granted AND h.pid <> l.pid AND h.pid = ANY ($2))
$$;

ALTER FUNCTION pg_catalog.pg_isolation_test_session_is_blocked(integer, integer[])
    RENAME TO pg_isolation_test_session_is_blocked_itself;

CREATE FUNCTION pg_catalog.pg_isolation_test_session_is_blocked(integer, integer[]) RETURNS boolean
LANGUAGE sql AS $$
    SELECT pg_catalog.pg_isolation_test_session_is_blocked_itself($1, $2)
        OR pg_catalog.test_session_stands_by($1, $2)
        OR EXISTS (SELECT FROM pg_catalog.pg_stat_activity w, pg_catalog.pg_stat_activity c
                    WHERE w.backend_type = 'migrate worker' AND w.datname = pg_catalog.current_database()
                      AND c.pid = $1
                      AND (pg_catalog.pg_isolation_test_session_is_blocked_itself(w.pid, $2)
                           OR pg_catalog.test_session_stands_by(w.pid, $2))
                      AND c.query NOT LIKE '%detach => true%' -- it returns as soon as it has the run's number
                      AND (c.wait_event = 'Extension' OR w.pid = ANY (pg_catalog.pg_blocking_pids($1))))
$$;

-- What the specs share.
CREATE SCHEMA test;

CREATE FUNCTION test.waitpoints() RETURNS text LANGUAGE c AS '$libdir/migrate', 'migrate_waitpoints';

CREATE FUNCTION test.point(name text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    place integer := array_position(string_to_array(trim(test.waitpoints()), ' '), name);
BEGIN
    IF place IS NULL THEN
        RAISE 'there is no waitpoint "%"', name;
    END IF;
    RETURN place - 1;
END $$;

-- A run that arrives at the waitpoint stops there, until go().
CREATE PROCEDURE test.stop_at(point text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_lock(77, test.point(point));
END $$;

CREATE PROCEDURE test.go() LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_unlock_all();
END $$;

-- An empty database with an empty history.
CREATE PROCEDURE test.begin_anew() LANGUAGE plpgsql SET client_min_messages = error AS $$
BEGIN
    SET LOCAL migrate.allow_drop = on;
    DROP EXTENSION IF EXISTS migrate;
    DROP SCHEMA IF EXISTS public CASCADE;
    CREATE SCHEMA public;
    CREATE EXTENSION migrate;
END $$;

-- Registers migrations: name, script, name, script, ...
CREATE PROCEDURE test.add(VARIADIC texts text[]) LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. array_length(texts, 1) BY 2 LOOP
        PERFORM migrate.add(texts[i], texts[i + 1]);
    END LOOP;
END $$;

-- The sessions of the running spec by their names.  A worker carries the name of its caller, and is none.
CREATE VIEW test.sessions AS
    SELECT split_part(application_name, '/', 3) AS name, pid, state, query_start
      FROM pg_stat_activity
     WHERE application_name LIKE 'isolation/%/%' AND backend_type = 'client backend';

-- Returns when the session of that name has nothing to do any more: what it said will be shown next.
CREATE PROCEDURE test.until_idle(session text) LANGUAGE plpgsql AS $$
BEGIN
    LOOP
        PERFORM pg_stat_clear_snapshot();
        EXIT WHEN EXISTS (SELECT FROM test.sessions WHERE name = session AND state LIKE 'idle%');
    END LOOP;
END $$;

-- Returns when that session has been at its statement for that long.
CREATE PROCEDURE test.until_older(session text, age interval) LANGUAGE plpgsql AS $$
BEGIN
    LOOP
        PERFORM pg_stat_clear_snapshot();
        EXIT WHEN EXISTS (SELECT FROM test.sessions
                           WHERE name = session AND state = 'active' AND query_start < clock_timestamp() - age);
    END LOOP;
END $$;

-- Returns when a run stands at a waitpoint.
CREATE PROCEDURE test.until_stopped() LANGUAGE plpgsql AS $$
BEGIN
    LOOP
        EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 77 AND NOT granted);
    END LOOP;
END $$;

-- Returns when no worker is left.
CREATE PROCEDURE test.until_quiet() LANGUAGE plpgsql AS $$
BEGIN
    LOOP
        PERFORM pg_stat_clear_snapshot();
        EXIT WHEN NOT EXISTS (SELECT FROM migrate.active_steps())
              AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'migrate worker');
    END LOOP;
END $$;

-- Cancels what a session does.
CREATE PROCEDURE test.cancel(session text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_cancel_backend(pid) FROM test.sessions WHERE name = session;
END $$;

-- What becomes of a statement inside a transaction: its SQLSTATE and message, process numbers blanked.
CREATE FUNCTION test.outcome(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    details text;
BEGIN
    EXECUTE statement;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS details = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(': ', SQLSTATE, SQLERRM, NULLIF(regexp_replace(details, 'rocess \d+', 'rocess N'), ''));
END $$;

-- What the processes of runs hold and wait for of the specs' own tables and types.
CREATE VIEW test.locks_of_run AS
    SELECT l.relation::regclass AS relation, l.mode, l.granted
      FROM pg_locks l
      JOIN pg_class c ON c.oid = l.relation AND c.relnamespace = to_regnamespace('public')
     WHERE l.locktype = 'relation' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND l.pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 19784 AND granted)
     ORDER BY 1, 2;

-- Returns when a run waits outside of all queues.
CREATE PROCEDURE test.until_standing_by() LANGUAGE plpgsql AS $$
BEGIN
    LOOP
        EXIT WHEN EXISTS (SELECT FROM pg_locks l JOIN migrate.active_steps() a USING (pid)
                           WHERE l.locktype = 'advisory' AND l.objsubid = 19787);
    END LOOP;
END $$;

-- Returns when a run stands in the queue for a table.
CREATE PROCEDURE test.until_queueing(name regclass) LANGUAGE plpgsql AS $$
BEGIN
    LOOP
        EXIT WHEN EXISTS (SELECT FROM pg_locks l JOIN migrate.active_steps() a USING (pid)
                           WHERE l.relation = name AND NOT l.granted);
    END LOOP;
END $$;

-- What differs from one time to the next is blanked: processes, transactions, times.
CREATE FUNCTION test.blank(message text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(regexp_replace(regexp_replace(message, 'rocess \d+', 'rocess N', 'g'), 'less than 1 s|[0-9.]+ (ms|s|min)\M', 'T', 'g'),
                          'transaction \d+', 'transaction N', 'g')
$$;

-- Returns when a run waits in a queue of the server.
CREATE PROCEDURE test.until_blocked_alone() LANGUAGE plpgsql AS $$
BEGIN
    LOOP
        EXIT WHEN EXISTS (SELECT FROM pg_locks l JOIN migrate.active_steps() a USING (pid) WHERE NOT l.granted);
    END LOOP;
END $$;

-- Returns when somebody waits for that advisory lock.
CREATE PROCEDURE test.until_waiting_for(number integer) LANGUAGE plpgsql AS $$
BEGIN
    LOOP
        EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = number AND objsubid = 1 AND NOT granted);
    END LOOP;
END $$;

-- Returns when that session has said nothing in its transaction for so long.
CREATE PROCEDURE test.until_silent(session text, age interval) LANGUAGE plpgsql AS $$
BEGIN
    LOOP
        PERFORM pg_stat_clear_snapshot();
        EXIT WHEN EXISTS (SELECT FROM test.sessions s JOIN pg_stat_activity a USING (pid)
                           WHERE s.name = session AND a.state = 'idle in transaction' AND a.state_change < clock_timestamp() - age);
    END LOOP;
END $$;
