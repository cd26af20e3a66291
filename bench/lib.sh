# Shared by the benchmarks: a Release build, one private cluster below build/bench with its client programs,
# and small arithmetic.  Sourced by bash with `set -euo pipefail`, after which the caller sets $pg_config.
# shellcheck shell=bash disable=SC2034,SC2154
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"

build=$root/build/bench
pg_config=/usr/lib/postgresql/15/bin/pg_config

build_release()
{
    mkdir -p "$build"
    install_missing "${build_packages[@]}"
    head1 "building"
    build_tree "$build/tree" "migrate pg_migrate" -- -DCMAKE_BUILD_TYPE=Release -DMIGRATE_UNIT_TESTS=OFF \
        -DPG_CONFIG="$pg_config" || die "it doesn't build"
}

# ---- the cluster ----------------------------------------------------------------------------------

# start_cluster NAME [SETTING=VALUE]...: fresh, in $place, which is $build/NAME; removed when the script ends.
start_cluster()
{
    make_place "$1"; shift
    local setting
    bin=$(dirname "$("$root/test/stage" "$pg_config" "$build/tree" "$place/stage")")
    make_socket_directory
    give "$place/stage"
    as_server_user "$bin/initdb" -D "$place/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \
        >"$place/initdb.log" 2>&1 || { cat "$place/initdb.log" >&2; die "initdb failed"; }
    for setting in "$@"; do echo "$setting" >>"$place/data/postgresql.conf"; done
    trap stop_cluster EXIT
    as_server_user "$bin/pg_ctl" -D "$place/data" -l "$place/server.log" -w -t 60 \
        -o "-k $sockets -c listen_addresses=''" start </dev/null >"$place/pg_ctl.log" 2>&1 ||
        { cat "$place/pg_ctl.log" >&2; die "the cluster doesn't start"; }
    export PGHOST=$sockets PGUSER=postgres PGDATABASE=bench
}

stop_cluster()
{
    as_server_user "$bin/pg_ctl" -D "$place/data" -m immediate -w stop >/dev/null || true
    rm -rf "$sockets" "$place"
}

psql() { "$bin/psql" -X -q -v ON_ERROR_STOP=1 "$@"; }

fresh_database()
{
    psql -d postgres -c "DROP DATABASE IF EXISTS bench WITH (FORCE)" -c "CREATE DATABASE bench" -c CHECKPOINT 2>/dev/null
}

# keep_wal_files MB: as many files of the WAL as a server has that has run for a while, to be written again.  A new one
# is filled with zeros and synced first, while every COMMIT waits: 40 to 60 ms for 16 MB on an ordinary disk.
# Start the cluster with min_wal_size=MB.
keep_wal_files()
{
    psql -d postgres -o /dev/null -c "SELECT count(pg_logical_emit_message(false, 'bench', repeat('x', 1000000))) FROM generate_series(1, $1)" \
        -c CHECKPOINT -c CHECKPOINT
}

# ---- numbers --------------------------------------------------------------------------------------

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
