CREATE TABLE IF NOT EXISTS portfolio_snapshots (
    user_id  varchar(64) NOT NULL,
    taken_at timestamptz NOT NULL,
    value    numeric(18, 2) NOT NULL,
    PRIMARY KEY (user_id, taken_at)
);

-- The latest snapshot of each user.
CREATE OR REPLACE VIEW portfolio_latest AS
SELECT DISTINCT ON (user_id) user_id, taken_at, value
FROM portfolio_snapshots
ORDER BY user_id, taken_at DESC;
