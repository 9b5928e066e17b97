# SPDX-License-Identifier: Apache-2.0
"""Follows the commands of a document: its indented lines, in one shell."""
import os
import subprocess

from lib import server as servers

MARK = "@@@ command "
LIMIT_S = 300


def commands(path, chapter=None):
    """The indented lines of a document, or of one chapter of it ("## chapter")."""
    found, here = [], None
    with open(path, encoding="utf-8") as document:
        for line in document:
            here = line[3:].strip() if line.startswith("## ") else here
            if line.startswith("    ") and chapter in (None, here):
                found.append(line.strip())
    return found


def follow(lines, folder, path, replacements, variables=()):
    """Runs the lines in a folder, up to the first that fails; path: folders to look for programs.

    replacements: what stands for the servers that the document names.  Yields (line, what it
    printed or None, whether it has succeeded); None: it has not been run.
    """
    script = "".join("echo '%s%d'\n%s\n" % (MARK, i, line) for i, line in enumerate(lines))
    for there, here in replacements.items():
        script = script.replace(there, here)
    path = [*path, os.path.dirname(servers.client()), os.environ["PATH"]]
    done = subprocess.run(
        ["sh", "-eu", "-c", script], cwd=folder, stdin=subprocess.DEVNULL, timeout=LIMIT_S,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        env={"PATH": os.pathsep.join(filter(None, path)), "HOME": folder, "PGUSER": "postgres",
             "LC_ALL": "C.UTF-8", **dict(variables)})
    parts = done.stdout.decode("utf-8", "replace").split(MARK)[1:]
    for i, line in enumerate(lines):
        if i >= len(parts):
            yield line, None, False
        else:
            yield (line, parts[i].partition("\n")[2],
                   done.returncode == 0 or i + 1 < len(parts))


def of_server(server):
    """Replacements for a document that names PostgreSQL where it usually is."""
    return {"localhost:5432": "%s:%d" % (server.host, server.port), "localhost": server.host,
            "5432": str(server.port)}


def program_folder(folder, *programs):
    """Makes a folder with links to programs, to be looked at first."""
    os.mkdir(folder)
    for program in programs:
        os.symlink(program, os.path.join(folder, os.path.basename(program)))
    return folder
