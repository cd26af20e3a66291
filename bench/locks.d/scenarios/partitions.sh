# shellcheck shell=bash disable=SC2034,SC2154
title="DROP COLUMN on a parent of 200 partitions, a transaction idle for 5 s on one leaf"
clients=8 rate=800 window=8

# The last leaf belongs to nobody of the load.
tables()
{
    local rows=$(((clients * rows_of_client + 198) / 199))
    cat <<SQL
CREATE TABLE accounts (id bigint PRIMARY KEY, balance bigint NOT NULL, note varchar(50), old text) PARTITION BY RANGE (id);
SELECT format('CREATE TABLE accounts_%s PARTITION OF accounts FOR VALUES FROM (%s) TO (%s) WITH (fillfactor = 50)',
    i, i * $rows, (i + 1) * $rows) FROM generate_series(0, 199) i \\gexec
INSERT INTO accounts SELECT i, 0, 'note ' || i, 'old' FROM generate_series(0, 200 * $rows - 1) i;
SQL
}
hinder() { idle_transaction 5 "SELECT count(*) FROM accounts_199"; }
migration()
{
    cat <<'SQL'
-- file
ALTER TABLE accounts DROP COLUMN old;
SQL
}
