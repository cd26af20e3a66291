# The client pg_migrate while a run goes on: other clients, interruptions, a connection that drops, a
# terminal, a pooler in transaction mode.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ClientTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($node, $host, $port, $work) = start_server();
my $first = first_migrations();
my ($code, $out, $err);

# ---------------------------------------------------------------------------------------------------
# Waiting, interrupting, losing the connection
# ---------------------------------------------------------------------------------------------------

my $slow = folder('slow', 'v1_slow.sql' => $waiting_script, 'v2_after.sql' => "CREATE TABLE after ();\n");
new_database('slow');
my $holder = hold('slow');
my (%one, %two);
my $runner = start_client('slow', \%one, 'up', '--dir', $slow);
wait_until_held('slow');

($code, $out, $err) = client('slow', 'up', '--dir', $slow, '--wait', '1');
is($code, 5, 'another run is in the way for longer than --wait: exit code 5') or diag($err);
like($err, qr/another run of migrations did not end/, '... and says so');

# Without a terminal it is said once, and soon, whom a step waits for.
read_until($runner, \$one{err}, qr/waiting for pid \d+/);
like($one{err}, qr/^(v1_slow step|run) 1 .*waiting for pid \d+ \(.*idle for \d+ s\): SELECT pg_advisory_lock\(4711\)/m,
	'progress says whom the step waits for');

$runner->signal('INT');
$runner->finish;
is($runner->result(0), 7, 'Ctrl-C: exit code 7') or diag($one{err});
like($one{err}, qr/cancelling the current step/, '... says what it does');
like($one{err}, qr/^ERROR:  cancel/m, '... and what the server answered');
($code, $out, $err) = client('slow', 'status', '--check');
is($code, 3, 'the migration is not applied');

# Killed, and yet the run goes on.
$runner = start_client('slow', \%one, 'up', '--dir', $slow);
wait_until_held('slow');
$runner->kill_kill(grace => 0);
my $second = start_client('slow', \%two, 'up', '--dir', $slow);
$holder->query_safe('SELECT pg_advisory_unlock(4711)');
$second->finish;
is($second->result(0), 0, 'after a client was killed the next one waits for its run') or diag($two{err});
is(applied('slow'), 'v1_slow v2_after', '... and all is applied');

my $proxy_directory = PostgreSQL::Test::Utils::tempdir_short();
my $proxy = start_proxy($proxy_directory);
my $through_proxy = sub { url($_[0], $proxy_directory) };

new_database('dropped');
$holder = hold('dropped');
$runner = start_client($through_proxy->('dropped'), \%one, 'up', '--dir', $slow);
wait_until_held('dropped');
kill 'USR1', $proxy;
read_until($runner, \$one{err}, qr/waiting for run/);
like($one{err}, qr/lost the connection: .*\n.*\npg_migrate: connected again\npg_migrate: waiting for run 1\n/,
	'a dropped connection is made again');
$holder->query_safe('SELECT pg_advisory_unlock(4711)');
$runner->finish;
is($runner->result(0), 0, '... and the run waited for') or diag($one{err});
like($one{out}, qr/run 1 done: 2 migrations/, '... with its report');
is(applied('dropped'), 'v1_slow v2_after', '... and all is applied');
is($node->safe_psql('dropped', "SELECT max(run) FROM migrate.steps"), '1', '... by one run');

# The run ends while nobody is connected.
my $undo = folder('undo', 'v1_slow.sql' => "-- migrate:up\nSELECT 1;\n-- migrate:down\n$waiting_script");
new_database('undone');
client('undone', 'up', '--dir', $undo);
my $undo_holder = hold('undone');
$runner = start_client($through_proxy->('undone'), \%one, 'down', '--yes', '--dir', $undo);
wait_until_held('undone');
# The client has looked at progress since the run is there.
my $seen = $node->safe_psql('undone', 'SELECT clock_timestamp()');
$node->poll_query_until('undone', "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%migrate.progress%'"
	  . " AND pid <> pg_backend_pid() AND state = 'idle' AND query_start > '$seen')");
kill 'STOP', $proxy;
$undo_holder->query_safe('SELECT pg_advisory_unlock(4711)');
$node->poll_query_until('undone', "SELECT state = 'pending' FROM migrate.status");
kill 'CONT', $proxy;
kill 'USR1', $proxy;
$runner->finish;
is($runner->result(0), 0, 'a rollback whose end was missed is not done twice') or diag($one{err});
is(applied('undone'), '', '... and is done');

kill 'TERM', $proxy;
waitpid $proxy, 0;
unlink "$proxy_directory/.s.PGSQL.$port";

new_database('gone');
$proxy = start_proxy($proxy_directory);
$holder = hold('gone');
$runner = start_client($through_proxy->('gone'), \%one, 'up', '--dir', $slow, '--reconnect', '2');
wait_until_held('gone');
unlink "$proxy_directory/.s.PGSQL.$port";
kill 'TERM', $proxy;
waitpid $proxy, 0;
$runner->finish;
is($runner->result(0), 7, 'a connection lost for good: exit code 7') or diag($one{err});
like($one{err}, qr/could not get it back/, '... says so');
like($one{err}, qr/hint: A run that had begun goes on in the server/, '... and what it means');
$holder->query_safe('SELECT pg_advisory_unlock(4711)');
($code, $out, $err) = client('gone', 'up', '--dir', $slow);
is("$code " . applied('gone'), '0 v1_slow v2_after', 'the next one finds it done');

# An administrator who ends the caller means the run.
new_database('terminated');
$holder = hold('terminated');
$runner = start_client('terminated', \%one, 'up', '--dir', $slow);
wait_until_held('terminated');
$node->safe_psql('terminated',
	"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%migrate.apply%'"
	  . " AND backend_type = 'client backend' AND pid <> pg_backend_pid()");
$runner->finish;
is($runner->result(0), 7, 'pg_terminate_backend: exit code 7') or diag($one{err});
$holder->query_safe('SELECT pg_advisory_unlock(4711)');
($code) = client('terminated', 'up', '--dir', $slow);
is("$code " . applied('terminated'), '0 v1_slow v2_after', '... and up goes on from there');

# ---------------------------------------------------------------------------------------------------
# Many at once; on a terminal
# ---------------------------------------------------------------------------------------------------

$node->safe_psql('postgres', 'CREATE DATABASE many');
my @many = map { { } } 1 .. 12;
my @clients = map { start_client('many', $_, 'up', '--dir', $first, '--create-extension') } @many;
$_->finish for @clients;
is(join(' ', map { $_->result(0) } @clients), join(' ', (0) x 12), 'twelve at once, extension and all')
  or diag(join '', map { $_->{err} } @many);
is($node->safe_psql('many', "SELECT count(*) FROM migrate.history WHERE event = 'applied'"), '3',
	'... each migration once');

SKIP:
{
	skip 'IO::Pty is not there', 3 unless eval { require IO::Pty; 1 };
	new_database('live');
	$holder = hold('live');
	my $screen = '';
	{
		local $ENV{DATABASE_URL} = url('live');
		local $ENV{TERM} = 'xterm';
		$runner = IPC::Run::start([ 'pg_migrate', 'up', '--dir', $slow ], '<pty<', \my $keys, '>pty>', \$screen);
	}
	read_until($runner, \$screen, qr/waiting for pid/);
	like($screen, qr/\r[-|\/\\] waiting for pid \d+ .*, (v1_slow step|run) 1 /, 'a line that is rewritten on a terminal');
	$holder->query_safe('SELECT pg_advisory_unlock(4711)');
	$runner->finish;
	is($runner->result(0), 0, '... and is gone at the end');
	like($screen, qr/\r\x1b\[Kv1_slow 1\/1 /, '... making room for other lines');
}

# ---------------------------------------------------------------------------------------------------
# Through PgBouncer in transaction mode
# ---------------------------------------------------------------------------------------------------

my ($bouncer) = grep { -x } map { "$_/pgbouncer" } split(/:/, $ENV{PATH}), '/usr/sbin';
SKIP:
{
	skip 'PgBouncer is not installed', 9 unless $bouncer;
	my $directory = PostgreSQL::Test::Utils::tempdir_short();
	my $user = $node->safe_psql('postgres', 'SELECT current_user');
	append_to_file("$directory/users", qq{"$user" ""\n});
	append_to_file("$directory/ini", <<"END");
[databases]
* = host=$host port=$port
[pgbouncer]
listen_addr =
listen_port = $port
unix_socket_dir = $directory
auth_type = any
auth_file = $directory/users
pool_mode = transaction
default_pool_size = 3
logfile = $directory/log
pidfile = $directory/pid
admin_users = $user
END
	sed_user("$directory/ini", $user);
	system_or_bail($bouncer, '-q', '-d', "$directory/ini");
	wait_for_condition(sub { -e "$directory/.s.PGSQL.$port" });
	my $pooled = sub { url($_[0], $directory) . '&pgbouncer=true&schema=public' };

	new_database('pooled');
	($code, $out, $err) = client($pooled->('pooled'), 'up', '--dir', $first);
	is($code, 0, 'up through PgBouncer') or diag($err);
	like($err, qr/^v1_users 2\/3 CREATE INDEX CONCURRENTLY/m, '... with its notices');
	($code, $out, $err) = client($pooled->('pooled'), 'plan', '--down', '--dir', $first);
	like($out, qr/DROP TABLE z/, 'plan through PgBouncer') or diag($err);
	($code, $out, $err) = client($pooled->('pooled'), 'down', '--all', '--yes', '--dir', $first);
	is("$code " . applied('pooled'), '0 ', 'down through PgBouncer') or diag($err);
	($code, $out, $err) = client(url('pooled', $directory) . '&schema=public', 'status');
	is($code, 6, 'a search_path is refused by the pooler');
	like($err, qr/ALTER ROLE .* SET search_path/, '... and the way out told');

	# The pooler is killed under a run and comes back.
	new_database('unpooled');
	$holder = hold('unpooled');
	$runner = start_client($pooled->('unpooled'), \%one, 'up', '--dir', $slow);
	wait_until_held('unpooled');
	chomp(my $pid = slurp_file("$directory/pid"));
	kill 'KILL', $pid;
	# Gone when nobody answers to its number any more.
	wait_for_condition(sub { !kill 0, $pid });
	unlink "$directory/.s.PGSQL.$port", "$directory/pid";
	system_or_bail($bouncer, '-q', '-d', "$directory/ini");
	$holder->query_safe('SELECT pg_advisory_unlock(4711)');
	$runner->finish;
	is($runner->result(0), 0, 'a pooler that is killed and comes back') or diag($one{err});
	like($one{err}, qr/connected again/, '... was missed');
	is(applied('unpooled'), 'v1_slow v2_after', '... and all is applied');
	chomp($pid = slurp_file("$directory/pid"));
	kill 'TERM', $pid;
}

# auth_type = any needs to know whom to connect as.
sub sed_user
{
	my ($file, $user) = @_;
	my $text = slurp_file($file) =~ s/^(\* = .*)$/$1 user=$user/mr;
	unlink $file;
	append_to_file($file, $text);
}

done_testing();
