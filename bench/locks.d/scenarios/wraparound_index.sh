# shellcheck shell=bash disable=SC2034,SC2154
title="an anti-wraparound vacuum of about 6 s; CREATE INDEX CONCURRENTLY"
# shellcheck source=bench/locks.d/wraparound.sh
. "$here/locks.d/wraparound.sh"

migration()
{
    cat <<'SQL'
-- file
CREATE INDEX CONCURRENTLY accounts_note_idx ON accounts (note);
SQL
}
