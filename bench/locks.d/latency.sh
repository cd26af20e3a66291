# What pgbench's log of every transaction says of the window around the migration, and the table that
# bench/locks prints.  Sourced by bench/locks.
# shellcheck shell=bash disable=SC2154,SC2034

# Fields: client, number, latency or the kind of failure, script, end (s, us), lag of the schedule.
# Prints the latency in us, and the kind (r, w), of each transaction that was due in the window.
in_window()
{
    cat "$logs"/transactions.* | awk -v from="$begun" -v to=$((begun + window * 1000000)) '
        $3 ~ /^[0-9]+$/ { due = $5 * 1000000 + $6 - $3; if (due >= from && due < to) print $3, $4 == 0 ? "r" : "w" }'
}

# worst_and_p99 KIND: from $logs/latencies, in ms
worst_and_p99()
{
    awk -v kind="$1" '$2 == kind { print $1 }' "$logs/latencies" | sort -n | awk '
        { v[NR] = $1 }
        END { if (NR) printf "%.1f %.1f\n", v[NR] / 1000, v[int(NR * 0.99 + 0.999)] / 1000; else print "- -" }'
}

# Transactions that an error ended, of the whole run, and clients that gave up.
failed_transactions()
{
    local failed aborted
    failed=$(cat "$logs"/transactions.* | awk '$3 !~ /^[0-9]+$/ { n++ } END { print n + 0 }')
    aborted=$(grep -c ' aborted' "$logs/pgbench.out" || true)
    echo $((failed + aborted))
}

# The window has to lie within the load, or less than it would be measured.
check_load()
{
    local last
    last=$(cat "$logs"/transactions.* | awk '{ t = $5 * 1000000 + $6; if (t > m) m = t } END { printf "%.0f\n", m }')
    [ "$last" -ge $((begun + window * 1000000)) ] ||
        say "    NOTE: the load ended $(milliseconds $((begun + window * 1000000 - last))) ms before the window"
}

# ---- printing -------------------------------------------------------------------------------------

print_heading()
{
    printf '%-18s| %-31s | %-31s | %s\n' "" "reads, ms" "writes, ms" "migration, ms"
    printf '%-18s| %8s %8s %6s %6s | %8s %8s %6s %6s | %8s %8s %5s %6s %9s\n' "$clients clients" \
        worst above times p99 worst above times p99 "done" "after it" tries failed deadlocks
}

report_run()
{
    in_window >"$logs/latencies"
    check_load
    local read_worst read_p99 write_worst write_p99 finished="-" after="-" tries="-" line
    read -r read_worst read_p99 <<<"$(worst_and_p99 r)"
    read -r write_worst write_p99 <<<"$(worst_and_p99 w)"
    if [ "$way" = alone ]; then
        alone_read=$read_worst alone_write=$write_worst
    else
        read -r finished after tries <<<"$(migration_times)"
    fi
    line="$way $read_worst $alone_read $read_p99 $write_worst $alone_write $write_p99 $finished $after $tries"
    line+=" $(failed_transactions) $(($(count_deadlocks) - deadlocks_before))"
    echo "$line" >>"$results"
    print_line "$line"
    if [ -s "$logs/steps" ]; then sed 's/^/    /' "$logs/steps"; fi
    if [ -s "$logs/failure" ]; then say "    $(head -n 1 "$logs/failure")"; fi
    facts
}

print_line()
{
    awk -v name="$(name_of_way "${1%% *}")" '
        function compared(worst, alone) {
            return name == "load alone" ? sprintf("%8s %6s", "", "") : sprintf("%+8.1f %6.1f", worst - alone, worst / alone)
        }
        { printf "%-18s| %8s %s %6s | %8s %s %6s | %8s %8s %5s %6s %9s\n", name,
            $2, compared($2, $3), $4, $5, compared($5, $6), $7, $8, $9, $10, $11, $12 }' <<<"$1"
}

# Medians of each column over the rounds; a word such as "never" counts as more than any number.
print_medians()
{
    local way column values
    say "medians of $repetitions rounds:"
    print_heading
    for way in alone $ways; do
        grep -q "^$way " "$results" || continue
        values=$way
        for column in 2 3 4 5 6 7 8 9 10 11 12; do values+=" $(median_of_column "$way" "$column")"; done
        print_line "$values"
    done
}

# median_of_column WAY COLUMN
median_of_column()
{
    awk -v way="$1" -v c="$2" '$1 == way { print ($c ~ /^-?[0-9.]+$/ ? $c : 1e9), $c }' "$results" | sort -g |
        awk '{ v[NR] = $2 } END { print v[int((NR + 1) / 2)] }'
}
