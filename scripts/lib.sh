# Shared by scripts/check, scripts/quickstart and the benchmarks: installing what is missing, building, and a private
# installation and a private place for servers, which run as user postgres when we are root.
# Sourced by bash with `set -euo pipefail`, after which the caller sets $build, the directory for all it
# makes.  Nothing here touches a system cluster.
# shellcheck shell=bash disable=SC2034,SC2154

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(basename "$0")

# What the environment says about other servers must not reach our own.
unset PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGPASSFILE PGSERVICE PGSERVICEFILE \
      PGOPTIONS PGAPPNAME PGDATA PGSSLMODE PGCLIENTENCODING PGTZ PGCONNECT_TIMEOUT DATABASE_URL PSQLRC
export LC_ALL=C.UTF-8 PSQL_HISTORY=/dev/null

say()  { printf '%s\n' "$*"; }
head1() { printf '\n== %s\n' "$*"; }
die()  { printf '%s: error: %s\n' "$program" "$1" >&2; [ $# -lt 2 ] || printf 'hint: %s\n' "$2" >&2; exit 1; }

jobs_of_machine() { nproc 2>/dev/null || echo 2; }

# ---- packages -------------------------------------------------------------------------------------

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# install_missing PACKAGE...: does nothing, and asks for no rights, if all are there.
install_missing()
{
    local missing=() package
    as_root=()
    command -v dpkg-query >/dev/null ||
        die "this script installs what is missing with apt, and there is no apt here" \
            "Install a C++20 compiler, CMake, PostgreSQL 15 with its headers, libpq, fmt, CLI11 and GoogleTest, then use CMake as the README says."
    for package in "$@"; do installed "$package" || missing+=("$package"); done
    [ ${#missing[@]} -gt 0 ] || return 0

    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null ||
            die "these packages are missing: ${missing[*]}" \
                "As root: apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
        as_root=(sudo)
    fi
    say "installing with apt: ${missing[*]}"
    if ! run_apt "${missing[@]}" >"$build/apt.log" 2>&1; then
        tail -n 20 "$build/apt.log" >&2
        die "apt could not install ${missing[*]}" "The whole output is in $build/apt.log."
    fi
}

# When first installed, the server's package makes a cluster "main" and starts it, and PgBouncer's a service.
# We have no use for either, so they are told not to for as long as apt runs.
run_apt()
(
    no_cluster=/etc/postgresql-common/createcluster.d/zz-migrate-scripts.conf
    no_service=/usr/sbin/policy-rc.d
    if [ -e "$no_service" ]; then no_service=; fi
    # shellcheck disable=SC2064 # as it is now
    trap "${as_root[*]} rm -f $no_cluster $no_service" EXIT
    if ! installed postgresql-15; then
        "${as_root[@]}" mkdir -p "${no_cluster%/*}"
        echo "create_main_cluster = false" | "${as_root[@]}" tee "$no_cluster" >/dev/null
    fi
    if [ -n "$no_service" ]; then
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$no_service" >/dev/null
        "${as_root[@]}" chmod 755 "$no_service"
    fi
    "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@"
)

build_packages=(g++ cmake ninja-build postgresql-15 postgresql-server-dev-15 libpq-dev libfmt-dev
                libcli11-dev)
check_packages=("${build_packages[@]}" libgtest-dev libipc-run-perl pgbouncer patchelf binutils)

# ---- building -------------------------------------------------------------------------------------

# build_tree DIRECTORY TARGETS -- CMAKE_OPTIONS...: configures and builds, quietly unless it fails.
build_tree()
{
    local directory=$1 targets=$2; shift 3
    local log=$directory.log
    mkdir -p "$directory"
    # Whichever generator a first run chose, stay with it.
    local generator=()
    [ -e "$directory/CMakeCache.txt" ] || ! command -v ninja >/dev/null || generator=(-G Ninja)
    # shellcheck disable=SC2086 # targets is a list
    if ! { cmake -S "$root" -B "$directory" "${generator[@]}" "$@" &&
           cmake --build "$directory" --parallel "$(jobs_of_machine)" --target $targets; } >"$log" 2>&1
    then
        grep -nE 'error|Error|FAILED|warning' "$log" | head -n 40 >&2 || true
        say "the whole output is in $log" >&2
        return 1
    fi
}

# ---- who runs servers, and where ------------------------------------------------------------------

server_user_reaches() { [ "$(id -u)" -ne 0 ] || runuser -u postgres -- test -x "$1" 2>/dev/null; }

# Runs a command as the one who owns our servers, in $place, which that one can read.
as_server_user()
{
    if [ "$(id -u)" -eq 0 ]; then
        (cd "$place" && exec runuser -u postgres -- env HOME="$place" "$@")
    else
        (cd "$place" && exec "$@")
    fi
}

# make_place NAME: an empty directory $place for servers and tests, $build/NAME, or one below /tmp if the
# user who runs servers can't get there (a checkout in /root).  Sets $place.
make_place()
{
    local link=$build/$1 old
    if [ -L "$link" ]; then
        old=$(readlink "$link")
        case $old in /tmp/migrate-*) rm -rf "$old" ;; esac
        rm -f "$link"
    fi
    rm -rf "$link"
    mkdir -p "$link"
    place=$link
    if [ "$(id -u)" -eq 0 ]; then
        chown postgres "$link"
        if ! server_user_reaches "$link"; then
            rmdir "$link"
            place=$(mktemp -d "/tmp/migrate-$1.XXXXXX")
            chmod 755 "$place"
            chown postgres "$place"
            ln -s "$place" "$link"
        fi
    fi
}

# give PATH...: to the user who runs servers.
give() { [ "$(id -u)" -ne 0 ] || chown -R postgres "$@"; }

# A directory for unix sockets: their paths may have just 107 bytes.
make_socket_directory()
{
    sockets=$(mktemp -d /tmp/migrate-s.XXXXXX)
    give "$sockets"
}

# copy_source DIRECTORY: the checkout without builds and history, for tests that run as another user.
copy_source()
{
    mkdir -p "$1"
    tar -C "$root" --exclude='./build*' --exclude=./.git --exclude='*.o' --exclude='*.so' -cf - . | tar -C "$1" -xf -
    chmod -R u+rwX,go+rX "$1"
    give "$1"
}
