# SPDX-License-Identifier: Apache-2.0
"""Builds a mutant in a copy of the project and asks the tests about it.

    with Workshop(top) as workshop:
        workshop.prepare()
        verdict = workshop.try_mutant(mutant, unit_only=True)

The copy holds the sources and what is already built, so that a mutant costs one compilation and one
link.  The work tree is only read.
"""
import collections
import contextlib
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from . import fitting

# Optimising a mutant takes longer than running it; its warnings do not matter.
FLAGS = ["BUILD=build", "CFLAGS=-O0 -g0", "WERROR="]
# What .ci/sanitize builds: it sees reads past an array, and memory that is lost.
SANITIZED = ["BUILD=build/sanitized", "WERROR=", "LDFLAGS=", "CFLAGS=-O0 -g0 "
             "-fsanitize=address,undefined -fno-sanitize-recover=all"]
SANITIZERS = {"ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:hard_rss_limit_mb=2048",
              "UBSAN_OPTIONS": "halt_on_error=1:abort_on_error=1"}
OBJECTS = ("obj", "gen", "tests", "libcflyway.a", "unit-tests", "cflyway")
FACTOR = 3                          # a test that takes so many times longer than usual hangs
UNIT_LEAST_S, CASES_LEAST_S = 20, 600
MEMORY_BYTES, FILE_BYTES = 2 << 30, 1 << 30

# killer: unit, sanitizers, cases, hang, build, or None for a survivor; by: a test; late: the units
# passed
Verdict = collections.namedtuple("Verdict", "killer by late seconds")


class TrialError(Exception):
    """The project itself does not build or does not pass: no mutant says anything then."""


def end(process):
    """Ends a process and all that it started: politely first, because it may run a server."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
            return


def limit_resources():
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Workshop:
    def __init__(self, top, server=None, with_sanitizers=False):
        self.top, self.server = os.path.abspath(top), server
        self.with_sanitizers = with_sanitizers
        self.folder = None
        self.unit_limit_s = 600.0
        self.cases_ok, self.cases_bad = set(), set()

    def __enter__(self):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="mutate."))
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def prepare(self):
        """Copies, builds and tests the project as it is; the time of this gives the limits."""
        shutil.copytree(self.top, self.folder, symlinks=True, dirs_exist_ok=True,
                        ignore=lambda folder, names: [
                            name for name in names
                            if name in (".git", "build") and folder == self.top])
        self.copy_objects()
        said = self.make(FLAGS, "build/unit-tests", "build/cflyway")
        if self.with_sanitizers:
            said = said or self.make(SANITIZED, "build/sanitized/unit-tests")
        if said:
            raise TrialError("the project does not build:\n" + said)
        shutil.copy2(self.path("build", "cflyway"), self.path("build", "unchanged"))
        os.makedirs(self.path("build", "home"), exist_ok=True)
        began = time.monotonic()
        verdict = self.unit([])
        if verdict:
            raise TrialError("the unit tests fail without a mutant: " + " ".join(verdict))
        self.unit_limit_s = max(UNIT_LEAST_S, FACTOR * (time.monotonic() - began))
        verdict = self.sanitized() if self.with_sanitizers else None
        if verdict:
            raise TrialError("sanitizers complain without a mutant: " + " ".join(verdict))

    def copy_objects(self):
        """What is built already, if it is of the default build folder."""
        for name in OBJECTS:
            source, target = os.path.join(self.top, "build", name), self.path("build", name)
            if os.path.isdir(source):
                shutil.copytree(source, target)
            elif os.path.exists(source):
                os.makedirs(self.path("build"), exist_ok=True)
                shutil.copy2(source, target)

    def make(self, flags, *targets):
        """Builds; returns nothing, or what the compiler said."""
        done = subprocess.run(["make", "--no-print-directory", *flags, *targets],
                              cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=self.environment())
        return done.stdout.decode("utf-8", "replace") or "make failed" if done.returncode else None

    def environment(self, **more):
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("MAKE", "CK_", "BUILD", "CFLYWAY", "FLYWAY"))}
        return dict(kept, **more)

    def try_mutant(self, mutant, unit_only):
        """Gives the file its change, tests, and takes the change back."""
        began = time.monotonic()
        source = self.path(mutant.path)
        stem = os.path.splitext(os.path.relpath(mutant.path, "src"))[0]
        changed = [source, self.path("build", "obj", stem + ".o")]
        sanitized = self.path("build", "sanitized", "obj", stem + ".o")
        if os.path.exists(sanitized):       # not that of main()
            changed.append(sanitized)
        with contextlib.ExitStack() as stack:
            for i, file in enumerate(changed):
                kept = self.path("build", "kept%d" % i)
                shutil.copy2(file, kept)
                stack.callback(shutil.copy2, kept, file)
            with open(source, encoding="utf-8", newline="") as file:
                text = file.read()
            with open(source, "w", encoding="utf-8", newline="") as file:
                file.write(mutant.apply(text))
            killer, by, late = self.judge(mutant, unit_only)
        return Verdict(killer, by, late, time.monotonic() - began)

    def judge(self, mutant, unit_only):
        if self.make(FLAGS, "build/unit-tests"):
            return "build", "", False
        suites = self.suites_of(mutant.path)
        found = self.unit(suites) if suites else None
        found = found or self.unit([])
        if found or unit_only:
            return (*(found or (None, "")), False)
        if self.make(FLAGS, "build/cflyway"):
            return "build", "", True
        if self.with_sanitizers:
            self.make(SANITIZED, "build/sanitized/unit-tests")
            found = self.sanitized()
        return (*(found or self.cases(mutant.path) or (None, "")), True)

    def suites_of(self, path):
        """Unit tests named like the file run first: most mutants die there."""
        stem = os.path.splitext(os.path.basename(path))[0]
        folder = self.path("tests", "unit")
        names = [name[len("test_"):-len(".c")] for name in sorted(os.listdir(folder))
                 if name.startswith("test_") and name.endswith(".c")]
        with open(os.path.join(folder, "suites.def"), encoding="utf-8") as file:
            listed = set(re.findall(r"^SUITE\((\w+)\)", file.read(), re.M))
        return [name for name in names
                if name in listed and (stem in name or name in stem.split("_"))]

    def unit(self, suites):
        """("unit", test) or ("hang", last test) if the tests notice, or None."""
        command = ["stdbuf", "-oL", self.path("build", "unit-tests"), *suites]
        env = self.environment(CK_FORK="no", CK_LOG_FILE_NAME="-", HOME=self.path("build", "home"))
        last, closed, bad = "", False, None
        for line in self.lines(command, env, self.unit_limit_s, limit_resources):
            if line is None:
                return "hang", "after " + last if last else ""
            died = re.match(r"\S+:\d+: (\w+), case \d+: (.*)", line)     # watchdog.c
            if died:
                return "hang" if died.group(2) == "hangs" else "unit", " ".join(died.groups())
            found = re.match(r"[^:]*:\d+:([PFES]):[^:]*:([^:]*):", line)
            if found:
                last = found.group(2)
                if found.group(1) in "FE":
                    bad = last
                    break
            closed = bool(re.match(r"[1-9]\d* passed, 0 failed", line))
        if bad is not None:
            return "unit", bad
        return None if closed else ("unit", "ended after " + last if last else "ended at once")

    def sanitized(self):
        """("sanitizers", what they say) if the unit tests make them complain, or None."""
        env = self.environment(CK_FORK="no", HOME=self.path("build", "home"), **SANITIZERS)
        for line in self.lines([self.path("build", "sanitized", "unit-tests")], env, CASES_LEAST_S):
            if line is None:
                return None
            found = re.search(r"(AddressSanitizer|LeakSanitizer): ([\w-]+)|runtime error: (.*)", line)
            if found:
                return "sanitizers", found.group(2) or found.group(3)
        return None

    def lines(self, command, env, limit_s, before=None):
        """The lines of a program, then None if it took too long.  It has ended afterwards."""
        process = subprocess.Popen(command, cwd=self.folder, env=env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   preexec_fn=before, start_new_session=True)
        late = threading.Event()
        timer = threading.Timer(limit_s, lambda: (late.set(), end(process)))
        timer.start()
        try:
            for raw in process.stdout:
                yield raw.decode("utf-8", "replace").rstrip("\n")
            if late.is_set():
                yield None
        finally:
            timer.cancel()
            end(process)
            process.stdout.close()

    def cases(self, path):
        """("cases", name) if a fitting case or test notices, or None."""
        globs, tests = fitting.cases_for(path)
        command = [sys.executable, "compat-tests/run", "-j", "2"]
        for pattern in globs:
            command += ["-k", pattern]
        for line in self.lines(command, self.case_environment("cflyway"), CASES_LEAST_S):
            if line is None:
                return "hang", "recorded cases"
            found = re.match(r"FAIL ([\w.-]+):", line)
            if found and self.passes_unchanged(found.group(1)):
                return "cases", found.group(1)
        for test in tests:
            name = os.path.basename(test)
            if self.script(name, "cflyway") and not self.script(name, "unchanged"):
                return "cases", name
        return None

    def case_environment(self, program):
        more = {}
        if self.server:
            host, port = self.server()
            more = {"PGHOST": host, "PGPORT": str(port)}
        return self.environment(CFLYWAY=self.path("build", program), PYTHONUNBUFFERED="1",
                                PYTHONDONTWRITEBYTECODE="1", **more)

    def passes_unchanged(self, case):
        """A case that fails without the mutant, too, says nothing about it."""
        if case not in self.cases_ok | self.cases_bad:
            done = subprocess.run([sys.executable, "compat-tests/run", "-k", case],
                                  cwd=self.folder, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                                  env=self.case_environment("unchanged"))
            (self.cases_bad if done.returncode else self.cases_ok).add(case)
        return case in self.cases_ok

    def script(self, name, program):
        """True if a test program of compat-tests fails."""
        if (name, program) in self.cases_ok:
            return False
        command = [sys.executable, "compat-tests/" + name]
        closing = ""
        for line in self.lines(command, self.case_environment(program), CASES_LEAST_S):
            closing = line or "hangs"
        failed = not re.match(r"\d+ passed, 0 failed", closing)
        if program == "unchanged" and not failed:
            self.cases_ok.add((name, program))
        return failed
