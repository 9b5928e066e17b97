"""Large scripts need little memory: the peak is that of the process, as the kernel counted it."""
import os
import sys

from .bench import Failure, write

PEAK_MB = 25
COPY_MB = 200
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


def migrate_measured(bench, folder, database, *args):
    """Returns the outcome and the peak in MB."""
    report = os.path.join(folder, "peak")
    command = [sys.executable, "-I", "-S", "-c", MEASURE, report] + bench.command
    outcome = bench.run(folder, database.url(), *args, "migrate", command=command, limit_s=LIMIT_S)
    with open(report) as file:
        code, peak_kib = map(int, file.read().split())
    return outcome._replace(code=code), peak_kib / 1024


def must_be_small(outcome, peak_mb, what):
    outcome.must(0, what)
    if peak_mb > PEAK_MB:
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
            outcome, peak_mb = migrate_measured(bench, folder, database, *args)
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
        outcome, peak_mb = migrate_measured(bench, folder, database)
        return must_be_small(outcome, peak_mb, "a row of 38 MB")


TESTS = (test_memory_of_a_large_copy, test_memory_of_many_inserts,
         test_memory_of_many_inserts_one_by_one, test_memory_of_one_large_row)
