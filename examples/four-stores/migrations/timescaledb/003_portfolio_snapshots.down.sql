DROP VIEW IF EXISTS portfolio_latest;
DROP TABLE IF EXISTS portfolio_snapshots;
