# SPDX-License-Identifier: Apache-2.0
"""What one run of a program took: wall time, CPU time of the client, peak memory."""
import collections
import os
import signal
import subprocess

LIMIT_S = 300
SHOWN = 200                     # characters of what a program said that are worth keeping

Run = collections.namedtuple("Run", "wall_ms cpu_ms rss_mb")


class RunFailed(Exception):
    """The program did not do it; the text is its own, or what was wrong."""


class Meter:
    """launcher: the program made from bench/launch.c; folder: for what it writes."""

    def __init__(self, launcher, folder):
        self.launcher = launcher
        self.result = os.path.join(folder, "result")
        self.log = os.path.join(folder, "log")

    def run(self, command, env, folder):
        """Runs a command and returns a Run; raises RunFailed unless it ends with 0."""
        process = subprocess.Popen([self.launcher, self.result, self.log, *command], env=env,
                                   cwd=folder, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            process.wait(LIMIT_S)
        except BaseException as err:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if isinstance(err, subprocess.TimeoutExpired):
                raise RunFailed("took longer than %d s" % LIMIT_S) from None
            raise
        if process.returncode != 0:
            raise RunFailed("cannot be started")
        with open(self.result, encoding="ascii") as file:
            wall_us, cpu_us, rss_kb, status = map(int, file.read().split())
        if status != 0:
            raise RunFailed("exit status %d: %s" % (status, self.said()))
        return Run(wall_us / 1000, cpu_us / 1000, rss_kb / 1024)

    def said(self):
        """The line of the log that says most: the first with an error, else the last."""
        with open(self.log, "rb") as file:
            text = file.read(1 << 20).decode("utf-8", "replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        errors = [line for line in lines if "error" in line.lower()]
        return " ".join((errors or lines[-1:] or ["nothing"])[0].split())[:SHOWN]
