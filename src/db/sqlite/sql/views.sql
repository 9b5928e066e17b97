SELECT tbl_name FROM %s.sqlite_master WHERE type = 'view' ORDER BY rowid
