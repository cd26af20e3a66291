# Waiting without a snapshot, only where nothing of the statement can read with the old one: every form
# must either be refused or read right, with updates and VACUUM beside; and caller and worker must never
# wait for each other for ever.
use strict;
use warnings;
use IO::Select;
use POSIX ();
use Storable qw(store_fd fd_retrieve);
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use MigrateTest;

my $node = new_server('waiting', settings => [ 'autovacuum = off', 'deadlock_timeout = 100ms' ]);
my $admin = session($node);
my $rows = 5000;
$admin->ok_query('CREATE TABLE plain (i int)');
$admin->ok_query("CREATE TABLE seen (i int primary key, v int)");
$admin->ok_query("INSERT INTO seen SELECT g, 0 FROM generate_series(1, $rows) g");
$admin->ok_query(q(CREATE FUNCTION stable_count() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM seen'));
$admin->ok_query(q(CREATE FUNCTION apply_rows() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM migrate.apply()); END'));
$admin->ok_query(q(CREATE FUNCTION loop_and_apply() RETURNS int LANGUAGE plpgsql AS $$
	DECLARE r record; n int := 0;
	BEGIN
		FOR r IN SELECT * FROM seen ORDER BY i LOOP
			IF n = 0 THEN PERFORM * FROM migrate.apply(); END IF;
			n := n + 1;
		END LOOP;
		RETURN n;
	END $$));
my $last = 0;

sub add_index
{
	my $name = 'v' . ++$last;
	add_migration($node, 'postgres', $name, "CREATE INDEX CONCURRENTLY plain_$last ON plain (i);", "DROP INDEX plain_$last;");
	return $name;
}

sub add_table
{
	my $name = 'v' . ++$last;
	add_migration($node, 'postgres', $name, "CREATE TABLE made_$last (i int);", "DROP TABLE made_$last;");
	return $name;
}

# Whatever was not run is gone for the next case.
sub clean_up { $admin->ok_query('SELECT migrate.apply()'); return; }

# Updates every row, several times, and vacuums: who reads with an old snapshot nobody knows of loses rows.
sub churn
{
	$admin->ok_query('UPDATE seen SET v = v + 1');
	$admin->ok_query('VACUUM seen');
	$admin->ok_query('UPDATE seen SET v = v + 1');
	$admin->ok_query('VACUUM seen');
	return;
}

# Drives the session from a child, with updates and VACUUM beside as soon as a run is held at the waitpoint
# (nobody comes there if the call is refused).  Returns the result, and whether somebody came.
sub churned
{
	my ($session, $send, $point) = @_;
	my $holder = hold_point($node, 'postgres', $point);
	pipe(my $reader, my $writer) or die "pipe: $!";
	my $child = fork() // die "fork: $!";
	if ($child == 0)
	{
		my $result = eval { $send->($session) } // { error => { C => "died: $@" }, rows => [] };
		store_fd($result, $writer);
		close $writer;
		POSIX::_exit(0);
	}
	close $writer;
	my $answer = IO::Select->new($reader);
	my $came;
	my $end = time + $MigrateTest::Session::patience;
	while (time < $end && !$came && !$answer->can_read(0.02))
	{
		$came = $admin->value("SELECT min(pid) FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND classid = 77");
	}
	churn() if $came;
	$holder->terminate;
	die "it hangs\n" unless MigrateTest::Session::readable($reader, time + $MigrateTest::Session::patience);
	my $result = fd_retrieve($reader);
	waitpid $child, 0;
	return ($result, $came);
}

# ---- forms that must be accepted, and read right --------------------------------------------------

my @accepted = (
	[ 'select list', 'SELECT migrate.apply()', sub { @{ $_[0]{rows} } == 1 } ],
	[ 'FROM', 'SELECT * FROM migrate.apply()', sub { @{ $_[0]{rows} } == 1 } ],
	[ 'sub-select', 'SELECT (SELECT count(*) FROM migrate.apply())', sub { $_[0]{rows}[0][0] == 1 } ],
	[ 'common table expression', 'WITH a AS MATERIALIZED (SELECT * FROM migrate.apply()) SELECT json_agg(a) FROM a', sub { @{ $_[0]{rows} } == 1 } ],
	[ 'a STABLE function after it', 'SELECT a.run, stable_count() FROM migrate.apply() a', sub { $_[0]{rows}[0][1] == $rows } ],
);
foreach my $case (@accepted)
{
	my ($title, $sql, $check) = @$case;
	my $name = add_index();
	my $session = session($node);
	my ($result, $came) = churned($session, sub { $_[0]->query($sql) }, 'alone_noted');
	ok($came, "$title: a worker runs it");
	is(MigrateTest::Session::sqlstate($result), '00000', "$title: accepted") or diag explain $result->{error};
	ok($check->($result), "$title: reads right") or diag explain $result->{rows};
	is_state($node, 'postgres', $name, 'applied', "$title: applied");
	$session->vanish;
	clean_up();
}

# ---- forms that keep their snapshot: refused with a concurrent step, or right -----------------------
# Each gets a plan with a concurrent step (must be refused, before anything ran) and one without (must be
# refused or read right).

my @keeping = (
	[ 'STABLE functions around it', sub { $_[0]->query('SELECT stable_count(), (SELECT count(*) FROM migrate.apply()), stable_count()') },
		sub { my ($r) = @_; $r->{rows}[0][0] == $rows && $r->{rows}[0][2] == $rows }, 'free' ],
	[ 'a table in FROM', sub { $_[0]->query('SELECT count(*), (SELECT count(*) FROM migrate.apply()), count(*) FROM seen') },
		sub { $_[0]{rows}[0][0] == $rows } ],
	[ 'a table in a sub-select', sub { $_[0]->query('SELECT (SELECT count(*) FROM migrate.apply()), (SELECT count(*) FROM seen)') },
		sub { $_[0]{rows}[0][1] == $rows } ],
	[ 'a PL/pgSQL function', sub { $_[0]->query('SELECT apply_rows()') }, sub { $_[0]{rows}[0][0] == 1 } ],
	[ 'a FOR loop over a query', sub { $_[0]->query('SELECT loop_and_apply()') }, sub { $_[0]{rows}[0][0] == $rows } ],
	[ 'DO', sub { $_[0]->query('DO $$ BEGIN PERFORM * FROM migrate.apply(); END $$') }, sub { 1 } ],
	[ 'a block', sub { $_[0]->query('BEGIN; SELECT migrate.apply(); COMMIT') }, sub { 1 } ],
	[ 'two statements in one message', sub { $_[0]->query('SELECT migrate.apply(); SELECT count(*) FROM seen') }, sub { $_[0]{rows}[-1][0] == $rows } ],
	[ 'a cursor WITH HOLD', sub { $_[0]->query('DECLARE c CURSOR WITH HOLD FOR SELECT * FROM migrate.apply()') }, sub { 1 } ],
	[ 'a cursor in a block', sub { $_[0]->query('BEGIN; DECLARE c CURSOR FOR SELECT * FROM migrate.apply(); FETCH ALL c; COMMIT') }, sub { 1 } ],
	[ 'COPY', sub { $_[0]->query('COPY (SELECT * FROM migrate.apply()) TO STDOUT') }, sub { 1 } ],
	[ 'an exported snapshot', sub { $_[0]->query('SELECT pg_export_snapshot(), (SELECT count(*) FROM migrate.apply())') }, sub { 1 } ],
	[ 'INSERT ... SELECT', sub { $_[0]->query('INSERT INTO kept SELECT run FROM migrate.apply()') }, sub { 1 } ],
	[ 'CREATE TABLE AS', sub { $_[0]->query("CREATE TABLE kept_$last AS SELECT * FROM migrate.apply()") }, sub { 1 } ],
	[ 'EXPLAIN ANALYZE', sub { $_[0]->query('EXPLAIN (ANALYZE) SELECT * FROM migrate.apply()') }, sub { 1 } ],
	[ 'REPEATABLE READ', sub { $_[0]->query('SET default_transaction_isolation = "repeatable read"'); $_[0]->query('SELECT * FROM migrate.apply()') },
		sub { 1 } ],
	[ 'a suspended portal before it', sub {
			my ($s) = @_;
			$s->parse('SELECT i FROM seen ORDER BY v, i', 's1'); $s->bind_portal('p1', 's1'); $s->execute('p1', 10);
			$s->pipeline('SELECT count(*) FROM migrate.apply()');
			$s->execute('p1', 0); $s->sync; $s->result },
		sub { scalar(grep { 1 } @{ $_[0]{rows} }) == $rows + 1 } ],
	[ 'two Binds before the first Execute', sub {
			my ($s) = @_;
			$s->parse('SELECT i FROM seen', 's1'); $s->parse('SELECT count(*) FROM migrate.apply()', 's2');
			$s->bind_portal('p1', 's1'); $s->bind_portal('p2', 's2');
			$s->execute('p2'); $s->execute('p1'); $s->sync; $s->result },
		sub { scalar(@{ $_[0]{rows} }) == $rows + 1 } ],
	[ 'only Parse of an UPDATE before it', sub {
			my ($s) = @_;
			$s->parse('UPDATE plain SET i = 1', 's1');
			$s->pipeline('SELECT count(*) FROM migrate.apply()'); $s->sync; $s->result },
		sub { 1 }, 'any' ],
);
$admin->ok_query('CREATE TABLE kept (i bigint)');

foreach my $case (@keeping)
{
	my ($title, $send, $check, $kind) = @$case;
	$kind //= '';
	foreach my $concurrent (1, 0)
	{
		my $name = $concurrent ? add_index() : add_table();
		my $what = "$title, " . ($concurrent ? 'an index' : 'a table');
		my $session = session($node);
		my ($result) = churned($session, $send, $concurrent ? 'alone_noted' : 'transaction_ran');
		my $state = $result->{error}{C} // ($result->{closed} ? 'closed' : '00000');
		if ($concurrent && !$kind)
		{
			isnt($state, '00000', "$what: refused");
			like($state, qr/^(25001|0A000|25006)$/, "$what: with a reason") or diag explain $result->{error};
			is_state($node, 'postgres', $name, 'pending', "$what: nothing ran");
		}
		elsif ($state eq '00000')
		{
			ok($check->($result), "$what: reads right") or diag scalar(@{ $result->{rows} }) . ' rows';
		}
		else
		{
			like($state, qr/^(25001|0A000|40P01)$/, "$what: refused with a reason") or diag explain $result->{error};
		}
		$session->vanish;
		clean_up();
	}
}

# ---- hangs are found ------------------------------------------------------------------------------

my $name = 'v' . ++$last;
add_migration($node, 'postgres', $name, 'SELECT pg_advisory_xact_lock(42); CREATE TABLE locked (i int);');
my $session = session($node);
$session->ok_query('SELECT pg_advisory_lock(42)');
my $result = $session->query('SELECT * FROM migrate.apply()');
is(MigrateTest::Session::sqlstate($result), '40P01', 'the caller holds a lock that the script takes');
like($result->{error}{D} // '', qr/ExclusiveLock on advisory.*42/, 'the lock is named');
isnt(state_of($node, 'postgres', $name), 'applied', 'it is not applied');
$session->ok_query('SELECT pg_advisory_unlock(42)');
is(MigrateTest::Session::sqlstate($session->query('SELECT * FROM migrate.apply()')), '00000', 'without the lock it runs');

$name = 'v' . ++$last;
add_migration($node, 'postgres', $name, 'SELECT pg_advisory_xact_lock(43); CREATE TABLE locked_too (i int);');
my $second = session($node);
$second->ok_query('SELECT pg_advisory_lock(43)');
$session->send_query('SELECT * FROM migrate.apply()');
ok(wait_until($admin, "SELECT count(*) = 1 FROM migrate.progress WHERE waits_for_pid = $second->{pid}"), 'the run waits for another session');
$result = $second->query('SELECT * FROM migrate.apply()');
is(MigrateTest::Session::sqlstate($result), '40P01', 'a second caller that holds the lock must not wait');
like($result->{error}{D} // '', qr/ExclusiveLock on advisory.*43/, 'the lock is named');
$second->ok_query('SELECT pg_advisory_unlock(43)');
is(MigrateTest::Session::sqlstate($session->result), '00000', 'the first goes on when it is released');

$node->stop;
done_testing();
