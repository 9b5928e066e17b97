#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The static program in a root where there is nothing but itself, certificates and a project.

    CFLYWAY=build/static/x86_64/cflyway compat-tests/static_root.py

No shell, no /proc, no time zones, no character sets, no name server.  A program for another machine
runs in qemu-ARCH-static, which is put beside it.  Needs root, for chroot.  tools/static-check runs
it.
"""
import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import server as pg  # noqa: E402
from lib.tls import authority  # noqa: E402

MACHINES = {0x3E: "x86_64", 0xB7: "aarch64"}
INSTALLED = "opt/cflyway"
PROGRAM = "/%s/cflyway" % INSTALLED
PASSWORD = "a secret"
LIMIT_S = 120
RULES = """
local all postgres trust
local all person scram-sha-256
hostssl all person 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
"""


class Root:
    """The folder that becomes the root of the program."""

    def __init__(self, folder, program):
        self.folder, self.emulator = folder, []
        self.put(INSTALLED + "/cflyway", program)
        for name in ("conf", "migrations"):
            shutil.copytree(os.path.join(TOP, name), self.path("project/" + name))
        for name in ("tmp", "run", "project/build"):
            os.makedirs(self.path(name))
        os.chmod(self.path("run"), 0o777)
        self.write("etc/hosts", "127.0.0.1 localhost db.example\n")
        with open(program, "rb") as file:
            machine = MACHINES[file.read(20)[18]]
        if machine != os.uname().machine:
            self.put("emulator", shutil.which("qemu-%s-static" % machine))
            self.emulator = ["/emulator"]

    def path(self, name):
        return os.path.join(self.folder, name)

    def put(self, name, source):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        shutil.copy(source, self.path(name))

    def write(self, name, text, encoding="utf-8"):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding=encoding) as file:
            file.write(text)

    def run(self, *arguments, program=PROGRAM, folder="/project", **variables):
        """Status and everything that was printed."""
        def enter():
            os.chroot(self.folder)
            os.chdir(folder)

        done = subprocess.run([*self.emulator, program, *arguments], check=False, timeout=LIMIT_S,
                              env=dict({"HOME": "/"}, **variables), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=enter)
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def rows(self, name, query):
        with contextlib.closing(sqlite3.connect(self.path(name))) as database:
            return database.execute(query).fetchall()


class Failed(Exception):
    """What was printed instead."""


def expect(outcome, status, *texts):
    if outcome[0] != status or not all(text in outcome[1] for text in texts):
        raise Failed("status %d, %r wanted: %s" % (outcome[0], texts, outcome[1]))


def demo(root, _server):
    expect(root.run("-configFiles=conf/demo.conf", "migrate"), 0, "now at version v4")
    expect(root.run("-configFiles=conf/demo.conf", "info"), 0, "Success")


def folder_of_the_program(root, _server):
    """sql/ beside the program is the default; without /proc the kernel still tells its path."""
    root.write(INSTALLED + "/sql/V1__one.sql", "create table one(x);")
    url = "-url=jdbc:sqlite:/tmp/%s.db"
    expect(root.run(url % "absolute", "migrate", folder="/"), 0, "now at version v1")
    expect(root.run(url % "relative", "migrate", program="cflyway/cflyway", folder="/opt"), 0,
           "now at version v1")


def character_sets(root, _server):
    text = "\u2460 \u7acb\uff5e"                # not in the iconv of musl, or otherwise
    for encoding, python in (("windows-31j", "cp932"), ("EUC-JP", "euc_jp"), ("GB18030", "gb18030")):
        name = text if python == "cp932" else text[2:3]
        root.write("project/%s/V1__t.sql" % python, "create table t as select '%s' as name;" % name,
                   python)
        database = "tmp/%s.db" % python
        expect(root.run("-url=jdbc:sqlite:/" + database, "-locations=filesystem:" + python,
                        "-encoding=" + encoding, "migrate"), 0, "now at version v1")
        got = root.rows(database, "select name from t")
        if got != [(name,)]:
            raise Failed("%s: %r" % (encoding, got))


def time_zone_unknown(root, _server):
    expect(root.run("-configFiles=conf/demo.conf", "info", TZ="Europe/Berlin"), 0, "Success")


def script_without_shell(root, _server):
    root.write("project/shell/V1__s.sh", "echo hello\n")
    expect(root.run("-url=jdbc:sqlite:/tmp/shell.db", "-locations=filesystem:shell", "migrate"), 1,
           "V1__s.sh", "No such file or directory")


def by_name(root, server):
    expect(root.run(*postgres("jdbc:postgresql://db.example:%d/postgres" % server.port), "migrate"),
           0, "now at version v1")


def by_socket(root, server):
    expect(root.run(*postgres("postgres://person@/postgres?host=/run&port=%d" % server.port), "info"),
           0, "Success")


def certificates_of_the_system(root, server):
    url = "jdbc:postgresql://db.example:%d/postgres?sslmode=verify-full&sslrootcert=%s"
    whole = postgres(url % (server.port, "system"))
    expect(root.run(*whole, "info"), 1, "signed by an authority that is not known here")
    root.put("etc/ssl/certs/ca-certificates.crt", server.authority)
    expect(root.run(*whole, "info"), 0, "Success")
    expect(root.run(*postgres(url % (server.port, "/etc/ssl/certs/ca-certificates.crt")),
                    "info"), 0, "Success")
    expect(root.run(*postgres((url % (server.port, "system")).replace("db.example", "localhost")),
                    "info"), 1, "localhost")


def unknown_host(root, _server):
    expect(root.run(*postgres("jdbc:postgresql://nowhere.invalid/postgres"), "info"), 1,
           "nowhere.invalid", "cannot be looked up now")


def no_kerberos(root, server):
    url = "jdbc:postgresql://db.example:%d/postgres?gssEncMode=require" % server.port
    expect(root.run(*postgres(url), "info"), 1, "no Kerberos inside")


def postgres(url):
    return ("-url=" + url, "-user=person", "-password=" + PASSWORD, "-locations=filesystem:postgres",
            "-schemas=own")


TESTS = (demo, folder_of_the_program, character_sets, time_zone_unknown, script_without_shell,
         by_name, by_socket, certificates_of_the_system, unknown_host, no_kerberos)


@contextlib.contextmanager
def tls_server(root):
    """A server with TLS, whose other socket is in the root; server.authority has signed it."""
    with tempfile.TemporaryDirectory() as scratch:
        own = authority.Authority(scratch, "own")
        crt, key = own.sign("server", "db.example", "DNS:db.example")
        os.chmod(scratch, 0o755)
        owner = pg.owner()
        for path in (own.folder, crt, key):
            shutil.chown(path, owner["user"], owner["group"])
        rules = os.path.join(scratch, "rules")
        with open(rules, "w", encoding="ascii") as file:
            file.write(RULES)
        with pg.temporary_server(("ssl=on", "ssl_cert_file=" + crt, "ssl_key_file=" + key,
                                  "unix_socket_directories=" + root.path("run"),
                                  "hba_file=" + rules)) as server:
            server.query("create role person superuser login password '%s'" % PASSWORD)
            server.authority = own.crt
            yield server


def main():
    program = os.path.abspath(os.environ["CFLYWAY"])
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        root = Root(folder, program)
        root.write("project/postgres/V1__one.sql", "create table one(x int);")
        with tls_server(root) as server:
            for test in TESTS:
                try:
                    test(root, server)
                    passed += 1
                    print("ok", test.__name__)
                except Failed as err:
                    failed += 1
                    print("FAIL", test.__name__, err)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
