CREATE TABLE IF NOT EXISTS portfolio_transactions (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id   varchar(64) NOT NULL,
    symbol    varchar(12) NOT NULL,
    quantity  numeric(18, 6) NOT NULL CHECK (quantity <> 0),
    booked_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (user_id, symbol) REFERENCES portfolio_holdings
);

-- A transaction changes the holding that it belongs to.
CREATE OR REPLACE FUNCTION book_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE portfolio_holdings SET quantity = quantity + NEW.quantity
    WHERE user_id = NEW.user_id AND symbol = NEW.symbol;
    RETURN NEW;
END
$$;

CREATE TRIGGER book_transaction AFTER INSERT ON portfolio_transactions
    FOR EACH ROW EXECUTE FUNCTION book_transaction();
