# The client pg_migrate against a real server: its commands, exit codes and messages.  What the engine does
# is tested elsewhere; 021_client_waiting.pl has what happens while a run goes on.
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

# ---------------------------------------------------------------------------------------------------
# Without a server or an extension
# ---------------------------------------------------------------------------------------------------

my ($code, $out, $err) = client('postgres', '--help');
is($code, 0, '--help');
like($out, qr/Exit codes:.*7  interrupted/s, '--help documents the exit codes');

($code, $out, $err) = client('postgres', 'upp');
is($code, 2, 'an unknown command is a usage error');
like($err, qr/^pg_migrate: error: .*\nhint: Try pg_migrate --help\.$/m, '... that points to help');

($code, $out, $err) = client('postgres', 'up', '--dir', "$work/none");
is($code, 2, 'a folder that is not there is a usage error');

($code, $out, $err) = client(url('postgres', $work), 'status');
is($code, 6, 'no server: exit code 6');

my $first = first_migrations();
$node->safe_psql('postgres', 'CREATE DATABASE app');
($code, $out, $err) = client('app', 'status', '--dir', $first);
is($code, 1, 'a database without the extension');
like($err, qr/database "app" does not have the extension "migrate"/, '... says what is missing');
like($err, qr/pg_migrate up --create-extension/, '... and what to do');

($code, $out, $err) = client('app', 'up', '--dir', $first, '--create-extension', '--dry-run');
is($code, 0, 'a dry run, extension included');
like($out, qr/^v1_users\n(?:  .*\n)*?  line 3: CREATE INDEX CONCURRENTLY users_name .*\n    step 2, alone$/m, '... shows the plan');
is($node->safe_psql('app', "SELECT count(*) FROM pg_extension WHERE extname = 'migrate'"),
	'0', '... and changes nothing');

# ---------------------------------------------------------------------------------------------------
# Up and what can be seen of it
# ---------------------------------------------------------------------------------------------------

($code, $out, $err) = client('app', 'up', '--dir', $first, '--create-extension');
is($code, 0, 'up');
like($err, qr{\A\[local\]:$port/app as \w+\n}, 'the first line says where and who');
like($err, qr/^v1_users 2\/3 CREATE INDEX CONCURRENTLY users_name.* ms, waited /m, 'a line for each step');
like($out, qr/\Arun 1 done: 3 migrations, 5 steps, /, 'and a last one on stdout');
is($node->safe_psql('app', 'SELECT y FROM a WHERE x = 1'), ';--', 'COPY data arrived');

($code, $out, $err) = client('app', 'up', '--dir', $first);
is("$code $out", "0 no steps to run\n", 'up again has nothing to do');

($code, $out, $err) = client('app', 'status', '--dir', $first, '--check');
is($code, 0, 'status --check with nothing pending');
like($out, qr/\Aname .*\nv1_users .*applied.*\nv2_copy .*\nv10_last /, 'status, in the order of versions');

($code, $out, $err) = client('app', 'status', '--json');
is_deeply([ map { "$_->{name} $_->{state}" } @{ decode_json($out)->{migrations} } ],
	[ 'v1_users applied', 'v2_copy applied', 'v10_last applied' ], 'status --json');

($code, $out, $err) = client('app', 'log', '-n', '2', '--json');
is_deeply([ map { $_->{migration} } @{ decode_json($out)->{events} } ],
	[ 'v2_copy', 'v10_last' ], 'log: the last ones, newest last');

($code, $out, $err) = client('app', 'up', 'v1', '--dir', $first, '--json');
is($code, 0, 'a target that is applied already');
is(decode_json($out)->{run}, undef, '... is no run');

# ---------------------------------------------------------------------------------------------------
# plan --sql through psql makes the same schema
# ---------------------------------------------------------------------------------------------------

new_database('planned');
($code, $out, $err) = client('planned', 'plan', '--sql', '--dir', $first);
is($code, 0, 'plan --sql');
is($node->safe_psql('planned', 'SELECT count(*) FROM migrate.status'), '0', 'a plan registers nothing');
my $script = "$work/plan.sql";
append_to_file($script, $out);
$node->safe_psql('postgres', 'CREATE DATABASE by_psql');
$node->command_ok([ 'psql', '-X', '-q', '-d', $node->connstr('by_psql'), '-f', $script ], 'psql runs it');
my ($dump_by_psql) = run_command([ 'pg_dump', '-d', $node->connstr('by_psql'), '-n', 'public' ]);
my ($dump_by_us) = run_command([ 'pg_dump', '-d', $node->connstr('app'), '-n', 'public' ]);
s/^\\(un)?restrict .*\n//mg for $dump_by_psql, $dump_by_us;
is($dump_by_psql, $dump_by_us, 'the result is the same');

# ---------------------------------------------------------------------------------------------------
# Errors stand at a place in a file
# ---------------------------------------------------------------------------------------------------

new_database('errors');
my $bad = folder('bad', 'v1.sql' => "CREATE TABLE foo (foo text);\n"
	  . "/* \xe0\xb8\xaa\xe0\xb8\xa7 hello */ CREATE TABLE bar (bar nosuchtype);\n");
($code, $out, $err) = client('errors', 'up', '--dir', $bad);
is($code, 1, 'a failing statement');
like($err, qr{^ERROR:  type "nosuchtype" does not exist\n\Q$bad\E/v1\.sql:2:38\n    /\* .*nosuchtype\);\n {41}\^\n}m,
	'... with file, line, column, text and a caret')
  or diag($err);
like($err, qr/^CONTEXT:  migration "v1", statement 2, line 2$/m, '... and the context');
is($node->safe_psql('errors', "SELECT to_regclass('foo')"), '', '... leaves nothing behind');

($code, $out, $err) = client('errors', 'up', '--dir', $bad, '--json');
is($code, 1, 'the same with --json');
my $error = decode_json($out)->{error};
is_deeply([ @$error{qw(sqlstate file line column exit_code)} ],
	[ '42704', "$bad/v1.sql", 2, 38, 1 ], '... is one document');

my $unparsable = folder('unparsable', 'v1.sql' => "-- migrate:up\r\n\r\n  not_valid_sql_crlf_up; -- indented\r\n");
($code, $out, $err) = client('errors', 'up', '--dir', $unparsable);
is($code, 1, 'a syntax error');
like($err, qr{\Q$unparsable\E/v1\.sql:3:3\n      not_valid_sql_crlf_up; -- indented\n      \^\n},
	'... with its place, carriage returns or not')
  or diag($err);

($code, $out, $err) = client('errors', 'up', '--dir', folder('latin', 'v1.sql' => "SELECT 'caf\xe9';\n"));
is($code, 1, 'a file that is not UTF-8');
like($err, qr{v1\.sql" is not valid UTF-8\ndetail: .*0xe9 at offset 11, line 1}, '... says where');

($code, $out, $err) = client('errors', 'status', '--check', '--dir', $bad);
is($code, 3, 'status --check with something unfinished: exit code 3');

# ---------------------------------------------------------------------------------------------------
# Whose migrations: only those of the folder
# ---------------------------------------------------------------------------------------------------

my $branch = folder('branch', 'v11_branch.sql' => "CREATE TABLE branch ();\n");
($code, $out, $err) = client('app', 'upload', '--dir', $branch);
is("$code $out", "0 1 file in the database\n", 'upload');
($code, $out, $err) = client('app', 'up', '--dir', $first);
is($code, 0, 'up beside an abandoned branch');
like($err, qr/not run, because .* has no file for it: "v11_branch"/, '... names what it leaves alone');
is($node->safe_psql('app', "SELECT to_regclass('branch')"), '', '... and does');

my $older = folder('older', 'v1_users.sql' => slurp_file("$first/v1_users.sql"));
($code, $out, $err) = client('app', 'up', '--dir', $older);
is($code, 0, 'an older image starts');
like($err, qr/applied, but without a file in .*: "v2_copy", "v10_last"/, '... with a notice');

my $renewed = folder('renewed', 'v1_users.sql' => slurp_file("$first/v1_users.sql"),
	'v2_early.sql' => "SELECT 1;\n", 'v12_new.sql' => "SELECT 1;\n");
($code, $out, $err) = client('app', 'status', '--dir', $renewed, '--check');
is($code, 3, 'a file that is not uploaded is pending too');
like($out, qr/^v12_new +new +not uploaded$/m, '... and shown');
($code, $out, $err) = client('app', 'up', '--dir', $renewed, '--strict');
is($code, 1, '--strict refuses what is older than an applied one');
($code, $out, $err) = client('app', 'up', '--dir', $renewed);
is($code, 0, '... and without it runs');
like($err, qr/WARNING:/, '... with a warning');

# ---------------------------------------------------------------------------------------------------
# A changed text
# ---------------------------------------------------------------------------------------------------

my $edited = folder('edited', 'v1_users.sql' => slurp_file("$first/v1_users.sql") =~ s/phone text/phone int/r);
($code, $out, $err) = client('app', 'up', '--dir', $edited);
is($code, 4, 'an edited file of an applied migration: exit code 4');
like($err, qr/\+ALTER TABLE users ADD COLUMN phone int/, '... with the difference');
($code, $out, $err) = client('app', 'repair', 'v1', '--dir', $edited);
is($code, 2, 'repair wants --yes where nobody can be asked');
like($err, qr/hint: Give --yes to go ahead/, '... and says so');
($code, $out, $err) = client('app', 'repair', 'v1', '--dir', $edited, '--yes');
is($code, 0, 'repair accepts it') or diag($err);
($code, $out, $err) = client('app', 'up', '--dir', $edited);
is($code, 0, '... and then up goes on');

# ---------------------------------------------------------------------------------------------------
# Down, goto, redo, mark, baseline
# ---------------------------------------------------------------------------------------------------

new_database('ways');
client('ways', 'up', '--dir', $first);
($code, $out, $err) = client('ways', 'down', '--dir', $first);
is($code, 2, 'down wants --yes where nobody can be asked');
is(applied('ways'), 'v1_users v2_copy v10_last', '... and does nothing');
($code, $out, $err) = client('ways', 'down', '--dir', $first, '--dry-run', '-n', '2', '--json');
is_deeply([ map { $_->{migration} } grep { $_->{step} } @{ decode_json($out)->{steps} } ], [ 'v10_last', 'v2_copy' ], 'down --dry-run');

my @yes = ('--dir', $first, '--yes');
($code, $out, $err) = client('ways', 'down', @yes);
is("$code " . applied('ways'), '0 v1_users v2_copy', 'down takes the last one back');
($code, $out, $err) = client('ways', 'down', 'v1', @yes);
is($code, 1, 'down V is refused if later ones are applied');
like($err, qr/"v2_copy"/, '... which it names');
($code, $out, $err) = client('ways', 'down', 'v1', '--cascade', @yes);
is("$code " . applied('ways'), '0 ', 'down V --cascade');
client('ways', 'up', '--dir', $first);
($code, $out, $err) = client('ways', 'down', '--to', 'v1', @yes);
is("$code " . applied('ways'), '0 v1_users', 'down --to V keeps V');
($code, $out, $err) = client('ways', 'down', '--to', 'v2', @yes);
is($code, 1, 'down --to V wants V applied');
($code, $out, $err) = client('ways', 'goto', 'v10', @yes);
is("$code " . applied('ways'), '0 v1_users v2_copy v10_last', 'goto, up');
($code, $out, $err) = client('ways', 'goto', 'v2', '--dir', $first);
is($code, 2, 'goto down wants --yes');
($code, $out, $err) = client('ways', 'goto', 'v2', @yes);
is("$code " . applied('ways'), '0 v1_users v2_copy', 'goto, down');
($code, $out, $err) = client('ways', 'redo', @yes);
is("$code " . applied('ways'), '0 v1_users v2_copy', 'redo');
($code, $out, $err) = client('ways', 'up', '--dir', $first, '--json');
my $run = decode_json($out)->{run};
($code, $out, $err) = client('ways', 'down', '--run', $run, @yes);
is("$code " . applied('ways'), '0 v1_users v2_copy', 'down --run');
($code, $out, $err) = client('ways', 'wait', $run);
is($code, 0, 'wait for a run that is over');
($code, $out, $err) = client('ways', 'down', '-n', '2', @yes);
is("$code " . applied('ways'), '0 ', 'down -n');
client('ways', 'up', '--dir', $first);
($code, $out, $err) = client('ways', 'down', '--all', @yes);
is("$code " . applied('ways'), '0 ', 'down --all');
($code, $out, $err) = client('ways', 'down', @yes);
is("$code $out", "0 no steps to run\n", 'down with nothing to take back');

($code, $out, $err) = client('ways', 'mark', 'v1', 'applied', @yes);
is("$code " . applied('ways'), '0 v1_users', 'mark applied');
($code, $out, $err) = client('ways', 'mark', 'v1', 'pending', @yes);
is("$code " . applied('ways'), '0 ', 'mark pending');

new_database('based');
$node->safe_psql('based', 'CREATE TABLE users (id bigint PRIMARY KEY, name text, phone text)');
($code, $out, $err) = client('based', 'baseline', 'v2', '--dir', $first);
is("$code " . applied('based'), '0 v1_users v2_copy', 'baseline');

# A corrected down section is what runs.
my $correcting = folder('correcting', 'v1.sql' => "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1/0;\n");
new_database('corrected');
client('corrected', 'up', '--dir', $correcting);
($code) = client('corrected', 'down', '--dir', $correcting, '--yes');
is($code, 1, 'a down section that fails');
folder('correcting', 'v1.sql' => "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n");
($code, $out, $err) = client('corrected', 'down', '--dir', $correcting, '--yes');
is("$code " . applied('corrected'), '0 ', '... is corrected in the file') or diag($err);

# ---------------------------------------------------------------------------------------------------
# new, and names of all kinds
# ---------------------------------------------------------------------------------------------------

($code, $out, $err) = client('postgres', 'new', 'Add phone to users', '--dir', "$work/made");
is($code, 0, 'new');
chomp $out;
like($out, qr{\A\Q$work\E/made/\d{14}_add_phone_to_users\.sql\z}, '... prints the path');
like(slurp_file($out), qr/^-- migrate:up\n.*^-- migrate:down\n/ms, '... of a template');

new_database('names');
my $names = folder('names', q{7_a "b" 'c' d {e},f.sql} => "SELECT 1;\n",
	"8_\xc3\xa4\xe6\x97\xa5.sql" => "SELECT nosuch;\n");
($code, $out, $err) = client('names', 'up', '7', '--dir', $names);
is("$code " . applied('names'), q{0 7_a "b" 'c' d {e},f}, 'a name with quotes and braces')
  or diag($err);
($code, $out, $err) = client('names', 'up', '--dir', $names);
like($err, qr{/8_\xc3\xa4\xe6\x97\xa5\.sql:1:8\n}, 'an error in a file with a multibyte name') or diag($err);

# ---------------------------------------------------------------------------------------------------
# Roles, and connection strings of other tools
# ---------------------------------------------------------------------------------------------------

new_database('roles');
$node->safe_psql('roles', "CREATE ROLE owner; CREATE ROLE deploy LOGIN IN ROLE owner; CREATE ROLE other LOGIN;"
	  . " GRANT CREATE ON SCHEMA public TO owner; SELECT migrate.grant('deploy')");
my $as = sub { url('roles') . "&user=$_[0]&pool=5&pool_timeout=0&connection_limit=1" };
($code, $out, $err) = client($as->('deploy'), 'up', '--dir', $first, '--role', 'owner');
is($code, 0, 'a deploy role') or diag($err);
like($err, qr/\A\[local\]:$port\/roles as deploy \(role owner\)\n/, '... is named, with whom it works as');
like($err, qr/ignoring what libpq does not know in the URL: pool, pool_timeout, connection_limit\n/,
	'parameters of other tools are dropped and named');
is($node->safe_psql('roles', "SELECT tableowner FROM pg_tables WHERE tablename = 'users'"), 'owner',
	'--role owns what is made');
($code, $out, $err) = client($as->('other'), 'status');
is($code, 1, 'a role without the right');
like($err, qr/^ERROR:  permission denied for schema migrate$/m, '... hears of it');

new_database('schemas');
$node->safe_psql('schemas', 'CREATE SCHEMA "My app"');
($code, $out, $err) = client(url('schemas') . '&schema=My%20app', 'up', '--dir', $first);
is($node->safe_psql('schemas', q{SELECT to_regclass('"My app".users') IS NOT NULL}), 't',
	'schema= in the URL becomes the search_path')
  or diag($err);

done_testing();
