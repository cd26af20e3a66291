#!/usr/bin/env bash
# Every setting of ours is documented, nothing else is, and docs/settings.md lists them in order.
. "$(dirname "$0")/lib.bash"
defined=$(find extension -name '*.cpp' -exec grep -lE 'DefineCustom[A-Za-z]+Variable' {} + 2>/dev/null |
          xargs -r grep -ohE '"migrate\.[a-z_]+"' | tr -d '"' | sort -u || true)
listed=$(sed -nE 's/^#+ +`?(migrate\.[a-z_]+)`?.*/\1/p' docs/settings.md 2>/dev/null || true)
undocumented=$(comm -23 <(echo "$defined") <(sort -u <<<"$listed") | grep . || true)
gone=$(comm -13 <(echo "$defined") <(sort -u <<<"$listed") | grep . || true)
unsorted=$(diff <(echo "$listed") <(sort <<<"$listed") >/dev/null || echo yes)

verdict "${undocumented:+not in docs/settings.md:
$undocumented
}${gone:+in docs/settings.md but not defined:
$gone
}${unsorted:+the headings of docs/settings.md are not in order
}$([ -n "$defined" ] || echo 'no setting found: does the rule still look in the right place?')" \
    "give each setting a heading of its own in docs/settings.md, such as \"## migrate.role\", in alphabetical order."
