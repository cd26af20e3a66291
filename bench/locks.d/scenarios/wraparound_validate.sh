# shellcheck shell=bash disable=SC2034,SC2154
title="an anti-wraparound vacuum of about 6 s; VALIDATE CONSTRAINT"
# shellcheck source=bench/locks.d/wraparound.sh
. "$here/locks.d/wraparound.sh"

migration()
{
    cat <<'SQL'
-- file
ALTER TABLE accounts VALIDATE CONSTRAINT accounts_balance_check;
SQL
}
