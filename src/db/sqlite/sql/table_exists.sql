SELECT count(tbl_name) > 0 FROM %s.sqlite_master WHERE type = 'table' AND tbl_name = $1
