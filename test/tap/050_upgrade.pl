# From version to version: ALTER EXTENSION UPDATE keeps the history; library and SQL that do not belong
# together say so; and nothing drops the history by accident.
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use MigrateTest;

my $node = new_server('upgrade', extension => 0);
my $share = `$ENV{PG_CONFIG} --sharedir`;
chomp $share;
my $extensions = "$share/extension";
my $version = $node->safe_psql('postgres', q(SELECT default_version FROM pg_available_extensions WHERE name = 'migrate'));
my $admin = session($node);
$admin->ok_query('CREATE ROLE owner LOGIN');

# ---- every path to this version that is shipped ---------------------------------------------------

my @paths = split /\n/, $node->safe_psql('postgres',
	q(SELECT source FROM pg_extension_update_paths('migrate') WHERE path IS NOT NULL AND target = ) . "'$version'");
my @from = ($version, grep { -e "$extensions/migrate--$_.sql" } @paths);
foreach my $from (@from)
{
	(my $db = "from_$from") =~ s/\W/_/g;
	$admin->ok_query("CREATE DATABASE $db OWNER owner");
	my $session = session($node, dbname => $db, user => 'owner');
	$session->ok_query("CREATE EXTENSION migrate VERSION '$from'");
	$session->ok_query(q(SELECT migrate.add('v1', 'CREATE TABLE a (i int);', 'DROP TABLE a;'))) if $from eq $version;
	$session->ok_query('SELECT migrate.apply()') if $from eq $version;
	$session->ok_query("ALTER EXTENSION migrate UPDATE TO '$version'");
	is($session->value(q(SELECT extversion FROM pg_extension WHERE extname = 'migrate')), $version, "from $from to $version");
	is($session->value('SELECT migrate.version()'), $version, 'the library is of that version');
}

# ---- the next version -----------------------------------------------------------------------------
# Its script is made here; the library stays, so that SQL is then newer than the library.

SKIP:
{
	skip "$extensions is not writable: run the tests in a private installation", 1 unless -w $extensions;
	my @scripts = map { "$extensions/migrate--$_.sql" } "$version--99.0", "99.0--$version";
	END { unlink @scripts if @scripts; }
	append_to_file($_, "SELECT 1;\n") foreach @scripts;
	(my $db = "from_$version") =~ s/\W/_/g;
	my $session = session($node, dbname => $db, user => 'owner');
	my @ledger = ('SELECT * FROM migrate.status', 'SELECT * FROM migrate.history', 'SELECT * FROM migrate.steps');
	my $before = join "\n", map { MigrateTest::Session::text($session->ok_query($_)) } @ledger;

	$session->ok_query("ALTER EXTENSION migrate UPDATE TO '99.0'");
	is(join("\n", map { MigrateTest::Session::text($session->ok_query($_)) } @ledger), $before, 'the history is kept');
	foreach my $call (q(migrate.apply()), q(migrate.rollback()), q(migrate.add('v9', 'SELECT 1')), q(migrate.upload('{v9.sql}', '{SELECT 1}')),
		q(migrate.plan()), q(migrate.wait(1)), q(migrate.cancel(1)), q(migrate.baseline('v1')), q(migrate.mark('v1', 'pending')),
		q(migrate.remove('v1')), q(migrate.repair('v1', up => 'SELECT 1')))
	{
		is(MigrateTest::Session::sqlstate($session->query("SELECT $call")), '55000', "$call with SQL of another version");
	}
	my $error = $session->query('SELECT migrate.apply()')->{error};
	like($error->{D} // '', qr/library is version \Q$version\E.*SQL objects are version 99\.0/, 'both versions are named');
	like($error->{H} // '', qr/ALTER EXTENSION migrate UPDATE/, 'and the way out');
	is($session->value('SELECT migrate.version()'), $version, 'version() still answers');

	$session->ok_query("ALTER EXTENSION migrate UPDATE TO '$version'");
	is(MigrateTest::Session::sqlstate($session->query('SELECT migrate.rollback()')), '00000', 'back again it works');
	unlink @scripts;
	@scripts = ();

	# A library that is newer: the SQL objects are of an earlier version.
	@scripts = map { "$extensions/migrate--$_.sql" } "$version--0.1", "0.1--$version";
	append_to_file($_, "SELECT 1;\n") foreach @scripts;
	$session->ok_query("ALTER EXTENSION migrate UPDATE TO '0.1'");
	$error = $session->query('SELECT migrate.apply()')->{error};
	is($error->{C} // '', '55000', 'a library that is newer than the SQL');
	like($error->{D} // '', qr/library is version \Q$version\E.*SQL objects are version 0\.1/, 'both versions are named');
	like($error->{H} // '', qr/ALTER EXTENSION migrate UPDATE/, 'and the way out');
	is(MigrateTest::Session::sqlstate($session->query('ALTER EXTENSION migrate UPDATE')), '00000', 'which works');
	is(MigrateTest::Session::sqlstate($session->query('SELECT migrate.apply()')), '00000', 'and then it runs');
}

# ---- installing -----------------------------------------------------------------------------------

$admin->ok_query('CREATE DATABASE prepared OWNER owner');
my $prepared = session($node, dbname => 'prepared', user => 'owner');
$prepared->ok_query('CREATE SCHEMA migrate');
is(MigrateTest::Session::sqlstate($prepared->query('CREATE EXTENSION migrate')), '42P06', 'nobody can prepare schema migrate');
is($prepared->value(q(SELECT count(*) FROM pg_extension WHERE extname = 'migrate')), 0, 'and nothing is installed');

# ---- dropping -------------------------------------------------------------------------------------

sub installed
{
	my ($db) = @_;
	$admin->ok_query("CREATE DATABASE $db OWNER owner");
	my $session = session($node, dbname => $db, user => 'owner');
	$session->ok_query('CREATE SCHEMA ext');
	$session->ok_query('CREATE EXTENSION migrate SCHEMA ext');
	return $session;
}
my @drops = ('DROP EXTENSION migrate', 'DROP EXTENSION IF EXISTS migrate CASCADE', 'DROP SCHEMA migrate CASCADE', 'DROP SCHEMA ext CASCADE',
	'DROP SCHEMA IF EXISTS ext, nothing CASCADE', 'DROP OWNED BY owner', 'DROP OWNED BY CURRENT_USER CASCADE');
my $number = 0;
foreach my $drop (@drops)
{
	my $session = installed('guarded' . ++$number);
	$session->ok_query(q(SELECT migrate.add('v1', 'CREATE TABLE a (i int);')));
	$session->ok_query('SELECT migrate.apply()');
	my $result = $session->query($drop);
	is(MigrateTest::Session::sqlstate($result), '55000', "$drop is refused while there is history");
	like($result->{error}{H} // '', qr/migrate\.allow_drop/, 'with the way out');
	is_state($node, "guarded$number", 'v1', 'applied', 'the history is there');
	$session->ok_query('SET migrate.allow_drop = on');
	$result = $session->query($drop);
	my $state = MigrateTest::Session::sqlstate($result);
	like($state, $drop =~ /SCHEMA migrate/ ? qr/^(00000|2BP01|42501)$/ : qr/^00000$/, "$drop with migrate.allow_drop") or diag explain $result->{error};
}
my $session = installed('unused');
is(MigrateTest::Session::sqlstate($session->query('DROP EXTENSION migrate')), '00000', 'without history it can be dropped');
is($session->value(q(SELECT count(*) FROM pg_event_trigger WHERE evtname = 'migrate_guard_drop')), 0, 'and the guard is gone');
is(MigrateTest::Session::sqlstate($session->query('CREATE EXTENSION migrate')), '00000', 'and it can come back');
$session = installed('unguarded');
$session->ok_query(q(SELECT migrate.add('v1', 'SELECT 1')));
$session->ok_query('CREATE TABLE mine (i int)');
is(MigrateTest::Session::sqlstate($session->query('DROP SCHEMA IF EXISTS nothing')), '00000', 'other schemas can be dropped');
$node->stop;
done_testing();
