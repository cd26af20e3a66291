# The application of bench/locks: a pgbench with a script of reads and a script of writes.  Sourced by
# bench/locks.
#
# pgbench runs with --rate: transactions fall due at random (Poisson) moments that don't depend on the
# server, and a latency counts from the moment when the transaction was due.  So a stall of 500 ms is seen by
# all that fell due in it, as users would see it, not only by the one that each client happened to be in.
# shellcheck shell=bash disable=SC2154,SC2034

warm_up=1               # seconds of load before anything else
setting_up=3            # seconds that hinder() may take
drain=3                 # seconds after the window, for what fell due in it and has to catch up

now() { echo "${EPOCHREALTIME/./}"; }
milliseconds() { awk -v us="$1" 'BEGIN { printf "%.1f", us / 1000 }'; }

# sleep_until MOMENT
sleep_until()
{
    local left=$(($1 - $(now)))
    [ "$left" -le 0 ] || sleep "$(awk -v us="$left" 'BEGIN { print us / 1e6 }')"
}

# ---- the usual table and transactions -------------------------------------------------------------

rows_of_client=1000     # each client has rows of its own, so that nobody ever waits for a row

accounts_table()
{
    cat <<SQL
CREATE TABLE accounts (id bigint PRIMARY KEY, balance bigint NOT NULL, note varchar(50), old text)
    WITH (fillfactor = 50);
INSERT INTO accounts SELECT i, 0, 'note ' || i, 'old' FROM generate_series(0, $((clients * rows_of_client)) - 1) i;
SQL
}

own_row() { echo "\\set id :client_id * $rows_of_client + random(0, $rows_of_client - 1)"; }
point_select() { own_row; echo "SELECT balance FROM accounts WHERE id = :id;"; }
point_update() { own_row; echo "UPDATE accounts SET balance = balance + 1 WHERE id = :id;"; }

# ---- running it -----------------------------------------------------------------------------------

start_load()
{
    reads >"$logs/reads.sql"
    writes >"$logs/writes.sql"
    deadlocks_before=$(count_deadlocks)
    "$bin/pgbench" -n -c "$clients" -j 2 -T $((warm_up + setting_up + window + drain)) --rate "$rate" \
        --failures-detailed -l --log-prefix "$logs/transactions" \
        -f "$logs/reads.sql@3" -f "$logs/writes.sql@1" >"$logs/pgbench.out" 2>&1 &
    load=$!
    wait_for "SELECT count(*) = $clients FROM pg_stat_activity WHERE application_name = 'pgbench'"
    sleep "$warm_up"
}

# Its exit status tells of clients that gave up; report_run counts them.
end_load() { wait "$load" || true; }

count_deadlocks() { psql -At -c "SELECT deadlocks FROM pg_stat_database WHERE datname = 'bench'"; }

# wait_for SQL: until it is true.
wait_for()
{
    local tries
    for ((tries = 0; tries < 3000; tries++)); do
        [ "$(psql -At -c "$1")" != t ] || return 0
        sleep 0.01
    done
    die "this didn't become true: $1"
}
