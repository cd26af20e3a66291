# Every change of a run's state is a NOTIFY and a line in the server log; every run notes where recovery
# could go back to.
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use MigrateTest;

my $node = new_server('announcements', settings => ['wal_level = replica']);

# What a listener hears while the SQL runs.
sub heard
{
	my ($sql) = @_;
	my ($status, $out) = $node->psql('postgres', "LISTEN migrate;\n$sql;\nSELECT 'end'", on_error_stop => 0);
	my @payloads = $out =~ /notification "migrate" with payload "(\{.*?\})" received/g;
	return map { my ($state) = /"state"\s*:\s*"(\w+)"/; my ($run) = /"run"\s*:\s*(\d+)/; "$run $state" } @payloads;
}

my $offset = -s $node->logfile;
add_migration($node, 'postgres', 'v1', 'CREATE TABLE a (i int)', 'DROP TABLE a');
is_deeply([ heard('SELECT migrate.apply()') ], [ '1 started', '1 done' ], 'a listener hears of a run and its end');
ok($node->log_contains(qr/LOG:  migrate: run 1 \(apply\) started/, $offset), 'the log has the beginning');
ok($node->log_contains(qr/LOG:  migrate: run 1 \(apply\) done/, $offset), 'the log has the end');

add_migration($node, 'postgres', 'v2', 'CREATE TABLE b (i int); SELECT 1 / 0', 'DROP TABLE b');
is_deeply([ heard('SELECT migrate.apply()') ], [ '2 started', '2 failed' ], 'a listener hears of a failure');
ok($node->log_contains(qr/LOG:  migrate: run 2 \(apply\) failed: division by zero/, $offset), 'the log has the error');
is_deeply([ heard('SELECT migrate.apply()') ], [ '3 started', '3 failed' ], 'each attempt is a run');
is_deeply([ heard('BEGIN; SELECT migrate.rollback(2); ROLLBACK') ], [], 'a dry run is not announced');
is_deeply([ heard('SELECT migrate.rollback(2)') ], [ '5 started', '5 done' ], 'a rollback is announced');

my $recovery = $node->safe_psql('postgres', q(SELECT lsn::pg_lsn > '0/0', restore_point, started_at <= ended_at
	FROM migrate.runs WHERE id = 1));
is($recovery, 't|migrate run 1|t', 'a run notes log position, time and restore point');
ok($node->log_contains(qr/restore point "migrate run 1" created/, $offset), 'the restore point is in the log');

# A role that may not make restore points runs all the same, and notes the rest.
$node->safe_psql('postgres', q(SELECT migrate.remove('v2')));
$node->safe_psql('postgres', q(CREATE ROLE plain LOGIN; SELECT migrate.grant('plain');
	GRANT CREATE ON SCHEMA public TO plain));
my ($status, $out, $error) = $node->psql('postgres', q(SELECT migrate.add('v3', 'CREATE TABLE c (i int)');
	SELECT migrate.apply('v3')), extra_params => [ '-U', 'plain' ]);
is($node->safe_psql('postgres', q(SELECT lsn IS NOT NULL, restore_point IS NULL, role FROM migrate.runs ORDER BY id DESC LIMIT 1)),
	't|t|plain', 'a role without that right makes no restore point');

# A migration that cannot be taken back names where recovery could go.
(undef, undef, $error) = $node->psql('postgres', 'SELECT migrate.rollback()');
like($error, qr/migration "v3" has no down script/, 'no way back is an error');
like($error, qr/DETAIL:  Before run \d+ the log position was [0-9A-F]+\/[0-9A-F]+ and the time /, '... that names log position and time');

$node->stop;
done_testing();
