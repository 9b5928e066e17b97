# SPDX-License-Identifier: Apache-2.0
"""The migrations that every tool gets, each in its own layout."""

INSERT_ROWS = 20                # a statement of about 1.7 kB
COPY_ROWS = 1000
ROW = "('%08d', 'Lorem ipsum dolor sit amet, consectetur adipiscing elit', 12.5, NULL)"
LINE = "%08d\tLorem ipsum; dolor 'sit amet, consectetur\t12.5\t\\N\n"
TABLE = "CREATE TABLE bt_big (a text, b text, c numeric, d text);\n"


def table(number):
    """One statement."""
    return ("CREATE TABLE bt_%d (id bigint PRIMARY KEY, name text NOT NULL, at timestamptz);\n"
            % number)


def mixed(number):
    """Five statements: a table, rows, an index, an update; the function is FUNCTION's."""
    rows = ",\n  ".join("(%d, 'row %d; it''s -- not a comment')" % (i, i) for i in range(10))
    return ("-- migration {0}\n"
            "CREATE TABLE bt_{0} (\n  id int PRIMARY KEY, /* key */\n  name text\n);\n"
            "INSERT INTO bt_{0} (id, name) VALUES\n  {1};\n"
            "CREATE INDEX bt_{0}_name ON bt_{0} (name);\n"
            "UPDATE bt_{0} SET name = upper(name) WHERE id % 2 = 0;\n").format(number, rows)


def function(number):
    """A statement with semicolons in it; some tools want it marked."""
    return ("CREATE FUNCTION bf_{0}() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n"
            "  RETURN (SELECT count(*) FROM bt_{0});\nEND;\n$$;\n").format(number)


def write_inserts(file, size_bytes):
    """Writes a table and INSERTs of that size; returns the number of rows."""
    file.write(TABLE)
    written = rows = 0
    while written < size_bytes:
        values = ",\n".join(ROW % (rows + i) for i in range(INSERT_ROWS))
        written += file.write("INSERT INTO bt_big (a, b, c, d) VALUES\n" + values + ";\n")
        rows += INSERT_ROWS
    return rows


def write_copy(file, size_bytes):
    """Writes a table and one COPY with rows of that size; returns their number."""
    file.write(TABLE + "COPY bt_big (a, b, c, d) FROM stdin;\n")
    written = rows = 0
    while written < size_bytes:
        written += file.write("".join(LINE % (rows + i) for i in range(COPY_ROWS)))
        rows += COPY_ROWS
    file.write("\\.\n")
    return rows
