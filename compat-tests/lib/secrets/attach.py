# SPDX-License-Identifier: Apache-2.0
"""Can other programs of the same user attach to cflyway and read its memory (Linux)?

The kernel gives /proc/PID of a process to which they cannot to root. So root's own processes tell
nothing: as root the program is started by an ordinary user, from a copy that this user may read,
since a program that its user may only execute is closed to all others in any case.
"""
import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time

from .. import server as pg

LIMIT_S = 20
URL = "-url=jdbc:postgresql://127.0.0.1:%d/silent"


def belongs_to(process):
    return os.stat("/proc/%d/mem" % process.pid).st_uid


@contextlib.contextmanager
def copied(command):
    """The command with copies of its files that everybody may read and execute."""
    folder = os.path.realpath(tempfile.mkdtemp(prefix="attach."))
    try:
        os.chmod(folder, 0o755)
        made = []
        for part in command:
            if os.path.isfile(part):
                part = shutil.copyfile(part, os.path.join(folder, os.path.basename(part)))
                os.chmod(part, 0o755)
            made.append(part)
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def started(command, user):
    process = subprocess.Popen(command, cwd="/", stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={"PATH": os.defpath}, **user)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def is_open(process, user):
    """Whether its memory belongs to the user who has started it."""
    return belongs_to(process) == user.get("user", os.getuid())


def becomes_open(process, user):
    """The kernel opens a new program a moment after it has begun."""
    end = time.monotonic() + LIMIT_S
    while not is_open(process, user) and time.monotonic() < end:
        time.sleep(0.01)
    return is_open(process, user)


def faults(command):
    """What is wrong, as lines. A program that does not hide shows that this can find something."""
    user = pg.owner()
    with started(["sleep", "60"], user) as other:
        if not becomes_open(other, user):
            yield "this cannot tell: `sleep` is closed to its user, too"
            return
    with socket.create_server(("127.0.0.1", 0)) as silent, copied(command) as copy:
        silent.settimeout(LIMIT_S)
        args = [URL % silent.getsockname()[1], "-locations=filesystem:/nowhere", "info"]
        with started(copy + args, user) as process:
            try:
                peer = silent.accept()[0]
            except socket.timeout:
                yield "it does not connect as an ordinary user"
                return
            with peer:
                if is_open(process, user):
                    yield "programs of the same user can attach to it"
