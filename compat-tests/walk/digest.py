# SPDX-License-Identifier: Apache-2.0
"""What is in a database, as lines of text: objects, rows, and the rows of history tables apart.

pg_dump would say more, and cost twenty times as much.
"""
import os
import sqlite3

# The columns of a history table that differ between two runs.
VARYING = ("installed_on", "execution_time")

OBJECTS = """
set jit = off;
with ns as (
  select oid, nspname from pg_namespace
   where nspname not in ('pg_catalog', 'information_schema') and nspname !~ '^pg_(temp|toast)'
), rel as (
  select c.*, format('%I.%I', ns.nspname, c.relname) as name
    from pg_class c join ns on ns.oid = c.relnamespace where c.relpersistence <> 't'
)
select 'schema ' || quote_ident(nspname) from ns
union all
select format('relation %s %s %s of %s %s (%s)', relkind, relpersistence, name,
              pg_get_userbyid(relowner), obj_description(rel.oid, 'pg_class'),
              (select string_agg(format('%I %s %s %s', attname, format_type(atttypid, atttypmod),
                                        attnotnull, pg_get_expr(adbin, adrelid)),
                                 ', ' order by attnum)
                 from pg_attribute a left join pg_attrdef d on adrelid = attrelid and adnum = attnum
                where attrelid = rel.oid and attnum > 0 and not attisdropped))
  from rel where relkind <> 'i'
union all
select format('view %s %s', name, pg_get_viewdef(oid)) from rel where relkind in ('v', 'm')
union all
select format('index %s valid %s', pg_get_indexdef(indexrelid), indisvalid)
  from pg_index join rel on rel.oid = indexrelid
union all
select format('constraint %s %s %s', name, conname, pg_get_constraintdef(c.oid))
  from pg_constraint c join rel on rel.oid = conrelid
union all
select format('trigger %s', pg_get_triggerdef(t.oid))
  from pg_trigger t join rel on rel.oid = tgrelid where not tgisinternal
union all
select format('function %s %s', p.oid::regprocedure, prosrc)
  from pg_proc p join ns on ns.oid = pronamespace
union all
select format('type %I.%I %s %s', nspname, typname, typtype,
              (select string_agg(enumlabel, ',' order by enumsortorder)
                 from pg_enum where enumtypid = t.oid))
  from pg_type t join ns on ns.oid = typnamespace where typtype in ('e', 'd', 'r')
union all
select format('sequence %I.%I %s', schemaname, sequencename, last_value) from pg_sequences
union all
select format('extension %s', extname) from pg_extension
union all
select format('setting %s', setconfig) from pg_db_role_setting s
  join pg_database d on d.oid = setdatabase where datname = current_database()
"""

TABLES = """
select format('%I.%I', nspname, relname),
       string_agg(quote_ident(attname), ',' order by attnum)
         filter (where attname not in ('installed_on', 'execution_time')),
       bool_or(attname = 'installed_rank')
  from pg_class c join pg_namespace n on n.oid = relnamespace
  join pg_attribute on attrelid = c.oid and attnum > 0 and not attisdropped
 where relkind = 'r' and relpersistence <> 't'
   and nspname not in ('pg_catalog', 'information_schema')
 group by 1 order by 1
"""
MOST_ROWS = 2000        # of a table; what is beyond counts as a number


def postgres(session):
    """Returns (lines of the history tables, lines about everything else)."""
    history, rest = [], sorted(row[0] for row in session.query(OBJECTS))
    queries, names = [], []
    for name, columns, is_history in session.query(TABLES):
        if columns is None:
            continue
        names.append((name, is_history == "t"))
        queries.append("(select %d as n, (%s)::text as line from (select %s from %s order by 1 "
                       "limit %d) x)" % (len(names) - 1, "row(x.*)", columns, name, MOST_ROWS))
    for name, is_history in names:
        if is_history:
            history.append("table " + name)
    if queries:
        for number, line in session.query(" union all ".join(queries) + " order by 1"):
            name, is_history = names[int(number)]
            (history if is_history else rest).append("%s %s" % (name, line))
    return history, rest


def sqlite(path):
    """The same for a SQLite file."""
    if not os.path.exists(path):
        return [], ["no file"]
    try:
        connection = sqlite3.connect(path, timeout=5)
        connection.text_factory = lambda data: data.decode("utf-8", "backslashreplace")
        try:
            return sqlite_lines(connection)
        finally:
            connection.close()
    except sqlite3.Error as problem:
        return [], ["unreadable: %s" % problem]


def sqlite_lines(connection):
    history, rest = [], []
    objects = connection.execute(
        "select type, name, sql from sqlite_master order by type, name").fetchall()
    for kind, name, sql in objects:
        rest.append("%s %s %s" % (kind, name, sql))
        if kind != "table":
            continue
        quoted = '"%s"' % name.replace('"', '""')
        columns = [row[1] for row in connection.execute("pragma table_info(%s)" % quoted)]
        is_history = "installed_rank" in columns
        kept = ", ".join('"%s"' % column.replace('"', '""') for column in columns
                         if column not in VARYING) or "1"
        lines = ["%s %r" % (name, row) for row in
                 connection.execute("select %s from %s limit %d" % (kept, quoted, MOST_ROWS))]
        if is_history:
            history.append("table " + name)
        (history if is_history else rest).extend(lines)
    return history, rest
