SELECT count(tbl_name) > 0 FROM %s.sqlite_master WHERE type = 'table' AND tbl_name NOT IN ('android_metadata', 'sqlite_sequence')
