-- CREATE INDEX CONCURRENTLY refuses a transaction block, so it becomes a step of its own.
-- migrate:up
ALTER TABLE orders ADD COLUMN note text;
CREATE INDEX CONCURRENTLY orders_user_id_idx ON orders (user_id, placed_at);

-- migrate:down
DROP INDEX CONCURRENTLY orders_user_id_idx;
ALTER TABLE orders DROP COLUMN note;
