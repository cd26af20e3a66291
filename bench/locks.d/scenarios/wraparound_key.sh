# shellcheck shell=bash disable=SC2034,SC2154
title="an anti-wraparound vacuum of about 6 s; ADD FOREIGN KEY ... NOT VALID"
# shellcheck source=bench/locks.d/wraparound.sh
. "$here/locks.d/wraparound.sh"

migration()
{
    cat <<'SQL'
-- file
ALTER TABLE accounts ADD CONSTRAINT accounts_branch_fkey FOREIGN KEY (branch_id) REFERENCES branches NOT VALID;
SQL
}
