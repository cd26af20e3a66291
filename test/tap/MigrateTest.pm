# Shared by the TAP tests: servers with the extension, sessions that speak the protocol themselves (so that
# a test can have several at work, pipeline, and vanish), waitpoints, and waiting for conditions.
package MigrateTest;
use strict;
use warnings;
use Exporter 'import';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use MigrateTest::Session;

our @EXPORT = qw(new_server session waitpoints hold hold_point wait_until wait_at wait_for_server
  wait_for_end sql_literal add_migration state_of is_state worker_of);

# A running server with the extension in database postgres (unless extension => 0); settings => [...] are
# lines for postgresql.conf, init => [...] arguments of init().
sub new_server
{
	my ($name, %options) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(@{ $options{init} // [] });
	# restart_after_crash: as users have it.
	$node->append_conf('postgresql.conf', join "\n", 'restart_after_crash = on', 'log_statement = none',
		@{ $options{settings} // [] }, '');
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION migrate') if $options{extension} // 1;
	return $node;
}

# A session of its own: session($node, dbname => 'postgres', user => ...).
sub session
{
	my ($node, %options) = @_;
	return MigrateTest::Session->new(
		directory => $options{host} // $node->host,
		port => $options{port} // $node->port,
		user => $options{user} // $node->{_migrate_user} // getpwuid($>),
		database => $options{dbname} // 'postgres',
		parameters => $options{parameters} // {});
}

sub sql_literal
{
	my ($text) = @_;
	return 'NULL' unless defined $text;
	$text =~ s/'/''/g;
	return "'$text'";
}

sub add_migration
{
	my ($node, $db, $name, $up, $down) = @_;
	return $node->safe_psql($db, sprintf 'SELECT migrate.add(%s, %s, %s)', map { sql_literal($_) } $name, $up, $down);
}

sub state_of
{
	my ($node, $db, $name) = @_;
	return $node->safe_psql($db, 'SELECT state FROM migrate.status WHERE name = ' . sql_literal($name));
}

sub is_state
{
	my ($node, $db, $name, $state, $title) = @_;
	return is(state_of($node, $db, $name), $state, $title // "$name is $state");
}

# The pid of the process that runs migrations, or ''.
sub worker_of
{
	my ($node, $db) = @_;
	return $node->safe_psql($db, 'SELECT DISTINCT pid FROM migrate.progress');
}

# ---- waitpoints -----------------------------------------------------------------------------------

# Names of all waitpoints, in order; makes the function that knows them.  Skips everything without them.
sub waitpoints
{
	my ($node, $db) = @_;
	my ($status) = $node->psql($db, 'CREATE OR REPLACE FUNCTION public.migrate_waitpoints() RETURNS text LANGUAGE c'
		  . q( AS '$libdir/migrate', 'migrate_waitpoints'));
	plan skip_all => 'this build has no waitpoints (MIGRATE_TESTING)' if $status != 0;
	return split ' ', $node->safe_psql($db, 'SELECT public.migrate_waitpoints()');
}

# A session that stops whoever comes to the n-th waitpoint of the database.
sub hold
{
	my ($node, $db, $number) = @_;
	my $holder = session($node, dbname => $db);
	$holder->ok_query("SELECT pg_advisory_lock(77, $number)");
	return $holder;
}

my @points;

sub hold_point
{
	my ($node, $db, $name) = @_;
	@points = waitpoints($node, 'postgres') unless @points;
	my ($number) = grep { $points[$_] eq $name } 0 .. $#points;
	die "there is no waitpoint $name" unless defined $number;
	my $holder = hold($node, $db, $number);
	$holder->{waitpoint} = $number;
	return $holder;
}

# Waits until somebody has come to the waitpoint that the session holds; returns who.
sub wait_at
{
	my ($holder) = @_;
	return wait_until($holder, 'SELECT pid FROM pg_locks WHERE NOT granted AND locktype = \'advisory\''
		  . " AND classid = 77 AND objid = $holder->{waitpoint} AND objsubid = 2"
		  . ' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())');
}

# ---- waiting --------------------------------------------------------------------------------------

# Repeats the query in the session until its first value is there and not 'f'; returns it, or fails.
sub wait_until
{
	my ($session, $sql) = @_;
	my $end = time + $MigrateTest::Session::patience;
	while (time < $end)
	{
		my $value = $session->value($sql);
		return $value if defined $value && $value ne 'f' && $value ne '';
		select undef, undef, undef, 0.02;
	}
	diag "gave up waiting for: $sql";
	diag join '|', map { $_ // '' } @$_ foreach @{
		$session->query('SELECT pid, backend_type, state, wait_event_type, wait_event, backend_xmin, left(query, 100) FROM pg_stat_activity'
			  . ' WHERE datname IS NOT NULL')->{rows} // [] };
	return undef;
}

# After a crash: until it accepts connections again.
sub wait_for_server
{
	my ($node) = @_;
	my $end = time + $MigrateTest::Session::patience;
	while (time < $end)
	{
		my $session = eval { session($node) };
		return $session->terminate if $session;
		select undef, undef, undef, 0.1;
	}
	die 'the server did not come back';
}

# Until nothing runs in the database any more.
sub wait_for_end
{
	my ($node, $db) = @_;
	return $node->poll_query_until($db, q(SELECT NOT EXISTS (SELECT FROM pg_stat_activity
		WHERE datname = current_database() AND backend_type = 'migrate worker')));
}

1;
