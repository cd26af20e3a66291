# shellcheck shell=bash disable=SC2034,SC2154
title="a prepared transaction holds a lock for 5 s, until ROLLBACK PREPARED; ADD COLUMN"
clients=8 rate=1000 window=8

hinder()
{
    psql -c BEGIN -c "INSERT INTO accounts VALUES (-1, 0)" -c "PREPARE TRANSACTION 'forgotten'"
    {
        sleep 5
        now >"$blocker_over"
        psql -c "ROLLBACK PREPARED 'forgotten'"
    } &
}
migration()
{
    cat <<'SQL'
-- file
ALTER TABLE accounts ADD COLUMN phone text;
SQL
}
