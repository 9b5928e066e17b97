DROP TABLE IF EXISTS portfolio_transactions;
DROP FUNCTION IF EXISTS book_transaction();
