#!/usr/bin/env bash
# A file of more than 400 lines wants to be two concepts.
. "$(dirname "$0")/lib.bash"
offences=$(find extension client test scripts bench \( -name '*.cpp' -o -name '*.h' -o -name '*.pl' -o -name '*.pm' -o -name '*.sh' \) \
               -exec wc -l {} + 2>/dev/null | awk '$1 > 400 && $2 != "total" {print $2 ": " $1 " lines"}')
verdict "$offences" "split it: one concept a file."
