#!/usr/bin/env bash
# The module shows exactly what extension/migrate.exports names, and every C function of the install scripts.
. "$(dirname "$0")/lib.bash"
module=${1:?usage: test/check/exports.sh path/to/migrate.so}

exported=$(nm -D --defined-only "$module" | awk '{print $NF}' | sed 's/@.*//' | sort)
allowed=$(sed -n '/global:/,/local:/s/^ *\([A-Za-z_*]*\);$/\1/p' extension/migrate.exports |
          sed 's/\*/.*/; s/.*/^&$/' | paste -sd '|')
extra=$(grep -vE "$allowed" <<<"$exported" || true)
wanted=$(grep -ohE "'migrate_[a-z_]+'" extension/migrate--*.sql | tr -d "'" | sort -u)
missing=$(comm -23 <(sort -u <<<"$wanted") <(echo "$exported"))
half=$(for name in $wanted; do grep -qx "pg_finfo_$name" <<<"$exported" || echo "$name"; done)

verdict "${extra:+exported but not in migrate.exports:
$extra
}${missing:+in the install script but not exported:
$missing
}${half:+no pg_finfo_ for:
$half}" "link with -Wl,--version-script=extension/migrate.exports, and define each SQL function with MIGRATE_FUNCTION in an entry file."
