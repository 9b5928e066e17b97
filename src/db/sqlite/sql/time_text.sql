CASE
WHEN typeof(%c) NOT IN ('integer', 'real') THEN strftime('%Y-%m-%d %H:%M:%f', %c)
WHEN %c > 100000000000 THEN strftime('%Y-%m-%d %H:%M:%f', %c / 1000.0, 'unixepoch')
ELSE strftime('%Y-%m-%d %H:%M:%f', %c, 'unixepoch')
END
