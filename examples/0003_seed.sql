-- The first customers, as they came out of the old shop with pg_dump, and orders to go with them.
-- migrate:up
COPY users (email, name) FROM stdin;
ada@example.com	Ada
grace@example.com	Grace
edsger@example.com	Edsger
barbara@example.com	Barbara
Ada@example.com	Ada (second account)
\.

INSERT INTO orders (user_id, status, amount, placed_at)
SELECT u.id, 'paid', n % 500, timestamptz '2026-01-01' + n * interval '1 minute'
  FROM generate_series(1, 50000) n
  JOIN users u ON u.id = 1 + n % 4;

-- migrate:down
DELETE FROM orders;
DELETE FROM users;
