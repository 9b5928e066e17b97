# SPDX-License-Identifier: Apache-2.0
"""Builds the libraries torture/shim_*.c, which make the k-th allocation or system call fail."""
import os
import platform
import shlex
import struct
import subprocess

from ..faults.harness import Skip

TORTURE = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))), "torture")
REPORT_SIZE = 512               # struct report of shim_calls.c
FAILED_START = 125


class Report:
    """What a shim counted. name and target: the call that was made to fail, None if none was."""

    def __init__(self, data):
        self.count, is_hit = struct.unpack_from("=QQ", data)
        self.name = decode(data[16:48]) if is_hit else None
        self.target = decode(data[48:REPORT_SIZE]) if is_hit else None

    def __str__(self):
        return "%s of %s" % (self.name, self.target) if self.name else "no call"


def decode(data):
    return data.split(b"\0")[0].decode("utf-8", "replace")


class Shim:
    """One of the libraries, built into a folder, and the file with what it counts."""

    def __init__(self, name, folder):
        self.library = os.path.join(folder, "shim_%s.so" % name)
        self.path = os.path.join(folder, "report_" + name)
        build({name, "pauses"}, self.library)
        self.clear()

    def clear(self):
        with open(self.path, "wb") as file:
            file.write(bytes(REPORT_SIZE))

    def variables(self, at, how="", calls=(), keep=False):
        """The environment in which call number `at` fails (0: none), and all later ones (keep)."""
        self.clear()
        return {"LD_PRELOAD": self.library, "INJECT_REPORT": self.path, "INJECT_AT": str(at),
                "INJECT_HOW": str(how), "INJECT_CALLS": ",".join(calls),
                "INJECT_KEEP": "1" if keep else "0"}

    def report(self):
        with open(self.path, "rb") as file:
            return Report(file.read())


def build(names, library):
    """The pauses of retries take no time in any of them."""
    compiler = shlex.split(os.environ.get("CC") or "cc")
    subprocess.run([*compiler, "-O1", "-fPIC", "-shared", "-o", library,
                    *(os.path.join(TORTURE, "shim_%s.c" % name) for name in sorted(names))],
                   check=True)


def need_linux_x86():
    """For shim_calls.c."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise Skip("needs Linux on x86-64")
