# Sourced by the house rules.  Each is one script, run from the top of the checkout by ctest with the path of
# the built module, that prints what breaks the rule and how to mend it; exit 77 means skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# verdict OFFENCES HOW_TO_FIX: fails if there are any.
verdict()
{
    [ -n "$1" ] || exit 0
    printf '%s\n\nHow to fix: %s\n' "$1" "$2"
    exit 1
}

# grep that is content with finding nothing, and looks only into what is there.
search()
{
    local status=0
    grep -rnE "$@" 2>/dev/null || status=$?
    [ "$status" -le 2 ]
}
