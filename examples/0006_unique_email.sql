-- Fails on the seed's second Ada.  The column stays; the next run goes on with the index.
-- migrate:up
ALTER TABLE users ADD COLUMN verified_at timestamptz;
CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON users (lower(email));

-- migrate:down
DROP INDEX CONCURRENTLY users_email_key;
ALTER TABLE users DROP COLUMN verified_at;
