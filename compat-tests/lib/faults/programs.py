# SPDX-License-Identifier: Apache-2.0
"""Signals and terminals, while a migration that is not SQL runs: none of its processes goes on."""
import contextlib
import os
import shlex
import signal
import subprocess

from .harness import Failure, wait_until, write

WAITS = "sleep 60 & echo $! >child.new; mv child.new child; wait\n"
# The child has a session of its own, and a process that has left that one's group.
LEAVES = ("setsid sh -c 'setsid sleep 60 & echo $! >child.new; mv child.new child; wait' &\n"
          "wait\n")
STAYS = "has done stays: a program cannot be rolled back."


def is_running(pid):
    """A process that nobody has waited for yet does not run any more."""
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def child_of(folder):
    path = os.path.join(folder, "child")
    wait_until(lambda: os.path.exists(path), "the child of the script")
    with open(path, encoding="ascii") as file:
        return int(file.read())


def project(bench, script):
    folder = bench.folder("program")
    os.makedirs(os.path.join(folder, "sql"))
    write(os.path.join(folder, "sql", "V1__a.sh"), script)
    return folder


def must_have_ended(outcome, child, number, word):
    outcome.must(128 + number, "signal %d" % number)
    if is_running(child):
        os.kill(child, signal.SIGKILL)
        raise Failure("signal %d: the child of the script goes on%s" % (number, outcome.tail()))
    if "rolled back." in outcome.text.replace(STAYS, ""):
        raise Failure("signal %d: says that something was rolled back" % number + outcome.tail())
    outcome.must_say("has received %s from cflyway. All of its processes have ended." % word,
                     "signal %d" % number).must_say(STAYS, "signal %d" % number)


def stopped_by(bench, number, script=WAITS):
    folder = project(bench, script)
    process = bench.start(folder, "jdbc:sqlite:a.db", "migrate")
    child = child_of(folder)
    os.kill(process.pid, number)
    must_have_ended(bench.finish(process), child, number, signal.Signals(number).name)


def test_termination_during_a_program(bench):
    stopped_by(bench, signal.SIGTERM)


def test_hangup_during_a_program(bench):
    stopped_by(bench, signal.SIGHUP)


def test_termination_reaches_other_sessions(bench):
    stopped_by(bench, signal.SIGTERM, LEAVES)


def test_interrupt_reaches_other_sessions(bench):
    stopped_by(bench, signal.SIGINT, LEAVES)


def test_second_signal_during_a_program(bench):
    """What does not end by itself is killed at once then."""
    folder = project(bench, "trap '' TERM\n" + WAITS)
    process = bench.start(folder, "jdbc:sqlite:a.db", "migrate")
    child = child_of(folder)
    os.kill(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(0.3)
    os.kill(process.pid, signal.SIGTERM)
    bench.finish(process).must(128 + signal.SIGTERM, "the second signal")
    wait_until(lambda: not is_running(child), "the end of the script's child")


# --- terminal -------------------------------------------------------------------------------------

@contextlib.contextmanager
def on_terminal(bench, folder, command="exec %s \"$@\""):
    """Starts migrate in the foreground of a terminal; yields its other side and the program."""
    master, slave = os.openpty()
    try:
        shell = ["sh", "-c", "exec <%s; %s" % (
            os.ttyname(slave), command % shlex.join(bench.command)), "sh"]
        yield master, bench.start(folder, "jdbc:sqlite:a.db", "migrate", command=shell)
    finally:
        os.close(slave)
        os.close(master)


def test_interrupt_of_a_program_on_a_terminal(bench):
    folder = project(bench, WAITS)
    with on_terminal(bench, folder) as (terminal, process):
        child = child_of(folder)
        os.write(terminal, b"\x03")
        must_have_ended(bench.finish(process), child, signal.SIGINT, "SIGINT")


def test_program_that_reads_the_terminal(bench):
    folder = project(bench, "read word </dev/tty; echo \"got <$word>\"\n")
    with on_terminal(bench, folder) as (terminal, process):
        os.write(terminal, b"secret\n")
        bench.finish(process).must(0, "migrate").must_say("got <secret>", "migrate")


def test_interrupt_of_a_program_that_reads_the_terminal(bench):
    """The interrupt reaches the program alone, which has the terminal; cflyway ends with it."""
    folder = project(bench, "read a </dev/tty; echo $a; " + WAITS)
    write(os.path.join(folder, "sql", "V2__b.sql"), "create table b (a int);\n")
    with on_terminal(bench, folder) as (terminal, process):
        os.write(terminal, b"a\n")
        child = child_of(folder)
        os.write(terminal, b"\x03")
        outcome = bench.finish(process).must(128 + signal.SIGINT, "Ctrl-C")
        if is_running(child):
            raise Failure("the child of the script goes on" + outcome.tail())


def test_suspended_program_goes_on(bench):
    """Ctrl-Z stops cflyway and the program; fg lets both go on."""
    folder = project(bench, "sleep 1 & echo $! >child.new; mv child.new child; wait; echo woken\n")
    with on_terminal(bench, folder, "set -m; %s \"$@\"; cat /proc/$(cat child)/stat >state; fg"
                     ) as (terminal, process):
        child_of(folder)
        os.write(terminal, b"\x1a")
        outcome = bench.finish(process).must(0, "migrate").must_say("woken", "migrate")
    with open(os.path.join(folder, "state"), encoding="ascii") as file:
        if file.read().split()[2] != "T":
            raise Failure("the program was not stopped" + outcome.tail())


TESTS = (test_termination_during_a_program, test_hangup_during_a_program,
         test_termination_reaches_other_sessions, test_interrupt_reaches_other_sessions,
         test_second_signal_during_a_program, test_interrupt_of_a_program_on_a_terminal,
         test_program_that_reads_the_terminal,
         test_interrupt_of_a_program_that_reads_the_terminal, test_suspended_program_goes_on)
