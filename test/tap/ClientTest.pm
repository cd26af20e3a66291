# What the client's tests share: a server, clients with their outputs, folders of migrations, something to
# hold a migration up with, and a proxy that can cut connections.
package ClientTest;

use strict;
use warnings;
use Exporter 'import';
use File::Path qw(make_path);
use IO::Select;
use IO::Socket::UNIX;
use IPC::Run ();
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

our @EXPORT = qw(start_server url folder client start_client new_database hold wait_until_held applied
  start_proxy first_migrations $waiting_script read_until wait_for_condition);

my ($node, $host, $port);
my $work = PostgreSQL::Test::Utils::tempdir();
my $cut_all = 0;

sub start_server
{
	delete $ENV{$_} for qw(DATABASE_URL NO_COLOR PGSERVICE PGOPTIONS);
	$node = PostgreSQL::Test::Cluster->new('main');
	$node->init;
	$node->append_conf('postgresql.conf', "max_connections = 60\n");
	$node->start;
	($host, $port) = ($node->host, $node->port);
	return ($node, $host, $port, $work);
}

sub url { return "postgresql:///$_[0]?host=" . ($_[1] // $host) . '&port=' . ($_[2] // $port) }

# folder(name => {file => text, ...}): a fresh folder of migrations.
sub folder
{
	my ($name, %files) = @_;
	my $dir = "$work/$name";
	make_path($dir);
	unlink glob "$dir/*";
	while (my ($file, $text) = each %files)
	{
		open my $out, '>:raw', "$dir/$file" or die "could not write $file: $!";
		print $out $text;
		close $out;
	}
	return $dir;
}

# client(DATABASE, ARGUMENT...): exit code, stdout, stderr.
sub client
{
	my ($database, @arguments) = @_;
	local $ENV{DATABASE_URL} = $database =~ m{//} ? $database : url($database);
	my ($out, $err) = ('', '');
	IPC::Run::run([ 'pg_migrate', @arguments ], '<', \undef, '>', \$out, '2>', \$err);
	return ($? >> 8, $out, $err);
}

# start_client(DATABASE, OUTPUTS, ARGUMENT...): one that goes on beside the test.
sub start_client
{
	my ($database, $output, @arguments) = @_;
	local $ENV{DATABASE_URL} = $database =~ m{//} ? $database : url($database);
	@$output{qw(out err)} = ('', '');
	return IPC::Run::start([ 'pg_migrate', @arguments ],
		'<', \undef, '>', \$output->{out}, '2>', \$output->{err});
}

sub new_database
{
	my ($name) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	$node->safe_psql($name, 'CREATE EXTENSION migrate');
}

# Something to hold a migration up with: a session that keeps an advisory lock.
sub hold
{
	my ($database) = @_;
	my $session = $node->background_psql($database);
	$session->query_safe('SELECT pg_advisory_lock(4711)');
	return $session;
}
our $waiting_script = "SELECT pg_advisory_lock(4711);\nCREATE TABLE waited (x int);\n";

sub wait_until_held
{
	my ($database) = @_;
	return $node->poll_query_until($database,
		"SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted");
}

# Names of the applied migrations, in their order.
# Reads what a client that was started says until it matches; false after a long time.
sub read_until
{
	my ($runner, $text, $pattern) = @_;
	return wait_for_condition(sub { $runner->pump_nb; $$text =~ $pattern });
}

# Until the condition holds; false after a long time.
sub wait_for_condition
{
	my ($condition) = @_;
	my $end = time + $PostgreSQL::Test::Utils::timeout_default;
	while (time < $end)
	{
		return 1 if $condition->();
		select undef, undef, undef, 0.05;
	}
	return 0;
}

sub applied
{
	return $node->safe_psql($_[0],
		"SELECT string_agg(name, ' ' ORDER BY migrate.sort_key(name) COLLATE \"C\") FROM migrate.status WHERE state = 'applied'");
}

# Three migrations: a concurrent index among other things, COPY data, an empty table.
sub first_migrations
{
	return folder('first',
		'v1_users.sql' => "-- migrate:up\nCREATE TABLE users (id bigint PRIMARY KEY, name text);\n"
		  . "CREATE INDEX CONCURRENTLY users_name ON users (name);\n"
		  . "ALTER TABLE users ADD COLUMN phone text;\n-- migrate:down\nDROP TABLE users;\n",
		'v2_copy.sql' => "-- migrate:up\nCREATE TABLE a (x int, y text);\nCOPY a FROM stdin;\n1\t;--\n2\tb\n\\.\n"
		  . "-- migrate:down\nDROP TABLE a;\n",
		'v10_last.sql' => "-- migrate:up\nCREATE TABLE z ();\n-- migrate:down\nDROP TABLE z;\n");
}

# A proxy that can cut all connections: the process's id, and where it listens.
sub start_proxy
{
	my ($directory) = @_;
	make_path($directory);
	my $listener = IO::Socket::UNIX->new(Local => "$directory/.s.PGSQL.$port", Listen => 20)
	  or die "could not listen: $!";
	my $pid = fork // die "could not fork: $!";
	return $pid if $pid;
	$SIG{USR1} = sub { $cut_all = 1 };
	$SIG{TERM} = sub { POSIX::_exit(0) };
	eval { relay($listener) };
	POSIX::_exit(1);    # not through END blocks, which would stop the server
}

sub relay
{
	my ($listener) = @_;
	my %peer;
	my $select = IO::Select->new($listener);
	my $cut = sub {
		for my $socket (grep { defined && fileno $_ } @_)
		{
			$select->remove($socket);
			delete $peer{$socket};
			close $socket;
		}
	};
	while (1)
	{
		my @ready = $select->can_read(0.1);
		if ($cut_all)
		{
			$cut->(grep { $_ != $listener } $select->handles);
			$cut_all = 0;
			next;
		}
		for my $socket (@ready)
		{
			if ($socket == $listener)
			{
				my $client = $listener->accept or next;
				my $server = IO::Socket::UNIX->new(Peer => "$host/.s.PGSQL.$port") or next;
				@peer{ $client, $server } = ($server, $client);
				$select->add($client, $server);
			}
			elsif ($peer{$socket})
			{
				my $count = sysread $socket, my $data, 65536;
				$count ? syswrite($peer{$socket}, $data) : $cut->($peer{$socket}, $socket);
			}
		}
	}
}

1;
