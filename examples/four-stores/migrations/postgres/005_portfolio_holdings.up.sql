CREATE TABLE IF NOT EXISTS portfolio_holdings (
    user_id  varchar(64) NOT NULL,
    symbol   varchar(12) NOT NULL CHECK (symbol = upper(symbol)),
    quantity numeric(18, 6) NOT NULL CHECK (quantity >= 0),
    PRIMARY KEY (user_id, symbol)
);
