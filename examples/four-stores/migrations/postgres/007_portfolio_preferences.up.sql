CREATE TABLE IF NOT EXISTS portfolio_preferences (
    user_id  varchar(64) PRIMARY KEY,
    currency char(3) NOT NULL DEFAULT 'EUR',
    risk     int NOT NULL DEFAULT 3 CHECK (risk BETWEEN 1 AND 5)
);
