-- A function body is one statement, whatever it holds.
-- migrate:up
CREATE FUNCTION spent(who bigint) RETURNS numeric
LANGUAGE plpgsql STABLE AS $$
DECLARE
    total numeric;
BEGIN
    SELECT sum(amount) INTO total FROM orders WHERE user_id = who AND status <> 'open';
    RETURN coalesce(total, 0);
END;
$$;

COMMENT ON FUNCTION spent(bigint) IS 'what a user paid so far; open orders don''t count';

-- migrate:down
DROP FUNCTION spent(bigint);
