# The client while a step waits for locks: whom it names, on a terminal and in a log; --set; the exit code
# when patience is over; what the record says afterwards.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ClientTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($node, $host, $port, $work) = start_server();
$node->append_conf('postgresql.conf', "max_prepared_transactions = 5\n");
$node->restart;
my ($code, $out, $err);

# Database with a table that a session reads and then sits on.
sub database_with_users
{
	my ($name) = @_;
	new_database($name);
	$node->safe_psql($name, 'CREATE TABLE users (id int PRIMARY KEY); INSERT INTO users VALUES (1)');
}

sub sit_on_users
{
	my ($database, $application, $statement) = @_;
	my $session = $node->background_psql($database);
	$session->query_safe("SET application_name = '$application'");
	$session->query_safe('BEGIN');
	$session->query_safe($statement // 'SELECT count(*) FROM users');
	return ($session, $session->query_safe('SELECT pg_backend_pid()'));
}

my $add = folder('add', 'v1_phone.sql' => "ALTER TABLE users ADD COLUMN phone text;\n");
my $user = $node->safe_psql('postgres', 'SELECT current_user');

# ---------------------------------------------------------------------------------------------------
# In a log: a line soon after the wait began, and the report
# ---------------------------------------------------------------------------------------------------

database_with_users('logged');
my ($blocker, $pid) = sit_on_users('logged', 'billing');
my %one;
my $runner = start_client('logged', \%one, 'up', '--dir', $add);
ok(read_until($runner, \$one{err}, qr/waiting for.*\n/), 'a line says that the step waits');
like($one{err},
	qr/^v1_phone step 1 .*, waiting for pid $pid \(\Q$user\E, billing, idle in transaction for \d+ s\) on users: SELECT pg_backend_pid\(\)/m,
	'... for whom, what that session does, and on what');
is($node->safe_psql('logged', "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'users'::regclass"),
	'0', '... while nobody has to wait behind it');
$blocker->query_safe('COMMIT');
$runner->finish;
is($runner->result(0), 0, 'it goes on when the session has ended its transaction') or diag($one{err});
is(() = $one{err} =~ /waiting for pid/g, 1, '... and had one line for the wait');
like($one{out}, qr/^run 1 done/, '... and its report');

($code, $out, $err) = client('logged', 'log', '--run', '1');
is($code, 0, 'log --run') or diag($err);
like($out, qr/^step +migration +state +duration +waited +attempts +lock +held +statement$/m, '... has the locks');
like($out, qr/^1 +v1_phone +done +\d.* +\d.*s +\d+ +ACCESS EXCLUSIVE +\d+ ms +ALTER TABLE users ADD COLUMN phone text$/m,
	'... of each step');
($code, $out, $err) = client('logged', 'log', '--run', '1', '--json');
like($out, qr/^\{"steps":\[\{"run":1,"step":1,.*"lock_wait":.*"attempts":\d+,"lock_mode":"ACCESS EXCLUSIVE","lock_held":/,
	'... also as JSON');
($code, $out, $err) = client('logged', 'log', '--run', '999');
is($code, 1, 'log --run of a run that nobody knows: exit code 1');
like($err, qr/error: there is no run 999/, '... and says so');

# ---------------------------------------------------------------------------------------------------
# Several; patience over
# ---------------------------------------------------------------------------------------------------

database_with_users('several');
($blocker, $pid) = sit_on_users('several', 'oldest');
my ($second) = sit_on_users('several', 'writer', 'INSERT INTO users VALUES (2)');
my ($third) = sit_on_users('several', 'another');
$runner = start_client('several', \%one, 'up', '--dir', $add);
read_until($runner, \$one{err}, qr/waiting for.*\n/);
like($one{err}, qr/waiting for pid $pid \(\Q$user\E, oldest, .*\) on users, and 2 more: /,
	'of several the oldest is named, and how many there are');
$runner->signal('INT');
$runner->finish;
is($runner->result(0), 7, 'Ctrl-C ends the wait') or diag($one{err});
is(applied('several'), '', '... and nothing was applied');

$second->query_safe('COMMIT');
$third->query_safe('COMMIT');
($code, $out, $err) = client('several', 'up', '--dir', $add, '--set', 'lock_patience=100ms');
is($code, 5, 'patience of 100 ms by --set is over: exit code 5') or diag($err);
like($err, qr/^ERROR:  could not obtain .* on relation (public\.)?users within 100 ms$/m, '... what it wanted');
like($err, qr/^DETAIL:  Process $pid \(\Q$user\E, oldest\), idle in transaction for/m, '... and who was in the way');
like($err, qr/^HINT:  /m, '... and what to do');
($code, $out, $err) = client('several', 'up', '--dir', $add, '--json', '--set', 'migrate.lock_patience=0');
is($code, 5, 'the same with --json');
like($out, qr/"sqlstate":"55P03".*"detail":"Process $pid \(.*"exit_code":5/, '... has the same facts');
($code, $out, $err) = client('several', 'redo', '--dir', $add, '--yes', '--set', 'lock_patience=100ms');
is($code, 5, 'redo of what is unfinished, with --set: exit code 5') or diag($err);
$blocker->query_safe('COMMIT');
($code, $out, $err) = client('several', 'goto', 'v1', '--dir', $add, '--set', 'lock_patience=1min');
is("$code " . applied('several'), '0 v1_phone', 'goto with --set') or diag($err);

# ---------------------------------------------------------------------------------------------------
# --set that the server refuses, of down, of a trial
# ---------------------------------------------------------------------------------------------------

database_with_users('refused');
my $pair = folder('pair',
	'v1_phone.sql' => "-- migrate:up\nALTER TABLE users ADD COLUMN phone text;\n"
	  . "-- migrate:down\nALTER TABLE users DROP COLUMN phone;\n");
for my $case (
	[ 'no_such_setting=1' => qr/"migrate\.no_such_setting"/ ],
	[ 'work_mem=1MB' => qr/"migrate\.work_mem"/ ],
	[ 'lock_patience=soon' => qr/"migrate\.lock_patience": "soon"/ ],
	[ 'queue_limit=0' => qr/outside the valid range for parameter "migrate\.queue_limit"/ ],
	[ q{on_blocker='; DROP TABLE users} => qr/"migrate\.on_blocker": "'; DROP TABLE users"/ ])
{
	my ($setting, $message) = @$case;
	for my $command ([ 'up' ], [ 'up', '--dry-run' ])
	{
		($code, $out, $err) = client('refused', @$command, '--dir', $pair, '--set', $setting);
		is($code, 1, "@$command --set $setting is refused");
		like($err, $message, '... with the reason');
	}
}
is(applied('refused'), '', '... and nothing was run');
($code, $out, $err) = client('refused', 'up', '--dir', $pair, '--set', 'lock_patience');
is($code, 2, '--set without a value: exit code 2');
($code, $out, $err) = client('refused', 'up', '--dir', $pair, '--dry-run', '--set', 'small_table=0');
is($code, 0, 'a trial with a setting') or diag($err);
client('refused', 'up', '--dir', $pair);
($blocker, $pid) = sit_on_users('refused', 'reader');
for my $command ([ 'down', '--run', '1' ], [ 'down' ], [ 'down', '--all' ], [ 'down', 'v1' ], [ 'redo' ])
{
	($code, $out, $err) = client('refused', @$command, '--dir', $pair, '--yes', '--set', 'lock_patience=100ms');
	is($code, 5, "@$command with a patience of 100 ms: exit code 5") or diag($err);
	$node->safe_psql('refused', "SELECT migrate.mark('v1', 'applied') FROM migrate.status WHERE state <> 'applied'");
}
$blocker->query_safe('COMMIT');

# ---------------------------------------------------------------------------------------------------
# A prepared transaction; a lock that is held for too long; names that are not harmless
# ---------------------------------------------------------------------------------------------------

database_with_users('prepared');
$node->safe_psql('prepared', "BEGIN; SELECT count(*) FROM users; PREPARE TRANSACTION 'order 7'");
$runner = start_client('prepared', \%one, 'up', '--dir', $add);
read_until($runner, \$one{err}, qr/waiting for.*\n/);
like($one{err}, qr/waiting for prepared transaction 'order 7' \(\Q$user\E, prepared \d+ s ago\) on users$/m,
	'a prepared transaction is named by its gid');
$node->safe_psql('prepared', "COMMIT PREPARED 'order 7'");
$runner->finish;
is($runner->result(0), 0, '... and waited for') or diag($one{err});

my $long = folder('long',
	'v1_phone.sql' => "ALTER TABLE users ADD COLUMN phone text;\n",
	'v2_long.sql' => "LOCK TABLE users;\nDO \$\$BEGIN FOR i IN 1 .. 100000000 LOOP PERFORM i; END LOOP; END\$\$;\n");
($code, $out, $err) = client('prepared', 'up', '--dir', $long, '--set', 'max_lock_hold=100ms');
is($code, 1, 'a lock held for too long: exit code 1') or diag($err);
like($err, qr/^ERROR:  the step held a lock that stops others for longer than migrate\.max_lock_hold$/m, '... and why');

database_with_users('hostile');
$node->safe_psql('hostile', qq{ALTER TABLE users RENAME TO "a\x1b[2J\n'b"});
my $hostile = folder('hostile', 'v1_x.sql' => qq{ALTER TABLE "a\x1b[2J\n'b" ADD COLUMN x int;\n});
($blocker, $pid) = sit_on_users('hostile', 'x', qq{SELECT count(*) FROM "a\x1b[2J\n'b"});
$runner = start_client('hostile', \%one, 'up', '--dir', $hostile);
read_until($runner, \$one{err}, qr/waiting for.*\n/);
like($one{err}, qr/waiting for pid $pid \(.*\) on "a \[2J 'b": /, 'control characters do not reach the terminal');
$blocker->query_safe('COMMIT');
$runner->finish;
is($runner->result(0), 0, '... and such a table is migrated') or diag($one{err});

# ---------------------------------------------------------------------------------------------------
# On a terminal
# ---------------------------------------------------------------------------------------------------

SKIP:
{
	skip 'IO::Pty is not there', 3 unless eval { require IO::Pty; 1 };
	database_with_users('live');
	($blocker, $pid) = sit_on_users('live', 'x');
	my $screen = '';
	{
		local $ENV{DATABASE_URL} = url('live');
		local $ENV{TERM} = 'xterm';
		$runner = IPC::Run::start([ 'pg_migrate', 'up', '--dir', $add ], '<pty<', \my $keys, '>pty>', \$screen);
	}
	# It is asked again: two different times.
	my $waiting = qr/\r[-|\/\\] waiting for pid $pid \(\Q$user\E, idle in transaction for (\d+) s\) on users, /;
	my $two_times = sub { $runner->pump_nb; my %times = map { $_ => 1 } $screen =~ /$waiting/g; keys %times > 1 };
	ok(wait_for_condition($two_times), 'on a terminal the time goes on') or diag(substr $screen, -500);
	$blocker->query_safe('COMMIT');
	$runner->finish;
	is($runner->result(0), 0, '... until the session has ended its transaction');
	like($screen, qr/\r\x1b\[Kv1_phone 1\/1 /, '... and the line makes room for others');
}

done_testing();
