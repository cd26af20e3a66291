#!/usr/bin/env bash
# The control file, META.json and the install script speak of the same version.
. "$(dirname "$0")/lib.bash"
version=$(sed -nE "s/^default_version *= *'(.*)'/\1/p" extension/migrate.control)
offences=$(
    [ -e "extension/migrate--$version.sql" ] || ls extension/migrate--*--"$version.sql" >/dev/null 2>&1 ||
        echo "no script makes version $version"
    grep -q "\"version\": \"$version\\.0\"" META.json || echo "META.json doesn't have version $version.0"
    grep -qE "^project\\(migrate VERSION $version\\.0 " CMakeLists.txt || echo "CMakeLists.txt doesn't have version $version.0"
    file=$(sed -nE 's/.*"file": "(.*)".*/\1/p' META.json)
    [ -e "$file" ] || echo "META.json names $file, which isn't there"
    perl -MJSON::PP -0777 -ne 'eval { decode_json($_); 1 } or print "META.json: $@"' META.json 2>&1 || true
)
verdict "$offences" "change the version in extension/migrate.control, META.json and CMakeLists.txt together."
