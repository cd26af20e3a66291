# A streaming standby: what reads works there, what changes is refused clearly; after promotion a run that
# the primary left unfinished is resumed.
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use MigrateTest;

my $primary = new_server('primary', init => [ allows_streaming => 1 ]);
add_migration($primary, 'postgres', 'v1', 'CREATE TABLE a (i int);', 'DROP TABLE a;');
add_migration($primary, 'postgres', 'v2', 'CREATE TABLE b (i int); CREATE INDEX CONCURRENTLY b_i ON b (i); CREATE TABLE c ();',
	'DROP TABLE c; DROP TABLE b;');
add_migration($primary, 'postgres', 'v3', 'CREATE TABLE d (i int);', 'DROP TABLE d;');
$primary->safe_psql('postgres', q(SELECT migrate.apply('v1')));
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;

# The run is held behind its index when the primary goes for ever.
my $holder = hold_point($primary, 'postgres', 'alone_ran');
my $caller = session($primary);
$caller->send_query('SELECT migrate.apply()');
ok(wait_at($holder), 'the run is in the middle');
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));

my $session = session($standby);
is(MigrateTest::Session::text($session->ok_query('SELECT name, state FROM migrate.status')), "v1|applied\nv2|interrupted\nv3|pending",
	'status works, and what runs elsewhere does not run here');
is($session->value(q(SELECT count(*) FROM migrate.history WHERE event = 'applied')), 1, 'history works');
is($session->value(q(SELECT string_agg(DISTINCT migration, ',') FROM migrate.plan())), 'v2,v3', 'plan works');
is($session->value('SELECT count(*) FROM migrate.steps WHERE migration = \'v2\''), 3, 'steps work');
is(scalar @{ $session->ok_query('SELECT * FROM migrate.progress')->{rows} }, 0, 'progress works');

foreach my $call ("migrate.apply()", "migrate.apply(detach => true)", "migrate.rollback()", "migrate.goto('v1')", "migrate.redo()",
	"migrate.add('v9', 'SELECT 1')", "migrate.upload('{v9.sql}', '{SELECT 1}')", "migrate.remove('v3')", "migrate.baseline('v3')",
	"migrate.mark('v3', 'applied')", "migrate.repair('v1', up => 'SELECT 1')", "migrate.grant('postgres')")
{
	is(MigrateTest::Session::sqlstate($session->query("SELECT $call")), '25006', "$call is refused on a standby");
}
my $result = $session->query('SELECT migrate.apply()');
like($result->{error}{M}, qr/standby/, 'the error says why');
like($result->{error}{H} // '', qr/primary/, 'and where to call');
my $reader = session($primary);
$reader->ok_query('SET default_transaction_read_only = on');
is(MigrateTest::Session::sqlstate($reader->query('SELECT migrate.apply()')), '25006', 'a read-only transaction is refused as well');

$primary->stop('immediate');
$standby->promote;
$session = session($standby);
is_state($standby, 'postgres', 'v2', 'interrupted', 'after promotion it is interrupted');
is(MigrateTest::Session::sqlstate($session->query('SELECT migrate.apply()')), '00000', 'apply resumes it');
is(MigrateTest::Session::text($session->ok_query('SELECT name, state FROM migrate.status')), "v1|applied\nv2|applied\nv3|applied",
	'everything is applied');
is($session->value(q(SELECT indisvalid FROM pg_index WHERE indexrelid = 'b_i'::regclass)), 't', 'the index is valid');
is($session->value(q(SELECT count(*) FROM migrate.history WHERE migration = 'v2' AND event = 'applied')), 1, 'recorded once');
is(MigrateTest::Session::sqlstate($session->query('SELECT migrate.rollback(3)')), '00000', 'and all can be taken back');
$standby->stop;
done_testing();
