#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does each shell complete verbs, options, values and file names of cflyway?

A line is typed on a terminal, with the tabulator, and entered; in place of cflyway a function shows
which words it gets.
"""
import os
import pty
import re
import select
import shutil
import signal
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(os.path.dirname(HERE), "build")
PROGRAM = os.environ.get("CFLYWAY", os.path.join(BUILD, "cflyway"))
FOLDER = os.path.join(os.path.dirname(PROGRAM), "completion")
LIMIT_S = 20

# What is typed, and the words that cflyway gets.
LINES = (
    ("cflyway mig\t", "migrate"),
    ("cflyway test\t", "testConnection"),
    ("cflyway migrate -outOfO\ttrue", "migrate -outOfOrder=true"),
    ("cflyway -outOfOrder=f\t", "-outOfOrder=false"),
    ("cflyway info -outputType=j\t", "info -outputType=json"),
    ("cflyway -configFiles=one_f\t", "-configFiles=one_file.conf"),
    ("cflyway -configFiles=a.conf,one_f\t info", "-configFiles=a.conf,one_file.conf info"),
    ("cflyway -passwordFile=one_f\t info", "-passwordFile=one_file.conf info"),
    # folders only; the slash is there, and one may go on
    ("cflyway -locations=fi\tsql info", "-locations=filesystem:sql info"),
    ("cflyway -locations=filesystem:some_\tx info", "-locations=filesystem:some_folder/x info"),
    ("cflyway -locations=filesystem:some_folder/in\tx info",
     "-locations=filesystem:some_folder/inner/x info"),
    ("cflyway -locations=filesystem:one_f\t info", "-locations=filesystem:one_f info"),
    ("cflyway -locations=filesystem:a,filesystem:some_\tx info",
     "-locations=filesystem:a,filesystem:some_folder/x info"),
    ("cflyway -callbackLocations=a,filesystem:some_\tx",
     "-callbackLocations=a,filesystem:some_folder/x"),
    ("cflyway -cflyway.layout=upd\t migrate", "-cflyway.layout=updown migrate"),
    ("cflyway help val\t", "help validate"),
    ("cflyway migrate -placeholders\tx=1", "migrate -placeholders.x=1"),
    # in the short form beside the verb, with and without a value
    ("cflyway info -exitC\t", "info -exitCode"),
    ("cflyway info -info.exitC\ttrue", "info -info.exitCode=true"),
    ("cflyway init -databaseT\tSQLite", "init -databaseType=SQLite"),
    ("cflyway init -databaseType=S\t", "init -databaseType=SQLite"),
    ("cflyway repair -dryR\t", "repair -dryRun"),
    ("cflyway migrate -dryRun=e\t", "migrate -dryRun=execute"),
    # clean does not take it, and a second verb is not proposed
    ("cflyway clean -outOfO\t", "clean -outOfO"),
    ("cflyway migrate inf\t", "migrate inf"),
)

SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"],
             "source {folder}/cflyway.bash; PS1='ready> '; "
             "cflyway() {{ printf 'GOT<%s>\\n' \"$*\"; }}"),
    "zsh": (["zsh", "-f", "-i"],
            "fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D; setopt no_beep; "
            "PS1='ready> '; cflyway() {{ print -r -- \"GOT<$*>\" }}"),
    "fish": (["fish", "--no-config", "-i"],
             "source {folder}/cflyway.fish; function fish_prompt; echo -n 'ready> '; end; "
             "function cflyway; echo \"GOT<$argv>\"; end"),
}


class Terminal:
    """A shell on a terminal."""

    def __init__(self, command, folder):
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith(("BASH", "ZSH", "FISH"))}
        environment.update(TERM="dumb", HOME=folder, LC_ALL="C.UTF-8", HISTFILE="")
        self.pid, self.leader = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        self.text = ""

    def type(self, text):
        os.write(self.leader, text.encode())

    def wait(self, pattern):
        """What matches in what is new, or None when it takes too long."""
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            found = re.search(pattern, self.text, re.S)
            if found:
                self.text = self.text[found.end():]
                return found
            if select.select([self.leader], [], [], 0.2)[0]:
                self.text += os.read(self.leader, 65536).decode("utf-8", "replace")
        return None

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.leader)


def played(shell, folder):
    """(what was typed, wanted, got) of each line."""
    command, begin = SHELLS[shell]
    terminal = Terminal(command, folder)
    try:
        terminal.type(begin.format(folder=FOLDER) + "; echo BE''GUN\n")
        terminal.wait("BEGUN.*ready> ")
        for line, wanted in LINES:
            typed, _, rest = line.partition("\t")
            terminal.type(typed + "\t")
            time.sleep(0.3)         # a shell drops what is typed while it completes
            terminal.type(rest + "\n")
            found = terminal.wait(r"GOT<([^\n]*)>\r?\n")
            yield line, wanted, found and found[1].strip()
    finally:
        terminal.close()


def main():
    passed = failed = skipped = 0
    for shell in SHELLS:
        if not shutil.which(shell):
            print("skip %s: it is not installed" % shell)
            skipped += 1
            continue
        with tempfile.TemporaryDirectory(prefix="completion.") as folder:
            with open(os.path.join(folder, "one_file.conf"), "w", encoding="ascii"):
                pass
            os.makedirs(os.path.join(folder, "some_folder", "inner"))
            for line, wanted, got in played(shell, folder):
                if got == wanted:
                    passed += 1
                else:
                    failed += 1
                    print("FAIL %s: %r gave %r, not %r" % (shell, line, got, wanted))
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
