#!/usr/bin/env bash
# Every test has its one expected output, and every expected output its test.
. "$(dirname "$0")/lib.bash"

names() { find "$1" -maxdepth 1 -name "*$2" -printf '%f\n' 2>/dev/null | sed "s/\\$2\$//" | sort; }
compare() # DIRECTORY ENDING EXPECTED
{
    comm -23 <(names "$1" "$2") <(names "$3" .out) | sed "s#.*#$1/&$2 has no $3/&.out#"
    comm -13 <(names "$1" "$2") <(names "$3" .out) | sed "s#.*#$3/&.out has no $1/&$2#"
}
offences=$(compare sql .sql expected; compare test/isolation/specs .spec test/isolation/expected)
verdict "$offences" "run the test, read its output, and if it is right copy it into the expected directory; no second outputs such as name_1.out."
