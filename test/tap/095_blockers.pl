# Whoever is in the way is shown, whatever the number of relations that the step wants.
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use MigrateTest;

my $node = new_server('blockers');
my $admin = session($node);
my $leaves = 60;
$admin->ok_query('CREATE TABLE parts (id int PRIMARY KEY, old text) PARTITION BY LIST (id)');
$admin->ok_query("CREATE TABLE parts_$_ PARTITION OF parts FOR VALUES IN ($_)") for 1 .. $leaves;
add_migration($node, 'postgres', 'v1', 'ALTER TABLE parts DROP COLUMN old', 'ALTER TABLE parts ADD COLUMN old text');

my $reader = session($node);
$reader->ok_query('BEGIN');
$reader->ok_query("SELECT FROM parts_$leaves");
my $runner = session($node);
$runner->ok_query('SET migrate.blocker_age = 0'); # the reader is no short transaction, however young
$runner->send_query('SELECT migrate.apply()');
ok(wait_until($admin, "SELECT EXISTS (SELECT FROM migrate.blockers WHERE relation LIKE '%parts_$leaves' AND pid = " . $reader->pid
	  . " AND mode_held = 'AccessShareLock')"), 'the reader of the last leaf is shown');
is($admin->value("SELECT count(*) FROM pg_locks WHERE NOT granted"), 0, 'nobody queues meanwhile');
$reader->ok_query('COMMIT');
is($runner->result->{error}, undef, 'the step goes on when the reader has ended');

# The error names it, too.
$reader->ok_query('BEGIN');
$reader->ok_query("SELECT FROM parts_$leaves");
$runner->ok_query("SET migrate.lock_patience = '10ms'");
my $refused = $runner->query('SELECT migrate.rollback()');
is($refused->{error}{C}, '55P03', 'without patience it fails');
my $pid = $reader->pid;
like($refused->{error}{D}, qr/Process $pid .*holds AccessShareLock on (public\.)?parts_$leaves:/, 'and says who is in the way');
$reader->ok_query('COMMIT');

done_testing();
