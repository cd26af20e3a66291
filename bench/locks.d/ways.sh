# The ways to migrate that bench/locks compares.  Sourced by bench/locks.
#
# A scenario's migration() prints its files, a line "-- file" before each; they run one after the other.
# shellcheck shell=bash disable=SC2154

lock_timeout=500ms
pause=1                 # seconds between two tries with it

name_of_way()
{
    case $1 in
        alone) echo "load alone" ;;
        psql) echo "psql as written" ;;
        timeout) echo "psql lock_timeout" ;;
        nowait) echo "psql NOWAIT" ;;
        migrate) echo "migrate" ;;
    esac
}

migration_files()
{
    migration | awk -v directory="$logs/files" '
        /^-- file$/ { n++; next } { print >(directory "/" sprintf("%03d_step.sql", n)) }'
}

# ---- each way -------------------------------------------------------------------------------------

# Notes when it was over, successful or not.
run_psql()
{
    local status=0
    PGAPPNAME=migration psql -o /dev/null "$@" 2>"$logs/migration.err" || status=$?
    now >"$logs/ended"
    return "$status"
}

by_psql()
{
    local file
    for file in "$logs"/files/*.sql; do run_psql -f "$file" || return 1; done
}

# As tools do that set lock_timeout and try again: the whole file in one transaction, unless it has a
# statement that refuses one.
by_timeout()
{
    local file tries=0 options
    for file in "$logs"/files/*.sql; do
        options=(-1)
        if grep -q CONCURRENTLY "$file"; then options=(); fi
        while true; do
            tries=$((tries + 1))
            echo "$tries" >"$logs/tries"
            ! PGOPTIONS="-c lock_timeout=$lock_timeout" run_psql "${options[@]}" -f "$file" || break
            grep -q 'due to lock timeout' "$logs/migration.err" || return 1
            [ ! -e "$logs/stop" ] || return 1
            sleep "$pause"
        done
    done
}

# One session, so that nothing but the tries takes time.  A sequence counts those that failed, too.
by_nowait()
{
    local status=0
    psql -c "CREATE SEQUENCE tries"
    {
        echo "DO \$try\$ BEGIN LOOP"
        echo "    PERFORM nextval('tries');"
        echo "    BEGIN"
        echo "        LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE NOWAIT;"
        cat "$logs"/files/*.sql
        echo "        EXIT;"
        echo "    EXCEPTION WHEN lock_not_available THEN"
        echo "        PERFORM pg_sleep(0.001);"
        echo "    END;"
        echo "END LOOP; END \$try\$;"
    } >"$logs/nowait.sql"
    run_psql -f "$logs/nowait.sql" || status=$?
    psql -At -c "SELECT last_value FROM tries" >"$logs/tries"
    return "$status"
}

by_migrate()
{
    run_psql -c "SELECT migrate.apply()" || return 1
    psql -At -c "SELECT sum(attempts) FROM migrate.run_steps" >"$logs/tries"
    psql -At -o "$logs/steps" -c "SELECT format('by migrate.steps: %s held for %s ms', lock_mode,
        round(1000 * extract(epoch FROM lock_held), 1)) FROM migrate.steps WHERE lock_held > '0'"
}

# ---- how it ends ----------------------------------------------------------------------------------

# migrate_by WAY: leaves $logs/done, the moment when it was, or $logs/failure, what it said.
migrate_by()
{
    if "by_$1"; then
        mv "$logs/ended" "$logs/done"
    elif [ -e "$logs/stop" ]; then
        echo "not done within the window of $window s" >"$logs/failure"
    else
        grep -m 1 -E 'ERROR|FATAL' "$logs/migration.err" >"$logs/failure" || echo "unknown" >"$logs/failure"
    fi
}

# At the end of the window whatever still waits is ended, for the load to end in time.
stop_migration()
{
    [ ! -e "$logs/done" ] && [ ! -e "$logs/failure" ] || return 0
    : >"$logs/stop"
    psql -o /dev/null -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = 'bench' AND (application_name = 'migration' OR backend_type LIKE 'migrate%')"
}

# Milliseconds from the start of the window, milliseconds since the blocker was over, and tries.
migration_times()
{
    local finished=never after="-" tries="-"
    if [ -e "$logs/done" ]; then
        finished=$(milliseconds $(($(cat "$logs/done") - begun)))
        if [ -e "$blocker_over" ]; then
            after=$(milliseconds $(($(cat "$logs/done") - $(cat "$blocker_over"))))
        fi
    elif [ -s "$logs/failure" ] && [ ! -e "$logs/stop" ]; then
        finished=failed
    fi
    if [ -s "$logs/tries" ]; then tries=$(cat "$logs/tries"); fi
    echo "$finished $after $tries"
}
