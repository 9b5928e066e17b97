-- Repeatable: applied again whenever its text, or the value of the placeholder, changes.
DROP VIEW IF EXISTS device_summary;

CREATE VIEW device_summary AS
SELECT
	d.site,
	d.name,
	count(r.celsius) AS readings,
	round(avg(r.celsius), 1) AS average_celsius,
	coalesce(max(r.celsius) > ${hot_celsius}, 0) AS hot
FROM device AS d
LEFT JOIN reading AS r ON r.device_id = d.device_id
GROUP BY d.device_id, d.site, d.name;
