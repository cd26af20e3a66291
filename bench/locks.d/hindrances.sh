# What stands in a migration's way in more than one scenario of bench/locks, or watches it.  Sourced by
# bench/locks.  What ends by itself writes the moment to $blocker_over, just before it lets go.
# shellcheck shell=bash disable=SC2154

# idle_transaction SECONDS SQL: a transaction that did SQL and is idle for so long.
idle_transaction()
{
    PGAPPNAME=blocker psql -o /dev/null -c BEGIN -c "$2" -c "\\! sleep $1" \
        -c "\\! date +%s%6N >'$blocker_over'" -c COMMIT &
    wait_for "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'blocker'
        AND state = 'idle in transaction' AND query <> 'BEGIN')"
}

# note_end_of SQL: in the background, writes $blocker_over when SQL isn't true any more.  Each look is a
# transaction of its own, for concurrent builds not to wait for it.
note_end_of()
{
    {
        psql -o /dev/null -c "DO \$\$ BEGIN WHILE ($1) LOOP COMMIT; PERFORM pg_sleep(0.005); COMMIT; END LOOP; END \$\$"
        now >"$blocker_over"
    } &
}
