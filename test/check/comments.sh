#!/usr/bin/env bash
# Every object of the install scripts has a comment and its schema before its name.  Indexes and triggers of
# our own tables are spoken for by the table's comment.
. "$(dirname "$0")/lib.bash"
offences=$(perl -e '
    for my $file (@ARGV) {
        open my $in, "<", $file or die "$file: $!";
        my (%created, %described, %line);
        while (<$in>) {
            if (/^CREATE (EVENT TRIGGER|SCHEMA|TABLE|SEQUENCE|VIEW|MATERIALIZED VIEW|TYPE|DOMAIN|FUNCTION|PROCEDURE|AGGREGATE|OPERATOR|CAST|COLLATION) ([^\s(;]+)/) {
                $created{"$1 $2"}++; $line{"$1 $2"} //= $.;
                print "$file:$.: $2 is not schema-qualified\n" if $1 !~ /SCHEMA|EVENT/ && $2 !~ /^migrate\./;
            }
            $described{"$1 $2"}++ if /^COMMENT ON (EVENT TRIGGER|MATERIALIZED VIEW|\w+) ([^\s(;]+)/;
        }
        for (sort keys %created) {
            my $have = $described{$_} // 0;
            print "$file:$line{$_}: $_ has $have comments for $created{$_} objects\n" if $have < $created{$_};
        }
    }' extension/migrate--*.sql)
verdict "$offences" "write COMMENT ON after the object: one line, what it is for."
