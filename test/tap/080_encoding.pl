# What of the caller's session and of the database reaches the worker: encodings, settings, libraries,
# roles, limits.
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use MigrateTest;

my $node = new_server('session', init => [ extra => [ '--locale=C', '--encoding=UTF8' ] ]);
my $admin = session($node);
my $major = int($admin->value('SHOW server_version_num') / 10000);

sub state_code { return MigrateTest::Session::sqlstate($_[0]); }

# ---- encodings ------------------------------------------------------------------------------------
# e with acute is one byte in LATIN1 and two in UTF8; a psql of the client encoding has sent the script.

my %bytes = (UTF8 => "\xc3\xa9", LATIN1 => "\xe9");
foreach my $case ([ 'UTF8', 'UTF8' ], [ 'LATIN1', 'UTF8' ], [ 'LATIN1', 'LATIN1' ], [ 'UTF8', 'LATIN1' ], [ 'SQL_ASCII', 'UTF8' ])
{
	my ($server, $client) = @$case;
	my $db = lc "enc_${server}_$client";
	my $title = "$server database, $client client";
	my $e = $bytes{$client};
	my $stored = unpack 'H*', $bytes{$server} // $e;
	$admin->ok_query("CREATE DATABASE $db TEMPLATE template0 ENCODING '$server'");
	my $session = session($node, dbname => $db, parameters => { client_encoding => $client });
	$session->ok_query('CREATE EXTENSION migrate');
	# As pg_dump writes it, with its SET client_encoding, which must change nothing here.
	foreach my $named ('UTF8', 'LATIN1')
	{
		my $up = "SET client_encoding = '$named';\nSELECT pg_catalog.set_config('search_path', '', false);\n"
		  . "CREATE TABLE public.t_$named (a text, b text DEFAULT 'd$e');\nCOMMENT ON TABLE public.t_$named IS 'c$e';\n"
		  . "COPY public.t_$named (a) FROM stdin;\nx$e\n\\N\n\\.\n\nINSERT INTO public.t_$named VALUES ('y$e');\n";
		my $added = $session->query('SELECT migrate.add(' . sql_literal("v_$named") . ", " . sql_literal($up) . ')');
		is(state_code($added), '00000', "$title, script says $named: added") or diag explain $added->{error};
		my $result = $session->query('SELECT migrate.apply()');
		is(state_code($result), '00000', "$title, script says $named: applied") or diag explain $result->{error};
		my $hex = sub { "encode(" . ($server eq 'SQL_ASCII' ? "textsend($_[0])" : "convert_to($_[0], '$server')") . ", 'hex')" };
		is($session->value("SELECT string_agg(" . $hex->('a') . ", ' ' ORDER BY a COLLATE \"C\") FROM public.t_$named"), "78$stored 79$stored",
			"$title, script says $named: COPY and INSERT agree");
		is($session->value("SELECT " . $hex->('b') . " FROM public.t_$named LIMIT 1"), "64$stored", "$title, script says $named: the default");
		is($session->value("SELECT " . $hex->("obj_description('public.t_$named'::regclass)")), "63$stored", "$title, script says $named: the comment");
	}
	# A notice and an error come back as the client wrote them.
	$session->ok_query('SELECT migrate.add(\'v_error\', ' . sql_literal("DO \$\$ BEGIN RAISE NOTICE 'n$e'; RAISE EXCEPTION 'f$e'; END \$\$;") . ')');
	my $result = $session->query('SELECT migrate.apply()');
	is($result->{error}{M} // '', "f$e", "$title: an error in the client's encoding");
	ok((grep { $_->{M} eq "n$e" } @{ $result->{notices} }), "$title: a notice in the client's encoding");
	is($session->value('SHOW client_encoding'), $client, "$title: the caller's encoding is as it was");
	$session->terminate;
}

# ---- settings -------------------------------------------------------------------------------------

my $show = 'CREATE TABLE shown_%1$s AS SELECT current_setting(\'work_mem\') AS work_mem, current_setting(\'my.setting\', true) AS own,'
  . ' current_setting(\'search_path\') AS path, current_setting(\'statement_timeout\') AS statement, current_setting(\'lock_timeout\') AS lock,'
  . ' current_setting(\'DateStyle\') AS dates, current_setting(\'TimeZone\') AS zone;';
add_migration($node, 'postgres', 'v1', sprintf $show, 1);
my $session = session($node, parameters => { TimeZone => 'Asia/Kolkata' });
$session->ok_query($_) foreach 'SET work_mem = \'7MB\'', q(SET my.setting = 'a ''b'' \c'), 'CREATE SCHEMA "a b"', 'SET search_path = "a b", public',
  q(SET statement_timeout = '5min'), q(SET lock_timeout = '4min'), q(SET DateStyle = 'SQL, DMY');
is(state_code($session->query('SELECT migrate.apply()')), '00000', 'applied with settings');
is(MigrateTest::Session::text($session->ok_query('SELECT * FROM "a b".shown_1')), q(7MB|a 'b' \c|"a b", public|0|0|SQL, DMY|Asia/Kolkata),
	'settings of the caller travel, time limits do not');
is($session->value('SHOW statement_timeout'), '5min', 'the caller keeps its own');

# Settings of role and database hold in the worker too, but for time limits; nothing leaks to the next.
$admin->ok_query('CREATE ROLE tuned LOGIN SUPERUSER');
$admin->ok_query(q(ALTER ROLE tuned SET work_mem = '9MB'));
$admin->ok_query(q(ALTER ROLE tuned SET statement_timeout = '3min'));
add_migration($node, 'postgres', 'v2', "SET work_mem = '11MB'; SET my.setting = 'leak'; RESET ALL; SET statement_timeout = '1min';");
add_migration($node, 'postgres', 'v3', sprintf $show, 3);
$session = session($node, user => 'tuned');
is(state_code($session->query('SELECT migrate.apply()')), '00000', 'applied by a role with settings');
is($session->value(q(SELECT work_mem || '|' || coalesce(own, '') || '|' || statement FROM shown_3)), '9MB||0', 'the role\'s settings hold, limits do not, nothing leaked');

# ---- libraries ------------------------------------------------------------------------------------

$admin->ok_query('ALTER ROLE tuned SET session_preload_libraries = \'auto_explain\'');
add_migration($node, 'postgres', 'v4', q(CREATE TABLE loaded AS SELECT count(*) AS n FROM pg_settings WHERE name = 'auto_explain.log_min_duration';));
$session = session($node, user => 'tuned');
is(state_code($session->query('SELECT migrate.apply()')), '00000', 'applied by a role with libraries');
is($session->value('SELECT n FROM loaded'), 1, 'session_preload_libraries are loaded in the worker');

# ---- roles ----------------------------------------------------------------------------------------

$admin->ok_query($_) foreach 'CREATE ROLE own NOLOGIN', 'CREATE ROLE deploy LOGIN IN ROLE own', q(SELECT migrate.grant('own')), q(SELECT migrate.grant('deploy')),
  'CREATE SCHEMA app AUTHORIZATION own', 'CREATE ROLE stranger NOLOGIN';
$session = session($node, user => 'deploy');
$session->ok_query('SET ROLE own');
$session->ok_query(q(SELECT migrate.add('v5', 'CREATE TABLE app.t AS SELECT current_user::text AS c, session_user::text AS s;', 'DROP TABLE app.t;')));
my $result = $session->query('SELECT migrate.apply()');
is(state_code($result), '00000', 'SET ROLE to a role that may not log in, then apply') or diag explain $result->{error};
is($session->value(q(SELECT c || ' ' || s || ' ' || pg_get_userbyid((SELECT relowner FROM pg_class WHERE oid = 'app.t'::regclass)) FROM app.t)), 'own deploy own',
	'the script ran as that role, in a session of the caller\'s');
$session->ok_query('RESET ROLE');
$session->ok_query(q(SET migrate.role = 'own'));
is(state_code($session->query('SELECT migrate.redo()')), '00000', 'migrate.role does the same');
is($session->value(q(SELECT c || ' ' || s FROM app.t)), 'own deploy', 'as that role');
$session->ok_query(q(SELECT migrate.add('v6', 'SELECT 1')));
is(state_code($session->query(q(SELECT migrate.apply(role => 'stranger')))), '42501', 'not as a role that the caller is no member of');
is(state_code($session->query(q(SELECT migrate.apply()))), '00000', 'nothing was changed by that');

# A session user who may not log in: only by SET SESSION AUTHORIZATION.
$session = session($node);
$session->ok_query('SET SESSION AUTHORIZATION own');
$session->ok_query(q(SELECT migrate.add('v7', 'CREATE TABLE app.u ();')));
$result = $session->query('SELECT migrate.apply()');
if ($major >= 17)
{
	is(state_code($result), '00000', 'a session user who may not log in runs migrations') or diag explain $result->{error};
}
else
{
	isnt(state_code($result), '00000', 'a session user who may not log in is refused');
	is($result->{error}{S} // '', 'ERROR', 'by an error');
	like("$result->{error}{M} " . ($result->{error}{D} // ''), qr/log in/, 'that says why');
	is_state($node, 'postgres', 'v7', 'pending', 'nothing ran');
	$admin->ok_query(q(SELECT migrate.remove('v7')));
}
$session->terminate;

# The worker is no connection more.
$admin->ok_query('ALTER ROLE deploy CONNECTION LIMIT 1');
$session = limited('deploy');
$session->ok_query(q(SELECT migrate.add('v8', 'CREATE TABLE app.w ();')));
$session->ok_query('SET ROLE own');
is(state_code($session->query('SELECT migrate.apply()')), '00000', 'CONNECTION LIMIT 1 is enough');

# A session as the role as soon as its earlier ones have ended.
sub limited
{
	my ($role) = @_;
	wait_until($admin, "SELECT count(*) = 0 FROM pg_stat_activity WHERE usename = '$role'");
	return session($node, user => $role);
}

$node->stop;
done_testing();
