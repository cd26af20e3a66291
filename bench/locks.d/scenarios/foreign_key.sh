# shellcheck shell=bash disable=SC2034,SC2154
title="ADD FOREIGN KEY between two tables under write load"
clients=16 rate=800 window=6

tables()
{
    accounts_table
    cat <<SQL
CREATE TABLE orders (id bigint PRIMARY KEY, account_id bigint NOT NULL, amount bigint NOT NULL) WITH (fillfactor = 50);
INSERT INTO orders SELECT i, i, 0 FROM generate_series(0, $((clients * rows_of_client)) - 1) i;
SQL
}
reads() { own_row; echo "SELECT balance, amount FROM accounts a JOIN orders o ON o.account_id = a.id WHERE o.id = :id;"; }

# Locks the tables in the order opposite to that of ALTER TABLE orders: who holds one of them and queues for the
# other is in a deadlock.
writes()
{
    own_row
    cat <<'SQL'
BEGIN \; UPDATE accounts SET balance = balance + 1 WHERE id = :id;
\sleep 5 ms
UPDATE orders SET amount = amount + 1 WHERE id = :id;
\sleep 2 ms
COMMIT;
SQL
}
migration()
{
    cat <<'SQL'
-- file
ALTER TABLE orders ADD CONSTRAINT orders_account_fkey FOREIGN KEY (account_id) REFERENCES accounts;
SQL
}
