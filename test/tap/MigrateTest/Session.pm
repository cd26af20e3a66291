# One connection over the Unix socket, spoken by hand: a query can be sent and its result fetched later,
# messages can be pipelined, and the client can vanish as if it had been killed.
package MigrateTest::Session;
use strict;
use warnings;
use IO::Select;
use IO::Socket::UNIX;
use Test::More;

our $patience = $ENV{PG_TEST_TIMEOUT_DEFAULT} || 180; # seconds that anything may take

sub new
{
	my ($class, %options) = @_;
	my $socket = IO::Socket::UNIX->new("$options{directory}/.s.PGSQL.$options{port}")
	  or die "could not connect to $options{directory}, port $options{port}: $!";
	my $self = bless { socket => $socket, buffer => '', notices => [], parameters => {} }, $class;
	my %start = (user => $options{user}, database => $options{database}, %{ $options{parameters} });
	my $body = pack('N', 196608) . join('', map { "$_\0$start{$_}\0" } sort keys %start) . "\0";
	syswrite $socket, pack('N', length($body) + 4) . $body;
	my $result = $self->result;
	die "could not connect: $result->{error}{M}" if $result->{error} && !$options{may_fail};
	# A server that crashes may take the connection and close it without a word.
	die 'could not connect: the connection was closed' if $result->{closed} && !$options{may_fail};
	$self->{refused} = $result->{error};
	return $self;
}

sub pid { return $_[0]{pid} }

# ---- sending --------------------------------------------------------------------------------------

sub raw
{
	my ($self, $type, $body) = @_;
	local $SIG{PIPE} = 'IGNORE';
	my $message = $type . pack('N', length($body) + 4) . $body;
	while (length $message)
	{
		my $sent = syswrite $self->{socket}, $message;
		return 0 unless defined $sent;
		substr $message, 0, $sent, '';
	}
	return 1;
}

sub send_query { my ($self, $sql) = @_; return $self->raw('Q', "$sql\0"); }

sub parse { my ($self, $sql, $name) = @_; $name //= ''; return $self->raw('P', "$name\0$sql\0" . pack('n', 0)); }

sub bind_portal
{
	my ($self, $portal, $statement) = @_;
	return $self->raw('B', ($portal // '') . "\0" . ($statement // '') . "\0" . pack('n3', 0, 0, 0));
}
sub execute { my ($self, $portal, $rows) = @_; return $self->raw('E', ($portal // '') . "\0" . pack('N', $rows // 0)); }
sub flush { return $_[0]->raw('H', ''); }
sub sync { return $_[0]->raw('S', ''); }

# As a driver's extended query does, without Sync.
sub pipeline
{
	my ($self, $sql, $rows) = @_;
	$self->parse($sql);
	$self->bind_portal;
	return $self->execute('', $rows);
}

# ---- receiving ------------------------------------------------------------------------------------

# Waits until there is something to read, whatever signals come; false if there is nothing in time.
sub readable
{
	my ($handle, $until) = @_;
	my $select = IO::Select->new($handle);
	for (;;)
	{
		my $left = $until - time;
		return 1 if $select->can_read($left > 0 ? $left : 0);
		return 0 if $left <= 0;
	}
}

# The next message as (type, body); type '' when the server has closed the connection.
sub message
{
	my ($self, $until) = @_;
	$until //= time + $patience;
	for (;;)
	{
		if (length $self->{buffer} >= 5)
		{
			my ($type, $length) = unpack 'aN', $self->{buffer};
			if (length $self->{buffer} > $length)
			{
				my $body = substr $self->{buffer}, 5, $length - 4;
				substr $self->{buffer}, 0, $length + 1, '';
				return ($type, $body);
			}
		}
		die "no answer for $patience seconds\n" unless readable($self->{socket}, $until);
		my $count = sysread $self->{socket}, $self->{buffer}, 65536, length $self->{buffer};
		return ('', '') unless $count;
	}
}

sub fields
{
	my ($body) = @_;
	my %fields;
	foreach my $field (split /\0/, $body) { $fields{ substr $field, 0, 1 } = substr $field, 1 if length $field; }
	return \%fields;
}

sub row
{
	my ($body) = @_;
	my ($count, @values) = unpack 'n', $body;
	my $at = 2;
	for (1 .. $count)
	{
		my $length = unpack 'l>', substr $body, $at, 4;
		$at += 4;
		push @values, $length < 0 ? undef : substr $body, $at, $length;
		$at += $length if $length > 0;
	}
	return \@values;
}

# Whether something can be read without waiting.
sub is_quiet { my ($self) = @_; return !length $self->{buffer} && !IO::Select->new($self->{socket})->can_read(0); }

# Until ReadyForQuery (or the end of the connection): rows, tags, suspended, notices, error, closed, status.
sub result
{
	my ($self) = @_;
	my %result = (rows => [], tags => [], notices => [], suspended => 0);
	my $until = time + $patience;
	for (;;)
	{
		my ($type, $body) = $self->message($until);
		if ($type eq '') { $result{closed} = 1; return \%result; }
		elsif ($type eq 'Z') { $result{status} = $body; return \%result; }
		elsif ($type eq 'D' ) { push @{ $result{rows} }, row($body); }
		elsif ($type eq 'C') { push @{ $result{tags} }, substr $body, 0, -1; }
		elsif ($type eq 's') { $result{suspended}++; push @{ $result{tags} }, 'suspended'; }
		elsif ($type eq 'N') { push @{ $result{notices} }, fields($body); }
		elsif ($type eq 'E')
		{
			my $error = fields($body);
			$result{error} //= $error;
			push @{ $result{errors} }, $error;
			if ($error->{S} eq 'FATAL' && !$self->{pid}) { return \%result; }
		}
		elsif ($type eq 'K') { ($self->{pid}, $self->{key}) = unpack 'NN', $body; }
		elsif ($type eq 'S') { my ($name, $value) = split /\0/, $body; $self->{parameters}{$name} = $value; }
		elsif ($type eq 'G') { $self->raw('f', "no data\0"); }
	}
}

sub query { my ($self, $sql) = @_; $self->send_query($sql); return $self->result; }

# A query that must succeed.
sub ok_query
{
	my ($self, $sql) = @_;
	my $result = $self->query($sql);
	die "query failed: $sql: " . ($result->{error}{M} // 'connection closed') . "\n"
	  if $result->{error} || $result->{closed};
	return $result;
}

sub value { my ($self, $sql) = @_; my $rows = $self->ok_query($sql)->{rows}; return @$rows ? $rows->[0][0] : undef; }

# As text: "a|b\nc|d".
sub text
{
	my ($result) = @_;
	return join "\n", map { join '|', map { $_ // '' } @$_ } @{ $result->{rows} };
}

sub sqlstate { my ($result) = @_; return $result->{error} ? $result->{error}{C} : $result->{closed} ? 'closed' : '00000'; }

# ---- leaving --------------------------------------------------------------------------------------

sub terminate { my ($self) = @_; $self->raw('X', ''); close $self->{socket}; return; }

# As if the client had been killed.
sub vanish { my ($self) = @_; close $self->{socket}; return; }

1;
