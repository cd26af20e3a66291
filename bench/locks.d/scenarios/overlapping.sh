# shellcheck shell=bash disable=SC2034,SC2154
title="32 clients in overlapping transactions of 5 ms; ADD COLUMN"
clients=32 rate=2500 window=4 ways="psql timeout nowait migrate"

# All of it in one message: the 5 ms are those of the lock, not of a client that has no processor.
reads() { own_row; echo "BEGIN \\; SELECT balance FROM accounts WHERE id = :id \\; SELECT pg_sleep(0.005) \\; COMMIT;"; }
writes()
{
    own_row
    echo "BEGIN \\; UPDATE accounts SET balance = balance + 1 WHERE id = :id \\; SELECT pg_sleep(0.005) \\; COMMIT;"
}
migration()
{
    cat <<'SQL'
-- file
ALTER TABLE accounts ADD COLUMN phone text;
SQL
}

# A transaction that began at B and ended at E slept 5 ms in between, the lock held: at the least it had it
# from E - 5 ms to B + 5 ms.  Counts the moments in the window when no transaction had it for certain.
facts()
{
    [ "$way" = alone ] || return 0
    cat "$logs"/transactions.* |
        awk '{ e = $5 * 1000000 + $6; b = e - $3 + $7; if (e - 5000 < b + 5000) printf "%.0f 1\n%.0f -1\n", e - 5000, b + 5000 }' |
        sort -k1,1n -k2,2nr | awk -v from="$begun" -v to=$((begun + window * 1000000)) '
            BEGIN { least = 1e9 }
            $1 >= from && $1 < to { if (held < least) least = held; if (held <= 0) free++ }
            { held += $2 }
            END { printf "    transactions that held the lock: never fewer than %d; instants without one: %d\n", least, free }'
}
