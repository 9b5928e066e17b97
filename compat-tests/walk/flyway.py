# SPDX-License-Identifier: Apache-2.0
"""Real Flyway: one Java process that runs all commands, or a process for each.

Both have run(arguments, variables, limit_s), which returns (exit status or "timeout", output,
error output) as lib/case_player.py's Programs.run() does.
"""
import glob
import os
import select
import shutil
import struct
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx512m",
           "--add-opens=java.base/java.util=ALL-UNNAMED",
           "--add-opens=java.base/java.lang=ALL-UNNAMED")
NO_NETWORK = ["-skipCheckForUpdate"]
MAIN = "org.flywaydb.commandline.Main"
WARM = "org.flywaydb.commandline.Warm"


class JavaError(Exception):
    """Java or the jars are missing, or the process has died."""


def jars(command):
    """The class path of the program that tools/install-flyway made: the jars beside it."""
    folder = os.path.dirname(os.path.realpath(command))
    found = sorted(glob.glob(os.path.join(folder, "*.jar")))
    if not any(os.path.basename(path).startswith("flyway-commandline-") for path in found):
        raise JavaError("no jars of Flyway beside %s; FLYWAY must come from tools/install-flyway"
                        % command)
    return ":".join(found)


def compiled(class_path, folder):
    """Compiles java/ into a jar in the folder and returns the class path that begins with it.

    In a folder, Flyway would find its files: an empty location is the root of the class path.
    """
    if not shutil.which("javac"):
        raise JavaError("javac is missing: install the package default-jdk-headless")
    sources = sorted(glob.glob(os.path.join(HERE, "java", "*.java")))
    jar = os.path.join(folder, "walk.jar")
    for command in (["javac", "-cp", class_path, "-d", folder, *sources],
                    ["jar", "--create", "--file", jar, "-C", folder, "org"]):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=False)
        if done.returncode != 0:
            raise JavaError(done.stdout.decode("utf-8", "replace"))
    return jar + ":" + class_path


class WarmFlyway:
    """Starts Java at the first command, and again after one that had to be ended.

    folder is the current directory of every command, environment what all of them have.
    """

    def __init__(self, class_path, folder, environment):
        self.command = ["java", *OPTIONS, "-cp", class_path, WARM]
        self.folder, self.environment = folder, environment
        self.process = None
        self.starts = 0

    def run(self, arguments, variables, limit_s):
        if not self.process:
            self.start()
        try:
            self.process.stdin.write(request(NO_NETWORK + arguments, variables))
            self.process.stdin.flush()
            end = time.monotonic() + limit_s
            status, = struct.unpack(">i", self.read(4, end))
            out, err = self.text(end), self.text(end)
        except TimeoutError:
            self.stop()
            return "timeout", b"", b""
        except OSError as problem:
            said = self.stop()
            raise JavaError("%s: %s" % (problem, said.decode("utf-8", "replace"))) from problem
        return status, out, err

    def start(self):
        self.starts += 1
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, cwd=self.folder,
                                        env=self.environment, start_new_session=True)

    def text(self, end):
        size, = struct.unpack(">i", self.read(4, end))
        return self.read(size, end)

    def read(self, size, end):
        data = b""
        descriptor = self.process.stdout.fileno()
        while len(data) < size:
            left_s = end - time.monotonic()
            if left_s <= 0 or not select.select([descriptor], [], [], left_s)[0]:
                raise TimeoutError
            piece = os.read(descriptor, size - len(data))
            if not piece:
                raise EOFError("Java has ended")
            data += piece
        return data

    def open_files(self):
        """The files that the process has open, without the libraries."""
        if not self.process:
            return []
        folder = "/proc/%d/fd" % self.process.pid
        paths = []
        for name in os.listdir(folder):
            try:
                paths.append(os.readlink(os.path.join(folder, name)))
            except FileNotFoundError:
                continue
        return paths

    def stop(self):
        """Ends Java; returns what it has said about itself."""
        if not self.process:
            return b""
        process, self.process = self.process, None
        process.kill()
        return process.communicate()[1]


class Program:
    """A new process for each command, as people run it."""

    def __init__(self, command, folder, environment):
        self.command, self.folder, self.environment = command, folder, environment

    def run(self, arguments, variables, limit_s):
        return run_once(self.command + arguments, self.folder,
                        dict(self.environment, **variables), limit_s)

    def open_files(self):
        return []

    def stop(self):
        return b""


def fresh_flyway(class_path, folder, environment):
    """Flyway as people run it; ThreadUtils of java/ must not be on the class path."""
    command = ["java", *OPTIONS, "-cp", class_path, MAIN, *NO_NETWORK]
    return Program(command, folder, environment)


def run_once(command, folder, environment, limit_s):
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, cwd=folder, env=environment,
                          start_new_session=True) as process:
        try:
            out, err = process.communicate(timeout=limit_s)
            return process.returncode, out, err
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.communicate()
            return "timeout", b"", b""


def request(arguments, variables):
    """The form that java/Warm.java reads."""
    texts = [text for pair in variables.items() for text in pair]
    return b"".join([struct.pack(">i", len(variables)), *map(packed, texts),
                     struct.pack(">i", len(arguments)), *map(packed, arguments)])


def packed(text):
    data = text.encode()
    return struct.pack(">i", len(data)) + data
