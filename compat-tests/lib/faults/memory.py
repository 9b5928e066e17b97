# SPDX-License-Identifier: Apache-2.0
"""Large scripts, statements and results need little memory: the peak is that of the process, as the
kernel counted it."""
import itertools
import os
import sys

from .harness import Failure, Script, write

PEAK_MB = 14                    # and three times the largest statement
RESULT_MB = 16                  # of a result that is kept in memory
COPY_MB = 100
INSERTS_MB = 20
LIMIT_S = 60

# Runs a command and prints its exit status and peak memory in KiB. A process of its own, because
# what a program has used before exec counts, and this one uses less than our test does.
MEASURE = """
import os, sys
pid = os.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(pid, 0)
with open(sys.argv[1], "w") as file:
    file.write("%d %d" % (os.waitstatus_to_exitcode(status), usage.ru_maxrss))
"""


def measured(bench, folder, url, *args):
    """Returns the outcome and the peak in MB."""
    report = os.path.join(folder, "peak")
    command = [sys.executable, "-I", "-S", "-c", MEASURE, report] + bench.command
    outcome = bench.run(folder, url, *args, command=command, limit_s=LIMIT_S)
    with open(report) as file:
        code, peak_kib = map(int, file.read().split())
    return outcome._replace(code=code), peak_kib / 1024


def migrate_measured(bench, folder, url, *args):
    return measured(bench, folder, url, *args, "migrate")


def must_be_small(outcome, peak_mb, what, more_mb=0):
    outcome.must(0, what)
    if peak_mb > PEAK_MB + more_mb:
        raise Failure("%s: %.1f MB of memory" % (what, peak_mb))
    return "%.1f MB of memory, %.1f s" % (peak_mb, outcome.elapsed_s)


def write_repeated(path, before, piece, after, size_mb):
    """before, then piece(n) for n = 0, 1, … until the size is reached, then after."""
    size = size_mb * 1000 * 1000
    with open(path, "w", encoding="ascii", buffering=1 << 20) as file:
        file.write(before)
        written = number = 0
        while written < size:
            text = "".join(piece(n) for n in range(number, number + 1000))
            file.write(text)
            written += len(text)
            number += 1000
        file.write(after)
    return number


def large(bench, size_mb, before, piece, after, *args):
    with bench.database("large") as database:
        folder = bench.project("large", ())
        path = os.path.join(folder, "sql", "V1__Large.sql")
        rows = write_repeated(path, before, piece, after, size_mb)
        try:
            outcome, peak_mb = migrate_measured(bench, folder, database.url(), *args)
        finally:
            os.remove(path)
        said = must_be_small(outcome, peak_mb, "a script of %d MB" % size_mb)
        found = database.session.value("select count(*) from large")
        if found != str(rows):
            raise Failure("%s rows instead of %d" % (found, rows))
        return "%d MB; %s" % (size_mb, said)


TEXT = "abcdefghijklmnopqrstuvwxyz 0123456789 " * 10
TABLE = "create unlogged table large (id int, text text);\n"


def test_memory_of_a_large_copy(bench):
    return large(bench, COPY_MB, TABLE + "copy large (id, text) from stdin;\n",
                 lambda n: "%d\t%s\n" % (n, TEXT), "\\.\ninsert into large select 1 where false;\n")


DRY_RUN_MB = 64
END_OF_DRY_RUN = b"\n-- End of the dry run\n"


def dry_run(bench, url, what, before, piece, after, size_mb=DRY_RUN_MB):
    """The file holds the whole script, and was not held in memory."""
    folder = bench.project("dry-run", ())
    script, file = (os.path.join(folder, name) for name in ("sql/V1__Large.sql", "dry.sql"))
    write_repeated(script, before, piece, after, size_mb)
    try:
        outcome, peak_mb = migrate_measured(bench, folder, url, "-dryRunOutput=" + file)
        said = must_be_small(outcome, peak_mb, "a dry run with %d MB of %s" % (size_mb, what))
        if os.path.getsize(file) < os.path.getsize(script):
            raise Failure("the file of the dry run is smaller than the script")
        with open(file, "rb") as text:
            text.seek(-len(END_OF_DRY_RUN), os.SEEK_END)
            if text.read() != END_OF_DRY_RUN:
                raise Failure("the file of the dry run is not complete")
    finally:
        for path in (script, file):
            if os.path.exists(path):
                os.remove(path)
    return "%d MB of %s: %s" % (size_mb, what, said)


def test_memory_of_a_dry_run(bench):
    with bench.database("dry_run") as database:
        said = [dry_run(bench, database.url(), "COPY",
                        TABLE + "copy large (id, text) from stdin;\n",
                        lambda n: "%d\t%s\n" % (n, TEXT), "\\.\n"),
                dry_run(bench, database.url(), "INSERT", TABLE, insert, "")]
    said.append(dry_run(bench, "jdbc:sqlite::memory:", "INSERT into SQLite",
                        "create table large (id int, text text);\n", insert, "", 50))
    return "; ".join(said)


def insert(n):
    return "insert into large (id, text) values (%d, '%s');\n" % (n, TEXT[:76])


def test_memory_of_many_inserts(bench):
    return large(bench, INSERTS_MB, TABLE, insert, "")


def test_memory_of_many_inserts_one_by_one(bench):
    """A script with transaction control awaits each statement."""
    return large(bench, 2, TABLE + "commit;\n", insert, "")


def test_memory_of_one_large_row(bench):
    """One line of COPY data that is larger than any buffer should be."""
    with bench.database("large") as database:
        folder = bench.project("large", ())
        write(os.path.join(folder, "sql", "V1__Large.sql"),
              TABLE + "copy large from stdin;\n1\t" + TEXT * 100000 + "\n\\.\n")
        outcome, peak_mb = migrate_measured(bench, folder, database.url())
        return must_be_small(outcome, peak_mb, "a row of 38 MB")


def test_memory_of_a_large_statement(bench):
    with bench.database("large") as database:
        said = []
        for size_mb, conf in ((1, ""), (10, ""), (40, "executeInTransaction=false\n")):
            folder = bench.project("large", ())
            database.reset()
            path = os.path.join(folder, "sql", "V1__Large.sql")
            with open(path, "w", encoding="ascii") as file:
                file.write(TABLE + "insert into large (text) values ('")
                for _ in range(size_mb):
                    file.write(("x" * 99 + "\n") * 10000)
                file.write("');\n")
            if conf:
                write(path + ".conf", conf)
            outcome, peak_mb = migrate_measured(bench, folder, database.url())
            os.remove(path)
            must_be_small(outcome, peak_mb, "a statement of %d MB" % size_mb, 3 * size_mb)
            said.append("%d MB: %.1f" % (size_mb, peak_mb))
        return ", ".join(said)


COMMENTS_MB = 60


def test_memory_of_long_comments(bench):
    """In front of a statement; they count for nothing, neither in memory nor for the limit."""
    folder = bench.project("comments", ())
    path = os.path.join(folder, "sql", "V1__Comments.sql")
    said = []
    for what, before, piece, after in (("lines", "", "-- %s\n" % TEXT, ""),
                                       ("a block", "/*", TEXT + "\n", "*/"),
                                       ("blank lines", "\n", "\n" * 400, "")):
        write_repeated(path, before, lambda _, piece=piece: piece,
                       after + "create table large (id int);\n", COMMENTS_MB)
        outcome, peak_mb = migrate_measured(bench, folder, "jdbc:sqlite::memory:",
                                            "-cflyway.maxStatementSize=1MB")
        os.remove(path)
        said.append(must_be_small(outcome, peak_mb, "%d MB of comments" % COMMENTS_MB))
    return "%d MB each; %s" % (COMMENTS_MB, "; ".join(said))


FILES = 10 * 1000
FILES_MB = 8                    # more than one file needs; 6.5 to 7.5 are usual
ROWS_OF_FILES = """
delete from flyway_schema_history;
insert into flyway_schema_history (installed_rank, version, description, type, script, checksum,
    installed_by, execution_time, success)
select i, i, 'Create table ' || i, 'SQL', 'V' || i || '__Create_table_' || i || '.sql', %d,
    'postgres', 1, true from generate_series(1, %d) i
"""


def test_memory_of_many_files(bench):
    script = Script("V1__Create_table_1.sql", "select 1;\n")
    with bench.database("files") as database:
        folder = bench.project("files", (script,))
        outcome, one_mb = migrate_measured(bench, folder, database.url())
        outcome.must(0, "one file")
        database.session.run(ROWS_OF_FILES % (script.checksum(), FILES))
        for i in range(2, FILES + 1):
            write(os.path.join(folder, "sql", "V%d__Create_table_%d.sql" % (i, i)), script.content)
        said = []
        for verb, line in (("migrate", "No migration necessary"),
                           ("validate", "Successfully validated %d migrations" % FILES)):
            outcome, peak_mb = measured(bench, folder, database.url(), verb)
            outcome.must(0, verb).must_say(line, verb)
            if peak_mb - one_mb > FILES_MB:
                raise Failure("%s: %.1f MB more than with one file" % (verb, peak_mb - one_mb))
            said.append("%s %.1f MB" % (verb, peak_mb - one_mb))
        return ", ".join(said)


RESULT_ROWS = 400 * 1000
RESULT_TEXT = "a text that makes the row longer, number "


def result_lines():
    """The table as Flyway draws it."""
    width = len(RESULT_TEXT) + len(str(RESULT_ROWS))
    ruler = "+--------+%s+------+" % ("-" * (width + 2))
    yield from (ruler, "| i      | %s | null |" % "text".ljust(width), ruler)
    for i in range(1, RESULT_ROWS + 1):
        yield "| %s | %s |      |" % (str(i).ljust(6), (RESULT_TEXT + str(i)).ljust(width))
    yield from (ruler, "")


def large_result(bench, folder, url, what, *args):
    """What waits in a file is shown like what waits in memory; folder holds the script."""
    outcome, peak_mb = migrate_measured(bench, folder, url, *args)
    must_be_small(outcome, peak_mb, what, RESULT_MB)
    lines = outcome.out.split("\n")
    begin = next((i for i, line in enumerate(lines) if line.startswith("+--")), len(lines))
    for number, (shown, wanted) in enumerate(itertools.zip_longest(
            lines[begin:begin + RESULT_ROWS + 5], result_lines())):
        if shown != wanted:
            raise Failure("%s: line %d of the table is %r instead of %r" % (
                what, number, shown, wanted))
    return "%s %.1f MB, %.1f s" % (what, peak_mb, outcome.elapsed_s)


def test_memory_of_a_large_result(bench):
    """In the pipeline, alone, and kept back for callbacks of statements."""
    query = "select i, '%s' || i as text, null as \"null\" from generate_series(1, %d) i;\n" % (
        RESULT_TEXT, RESULT_ROWS)
    said = []
    with bench.database("large") as database:
        for what, name, content in (
                ("queued", None, None),
                ("alone", "V1__Large.sql.conf", "executeInTransaction=false\n"),
                ("kept back", "afterEachMigrateStatement.sql", "create temp table if not exists seen (i int);\n")):
            folder = bench.project("large", ())
            write(os.path.join(folder, "sql", "V1__Large.sql"), query)
            if name:
                write(os.path.join(folder, "sql", name), content)
            database.reset()
            said.append(large_result(bench, folder, database.url(), what))
    return "; ".join(said)


def test_memory_of_a_large_result_of_sqlite(bench):
    folder = bench.project("large", ())
    write(os.path.join(folder, "sql", "V1__Large.sql"),
          "with recursive c(i) as (select 1 union all select i + 1 from c where i < %d)\n"
          "select i, '%s' || i as text, null as \"null\" from c;\n" % (RESULT_ROWS, RESULT_TEXT))
    return large_result(bench, folder, "jdbc:sqlite:" + os.path.join(folder, "x.db"), "SQLite")


TESTS = (test_memory_of_a_large_copy, test_memory_of_long_comments, test_memory_of_a_dry_run,
         test_memory_of_a_large_statement,
         test_memory_of_a_large_result, test_memory_of_a_large_result_of_sqlite,
         test_memory_of_many_files, test_memory_of_many_inserts,
         test_memory_of_many_inserts_one_by_one, test_memory_of_one_large_row)
