# shellcheck shell=bash disable=SC2034,SC2154
title="a pg_dump with two jobs, of 6 s; ADD COLUMN on a table that it has yet to dump"
clients=8 rate=800 window=9

# The dump goes from large tables to small ones.  Row security makes it slow on its first two, one for each
# job: one job is busy for 6 s, the other takes accounts after 3.  A job locks each of its tables with NOWAIT,
# which fails if anybody queues for ACCESS EXCLUSIVE.
tables()
{
    accounts_table
    cat <<'SQL'
DO $$ BEGIN
    CREATE ROLE dumper LOGIN;
EXCEPTION WHEN duplicate_object THEN NULL;
END $$;
CREATE FUNCTION throttle(id int, every int) RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
    IF id % every = 0 THEN PERFORM pg_sleep(0.1); END IF;
    RETURN true;
END $$;
CREATE TABLE slow_1 (id int, padding text);
CREATE TABLE slow_2 (id int, padding text);
INSERT INTO slow_1 SELECT i, repeat('x', 1500) FROM generate_series(1, 12000) i;
INSERT INTO slow_2 SELECT i, repeat('x', 1500) FROM generate_series(1, 12000) i;
ALTER TABLE slow_1 ENABLE ROW LEVEL SECURITY;
ALTER TABLE slow_2 ENABLE ROW LEVEL SECURITY;
CREATE POLICY slow ON slow_1 USING (throttle(id, 200));
CREATE POLICY slow ON slow_2 USING (throttle(id, 400));
GRANT SELECT ON accounts, slow_1, slow_2 TO dumper;
SQL
}
hinder()
{
    {
        if "$bin/pg_dump" -U dumper -n public --enable-row-security -Fd -j 2 -f "$logs/dump" 2>"$logs/dump.err"; then
            echo "the dump succeeded" >"$logs/dump.result"
        else
            echo "THE DUMP FAILED: $(grep -m 1 -iE 'error' "$logs/dump.err")" >"$logs/dump.result"
        fi
        now >"$blocker_over"
    } &
    wait_for "SELECT count(*) = 2 FROM pg_stat_activity WHERE application_name = 'pg_dump' AND wait_event = 'PgSleep'"
}
facts() { say "    $(cat "$logs/dump.result")"; }
migration()
{
    cat <<'SQL'
-- file
ALTER TABLE accounts ADD COLUMN phone text;
SQL
}
