#!/usr/bin/env bash
# XX000 is a bug by definition; only the tests of the C++ boundary make some on purpose.
. "$(dirname "$0")/lib.bash"
offences=$(search 'XX000' expected test/isolation/expected | grep -v '^expected/boundary\.out:' || true)
verdict "$offences" "find the fault, or give the error the SQLSTATE it deserves."
