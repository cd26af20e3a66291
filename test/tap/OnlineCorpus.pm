# Reads the corpus of test/online/corpus (see the README there), and says what two databases differ in, case by
# case: every case lives in a schema of its own name, and in others whose names begin with it and "__".
package OnlineCorpus;
use strict;
use warnings;
use Exporter 'import';
use JSON::PP;

our @EXPORT = qw(read_corpus applies_to case_of_schema split_dump by_case differences facts_query tables_query tables_of data_query);

my $section = qr/^--\s+(fixture|setup|up|down|repair|as written|check):\s*$/;
my $property = qr/^--\s+(expect|versions|random|transaction|error):\s*(.*?)\s*$/;

# The cases of one file, in order, each a hash: name, file, its properties and sections.
sub read_corpus
{
	my ($path) = @_;
	my ($file) = $path =~ m{([^/]+)\.sql$};
	open my $in, '<:raw', $path or die "could not open $path: $!";
	my ($fixture, $case, $where, @cases) = ('');
	while (my $line = <$in>)
	{
		if ($line =~ /^--\s+case:\s*([a-z][a-z0-9_]*)\s*$/)
		{
			$case = { name => $1, file => $file, fixture => $fixture, line => $. };
			push @cases, $case;
			$where = 'up';
		}
		elsif ($line =~ $section) { $where = $1; }
		elsif ($case && $line =~ $property) { $case->{$1} = $2; }
		elsif ($line =~ /^--\s+case/) { die "$path:$.: a case's name is of small letters, digits and underscores\n"; }
		elsif (!$case) { $fixture .= $line if ($where // '') eq 'fixture'; }
		else { $case->{$where} .= $line; }
	}
	foreach my $c (@cases) { die "$path:$c->{line}: $c->{name} has nothing to run\n" unless ($c->{up} // '') =~ /\S/; }
	return @cases;
}

# Whether it is for servers of this major version: "17", "15-17", "18-", or none given.
sub applies_to
{
	my ($case, $major) = @_;
	my $versions = $case->{versions} // return 1;
	my ($from, $to) = $versions =~ /^(\d+)(-\d*)?$/ or die "$case->{name}: versions: $versions?\n";
	$to = defined $to ? substr($to, 1) || 999 : $from;
	return $major >= $from && $major <= $to;
}

sub case_of_schema { my ($schema) = @_; return $schema =~ /^(.*?)__/ ? $1 : $schema; }

# ---- dumps ----------------------------------------------------------------------------------------

# The lines of a dump by case; what belongs to no schema under ''.
sub split_dump
{
	my ($dump) = @_;
	my (%parts, $case);
	$case = '';
	foreach my $line (split /\n/, $dump)
	{
		if ($line =~ /^-- (?:Name|Data for Name): (.*); Type: (.*); Schema: (.*); Owner:/)
		{
			$case = $2 eq 'SCHEMA' ? case_of_schema($1) : $3 eq '-' ? '' : case_of_schema($3);
		}
		push @{ $parts{$case} }, $line;
	}
	return \%parts;
}

# Rows of (schema, fact) by case, the facts sorted.
sub by_case
{
	my (@rows) = @_;
	my %parts;
	push @{ $parts{ case_of_schema($_->[0]) } }, $_->[1] foreach sort { $a->[1] cmp $b->[1] } @rows;
	return \%parts;
}

# What two lists of lines differ in, as diff shows it, but without what is the same.
sub differences
{
	my ($written, $ours) = @_;
	my @w = @{ $written // [] };
	my @o = @{ $ours // [] };
	while (@w && @o && $w[0] eq $o[0]) { shift @w; shift @o; }
	while (@w && @o && $w[-1] eq $o[-1]) { pop @w; pop @o; }
	my (%in_written, %in_ours);
	$in_written{$_}++ foreach @w;
	$in_ours{$_}++ foreach @o;
	my @only_written = grep { !$in_ours{$_}-- || $in_ours{$_} < 0 } @w;
	my @only_ours = grep { !$in_written{$_}-- || $in_written{$_} < 0 } @o;
	my @lines = changed_fields(\@only_written, \@only_ours);
	push @lines, ((map { "- $_" } @only_written), (map { "+ $_" } @only_ours));
	push @lines, 'the same lines in another order, from: ' . ($w[0] // $o[0]) if !@lines && (@w || @o);
	return @lines;
}

# Takes facts about one object, "object: {fields}", out of both lists, and says which fields differ.
sub changed_fields
{
	my ($written, $ours) = @_;
	my (%other, @lines);
	foreach my $line (@$ours) { push @{ $other{$1} }, $line if $line =~ /^(.*?: )\{/; }
	foreach my $line (@$written)
	{
		next unless $line =~ /^(.*?: )(\{.*)/ && @{ $other{$1} // [] } == 1;
		my ($head, $left, $match) = ($1, decode_json($2), $other{$1}[0]);
		my $right = decode_json(substr $match, length $head);
		my $text = sub { my ($v) = @_; return ref $v || !defined $v ? JSON::PP->new->allow_nonref->canonical->encode($v) : $v };
		push @lines, "$head" . join ', ', map { $text->($left->{$_}) eq $text->($right->{$_}) ? () : "$_ is " . $text->($right->{$_}) . ' instead of ' . $text->($left->{$_}) } sort keys %$left;
		($line, $other{$head}[0]) = ('', '');
		@$ours = grep { $_ ne $match } @$ours;
	}
	@$written = grep { $_ ne '' } @$written;
	return @lines;
}

# ---- catalogs -------------------------------------------------------------------------------------

# What pg_dump doesn't show, or only by its absence, as rows of (schema, fact): no OID, nothing that the server
# brings up to date when it likes (minor versions since 2026 note in attoptions when a column was last changed), nor connoinherit of
# keys, which a constraint attached to its parent's keeps and nothing looks at.
sub facts_query
{
	my ($major) = @_;
	my $enforced = $major >= 18 ? ', conenforced' : '';
	my $period = $major >= 18 ? ', conperiod' : '';
	return <<"SQL";
WITH mine AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public', 'migrate'))
SELECT * FROM (
SELECT n.nspname::text, format('relation %s: %s', c.relname, (SELECT to_jsonb(x) FROM (SELECT c.relkind, c.relpersistence, c.reloptions, c.relreplident, c.relispartition,
           c.relrowsecurity, c.relchecks, c.relnatts, c.relam, c.reltablespace, pg_get_expr(c.relpartbound, c.oid)) x))
  FROM pg_class c JOIN mine n ON n.oid = c.relnamespace
UNION ALL
SELECT n.nspname, format('column %s.%s: %s', c.relname, a.attname, (SELECT to_jsonb(x) FROM (SELECT a.attnum, a.atttypid::regtype, a.atttypmod, a.attnotnull, a.atthasdef,
           a.attidentity, a.attgenerated, a.attislocal, a.attinhcount, a.attcollation, a.attstorage, a.attcompression, a.attacl,
           array(SELECT o FROM unnest(a.attoptions) o WHERE o !~ '^pg_attver=') AS attoptions) x))
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind <> 'i' AND c.relkind <> 'I' JOIN mine n ON n.oid = c.relnamespace
 WHERE a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT n.nspname, format('index %s: %s', c.relname, (SELECT to_jsonb(x) FROM (SELECT pg_get_indexdef(c.oid), i.indisvalid, i.indisready, i.indislive, i.indisprimary, i.indisunique,
           i.indimmediate, i.indisexclusion, i.indisclustered, i.indisreplident, h.inhparent::regclass) x))
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN mine n ON n.oid = c.relnamespace LEFT JOIN pg_inherits h ON h.inhrelid = c.oid
UNION ALL
SELECT n.nspname, format('constraint %s on %s: %s', k.conname, k.conrelid::regclass, (SELECT to_jsonb(x) FROM (SELECT pg_get_constraintdef(k.oid), k.contype, k.condeferrable,
           k.condeferred, k.convalidated,
           -- A leaf that gets its primary key first has its NOT NULL by itself, too; to attach it, as a dump does, makes it forget that.
           k.conislocal AND NOT (k.contype = 'n' AND EXISTS (SELECT FROM pg_class p WHERE p.oid = k.conrelid AND p.relispartition)) AS conislocal, k.coninhcount,
           k.contype IN ('c', 'n') AND k.connoinherit AS connoinherit, k.conindid::regclass,
           (SELECT format('%s on %s', p.conname, p.conrelid::regclass) FROM pg_constraint p WHERE p.oid = k.conparentid) AS parent$enforced$period) x))
  FROM pg_constraint k JOIN mine n ON n.oid = k.connamespace
UNION ALL
SELECT n.nspname, format('trigger %s on %s: %s', CASE WHEN t.tgisinternal THEN 'of a constraint' ELSE t.tgname END, c.relname, (SELECT to_jsonb(x) FROM (SELECT t.tgfoid::regproc,
           t.tgtype, t.tgenabled, t.tgdeferrable, t.tginitdeferred, t.tgparentid <> 0 AS has_parent, t.tgconstrindid::regclass, t.tgconstrrelid::regclass,
           (SELECT k.conname FROM pg_constraint k WHERE k.oid = t.tgconstraint)) x))
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN mine n ON n.oid = c.relnamespace
UNION ALL
SELECT n.nspname, format('parent of %s: %s, %s%s', c.relname, h.inhparent::regclass, h.inhseqno, CASE WHEN h.inhdetachpending THEN ', detaching' END)
  FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid JOIN mine n ON n.oid = c.relnamespace
UNION ALL
SELECT coalesce(o.schema, r.schema, n.nspname), format('%s depends on %s (%s)', o.identity, r.identity, d.deptype)
  FROM pg_depend d
  CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) o
  CROSS JOIN LATERAL pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid) r
  LEFT JOIN mine n ON o.schema IS NULL AND r.schema IS NULL AND strpos(o.identity, ' on ' || n.nspname || '.') > 0
 WHERE d.objid >= 16384 AND d.classid <> 'pg_trigger'::regclass AND d.refclassid <> 'pg_trigger'::regclass
   AND (o.schema IN (SELECT nspname FROM mine) OR r.schema IN (SELECT nspname FROM mine) OR n.oid IS NOT NULL)
   AND o.type <> 'toast table' AND r.type <> 'toast table'
UNION ALL
SELECT n.nspname, format('comment on %s: %s', pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description)
  FROM pg_description d JOIN pg_class c ON d.classoid = 'pg_class'::regclass AND c.oid = d.objoid JOIN mine n ON n.oid = c.relnamespace
) facts (schema, fact) ORDER BY schema COLLATE "C", fact COLLATE "C"
SQL
}

# One query that gives (schema, fact) of the rows of all tables, each [schema, relation, name, columns...] with columns
# [quoted, plain]; $random is {case => {table => [columns]}}: of those only how many are not null counts.
sub data_query
{
	my ($tables, $random) = @_;
	my @parts;
	foreach my $table (@$tables)
	{
		my ($schema, $relation, $name, @columns) = @$table;
		my %left_out = map { $_ => 1 } @{ $random->{ case_of_schema($schema) }{$name} // [] };
		my $row = 'ROW(' . join(', ', map { "t.$_->[0]" } grep { !$left_out{ $_->[1] } } @columns) . ')::text';
		my $fact = literal("data of $name: ") . qq( || count(*) || ' rows, ' || md5(coalesce(string_agg($row, ' ' ORDER BY $row COLLATE "C"), '')));
		$fact .= join '', map { ' || ' . literal(", $_->[1]: ") . " || count(t.$_->[0])" } grep { $left_out{ $_->[1] } } @columns;
		push @parts, 'SELECT ' . literal($schema) . ", $fact FROM ONLY $relation t";
	}
	return join("\nUNION ALL ", @parts) || "SELECT '', '' WHERE false";
}

# Rows of (schema, relation, name, column quoted, column) of all tables that hold rows.
sub tables_query
{
	return <<'SQL';
SELECT n.nspname, format('%I.%I', n.nspname, c.relname), c.relname, quote_ident(a.attname), a.attname
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public', 'migrate') AND c.relkind IN ('r', 'm') AND (c.relkind = 'r' OR c.relispopulated)
 ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", a.attname COLLATE "C"
SQL
}

# The tables that tables_query() told of, as data_query() wants them.
sub tables_of
{
	my (@rows) = @_;
	my @tables;
	foreach my $row (@rows)
	{
		my ($schema, $relation, $name, @column) = @$row;
		push @tables, [ $schema, $relation, $name ] unless @tables && $tables[-1][1] eq $relation;
		push @{ $tables[-1] }, \@column;
	}
	return \@tables;
}

sub literal { my ($text) = @_; $text =~ s/'/''/g; return "'$text'"; }

1;
