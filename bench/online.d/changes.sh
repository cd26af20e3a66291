# The changes that bench/online measures, one for each row of the table of online rewriting, and the tables they
# change.  Sourced by bench/online, which has copied the tables of `tables` from a template.
# shellcheck shell=bash disable=SC2034,SC2154

all_changes="create_index create_unique_index create_index_partitioned drop_index reindex reindex_table check foreign_key
foreign_key_partitioned not_null unique primary_key add_column serial_column detach attach update"

# ---- tables ---------------------------------------------------------------------------------------

# Each client has its rows, so that nobody ever waits for a row of another client.
tables_accounts()
{
    cat <<SQL
CREATE TABLE accounts (id bigint NOT NULL, balance bigint NOT NULL, note text, code text, owner bigint, old text)
    WITH (fillfactor = 90);
INSERT INTO accounts SELECT i, 0, 'note ' || i % 1000, md5(i::text), (i::bigint * 7919) % $rows, 'old' FROM generate_series(0, $rows - 1) i;
CREATE UNIQUE INDEX accounts_id ON accounts (id);
CREATE TABLE owners (id bigint PRIMARY KEY, visits bigint NOT NULL) WITH (fillfactor = 90);
INSERT INTO owners SELECT i, 0 FROM generate_series(0, $rows - 1) i;
CREATE INDEX accounts_old ON accounts (old);
SQL
}

tables_sales()
{
    cat <<SQL
CREATE TABLE accounts (id bigint NOT NULL, balance bigint NOT NULL, note text, code text, owner bigint, old text) PARTITION BY RANGE (id);
CREATE TABLE accounts_1 PARTITION OF accounts FOR VALUES FROM (0) TO ($((rows / 4)));
CREATE TABLE accounts_2 PARTITION OF accounts FOR VALUES FROM ($((rows / 4))) TO ($((rows / 2))) PARTITION BY HASH (id);
CREATE TABLE accounts_2_a PARTITION OF accounts_2 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE accounts_2_b PARTITION OF accounts_2 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE accounts_3 PARTITION OF accounts FOR VALUES FROM ($((rows / 2))) TO ($rows);
INSERT INTO accounts SELECT i, 0, 'note ' || i % 1000, md5(i::text), (i::bigint * 7919) % $rows, 'old' FROM generate_series(0, $rows - 1) i;
CREATE UNIQUE INDEX accounts_id ON accounts (id);
CREATE TABLE accounts_4 (LIKE accounts);
INSERT INTO accounts_4 SELECT $rows + i, 0, 'note', md5(i::text), (i::bigint * 7919) % $rows, 'old' FROM generate_series(0, $rows - 1) i;
CREATE UNIQUE INDEX accounts_4_id ON accounts_4 (id);
CREATE TABLE owners (id bigint PRIMARY KEY, visits bigint NOT NULL);
INSERT INTO owners SELECT i, 0 FROM generate_series(0, $rows - 1) i;
SQL
}

# ---- the application ------------------------------------------------------------------------------

reads_accounts() { own_row; echo "SELECT balance FROM accounts WHERE id = :id;"; }
writes_accounts() { own_row; echo "UPDATE accounts SET balance = balance + 1 WHERE id = :id;"; }
reads_both() { own_row; echo "SELECT a.balance, o.visits FROM accounts a, owners o WHERE a.id = :id AND o.id = :id;"; }
writes_both()
{
    own_row
    echo "BEGIN;"
    echo "UPDATE accounts SET balance = balance + 1 WHERE id = :id;"
    echo "UPDATE owners SET visits = visits + 1 WHERE id = :id;"
    echo "COMMIT;"
}
reads_attached() { own_row; echo "SELECT a.balance, b.balance FROM accounts a, accounts_4 b WHERE a.id = :id AND b.id = $rows + :id;"; }
writes_attached()
{
    own_row
    echo "UPDATE accounts SET balance = balance + 1 WHERE id = :id;"
}

# ---- the changes ----------------------------------------------------------------------------------

# change NAME: sets what to do and beside what.
change()
{
    tables=accounts load_of=accounts window=12
    case $1 in
        create_index) statement="CREATE INDEX accounts_note ON accounts (note, code)" ;;
        create_unique_index) statement="CREATE UNIQUE INDEX accounts_code ON accounts (code)" ;;
        create_index_partitioned) tables=sales statement="CREATE INDEX accounts_note ON accounts (note, code)" ;;
        drop_index) statement="DROP INDEX accounts_old" ;;
        reindex) statement="REINDEX INDEX accounts_id" ;;
        reindex_table) statement="REINDEX TABLE accounts" ;;
        check) statement="ALTER TABLE accounts ADD CONSTRAINT sensible CHECK (balance >= 0 AND code ~ '^[0-9a-f]*\$')" ;;
        foreign_key) load_of=both statement="ALTER TABLE accounts ADD FOREIGN KEY (owner) REFERENCES owners" ;;
        foreign_key_partitioned) tables=sales load_of=both statement="ALTER TABLE accounts ADD FOREIGN KEY (owner) REFERENCES owners" ;;
        not_null) statement="ALTER TABLE accounts ALTER COLUMN code SET NOT NULL" ;;
        unique) statement="ALTER TABLE accounts ADD UNIQUE (code)" ;;
        primary_key) statement="ALTER TABLE accounts ADD PRIMARY KEY (id)" ;;
        add_column) window=40 statement="ALTER TABLE accounts ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid()" ;;
        serial_column) window=40 statement="ALTER TABLE accounts ADD COLUMN number bigserial" ;;
        detach) tables=sales statement="ALTER TABLE accounts DETACH PARTITION accounts_3" ;;
        attach) tables=sales load_of=attached statement="ALTER TABLE accounts ATTACH PARTITION accounts_4 FOR VALUES FROM ($rows) TO ($((rows * 2)))" ;;
        update) window=40 statement="UPDATE accounts SET old = 'new' WHERE old = 'old'" ;;
        *) return 1 ;;
    esac
    if [ "$1" = detach ]; then load_of=detached; fi
}

# Rows that stay in the table, or the readers would find fewer as written as well.
reads_detached() { own_row; echo "SELECT balance FROM accounts WHERE id = :id / 2;"; }
writes_detached() { own_row; echo "UPDATE accounts SET balance = balance + 1 WHERE id = :id / 2;"; }
