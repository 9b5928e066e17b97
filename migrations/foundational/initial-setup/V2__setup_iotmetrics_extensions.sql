-- Only extensions that come with PostgreSQL itself and that PostgreSQL marks as trusted, so that
-- the owner of the database can install them without being a superuser.

-- Exclusion constraints that mix "=" on integers with "overlaps" on ranges: a device stands at
-- one site at a time (iot.device_site).
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA extensions;

-- Indexed search for parts of a name: dashboards look for signals with LIKE '%voltage%'.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA extensions;
