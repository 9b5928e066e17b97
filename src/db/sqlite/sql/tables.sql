SELECT tbl_name FROM %s.sqlite_master WHERE type = 'table' ORDER BY rowid
