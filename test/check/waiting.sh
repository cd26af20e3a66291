#!/usr/bin/env bash
# Tests wait for a condition, never for some time to pass.
. "$(dirname "$0")/lib.bash"
offences=$(search '\bpg_sleep|\bu?sleep *[0-9($]|sleep_for' --include='*.sql' --include='*.spec' --include='*.pl' \
               --include='*.pm' --include='*.sh' --include='*.cpp' --include='*.bash' sql test | grep -v '^test/check/waiting\.sh:' || true)
verdict "$offences" "use a waitpoint, poll_query_until or wait_for_log; a statement that is to hang until it is cancelled can wait for an advisory lock."
