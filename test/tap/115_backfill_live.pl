# A backfill and those who look after it: pause, resume, throttle and cancel while it runs, standbys that must be
# there, workers that are not to be had, and pg_migrate backfill, on a terminal too.
use strict;
use warnings;
use Test::More;
use ClientTest qw(client start_client read_until wait_for_condition);
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use MigrateTest;

# Two of three: the launcher of logical replication has one, the leader another.
my $node = new_server('live', settings => [ 'max_worker_processes = 3', 'autovacuum = off' ]);
my $admin = session($node);
my $url = 'postgresql:///postgres?host=' . $node->host . '&port=' . $node->port;
my $statement = 'UPDATE t SET n = n + 1';

sub fill_table
{
	$admin->ok_query('DROP TABLE IF EXISTS t');
	$admin->ok_query('CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)');
	$admin->ok_query('INSERT INTO t SELECT i FROM generate_series(1, 2000) i');
	$admin->ok_query('ANALYZE t');
}

sub counts { return $admin->value("SELECT string_agg(n || ':' || c, ' ' ORDER BY n) FROM (SELECT n, count(*) c FROM t GROUP BY n) x"); }
sub progress { return $admin->value("SELECT $_[0] FROM migrate.backfill_progress"); }
sub becomes { return wait_until($admin, "SELECT $_[0] FROM migrate.backfill_progress"); }

# One that would take half an hour, as it is.
sub begin_slow
{
	my ($options) = @_;
	fill_table();
	return $admin->value("SELECT run FROM migrate.backfill('$statement', batch => 10, rows_per_second => 1, detach => true" . ($options // '') . ')');
}

# ---- the operator ---------------------------------------------------------------------------------

my $run = begin_slow();
ok(becomes("throttled = 'rows_per_second 1' AND rows > 0"), 'what holds it up is said');
is($admin->value("SELECT throttled = 'rows_per_second 1' AND estimated_rows = 2000 AND time_left > interval '15 minutes' AND rows_per_second >= 0"
	  . " AND workers->0->>'throttled' = throttled AND workers->0->'low' <> 'null' AND workers->0->>'relation' = 'public.t'"
	  . " FROM migrate.progress WHERE run = $run"), 't', 'in migrate.progress too, with the time left and the range of the worker');
is($admin->value('SELECT relation = $$public.t$$ AND worker = 0 AND low IS NOT NULL AND batch_size = 10 FROM migrate.backfill_worker_progress'),
	't', 'and where the worker is');
is($admin->value("SELECT migrate.pause($run)"), 't', 'it is paused');
ok(becomes("state = 'paused' AND throttled = 'paused'"), 'and says so');
is($admin->value("SELECT migrate.throttle($run, rows_per_second => 0)"), 't', 'its speed is set meanwhile');
my $rows = progress('rows');
is($admin->value("SELECT count(*) FROM t WHERE n = 1"), $rows, 'paused it does nothing');
cmp_ok($rows, '<', 2000, 'and is not done');
is($admin->value("SELECT rows FROM migrate.resume($run)"), 2000, 'resumed it ends at full speed');
is(counts(), '1:2000', 'every row once');
is($admin->value("SELECT migrate.pause($run)"), 'f', 'what is done cannot be paused');

$run = begin_slow();
ok(becomes('rows > 0'), 'another one runs');
add_migration($node, 'postgres', 'beside', 'CREATE TABLE beside ()');
$admin->ok_query('SELECT migrate.apply()');
is_state($node, 'postgres', 'beside', 'applied', 'migrations run beside it');
is($admin->value("SELECT migrate.cancel($run)"), 't', 'it is cancelled');
ok(becomes("state = 'interrupted' AND pid IS NULL"), 'and interrupted');
is($admin->value("SELECT count(*) FROM t WHERE n = 1"), progress('rows'), 'what it says it did is what it did');
$admin->ok_query("SELECT migrate.backfill('$statement')");
is(counts(), '1:2000', 'the same call does the rest');

# ---- a row that stays locked ----------------------------------------------------------------------

fill_table();
my $holder = session($node);
$holder->ok_query('BEGIN');
$holder->ok_query("SET application_name = 'till'");
$holder->ok_query('SELECT FROM t WHERE id = 77 FOR UPDATE');
my $user = $admin->value('SELECT current_user');
$run = $admin->value("SELECT run FROM migrate.backfill('$statement', detach => true)");
ok(becomes('rows = 1999 AND locked_rows = 1'), 'all others are done');
ok(becomes("throttled = 'row (id)=(77) of table public.t is locked by process ' || " . $holder->pid . " || ' ($user, till, idle in transaction) for more than 10.0 s'"),
	'the row that is locked for long is named, and who holds it') or diag progress('throttled');
$holder->ok_query('COMMIT');
ok(wait_until($admin, 'SELECT NOT EXISTS (SELECT FROM migrate.backfill_progress)'), 'when it is free it is done');
is(counts(), '1:2000', 'every row once');

# ---- standbys that are not there ------------------------------------------------------------------

$admin->ok_query(q(SET migrate.replicas = 'nowhere'));
fill_table();
$run = $admin->value("SELECT run FROM migrate.backfill('$statement', detach => true)");
$admin->ok_query('RESET migrate.replicas');
ok(becomes(q(throttled = 'standby "nowhere" is not connected')), 'a standby that is named is waited for');
is(counts(), '0:2000', 'and nothing done meanwhile');
$admin->ok_query("SELECT migrate.cancel($run)");
ok(becomes("state = 'interrupted'"), 'it can be cancelled');
$admin->ok_query("SELECT migrate.resume($run)");
is(counts(), '1:2000', 'and resumed without');

# ---- many indexes -----------------------------------------------------------------------------------

foreach my $fillfactor (90, 100)
{
	$admin->ok_query('DROP TABLE IF EXISTS i');
	$admin->ok_query("CREATE TABLE i (id int PRIMARY KEY, filler text DEFAULT repeat('x', 60), fresh int) WITH (fillfactor = $fillfactor)");
	$admin->ok_query('INSERT INTO i SELECT i FROM generate_series(1, 50000) i');
	$admin->ok_query("CREATE INDEX ON i ((id + $_))") foreach 1 .. 7;
	my $largest = q(SELECT max(pg_relation_size(indexrelid)) FROM pg_index WHERE indrelid = 'i'::regclass);
	my ($before, $table) = ($admin->value($largest), $admin->value(q(SELECT pg_relation_size('i'))));
	$admin->ok_query(q(SELECT migrate.backfill('UPDATE i SET fresh = 1 WHERE fresh IS NULL')));
	is($admin->value('SELECT count(fresh) FROM i'), 50000, "fillfactor $fillfactor: all rows are done");
	cmp_ok($admin->value($largest) / $before, '<=', 1.05, 'and the indexes did not grow');
	cmp_ok($admin->value(q(SELECT pg_relation_size('i'))) / $table, '<=', 1.3, 'nor the table by much');
}

# ---- one that is held up --------------------------------------------------------------------------

# Every batch with row 1 runs into a lock; the largest part of a claim is 16 batches.
fill_table();
$admin->ok_query(<<'END');
CREATE FUNCTION wait_for_seven() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7);
    RETURN new;
END $$
END
$admin->ok_query('CREATE TRIGGER first_row BEFORE UPDATE ON t FOR EACH ROW WHEN (old.id = 1) EXECUTE FUNCTION wait_for_seven()');
my $seven = session($node);
$seven->ok_query('SELECT pg_advisory_lock(7)');
my $caller = session($node);
$caller->send_query("SELECT rows FROM migrate.backfill('$statement', batch => 10, workers => 2, unsafe => true)");
ok(wait_until($admin, 'SELECT max(rows) >= 2000 - 160 FROM migrate.backfill_worker_progress'), 'the other one does all but what it has begun');
is($admin->value('SELECT n FROM t WHERE id = 1'), 0, 'meanwhile it is held up');
$seven->ok_query('SELECT pg_advisory_unlock(7)');
is($caller->result->{rows}[0][0], 2000, 'until it is let go');
is(counts(), '1:2000', 'every row once');

# ---- workers that are not there -------------------------------------------------------------------

fill_table();
my $result = $admin->query("SELECT rows FROM migrate.backfill('$statement', workers => 3)");
is($result->{rows}[0][0], 2000, 'it is done by those that are there');
like(join(' ', map { "$_->{M} " . ($_->{D} // '') } @{ $result->{notices} // [] }),
	qr/fewer workers than asked for work on the backfill There are 2 of 3: .* max_worker_processes is 3\./, 'with a notice that says how many');
is(counts(), '1:2000', 'every row once');

# ---- the client -----------------------------------------------------------------------------------

my ($code, $out, $err) = client($url, 'backfill');
is("$code $out", "0 no backfill is unfinished\n", 'there is none');
$run = begin_slow();
ok(becomes('rows > 0'), 'there is one');
($code, $out, $err) = client($url, 'backfill');
like($out, qr/^run $run public\.t \[\.+\] 0\.\d %, 33 min \d+ s left, \d+ of about 2000 rows, rows_per_second 1\n  \Q$statement\E\n$/, 'it is listed');
($code, $out, $err) = client($url, 'backfill', '--json');
like($out, qr/"run": ?"$run".*"throttled": ?"rows_per_second 1"/, '... as JSON');
($code, $out, $err) = client($url, 'backfill', '--pause');
is("$code $out", "0 run $run is paused\n", 'paused');
ok(becomes("state = 'paused'"), '... it is');
($code, $out, $err) = client($url, 'backfill', '--resume');
is("$code $out", "0 run $run goes on\n", 'resumed');
ok(becomes("state = 'running'"), '... it is');
($code, $out, $err) = client($url, 'backfill', $run, '--cancel');
is("$code $out", "0 run $run is cancelled\n", 'cancelled');
ok(becomes("state = 'interrupted'"), '... it is');
is(progress('throttled IS NULL'), 't', '... and nothing holds it up any more');
($code, $out, $err) = client($url, 'backfill', '--watch');
is($code, 7, 'watching an interrupted one ends with 7');
like($err, qr/backfill $run is interrupted/, '... and says so');
like($err, qr/pg_migrate backfill --resume $run goes on/, '... and what to do');

SKIP:
{
	skip 'IO::Pty is needed for a terminal', 3 unless eval { require IO::Pty; 1 };
	($code, $out, $err) = client($url, 'backfill', '--resume');
	is("$code $out", "0 run $run goes on\n", 'an interrupted one is taken up');
	my $screen = '';
	local $ENV{DATABASE_URL} = $url;
	local $ENV{TERM} = 'xterm';
	my $watcher = IPC::Run::start([ 'pg_migrate', 'backfill', '--watch' ], '<pty<', \my $keys, '>pty>', \$screen);
	ok(read_until($watcher, \$screen, qr/\r.*run $run public\.t \[\.+\] 0\.\d %, 33 min \d+ s left, \d+ of.*\r.*run $run /s), 'a bar that is drawn again and again')
	  or diag substr $screen, -500;
	$admin->ok_query("SELECT migrate.throttle($run, rows_per_second => 0)");
	ok(read_until($watcher, \$screen, qr/run $run is done: public\.t: 2000 rows/), 'until it is done') or diag substr $screen, -500;
	$watcher->finish;
	is(counts(), '1:2000', 'every row once');
}

done_testing();
