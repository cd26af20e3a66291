# Backfills and what happens to a server: processes that are killed, a standby that stops replaying, a primary
# that is lost.  A counter column tells that every row was done exactly once.
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use MigrateTest;

my $node = new_server('backfill', init => [ allows_streaming => 1 ],
	settings => [ 'max_worker_processes = 20', 'autovacuum = off', 'wal_keep_size = 1GB' ]);
my @points = grep { /^backfill_/ } waitpoints($node, 'postgres');
my $admin = session($node);

sub fill_table
{
	my ($name, $rows) = @_;
	$admin->ok_query("DROP TABLE IF EXISTS $name");
	$admin->ok_query("CREATE TABLE $name (id int PRIMARY KEY, n int NOT NULL DEFAULT 0, done int, filler text DEFAULT repeat('x', 60))");
	$admin->ok_query("INSERT INTO $name SELECT i FROM generate_series(1, $rows) i");
}

sub counts { my ($name) = @_; return $admin->value("SELECT string_agg(n || ':' || c, ' ' ORDER BY n) FROM (SELECT n, count(*) c FROM $name GROUP BY n) x"); }

# After a blow: until the server has thrown us out, and then until it takes us again.
sub reconnect
{
	for (;;)
	{
		my $answer = eval { $admin->query('SELECT 1') };
		last if !$answer || $answer->{closed} || $answer->{error};
		select undef, undef, undef, 0.02;
	}
	wait_for_server($node);
	undef $admin;
	$admin = eval { session($node) } until $admin;
}

sub progress_rows { return $admin->value('SELECT coalesce(sum(rows), 0) FROM migrate.backfill_progress'); }

sub lead_pid { return $admin->value('SELECT pid FROM migrate.backfill_progress WHERE pid IS NOT NULL'); }

# ---- a blow at each waitpoint ---------------------------------------------------------------------

foreach my $point (@points)
{
	foreach my $how ('by key', 'by block')
	{
		my $statement = $how eq 'by key' ? 'UPDATE w SET n = n + 1' : 'UPDATE w SET n = n + 1, done = 1 WHERE done IS NULL';
		next if $how eq 'by key' && $point =~ /^backfill_(leaf_looked_at|left_counted)$/; # nothing to prove
		fill_table('w', 300);
		my $holder = hold_point($node, 'postgres', $point);
		my $caller = session($node);
		$caller->send_query("SELECT migrate.backfill('$statement', batch => " . ($how eq 'by key' ? 100 : 1) . ')');
		my $pid = wait_at($holder);
		ok($pid, "$how: somebody comes to $point");
		kill 'KILL', $pid;
		$caller->terminate;
		reconnect();
		$admin->ok_query("SELECT migrate.backfill('$statement')");
		is(counts('w'), '1:300', "$how, killed at $point: every row exactly once");
		is($admin->value('SELECT count(*) FROM migrate.backfill_progress'), 0, 'and the run is done');
	}
}

# ---- twenty blows at random -----------------------------------------------------------------------

my $rows = 60000;
fill_table('t', $rows);
my $seed = $ENV{MIGRATE_SEED} // time;
note "seed $seed";
srand $seed;
my $caller;
my ($blows, $statement) = (0, 'UPDATE t SET n = n + 1');
my @targets = ('worker', 'caller', 'server', 'helper');
while ($blows < 20)
{
	$caller = session($node);
	$caller->send_query("SELECT migrate.backfill('$statement', batch => 100, workers => 2, rows_per_second => 20000)");
	# Some way on, but not to the end.
	my $from = progress_rows();
	my $until = $from + 500 + int rand 1500;
	last unless wait_until($admin, "SELECT max(rows) >= $until FROM migrate.backfill_progress WHERE state = 'running'");
	my $target = $targets[ $blows++ % @targets ];
	if ($target eq 'server')
	{
		$node->stop('immediate');
		$node->start;
	}
	else
	{
		my $pid = $target eq 'caller' ? $caller->pid
		  : $target eq 'worker' ? lead_pid()
		  : $admin->value('SELECT max(pid) FROM migrate.backfill_worker_progress WHERE worker = 1');
		kill 'KILL', $pid if $pid;
	}
	$caller->terminate;
	reconnect();
}
is($blows, 20, 'twenty blows');

# Its main process alone is killed: who is at work must not go on, or the server could not start again.
$caller = session($node);
$caller->send_query("SELECT migrate.backfill('$statement', batch => 1, rows_per_second => 0)");
my $from = progress_rows();
wait_until($admin, "SELECT max(rows) > $from + 100 FROM migrate.backfill_progress WHERE state = 'running'");
$node->kill9;
$caller->terminate;
$admin->terminate;
until ($node->start(fail_ok => 1))
{
	$node->{_pid} = undef;    # of a server that did not come up
	select undef, undef, undef, 0.1;
}
$admin = session($node);
cmp_ok(progress_rows(), '<', $rows, 'without the server its workers end');
$admin->ok_query("SELECT migrate.backfill('$statement', rows_per_second => 0)");
is(counts('t'), "1:$rows", 'every row exactly once');

# ---- a standby that replays nothing ----------------------------------------------------------------

$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('behind');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
fill_table('t', 40000);
$node->wait_for_catchup($standby);
$standby->safe_psql('postgres', 'SELECT pg_wal_replay_pause()');
$standby->poll_query_until('postgres', q(SELECT pg_get_wal_replay_pause_state() = 'paused'));
$caller = session($node);
$caller->ok_query('SET migrate.max_replica_lag = 0');
$caller->ok_query('SET migrate.max_replica_lag_size = 2');
$caller->send_query("SELECT rows FROM migrate.backfill('$statement', batch => 500)");
ok(wait_until($admin, q(SELECT throttled LIKE 'standby "behind" is % behind' FROM migrate.backfill_progress)), 'the standby holds it still, and is named');
my $lag = $node->safe_psql('postgres', 'SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) FROM pg_stat_replication');
cmp_ok($lag, '<', 4 * 1024 * 1024, 'at the limit');
my $before = $admin->value('SELECT rows FROM migrate.backfill_progress');
cmp_ok($before, '<', 40000, 'long before the end');
$standby->safe_psql('postgres', 'SELECT pg_wal_replay_resume()');
is($caller->result->{rows}[0][0], 40000, 'it goes on when the standby does');
is(counts('t'), '1:40000', 'and does every row once');

# ... and by time
fill_table('t', 40000);
$node->wait_for_catchup($standby);
$standby->safe_psql('postgres', 'SELECT pg_wal_replay_pause()');
$standby->poll_query_until('postgres', q(SELECT pg_get_wal_replay_pause_state() = 'paused'));
$caller = session($node);
$caller->ok_query('SET migrate.max_replica_lag = 300');
$caller->ok_query('SET migrate.max_replica_lag_size = 0');
$caller->send_query("SELECT rows FROM migrate.backfill('$statement', rows_per_second => 5000)");
ok(wait_until($admin, q(SELECT throttled ~ '^standby "behind" is [0-9.]+ m?s behind$' FROM migrate.backfill_progress)), 'a delay holds it still, too')
  or diag $admin->value('SELECT throttled FROM migrate.backfill_progress');
$admin->ok_query('SELECT migrate.throttle(run, rows_per_second => 0) FROM migrate.backfill_progress');
$standby->safe_psql('postgres', 'SELECT pg_wal_replay_resume()');
is($caller->result->{rows}[0][0], 40000, 'until it is made up for');
is(counts('t'), '1:40000', 'every row once');

# ---- a synchronous standby that is not there ---------------------------------------------------------

# Batches hold their rows for no commit that waits; the end of the run is a commit that does.
fill_table('t', 4000);
$admin->ok_query('SET synchronous_commit = local');
my $gate = hold_point($node, 'postgres', 'backfill_batch_begun');
$caller = session($node);
$caller->send_query("SELECT rows FROM migrate.backfill('$statement', batch => 100, pause => '1 ms')");
wait_at($gate);
$admin->ok_query(q(ALTER SYSTEM SET synchronous_standby_names = 'nowhere'));
$admin->ok_query('SELECT pg_reload_conf()');
my $waiting = session($node);
$waiting->send_query('CREATE TABLE waits_for_standby ()');
wait_until($admin, q(SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'));
$gate->ok_query('SELECT pg_advisory_unlock_all()');
ok(wait_until($admin, 'SELECT count(*) = 0 FROM t WHERE n = 0'), 'no batch waits for a standby');
ok(wait_until($admin, q(SELECT count(*) = 2 FROM pg_stat_activity WHERE wait_event = 'SyncRep')), 'the end of the run does');
ok($caller->is_quiet, 'and nobody is told before');
$admin->ok_query('ALTER SYSTEM RESET synchronous_standby_names');
$admin->ok_query('SELECT pg_reload_conf()');
is($caller->result->{rows}[0][0], 4000, 'until it is committed');
is(counts('t'), '1:4000', 'every row once');
$waiting->result;

# ---- the primary is lost ---------------------------------------------------------------------------

fill_table('t', 40000);
$admin->ok_query('UPDATE t SET n = 1');
my $holder = hold_point($node, 'postgres', 'backfill_batch_recorded');
$caller = session($node);
$caller->send_query("SELECT migrate.backfill('$statement', batch => 15000)");
wait_at($holder);
$holder->ok_query('SELECT pg_advisory_unlock_all()');
wait_until($admin, 'SELECT rows >= 15000 FROM migrate.backfill_progress');
$node->stop('immediate');
$standby->promote;
$node = $standby;
$admin = session($node);
ok($admin->value("SELECT count(*) = 1 FROM migrate.backfill_progress WHERE state = 'interrupted'"), 'the standby knows of the unfinished run')
  or diag $node->safe_psql('postgres', 'SELECT * FROM migrate.backfill_progress');
is($admin->value('SELECT migrate.resume(run) IS NOT NULL FROM migrate.backfill_progress'), 't', 'and takes it up');
is(counts('t'), '2:40000', 'every row exactly once');

done_testing();
