-- migrate:up
CREATE TYPE order_status AS ENUM ('open', 'paid', 'shipped');

CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id),
    status order_status NOT NULL DEFAULT 'open',
    amount numeric(12, 2) NOT NULL CHECK (amount >= 0),
    placed_at timestamptz NOT NULL DEFAULT now()
);

-- migrate:down
DROP TABLE orders;
DROP TYPE order_status;
