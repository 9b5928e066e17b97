# SPDX-License-Identifier: Apache-2.0
"""What the programs beside this folder share: they choose cases, play many at a time, show what
differs, and end everything that they have started when they are interrupted.
"""
import argparse
import collections
import concurrent.futures
import contextlib
import difflib
import fnmatch
import os
import shlex
import shutil
import signal
import sys
import tempfile

from . import cases, server

SHORT_DIFF = 40     # lines of a difference shown without -v

Result = collections.namedtuple("Result", "case status reason diff")
Result.__new__.__defaults__ = ("", ())


def parser(description):
    made = argparse.ArgumentParser(description=description)
    made.add_argument("-k", action="append", default=[], metavar="PATTERN",
                      help="only cases whose name matches the glob or contains the text")
    made.add_argument("-j", type=int, default=os.cpu_count(), metavar="N",
                      help="cases at a time (default: number of cores)")
    made.add_argument("-v", action="store_true", help="whole differences, and skipped cases")
    return made


def chosen_cases(patterns):
    def wanted(name):
        return not patterns or any(fnmatch.fnmatch(name, k) or k in name for k in patterns)

    return [case for case in cases.all_cases() if wanted(case.name)]


def cflyway():
    """The program under test, as a list: $CFLYWAY, which may hold arguments."""
    root = os.path.dirname(cases.HERE)
    return command(os.environ.get("CFLYWAY", os.path.join(root, "build", "cflyway")))


def flyway():
    """Real Flyway, as a list: $FLYWAY, which may hold arguments."""
    if not os.environ.get("FLYWAY"):
        sys.exit('FLYWAY must name real Flyway, e.g. FLYWAY="$(tools/install-flyway)"')
    return command(os.environ["FLYWAY"])


def command(text):
    words = shlex.split(text)
    if "/" in words[0]:
        words[0] = os.path.abspath(words[0])
    if not shutil.which(words[0]):
        sys.exit("there is no program " + words[0])
    return words


@contextlib.contextmanager
def prepared(chosen):
    """A server, or None if no case needs one, and a folder; both are gone afterwards."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, interrupted)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="compat."))
        database_server = None
        if any(case.database == "postgresql" for case in chosen):
            database_server = stack.enter_context(server.open_server())
        yield database_server, os.path.realpath(folder)


def interrupted(_signal, _frame):
    sys.exit(1)         # runs the finally clauses: programs and server end with us


def missing(case, database_server):
    """What the case requires and the server lacks, or None."""
    for need in case.requires:
        kind, _, name = need.partition(" ")
        if kind == "extension":
            query = "select count(*) from pg_available_extensions where name = '%s'" % name
            there = database_server.value(query) == "1"
        elif kind == "server":
            there = database_server.major >= int(name)
        elif kind == "program":
            there = shutil.which(name) is not None
        else:
            raise cases.CaseError("steps.json requires an unknown thing: " + need)
        if not there:
            return need
    return None


def major(case, database_server):
    """The major version of the server that the case runs on; None without one."""
    return database_server.major if case.database == "postgresql" else None


def unified(number, want, got, names=("expected", "got")):
    """The unified diff of one run as lines; empty when both are equal."""
    def lines(text):
        return [repr(line)[1:-1] if "\r" in line else line for line in text.split("\n")]

    titles = ["%s %s" % (name, number) for name in names]
    return list(difflib.unified_diff(lines(want), lines(got), *titles, lineterm="", n=2))


def attempt(action, case):
    """A case that cannot be played is a failed case, not the end of the run."""
    try:
        return action(case)
    except cases.CaseError as err:
        return Result(case, "failed", str(err))


def show(result, options):
    """One line for a failed case, and its difference."""
    if result.status == "failed":
        print("FAIL %s: %s" % (result.case.name, result.reason))
        shown = result.diff if options.v else result.diff[:SHORT_DIFF]
        for line in shown:
            print("    " + line)
        if len(shown) < len(result.diff):
            print("    ... %d more lines, shown with -v" % (len(result.diff) - len(shown)))
    elif result.status == "recorded" or options.v:
        print("%s %s%s" % (result.status, result.case.name, result.reason and ": " + result.reason))
    sys.stdout.flush()


def run_all(action, chosen, options, programs):
    """Calls action(case) for all of them, several at a time, shows and returns the results."""
    pool = concurrent.futures.ThreadPoolExecutor(max(1, options.j))
    results, futures = [], []
    try:
        futures += [pool.submit(attempt, action, case) for case in chosen]
        for future in concurrent.futures.as_completed(futures):
            results.append(future.result())
            show(results[-1], options)
    finally:
        for future in futures:
            future.cancel()
        programs.end_all()
        pool.shutdown()
    return results


def closing(results):
    """The closing lines; the last one has the form that other programs read."""
    count = collections.Counter(result.status for result in results)
    reasons = collections.Counter(result.reason for result in results if result.status == "skipped")
    for reason, number in reasons.most_common():
        print("skipped: %d %s" % (number, reason))
    good = sum(count.values()) - count["failed"] - count["skipped"]
    line = "%d passed, %d failed" % (good, count["failed"])
    if count["skipped"]:
        line += ", %d skipped" % count["skipped"]
    print(line)
    return 1 if count["failed"] else 0
