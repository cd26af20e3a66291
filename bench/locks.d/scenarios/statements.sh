# shellcheck shell=bash disable=SC2034,SC2154
title="eight statements of one migration on a hot table"
clients=16 rate=1500 window=3

reads() { own_row; echo "BEGIN \\; SELECT balance FROM accounts WHERE id = :id \\; SELECT pg_sleep(0.002) \\; COMMIT;"; }
migration()
{
    cat <<'SQL'
-- file
ALTER TABLE accounts ADD COLUMN phone text;
ALTER TABLE accounts ADD COLUMN country text NOT NULL DEFAULT 'NO';
ALTER TABLE accounts ALTER COLUMN note TYPE varchar(100);
ALTER TABLE accounts ALTER COLUMN note SET DEFAULT '';
ALTER TABLE accounts ADD CONSTRAINT accounts_balance_check CHECK (balance >= 0) NOT VALID;
ALTER TABLE accounts RENAME COLUMN note TO remark;
ALTER TABLE accounts ALTER COLUMN balance SET DEFAULT 0;
ALTER TABLE accounts DROP COLUMN old;
SQL
}

# A session that looks at pg_locks once a millisecond until the window is over; beside the load alone, too, for
# what that takes to count there as well.
hinder()
{
    psql -c "CREATE TABLE held (times int, total float8, longest float8)"
    started_at=$(psql -At -c "SELECT pg_current_wal_lsn()")
    psql -c "$(look_at_locks)" &
    looking=$!
}
look_at_locks()
{
    cat <<SQL
DO \$\$
DECLARE
    over timestamptz := clock_timestamp() + interval '$window s';
    since timestamptz;
    times int := 0; total float8 := 0; longest float8 := 0; took float8;
BEGIN
    WHILE clock_timestamp() < over LOOP
        IF EXISTS (SELECT FROM pg_locks WHERE locktype = 'relation' AND relation = 'accounts'::regclass
                   AND mode = 'AccessExclusiveLock' AND granted) THEN
            since := coalesce(since, clock_timestamp());
        ELSIF since IS NOT NULL THEN
            took := 1000 * extract(epoch FROM clock_timestamp() - since);
            times := times + 1; total := total + took; longest := greatest(longest, took); since := NULL;
        END IF;
        PERFORM pg_sleep(0.0005);
    END LOOP;
    INSERT INTO held VALUES (times, total, longest);
END \$\$
SQL
}

# Each ACCESS EXCLUSIVE that was got is in the WAL, for standbys to take it too.
facts()
{
    wait "$looking" || true
    [ "$way" != alone ] || return 0
    local here_now relation taken
    here_now=$(psql -At -c "SELECT pg_current_wal_insert_lsn()")
    relation=$(psql -At -c "SELECT 'accounts'::regclass::oid")
    psql -c CHECKPOINT
    as_server_user "$bin/pg_waldump" -p "$place/data/pg_wal" -s "$started_at" -e "$here_now" -r Standby \
        >"$logs/standby.wal" 2>/dev/null || true
    taken=$(grep 'LOCK' "$logs/standby.wal" | grep -cE "rel $relation( |\$)" || true)
    say "    ACCESS EXCLUSIVE taken on the table, by the WAL: $taken; seen held, once a millisecond: $(psql -At -F ' ' -c "
        SELECT format('%s times, %s ms in all, longest %s ms', times, round(total::numeric, 1), round(longest::numeric, 1)) FROM held")"
}
