# shellcheck shell=bash disable=SC2034
title="a transaction idle for 8 s on the table; ADD COLUMN"
clients=8 rate=1000 window=10

hinder() { idle_transaction 8 "SELECT count(*) FROM accounts WHERE id = 1"; }
migration()
{
    cat <<'SQL'
-- file
ALTER TABLE accounts ADD COLUMN phone text;
SQL
}
