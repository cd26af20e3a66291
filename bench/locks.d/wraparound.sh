# What the three scenarios with an anti-wraparound vacuum have in common: a real one, which the server never
# cancels for whoever waits for its SHARE UPDATE EXCLUSIVE.  Sourced by them.
# shellcheck shell=bash disable=SC2034,SC2154

clients=8 rate=800 window=10

# The table is as old as autovacuum_freeze_max_age allows once 100,000 transactions have come and gone, and the
# cost settings are such that its vacuum takes some seconds.
tables()
{
    accounts_table
    cat <<'SQL'
ALTER TABLE accounts ADD COLUMN branch_id int NOT NULL DEFAULT 1,
    ADD CONSTRAINT accounts_balance_check CHECK (balance >= 0) NOT VALID;
CREATE TABLE branches (id int PRIMARY KEY);
INSERT INTO branches SELECT generate_series(1, 10);
ALTER TABLE accounts SET (autovacuum_freeze_max_age = 100000, autovacuum_vacuum_cost_limit = 1,
    autovacuum_vacuum_cost_delay = 25);
SQL
}
before_load()
{
    psql -c "DO \$\$ BEGIN FOR i IN 1..110000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END \$\$"
}
hinder()
{
    local held="SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE l.relation = 'accounts'::regclass AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted
        AND a.backend_type = 'autovacuum worker' AND a.query LIKE '%to prevent wraparound%')"
    autovacuum on
    wait_for "$held"
    note_end_of "$held"
}

# autovacuum on|off
autovacuum() { psql -o /dev/null -d postgres -c "ALTER SYSTEM SET autovacuum = $1" -c "SELECT pg_reload_conf()"; }

facts()
{
    autovacuum off
    local cancelled
    cancelled=$(psql -At -c "SELECT count(*) FROM regexp_matches(pg_read_file('$place/server.log'),
        'canceling autovacuum task', 'g')")
    say "    the vacuum took $(milliseconds $(($(cat "$blocker_over") - begun))) ms of the window; vacuums cancelled so far: $cancelled"
}
