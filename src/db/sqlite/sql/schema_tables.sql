SELECT m.name,
       (SELECT count(*) FROM pragma_table_info(m.name, $1) c WHERE lower(c.name) IN
        ('installed_rank', 'version', 'description', 'type', 'script', 'checksum',
         'installed_by', 'installed_on', 'execution_time', 'success')) = 10
FROM   %s.sqlite_master m
WHERE  m.type = 'table'
AND    m.name NOT LIKE 'sqlite\_%' ESCAPE '\'
ORDER  BY m.name
