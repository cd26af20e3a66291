# Many callers at once, and what a caller's session may do to a run: one works, the others wait without a
# snapshot and without a worker slot.
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use IPC::Run;
use MigrateTest;

my $callers = 20;
my $node = new_server('concurrency', settings => [ 'max_prepared_transactions = 0' ]);
my $admin = session($node);
is($admin->value('SHOW max_worker_processes'), '8', 'max_worker_processes is at its default');
$admin->ok_query('CREATE SEQUENCE tries');
my $last = 0;

sub add { my ($up, $down) = @_; my $name = 'v' . ++$last; add_migration($node, 'postgres', $name, $up, $down); return $name; }

# Callers that came after the first wait in line, have no snapshot and no worker.
sub wait_for_line
{
	my ($waiting, $title) = @_;
	ok(wait_until($admin, "SELECT count(*) = $waiting FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 19783"
			  . ' AND NOT granted AND pid IN (SELECT pid FROM pg_stat_activity WHERE backend_type = \'client backend\')'),
		"$title: $waiting callers wait");
	ok(wait_until($admin, q(SELECT count(*) = 0 FROM pg_stat_activity WHERE query LIKE 'SELECT * FROM migrate.apply%'
			AND backend_type = 'client backend' AND backend_xmin IS NOT NULL)), "$title: no caller has a snapshot");
	is($admin->value(q(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'migrate worker')), 1,
		"$title: there is one worker");
	return;
}

sub crowd { return map { my $s = session($node, @_); $s->send_query('SELECT * FROM migrate.apply()'); $s } 1 .. $callers; }

sub check_outcome
{
	my ($title, $name, @results) = @_;
	is((scalar grep { $_->{error} || $_->{closed} } @results), 0, "$title: nobody failed")
	  or diag explain [ map { $_->{error} } @results ];
	is((scalar grep { @{ $_->{rows} } } @results), 1, "$title: one did the work");
	is($admin->value("SELECT count(*) FROM migrate.history WHERE migration = '$name' AND event = 'applied'"), 1,
		"$title: the migration is recorded once");
	is_state($node, 'postgres', $name, 'applied', "$title: it is applied");
	return;
}

# ---- a transactional migration --------------------------------------------------------------------

my $name = add('CREATE TABLE t (i int); INSERT INTO t SELECT generate_series(1, 1000);', 'DROP TABLE t;');
my $holder = hold_point($node, 'postgres', 'transaction_ran');
my @sessions = crowd();
wait_at($holder);
wait_for_line($callers - 1, 'a table');
$holder->terminate;
check_outcome('a table', $name, map { $_->result } @sessions);
$_->terminate foreach @sessions;

# ---- an index, concurrently -----------------------------------------------------------------------

my $reader = session($node);
$reader->ok_query('BEGIN ISOLATION LEVEL REPEATABLE READ');
$reader->ok_query('SELECT count(*) FROM t');
$name = add('CREATE INDEX CONCURRENTLY t_i ON t (i);', 'DROP INDEX t_i;');
@sessions = crowd();
ok(wait_until($admin, "SELECT waits_for_pid = $reader->{pid} AND waits_for_query LIKE 'SELECT count%' FROM migrate.progress"),
	'an index: progress says whom it waits for');
wait_for_line($callers - 1, 'an index');
$reader->ok_query('COMMIT');
check_outcome('an index', $name, map { $_->result } @sessions);
ok($admin->value(q(SELECT indisvalid FROM pg_index WHERE indexrelid = 't_i'::regclass)) eq 't', 'the index is valid');
$_->terminate foreach @sessions;

# ---- one that fails -------------------------------------------------------------------------------

$name = add(q(SELECT nextval('tries'); SELECT 1 / 0;));
$holder = hold_point($node, 'postgres', 'failure_seen');
@sessions = crowd();
wait_at($holder);
wait_for_line($callers - 1, 'a failure');
$holder->terminate;
my @results = map { $_->result } @sessions;
is(join(',', map { MigrateTest::Session::sqlstate($_) } @results), join(',', ('22012') x $callers), 'a failure: all get the error');
is((scalar grep { ($_->{error}{W} // '') =~ /migration "\Q$name\E", statement 2, line 1/ } @results), $callers,
	'a failure: all are told where');
is($admin->value('SELECT last_value FROM tries'), 1, 'a failure: nobody tried again');
is_state($node, 'postgres', $name, 'failed');
$_->terminate foreach @sessions;
$admin->ok_query("SELECT migrate.remove('$name')") if !$admin->query("SELECT migrate.rollback('$name')")->{error};

# ---- one whose record is cancelled ------------------------------------------------------------------

# A caller that ends may cancel its worker twice: once what it does, once what it writes of that.
$name = add('SELECT 1 / 0;');
$holder = hold_point($node, 'postgres', 'failure_seen');
my $failing = session($node);
$failing->send_query('SELECT migrate.apply()');
my $worker = wait_at($holder);
$admin->ok_query('BEGIN');
$admin->ok_query('LOCK TABLE migrate.run_steps IN ACCESS EXCLUSIVE MODE');
$holder->terminate;
my $queued = "FROM pg_locks WHERE pid = $worker AND relation = 'migrate.run_steps'::regclass AND NOT granted AND waitstart IS NOT NULL";
wait_until($admin, "SELECT EXISTS (SELECT $queued)");
my $since = $admin->value("SELECT waitstart $queued");
$admin->ok_query("SELECT pg_cancel_backend($worker)");
ok(wait_until($admin, "SELECT EXISTS (SELECT $queued AND waitstart > '$since')"), 'a cancelled record: it is written again');
$admin->ok_query('COMMIT');
is(MigrateTest::Session::sqlstate($failing->result), '22012', 'a cancelled record: the caller gets the error');
is_state($node, 'postgres', $name, 'failed');
$failing->terminate;
$admin->ok_query("SELECT migrate.remove('$name')") if !$admin->query("SELECT migrate.rollback('$name')")->{error};

# ---- behind PgBouncer, in transaction mode --------------------------------------------------------

my $process;
END { my $status = $?; $process->kill_kill if $process; $? = $status; }

my ($bouncer) = grep { -x } map { "$_/pgbouncer" } '/usr/sbin', '/usr/bin', split /:/, $ENV{PATH};
SKIP:
{
	skip 'pgbouncer is not installed', 1 unless $bouncer;
	my $directory = PostgreSQL::Test::Utils::tempdir_short();
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	foreach my $pool_size ($callers, 3)
	{
		my $title = "PgBouncer with $pool_size connections";
		append_to_file("$directory/$pool_size.ini", <<"INI");
[databases]
postgres = host=@{[ $node->host ]} port=@{[ $node->port ]} dbname=postgres user=@{[ $admin->value('SELECT current_user') ]}
[pgbouncer]
listen_addr =
listen_port = $port
unix_socket_dir = $directory
auth_type = any
pool_mode = transaction
default_pool_size = $pool_size
pidfile = $directory/$pool_size.pid
logfile = $directory/$pool_size.log
INI
		my $in = '';
		my $out = '';
		$process = IPC::Run::start([ $bouncer, "$directory/$pool_size.ini" ], '<', \$in, '>', \$out, '2>&1');
		my @way = (host => $directory, port => $port, user => $admin->value('SELECT current_user'));
		ok(wait_until($admin, 'SELECT true') && eval_until(sub { session($node, @way) }), "$title: it runs");
		my $title_name = add('CREATE TABLE ' . "b$pool_size" . " (i int); CREATE INDEX CONCURRENTLY ON b$pool_size (i);");
		$holder = hold_point($node, 'postgres', 'alone_noted');
		@sessions = crowd(@way);
		wait_at($holder);
		wait_for_line($pool_size - 1, $title);
		$holder->terminate;
		check_outcome($title, $title_name, map { $_->result } @sessions);
		$_->terminate foreach @sessions;
		kill 'INT', read_pid("$directory/$pool_size.pid");
		$process->finish;
		undef $process;
	}
}

sub read_pid { my ($file) = @_; my $pid = slurp_file($file); chomp $pid; return $pid; }

sub eval_until
{
	my ($what) = @_;
	my $end = time + $MigrateTest::Session::patience;
	while (time < $end)
	{
		my $done = eval { $what->() };
		return $done if $done;
		select undef, undef, undef, 0.05;
	}
	return;
}

# ---- waiting is bounded, and says for whom --------------------------------------------------------

$name = add('CREATE TABLE w (i int);', 'DROP TABLE w;');
$holder = hold_point($node, 'postgres', 'transaction_ran');
my $leader = session($node, parameters => { application_name => 'deploy 7' });
$leader->send_query('SELECT * FROM migrate.apply()');
my $worker = wait_at($holder);
foreach my $call ("SET migrate.wait_timeout = '10ms'; |SELECT * FROM migrate.apply()", "|SELECT * FROM migrate.apply(wait => '10 ms')",
	"|SELECT * FROM migrate.rollback(1, wait => '10 ms')")
{
	my ($before, $query) = split /\|/, $call;
	my $other = session($node);
	$other->ok_query($before) if $before;
	my $result = $other->query($query);
	is(MigrateTest::Session::sqlstate($result), '55P03', "$query gives up");
	like($result->{error}{D} // '', qr/Process $worker .*deploy 7.* runs apply, run \d+, since \d{4}-/, 'and says who runs what since when');
	ok(defined $result->{error}{H}, 'and what to do');
	$other->terminate;
}
my $result = $admin->query('BEGIN; SELECT * FROM migrate.apply()');
is(MigrateTest::Session::sqlstate($result), '55P03', 'inside a block it is not waited for');
$admin->query('ROLLBACK');

# ---- the caller's own limits ----------------------------------------------------------------------

$holder->terminate;
is(MigrateTest::Session::sqlstate($leader->result), '00000', 'the leader ended well');

sub outlives
{
	my ($title, $setting, $value, $minimum) = @_;
	return if $minimum && $admin->value('SHOW server_version_num') < $minimum;
	my $role = "limited_$setting";
	$admin->ok_query("CREATE ROLE $role LOGIN SUPERUSER");
	$admin->ok_query("ALTER ROLE $role SET $setting = '$value'");
	my $migration = add('CREATE TABLE ' . $role . '_t (i int);');
	my $hold = hold_point($node, 'postgres', 'transaction_ran');
	my $caller = session($node, user => $role);
	$caller->send_query('SELECT * FROM migrate.apply()');
	wait_at($hold);
	wait_until($admin, "SELECT clock_timestamp() > query_start + interval '$value' * 3 FROM pg_stat_activity WHERE pid = $caller->{pid}");
	$hold->terminate;
	is(MigrateTest::Session::sqlstate($caller->result), '00000', "$title does not end the call");
	is_state($node, 'postgres', $migration, 'applied', "$title does not end the run");
	$caller->terminate;
	return;
}
outlives('statement_timeout', 'statement_timeout', '100ms');
outlives('idle_in_transaction_session_timeout', 'idle_in_transaction_session_timeout', '100ms');
outlives('transaction_timeout', 'transaction_timeout', '100ms', 170000);

# ---- detach, wait, cancel -------------------------------------------------------------------------

$name = add('CREATE TABLE d (i int);', 'DROP TABLE d;');
$holder = hold_point($node, 'postgres', 'transaction_ran');
$result = $leader->query('SELECT * FROM migrate.apply(detach => true)');
is(scalar @{ $result->{rows} }, 1, 'a detached call returns one row at once');
my $run = $result->{rows}[0][0];
wait_at($holder);
is_state($node, 'postgres', $name, 'running');
is($admin->value('SELECT migration FROM migrate.progress'), $name, 'progress names it');
my $other = session($node);
$other->send_query("SELECT run, migration, step FROM migrate.wait($run)");
ok(wait_until($admin, "SELECT count(*) = 1 FROM pg_locks WHERE pid = $other->{pid} AND NOT granted"), 'another session waits for it');
ok(wait_until($admin, "SELECT backend_xmin IS NULL FROM pg_stat_activity WHERE pid = $other->{pid}"), 'without a snapshot');
$holder->terminate;
is(MigrateTest::Session::text($other->result), "$run|$name|1", 'wait returns the report');
is(MigrateTest::Session::sqlstate($leader->query('SELECT * FROM migrate.wait(99999)')), '42704', 'no such run');

$name = add('CREATE TABLE e (i int); CREATE INDEX CONCURRENTLY ON e (i);', 'DROP TABLE e;');
$holder = hold_point($node, 'postgres', 'alone_noted');
$run = $leader->query('SELECT * FROM migrate.apply(detach => true)')->{rows}[0][0];
wait_at($holder);
$other->send_query("SELECT * FROM migrate.wait($run)");
is($admin->value("SELECT migrate.cancel($run)"), 't', 'cancel says that it did');
isnt(MigrateTest::Session::sqlstate($other->result), '00000', 'who waits for a cancelled run gets an error');
$holder->terminate;
is_state($node, 'postgres', $name, 'interrupted', 'a cancelled run is interrupted');
is($admin->value("SELECT migrate.cancel($run)"), 'f', 'cancel of what does not run says so');
is(MigrateTest::Session::sqlstate($leader->query('SELECT * FROM migrate.apply()')), '00000', 'the next apply finishes it');

# ---- two databases --------------------------------------------------------------------------------

$node->safe_psql('postgres', 'CREATE DATABASE other');
$node->safe_psql('other', 'CREATE EXTENSION migrate');
add_migration($node, 'other', 'v1', 'CREATE TABLE t (i int);');
add('CREATE TABLE f (i int);');
$holder = hold_point($node, 'postgres', 'transaction_ran');
$leader->send_query('SELECT * FROM migrate.apply()');
wait_at($holder);
my $elsewhere = session($node, dbname => 'other');
is(MigrateTest::Session::sqlstate($elsewhere->query('SELECT * FROM migrate.apply()')), '00000', 'another database is not in the way');
$holder->terminate;
$leader->result;
$node->stop;

# ---- no worker to be had --------------------------------------------------------------------------

$node = new_server('slots', settings => [ 'max_worker_processes = 1' ]); # the launcher of logical replication has it
$admin = session($node);
$admin->ok_query("SET migrate.worker_timeout = '10ms'");
add_migration($node, 'postgres', 'v1', 'CREATE TABLE t (i int); CREATE INDEX CONCURRENTLY t_i ON t (i);');
$result = $admin->query('SELECT * FROM migrate.apply()');
is(MigrateTest::Session::sqlstate($result), '53000', 'no worker: an error');
like($result->{error}{D} // '', qr/max_worker_processes is 1/, 'that names the setting');
is_state($node, 'postgres', 'v1', 'pending', 'and nothing has changed');
$node->safe_psql('postgres', q(SELECT migrate.remove('v1')));
add_migration($node, 'postgres', 'v2', 'CREATE TABLE t (i int);');
is(MigrateTest::Session::sqlstate($admin->query('SELECT * FROM migrate.apply()')), '00000', 'a single transaction runs in the caller');
is_state($node, 'postgres', 'v2', 'applied');
add_migration($node, 'postgres', 'v3', 'CREATE TABLE t3 (i int);');
add_migration($node, 'postgres', 'v4', 'CREATE TABLE t4 (i int);');
is(MigrateTest::Session::sqlstate($admin->query('SELECT * FROM migrate.apply()')), '53000', 'two transactions do not');
is_state($node, 'postgres', 'v3', 'pending');
$node->stop;
done_testing();
