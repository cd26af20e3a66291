# Dump and restore by a database's owner who is no superuser: history, scripts and sequences come along, a
# run that was going on is interrupted in the copy, and nobody forges history there.
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use MigrateTest;

my $node = new_server('dump', extension => 0);
my $admin = session($node);
$admin->ok_query("CREATE ROLE $_ LOGIN") foreach qw(owner deploy);
$admin->ok_query('CREATE DATABASE source OWNER owner');
my $owner = session($node, dbname => 'source', user => 'owner');
$owner->ok_query('CREATE EXTENSION migrate');
$owner->ok_query(q(SELECT migrate.grant('deploy')));
$owner->ok_query(q(SELECT migrate.add('v1', 'CREATE TABLE a (i int); INSERT INTO a VALUES (1);', 'DROP TABLE a;')));
$owner->ok_query(q(SELECT migrate.add('v2', 'CREATE TABLE b (i int); CREATE INDEX CONCURRENTLY b_i ON b (i); CREATE TABLE c ();', 'DROP TABLE c; DROP TABLE b;')));
$owner->ok_query(q(SELECT migrate.add('v3', 'CREATE TABLE d (t text DEFAULT ''a\b''''c'');', 'DROP TABLE d;', requires => '{v2}')));
$owner->ok_query(q(SELECT migrate.apply('v1')));

is(session($node, dbname => 'source')->value(q(SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
	JOIN pg_type t ON t.oid = a.atttypid WHERE c.relnamespace = 'migrate'::regnamespace AND c.relkind IN ('r', 'p', 'm')
	AND NOT a.attisdropped AND t.typname LIKE 'reg%')), 0, 'no column stops pg_upgrade');

my $dump_no = 0;
my @as_owner = ('-h', $node->host, '-p', $node->port, '-U', 'owner');

sub dump_and_restore
{
	my ($how, @options) = @_;
	my $copy = 'copy' . ++$dump_no;
	my $file = PostgreSQL::Test::Utils::tempdir() . "/$copy.dump";
	$node->command_ok([ 'pg_dump', @as_owner, @options, '-f', $file, 'source' ], "$how: the owner dumps");
	$admin->ok_query("CREATE DATABASE $copy OWNER owner");
	if (grep { $_ eq '-Fc' } @options)
	{
		$node->command_ok([ 'pg_restore', @as_owner, '--exit-on-error', '-d', $copy, $file ], "$how: and restores");
	}
	else
	{
		$node->command_ok([ 'psql', '-X', '-q', @as_owner, '-v', 'ON_ERROR_STOP=1', '-d', $copy, '-f', $file ], "$how: and restores");
	}
	return $copy;
}

sub ledger_of
{
	my ($db) = @_;
	my $session = session($node, dbname => $db);
	return join "\n", map { MigrateTest::Session::text($session->ok_query($_)) }
	  'SELECT name, up, down, requires, applied_at, applied_by, applied_run, applied_order, uploaded_by FROM migrate.migrations ORDER BY id',
	  'SELECT * FROM migrate.runs ORDER BY id', 'SELECT * FROM migrate.run_steps ORDER BY run, step',
	  'SELECT * FROM migrate.events ORDER BY id',
	  (map { "SELECT last_value, is_called FROM migrate.${_}_id_seq" } qw(migrations runs events));
}

foreach my $way ([ 'plain' ], [ 'custom', '-Fc' ], [ 'inserts', '--inserts' ], [ 'column inserts', '--column-inserts' ])
{
	my ($how, @options) = @$way;
	my $copy = dump_and_restore($how, @options);
	is(ledger_of($copy), ledger_of('source'), "$how: the ledger is the same");
	my $session = session($node, dbname => $copy, user => 'owner');
	is(MigrateTest::Session::text($session->ok_query('SELECT name, state, checksum_ok FROM migrate.status')), "v1|applied|t\nv2|pending|\nv3|pending|",
		"$how: status is the same");
	my $deploy = session($node, dbname => $copy, user => 'deploy');
	is(MigrateTest::Session::sqlstate($deploy->query('SELECT * FROM migrate.status')), '00000', "$how: a role that was let in sees it");
	is(MigrateTest::Session::sqlstate($deploy->query(q(SELECT migrate.add('v4', 'SELECT 1', '-- nothing')))), '00000', "$how: ... and adds to it");
	is(MigrateTest::Session::sqlstate($deploy->query('INSERT INTO migrate.events SELECT * FROM migrate.events')), '42501', "$how: ... and forges nothing");
	$session->ok_query(q(SELECT migrate.remove('v4')));
	is(MigrateTest::Session::sqlstate($session->query('SELECT migrate.apply()')), '00000', "$how: the owner goes on") or diag explain $session->query('SELECT migrate.apply()');
	is(MigrateTest::Session::sqlstate($session->query('SELECT migrate.rollback(3)')), '00000', "$how: and takes all back");
	foreach my $table (qw(migrations runs run_steps events))
	{
		is(MigrateTest::Session::sqlstate($session->query("INSERT INTO migrate.$table SELECT * FROM migrate.$table LIMIT 1")), '42501',
			"$how: nobody writes $table with SQL then");
		isnt(MigrateTest::Session::sqlstate($session->query("UPDATE migrate.$table SET run = 1")), '00000', "$how: nor changes it") if $table eq 'events';
		is(MigrateTest::Session::sqlstate($session->query("DELETE FROM migrate.$table")), '42501', "$how: nor deletes from it");
	}
}

# ---- in the middle of a run -----------------------------------------------------------------------

my $holder = hold_point($node, 'source', 'alone_ran');
$owner->send_query('SELECT migrate.apply()');
ok(wait_at($holder), 'a run is in the middle');
my $middle = dump_and_restore('in the middle', '-Fc');
$holder->terminate;
is(MigrateTest::Session::sqlstate($owner->result), '00000', 'the run did not mind');
is_state($node, $middle, 'v2', 'interrupted', 'the copy has it interrupted');
is(session($node, dbname => $middle)->value('SELECT count(*) FROM migrate.progress'), 0, 'nothing runs there');
my $copied = session($node, dbname => $middle, user => 'owner');
my $result = $copied->query('SELECT migrate.apply()');
is(MigrateTest::Session::sqlstate($result), '00000', 'apply resumes it there') or diag explain $result->{error};
is($copied->value(q(SELECT string_agg(state, ',') FROM migrate.status)), 'applied,applied,applied', 'everything is applied');
is($copied->value(q(SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname LIKE 'b\_i%' AND i.indisvalid)), 1,
	'with one valid index');

# ---- a superuser isn't led into running what was restored -------------------------------------------

my $super = session($node, dbname => 'copy1');
$result = $super->query('SELECT migrate.apply()');
is(MigrateTest::Session::sqlstate($result), '42501', 'a superuser is refused scripts that a weaker role restored');
like($result->{error}{H} // '', qr/migrate\.role/, 'with the way out');

# Scripts that a superuser uploaded, in a dump that the owner restored (and could have changed).
$admin->ok_query('CREATE DATABASE trusted OWNER owner');
my $uploader = session($node, dbname => 'trusted');
$uploader->ok_query('CREATE EXTENSION migrate');
$uploader->ok_query(q(SELECT migrate.add('v1', 'CREATE TABLE a (i int);')));
my $file = PostgreSQL::Test::Utils::tempdir() . '/trusted.dump';
$node->command_ok([ 'pg_dump', @as_owner, '-f', $file, 'trusted' ], 'the owner dumps what a superuser uploaded');
foreach my $who (qw(owner superuser))
{
	my $copy = "restored_by_$who";
	$admin->ok_query("CREATE DATABASE $copy OWNER owner");
	my @as = $who eq 'owner' ? @as_owner : ('-h', $node->host, '-p', $node->port);
	$node->command_ok([ 'psql', '-X', '-q', @as, '-v', 'ON_ERROR_STOP=1', '-d', $copy, '-f', $file ], "$who restores it");
	is(MigrateTest::Session::sqlstate(session($node, dbname => $copy)->query('SELECT migrate.apply()')),
		$who eq 'owner' ? '42501' : '00000', "restored by $who: a superuser's apply");
}
$node->stop;
done_testing();
