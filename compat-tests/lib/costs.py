# SPDX-License-Identifier: Apache-2.0
"""What a run costs that does not depend on the machine's speed.

Instructions are counted by valgrind's callgrind, and only those of the program itself: libraries
differ from system to system.  Files and libraries are those that the kernel and the loader were
asked for.
"""
import os
import re
import shutil
import subprocess

LIMIT_S = 120
OPENED = re.compile(r"sys_(?:open|openat) \(.*?\(([^)]*)\)")
OF_LOADER = re.compile(r"\.so(\.|$)|/ld\.so\.cache$|^/proc/self/exe$|^/dev/")


class CostError(Exception):
    """A program did not run as it should; the text says which and why."""


def run(command, folder, variables=()):
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=LIMIT_S,
                          env=dict(environment(folder), **dict(variables)), check=False)
    if done.returncode != 0:
        raise CostError("%s: exit %d: %s" % (" ".join(command[-3:]), done.returncode,
                                             done.stdout.decode("utf-8", "replace")[-500:]))


def waits(command, folder):
    """How often the program gave up the processor by itself: to wait, mostly for the server."""
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, env=environment(folder)) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise CostError("%s: exit %d" % (" ".join(command[-3:]), process.returncode))
    return used.ru_nvcsw


def environment(folder):
    """The same for everyone, since looking at a variable costs instructions, too."""
    return {"PATH": os.environ.get("PATH", ""), "HOME": folder, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def has_valgrind():
    return shutil.which("valgrind") is not None


def made_with(program):
    """Compiler and flags, as the debugging information says: "GNU C17 12.2.0 ... -O2 ..."."""
    with open(program, "rb") as file:
        found = re.search(rb"(GNU C17|clang version) [^\0]*", file.read())
    return found.group().decode() if found else "a compiler that left no trace"


def count(command, folder, name):
    """Returns the instructions of the program command[0] and the files that it opened."""
    path = os.path.join(folder, name + ".callgrind")
    log = os.path.join(folder, name + ".valgrind")
    run(["valgrind", "--tool=callgrind", "--trace-syscalls=yes", "--log-file=" + log,
         "--callgrind-out-file=" + path, *command], folder)
    with open(log, encoding="utf-8", errors="replace") as file:
        opened = {match for line in file for match in OPENED.findall(line)}
    with open(path, encoding="utf-8", errors="replace") as file:
        instructions = sum_of(file, os.path.realpath(command[0]))
    return instructions, sorted(path for path in opened if not OF_LOADER.search(path))


def sum_of(lines, program):
    """Adds up the costs in a file of callgrind that are of one object itself."""
    names, total, ours, of_call = {}, 0, False, False
    for line in lines:
        named = re.match(r"c?ob=(\(\d+\))(?: (.*))?", line)
        if named:
            if named.group(2):
                names[named.group(1)] = os.path.realpath(named.group(2))
            if line.startswith("ob="):
                ours = names[named.group(1)] == program
        elif line.startswith("calls="):
            of_call = True      # the next line is what the called function cost
        elif line[0] in "0123456789+-*":
            if ours and not of_call:
                total += int(line.split()[1])
            of_call = False
    return total


def libraries(command, folder):
    """The libraries that the program asks for itself, by name without version."""
    log = os.path.join(folder, "loader")
    run(command, folder, {"LD_DEBUG": "files", "LD_DEBUG_OUTPUT": log})
    program, asked = os.path.basename(command[0]), set()
    for name in [name for name in os.listdir(folder) if name.startswith("loader.")]:
        path = os.path.join(folder, name)
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                found = re.search(r"file=(\S+) \[\d+\];\s+(?:needed|dynamically loaded) by (\S+)",
                                  line)
                if found and os.path.basename(found.group(2)) == program:
                    asked.add(os.path.basename(found.group(1)).split(".so")[0])
        os.unlink(path)
    return sorted(asked)
