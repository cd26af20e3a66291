# What pg_migrate shows before anything runs: plan, lint and check, their exit codes and their JSON.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ClientTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use JSON::PP qw(decode_json);

my ($node, $host, $port, $work) = start_server();
my ($code, $out, $err);

# A database with a table of some pages, which counts as large.
sub database
{
	my ($name) = @_;
	new_database($name);
	$node->safe_psql($name, 'CREATE TABLE users (id int PRIMARY KEY, name text, email text);'
		  . " INSERT INTO users SELECT i, 'n' || i, 'e' || i FROM generate_series(1, 20000) i;"
		  . ' ANALYZE users;'
		  . " ALTER DATABASE $name SET migrate.small_table = 0");
}

# ---------------------------------------------------------------------------------------------------
# plan --sql of an index of a partitioned table, which psql cannot build concurrently in one statement
# ---------------------------------------------------------------------------------------------------

database('parts');
my $parts = 'CREATE TABLE parts (a int, b text) PARTITION BY RANGE (a); CREATE TABLE "Low ""est" PARTITION OF parts FOR VALUES FROM (0) TO (10);'
  . ' CREATE TABLE higher PARTITION OF parts FOR VALUES FROM (10) TO (30) PARTITION BY RANGE (a);'
  . ' CREATE TABLE higher_1 PARTITION OF higher FOR VALUES FROM (10) TO (20); INSERT INTO parts SELECT i, i::text FROM generate_series(0, 19) i;';
$node->safe_psql('parts', $parts);
my $of_parts = folder('parts', 'v1.sql' => "CREATE INDEX parts_b ON parts (b, lower(b)) WHERE a > 3;\n");
($code, $out, $err) = client('parts', 'plan', '--dir', $of_parts, '--sql');
is($code, 0, 'plan --sql') or diag($err);
is(() = $out =~ /^CREATE INDEX CONCURRENTLY ON public\./mg, 2, '... has a statement for each leaf') or diag($out);
like($out, qr/^CREATE INDEX parts_b ON public\.parts \(b, lower\(b\)\) WHERE a > 3;$/m, '... and the whole') or diag($out);
database('parts_psql');
$node->safe_psql('parts_psql', $parts);
$node->safe_psql('parts_psql', $out);
($code) = client('parts', 'up', '--dir', $of_parts);
is($code, 0, 'up, and the script in another database');
my $indexes = "SELECT indexname, i.indisvalid, indexdef FROM pg_indexes JOIN pg_index i ON i.indexrelid = format('%I', indexname)::regclass"
  . " WHERE schemaname = 'public' ORDER BY indexname";
is($node->safe_psql('parts_psql', $indexes), $node->safe_psql('parts', $indexes), '... come to the same');

# ---------------------------------------------------------------------------------------------------
# plan
# ---------------------------------------------------------------------------------------------------

database('plan');
my $dir = folder('plan',
	'v1_index.sql' => "-- migrate:up\nCREATE INDEX users_name ON users (name);\n"
	  . "ALTER TABLE users\n    ADD CONSTRAINT email_set CHECK (email <> '');\n-- migrate:down\nDROP INDEX users_name;\n",
	'v2_drop.sql' => "ALTER TABLE users DROP name;\n");
($code, $out, $err) = client('plan', 'plan', '--dir', $dir);
is($code, 0, 'plan succeeds whatever it finds');
like($out, qr/\Av1_index\n  line 2: CREATE INDEX users_name ON users \(name\)\n/, 'a statement as written');
like($out, qr/^    step 1, alone: CREATE INDEX CONCURRENTLY users_name ON users \(name\)\n      work: builds an index on users \(/m,
	'... and as run, with its work');
like($out, qr/^      info: building index .* is run online and blocks nobody \(require-concurrent-index-creation\)$/m,
	'... and what was found');
is(() = $out =~ /^  line 3: ALTER TABLE users ADD CONSTRAINT email_set CHECK \(email <> ''\)$/mg, 1, 'a statement of several steps is shown once');
like($out, qr/^    step 2, transaction: .* NOT VALID\n      locks: users ACCESS EXCLUSIVE \(blocks reads, writes, DDL\)\n      hold: instant$/m,
	'locks, and how long they are held');
like($out, qr/^  class: additive\n  old code: may fail: statement 2: rows that violate the new constraint of users are refused\n  way back: a down script\n\nv2_drop$/m,
	'each migration ends with what it means');
like($out, qr/^      error: dropping column "name" .*\(ban-drop-column\)$/m, 'dangers are told');
unlike($out, qr/\e\[/, 'no colours without a terminal');
is($node->safe_psql('plan', 'SELECT count(*) FROM migrate.status'), '0', 'nothing is stored');

($code, $out, $err) = client('plan', 'plan', 'v1', '--dir', $dir, '--json');
is($code, 0, 'plan --json');
my $steps = decode_json($out)->{steps};
is_deeply([ map { $_->{mode} } @$steps ],
	[ 'alone', 'transaction', 'transaction', 'summary' ], '... has all rows')
  or diag($out);
is_deeply([ sort keys %{ $steps->[0] } ],
	[ sort qw(migration step mode line statement runs locks work hold findings note effects) ], '... whole');
is($steps->[0]{effects}{relations}[0]{relation}, 'users', '... with effects as JSON');
is($steps->[-1]{effects}{class}, 'additive', '... and the class');
is($steps->[-1]{step}, undef, '... that is no step');

($code, $out, $err) = client('plan', 'plan', '--dir', $dir, '--set', 'online=off');
is($code, 0, 'plan --set');
unlike($out, qr/CONCURRENTLY users_name/, '... is in force');
like($out, qr/^    step 1, transaction\n      locks: users SHARE /m, '... as written');
($code, $out, $err) = client('plan', 'plan', '--dir', $dir, '--set', 'online=sometimes');
is($code, 1, 'a wrong value');
like($err, qr/^ERROR:  invalid value for parameter "migrate.online": "sometimes"$/m, '... is refused');

($code, $out, $err) = client('plan', 'plan', '--sql', 'v1', '--dir', $dir);
is($code, 0, 'plan --sql');
unlike($out, qr/^CREATE INDEX users_name|summary|additive/m, '... prints what runs, and no summary');
my $script = "$work/online.sql";
append_to_file($script, $out);
$node->safe_psql('postgres', 'CREATE DATABASE by_psql');
$node->safe_psql('by_psql', 'CREATE TABLE users (id int PRIMARY KEY, name text, email text)');
$node->command_ok([ 'psql', '-X', '-q', '-d', $node->connstr('by_psql'), '-f', $script ], '... which psql can run');
my $shape = "SELECT string_agg(attname || attnotnull, ',' ORDER BY attnum), (SELECT string_agg(conname, ',' ORDER BY conname) FROM pg_constraint WHERE conrelid = 'users'::regclass AND contype <> 'n'), (SELECT count(*) FROM pg_index WHERE indrelid = 'users'::regclass AND indisvalid) FROM pg_attribute WHERE attrelid = 'users'::regclass AND attnum > 0";
($code, $out, $err) = client('plan', 'up', 'v1', '--dir', $dir);
is($code, 0, 'up runs what was planned') or diag($err);
is($node->safe_psql('by_psql', $shape), $node->safe_psql('plan', $shape), '... to the same end');

($code, $out, $err) = client('plan', 'plan', '--down', '--dir', $dir);
like($out, qr/^  line 6: DROP INDEX users_name\n    step 1, alone: DROP INDEX CONCURRENTLY /m, 'plan --down') or diag($out);
($code, $out, $err) = client('plan', 'down', '--dry-run', '--dir', $dir);
like($out, qr/^    step 1, alone: DROP INDEX CONCURRENTLY /m, 'down --dry-run shows the same');
($code, $out, $err) = client('plan', 'up', 'v1', '--dry-run', '--dir', $dir);
is($out, "nothing to do\n", 'nothing to do');

# A large UPDATE is run in batches, and the plan says so although it is made inside a transaction block.
my $batches = folder('batches', 'v3.sql' => "UPDATE users SET email = upper(email) WHERE email <> upper(email);\n");
($code, $out, $err) = client('plan', 'plan', '--dir', $batches, '--set', 'small_update=10');
like($out, qr/^    step 1, alone\n(?:.*\n)*?      note: in batches, by /m, 'batches') or diag($out);

# ---------------------------------------------------------------------------------------------------
# up stops before anything runs, and says where
# ---------------------------------------------------------------------------------------------------

database('stops');
my $danger = folder('danger', 'v1.sql' => "CREATE TABLE made (a int);\n",
	'v2.sql' => "-- migrate:up\nSELECT 1;\n\nALTER TABLE users DROP name;\nTRUNCATE users;\n-- migrate:down\n-- none\n");
($code, $out, $err) = client('stops', 'up', '--dir', $danger);
is($code, 1, 'dangerous statements stop up');
like($err, qr{^ERROR:  migration "v2" has 2 dangerous statements\n\Q$danger\E/v2\.sql:4\n    ALTER TABLE users DROP name;\nDETAIL:  line 4: }m,
	'... with file and line') or diag($err);
like($err, qr/^line 5: .*\(ban-truncate\)/m, '... and the others');
like($err, qr/^HINT:  Nothing was run\..*migrate:allow/m, '... and what to do');
is($node->safe_psql('stops', "SELECT to_regclass('made')"), '', '... before anything ran');
($code, $out, $err) = client('stops', 'up', '--dir', $danger, '--json');
my $error = decode_json($out)->{error};
is_deeply([ @$error{qw(sqlstate file line)} ], [ '55000', "$danger/v2.sql", 4 ], '... also as JSON');
($code, $out, $err) = client('stops', 'up', '--dir', $danger, '--set', 'lint=warning');
is($code, 0, 'lint = warning lets it pass');
like($err, qr/^WARNING:  v2: line 4: dropping column "name"/m, '... with warnings') or diag($err);

# ---------------------------------------------------------------------------------------------------
# lint
# ---------------------------------------------------------------------------------------------------

database('lint');
my $files = folder('lint',
	'good.sql' => "CREATE TABLE t (a varchar(3));\n",
	'bad.sql' => "-- a comment\nSELECT 1;\nDROP TABLE users;\nALTER TABLE users RENAME email TO mail;\n",
	'broken.sql' => "SELECT 1;\n  CREATE TABEL t (a int);\n",
	'latin1.sql' => "SELECT '\xe9';\n",
	'psql.sql' => "SELECT 1;\n\\i other.sql\n");
($code, $out, $err) = client('lint', 'lint', "$files/good.sql");
is("$code $out", "0 0 errors, 0 warnings in 1 file\n", 'nothing to say');

($code, $out, $err) = client('lint', 'lint', "$files/good.sql", '--style');
is($code, 0, 'warnings are no failure');
like($out, qr{^\Q$files\E/good\.sql:1: warning: .* \(prefer-text-field\)\n    \S}m, '--style');

($code, $out, $err) = client('lint', 'lint', "$files/good.sql", "$files/bad.sql");
is($code, 1, 'errors are');
like($out, qr{^\Q$files\E/bad\.sql:3: error: .* \(ban-drop-table\)\n    \S.*\n    safe: \S}m, 'file, line, severity, message, rule, why, safe')
  or diag($out);
like($out, qr{^\Q$files\E/bad\.sql: warning: .* \(no-way-back\)$}m, 'about the file as a whole');
like($out, qr{^1 error, \d+ warnings? in 2 files\n\z}m, 'the sum');

($code, $out, $err) = client('lint', 'lint', "$files/broken.sql", "$files/bad.sql");
is($code, 1, 'a syntax error');
like($err, qr{^ERROR:  syntax error at or near "TABEL"\n\Q$files\E/broken\.sql:2:10\n      CREATE TABEL t \(a int\);\n {13}\^\n\z}m,
	'... with file, line and caret') or diag($err);
like($out, qr{^2 errors, }m, '... is an error');
like($out, qr{^\Q$files\E/bad\.sql:3: error}m, '... and the other files are looked at');

($code, $out, $err) = client('lint', 'lint', "$files/psql.sql");
is($code, 1, 'a psql command');
like($err, qr{^\Q$files\E/psql\.sql:2}m, '... has a place, too') or diag($err);

my $option = folder('option', 'a.sql' => "-- migrate:set no_such = 1\nSELECT 1;\n",
	'b.sql' => "-- migrate:backfill\nDROP TABLE users;\n");
($code, $out, $err) = client('lint', 'lint', "$option/a.sql", "$option/b.sql");
is($code, 1, 'settings and options that the server refuses');
like($err, qr{^ERROR:  .*"migrate\.no_such"\n\Q$option\E/a\.sql\n.*^ERROR:  .*\n\Q$option\E/b\.sql\n}ms, '... with their files') or diag($err);

($code, $out, $err) = client('lint', 'lint', '--json', "$files/bad.sql", "$files/broken.sql");
is($code, 1, 'lint --json');
my $linted = decode_json($out)->{files};
is_deeply([ map { $_->{file} } @$linted ], [ "$files/bad.sql", "$files/broken.sql" ], '... has the files');
is_deeply([ @{ $linted->[0]{findings}[0] }{qw(rule severity line statement)} ], [ 'ban-drop-table', 'error', 3, 2 ],
	'... with rows of migrate.lint');
is_deeply([ @{ $linted->[1]{error} }{qw(sqlstate line column)} ], [ '42601', 2, 10 ], '... and errors');
is($linted->[0]{error}, undef, '... null without');

($code, $out, $err) = client('lint', 'lint');
is($code, 2, 'no files');
($code, $out, $err) = client('lint', 'lint', "$files/none.sql");
is($code, 1, 'a file that is not there') or diag($err);
like($err, qr/none\.sql/, '... is named');
($code, $out, $err) = client('lint', 'lint', "$files/latin1.sql");
isnt($code, 0, 'not UTF-8');
like($err, qr/latin1\.sql/, '... is named');
($code, $out, $err) = client('lint', 'lint', $files);
isnt($code, 0, 'a folder is no file');
($code, $out, $err) = client('postgres', 'lint', "$files/good.sql");
is($code, 1, 'without the extension');
like($err, qr/does not have the extension "migrate"/, '... says so');
is($node->safe_psql('lint', 'SELECT count(*) FROM migrate.status'), '0', 'nothing is stored');

# ---------------------------------------------------------------------------------------------------
# check
# ---------------------------------------------------------------------------------------------------

database('checked');
my $fine = folder('fine', 'v1.sql' => "-- migrate:up\nCREATE INDEX users_name ON users (name);\n-- migrate:down\nDROP INDEX users_name;\n");
($code, $out, $err) = client('checked', 'check', '--dir', $fine);
is($code, 0, 'check') or diag($out . $err);
is(() = $out =~ /^ok       \S/mg, 7, '... has seven points');
is($node->safe_psql('checked', 'SELECT count(*) FROM migrate.status'), '0', 'nothing is stored');

my $breaking = folder('breaking', 'v1.sql' => "CREATE TABLE made (a int);\n", 'v2.sql' => "\nALTER TABLE users DROP name;\n");
($code, $out, $err) = client('checked', 'check', '--dir', $breaking);
is($code, 1, 'a point that failed');
like($out, qr/^failed   old code keeps working\n           v2 line 2: column "name" of users is gone$/m, '... with its evidence')
  or diag($out);
($code, $out, $err) = client('checked', 'check', 'v1', '--dir', $breaking);
is($code, 0, 'a warning is no failure') or diag($out);
like($out, qr/^warning  a way back is there$/m, '... and is shown');

($code, $out, $err) = client('checked', 'check', '--json', '--dir', $breaking);
is($code, 1, 'check --json');
my $points = decode_json($out)->{points};
is_deeply([ map { "$_->{result}: $_->{point}" } grep { $_->{result} eq 'failed' } @$points ],
	[ 'failed: old code keeps working', 'failed: a way back is there', 'failed: no dangerous statements' ], '... has the rows');

($code, $out, $err) = client('checked', 'check', '--dir', $fine, '--set', 'online=off', '--set', 'max_lock_hold=1');
is($code, 1, 'check --set') or diag($out);
$node->safe_psql('checked', 'CREATE UNIQUE INDEX i ON users (name); UPDATE pg_index SET indisvalid = false WHERE indexrelid = \'i\'::regclass');
($code, $out, $err) = client('checked', 'check', '--dir', $fine);
is($code, 1, 'something is lying around');
like($out, qr/^failed   nothing is half-done\n           index public\.i on public\.users is INVALID$/m, '... and named') or diag($out);

($code, $out, $err) = client('checked', 'check', '--dir', "$work/none");
is($code, 2, 'a folder that is not there');
($code, $out, $err) = client('checked', 'check', 'v9', '--dir', $fine);
is($code, 1, 'a version that nobody has');
($code, $out, $err) = client('checked', 'check', '--dir', $files);
is($code, 1, 'files that cannot be read');

done_testing();
