#!/usr/bin/env bash
# The code is formatted as .clang-format says, by clang-format 14 (each version has an opinion of its own).
. "$(dirname "$0")/lib.bash"
if ! command -v clang-format-14 >/dev/null; then
    echo "skipped: clang-format-14 is not installed"
    exit 77
fi
offences=$(find extension client test/unit bench \( -name '*.cpp' -o -name '*.h' \) -print0 2>/dev/null | sort -z |
           xargs -0 -r -n 1 -P 2 sh -c 'clang-format-14 --dry-run --Werror "$1" >/dev/null 2>&1 || echo "$1"' sh || true)
verdict "$offences" "clang-format-14 -i, followed by a look at the change."
