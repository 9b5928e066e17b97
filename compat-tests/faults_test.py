#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays what can go wrong around cflyway, and checks that no migration is lost or applied twice.

The connection is cut and the program killed after each message of a run; two programs run at once,
or another one holds Flyway's lock; files change, signals come, the output goes nowhere; a planted
password must not be printed; large scripts must not need much memory.

CFLYWAY names the program under test (default: build/cflyway of this checkout).  With PGHOST set
that server is used, see lib/server.py.  With FLYWAY, real Flyway, it takes part in one test.
"""
import argparse
import concurrent.futures
import fnmatch
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import server as pg  # noqa: E402
from lib.faults import (  # noqa: E402
    clean, connection, kept_out, locks, memory, other_products, passwords, processes, programs,
    sqlite_files, undo, waits)
from lib.faults.harness import Bench, Failure, Skip  # noqa: E402

# The long ones first, so that the end does not wait for one of them alone.
MODULES = (processes, connection, memory, undo, passwords, locks, waits, sqlite_files, clean,
           kept_out, programs, other_products)


def all_tests():
    """Name -> function; the names are those of the functions, in words."""
    return {test.__name__[len("test_"):].replace("_", " "): test
            for module in MODULES for test in module.TESTS}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-k", action="append", default=[], metavar="NAME",
                        help="only tests whose name matches the glob or contains the text")
    parser.add_argument("-j", type=int, default=2 * (os.cpu_count() or 1), metavar="N",
                        help="tests at a time (default: twice the cores, as many of them wait)")
    parser.add_argument("--repeat", type=int, default=10, metavar="N",
                        help="how often programs are killed at random moments (default: 10)")
    parser.add_argument("--seed", type=int, default=random.randrange(10 ** 6), metavar="N",
                        help="for the random moments")
    parser.add_argument("--bound", type=int, default=40, metavar="N",
                        help="about how many messages of a run are tried (default: 40; 0: all)")
    parser.add_argument("--list", action="store_true", help="print the names of the tests")
    return parser.parse_args()


def program():
    default = os.path.join(os.path.dirname(HERE), "build", "cflyway")
    command = shlex.split(os.environ.get("CFLYWAY") or default)
    if "/" in command[0]:
        command[0] = os.path.abspath(command[0])
    if not shutil.which(command[0]):
        sys.exit("there is no program " + command[0])
    return command


def attempt(name, test, bench):
    """Returns passed, failed or skipped and the line that says so."""
    begun = time.monotonic()
    try:
        said = test(bench)
    except Skip as err:
        return "skipped", "skip %s: %s" % (name, err)
    except (Failure, pg.ServerError, OSError, subprocess.SubprocessError) as err:
        return "failed", "FAIL %s: %s" % (name, err)
    except Exception as err:    # pylint: disable=broad-except
        return "failed", "FAIL %s: the test itself: %s: %s" % (name, type(err).__name__, err)
    return "passed", "ok %s (%s%.1f s)" % (name, said + "; " if said else "",
                                           time.monotonic() - begun)


def play(tests, bench, jobs):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    pool = concurrent.futures.ThreadPoolExecutor(max(1, jobs))
    try:
        waiting = [pool.submit(attempt, name, test, bench) for name, test in tests.items()]
        for future in concurrent.futures.as_completed(waiting):
            status, line = future.result()
            counts[status] += 1
            print(line, flush=True)
    except BaseException:
        for future in waiting:
            future.cancel()
        bench.end_all()
        raise
    finally:
        pool.shutdown()
    return counts


def interrupted(_signal, _frame):
    sys.exit(1)


def main():
    options = arguments()
    tests = {name: test for name, test in all_tests().items()
             if not options.k or any(fnmatch.fnmatch(name, k) or k in name for k in options.k)}
    if options.list:
        print("\n".join(tests))
        return 0
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    command = program()
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="faults."))
    try:
        with pg.open_server() as server:
            print("seed %d" % options.seed, flush=True)
            counts = play(tests, Bench(command, server, scratch, options), options.j)
    except pg.ServerError as err:
        sys.exit(str(err))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print("%d passed, %d failed, %d skipped" % (
        counts["passed"], counts["failed"], counts["skipped"]))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
