SELECT "name" FROM pragma_table_info($2, $1) ORDER BY "cid"
