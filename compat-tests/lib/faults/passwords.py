# SPDX-License-Identifier: Apache-2.0
"""A planted password reaches the program on every way there is; it must not be printed anywhere."""
import os
import urllib.parse

from .. import server as pg
from .harness import Failure, Script, Skip, decode, wait_until, write

USER = "faults_planted"
# In pieces, so that a part that is printed is found, too: as given, and as written in a URL.
RIGHT = "qX7first+qX7second&qX7third"
WRONG = "qX7other;qX7wrong#qX7bad"
PLANTED = "qX7"
SCRIPT = Script("V1__Sleep.sql", "select pg_sleep(${seconds});\n")
BAD_SCRIPT = Script("V2__Bad.sql", "select 1/0;\n")


def quoted(password):
    return urllib.parse.quote(password, safe="")


class Planted:
    """A database whose owner must give a password."""

    def __init__(self, bench, database):
        self.bench, self.database = bench, database
        self.folder = bench.project("password", (SCRIPT, BAD_SCRIPT))
        self.url = database.url()
        self.found = []             # where the password was printed

    def close_door(self):
        server, name = self.bench.server, self.database.name
        server.psql("set password_encryption = 'scram-sha-256'; drop role if exists %s; "
                    "create role %s login superuser password '%s'; " % (USER, USER, RIGHT))
        path = os.path.join(server.directory, "data", "pg_hba.conf")
        with open(path, encoding="utf-8") as file:
            rules = file.read()
        with open(path, "w", encoding="utf-8") as file:     # the same file: its owner stays
            file.write("host all %s 127.0.0.1/32 scram-sha-256\n" % USER + rules)
        server.psql("select pg_reload_conf()")
        wait_until(lambda: self.refused(pg.Server(server.host, server.port, USER), name),
                   "the server to ask for a password")

    @staticmethod
    def refused(server, name):
        try:
            server.psql("select 1", name, "-w")
        except pg.ServerError as err:
            return "password" in str(err)
        return False

    def try_all(self, name, wanted, args, env=(), conf=None):
        """Runs the program as it is, and with -X and an output file. wanted: exit code or None."""
        if conf is not None:
            write(os.path.join(self.folder, "test.conf"), conf)
            args = ["-configFiles=test.conf", *args]
        for more in ([], ["-X", "-outputFile=log.txt"]):
            log = os.path.join(self.folder, "log.txt")
            outcome = self.bench.run_raw(self.folder, ["-placeholders.seconds=0",
                                                       "-locations=filesystem:sql", *more, *args],
                                         env=dict(env))
            text = outcome.text
            if os.path.exists(log):
                with open(log, encoding="utf-8", errors="backslashreplace") as file:
                    text += file.read()
                os.remove(log)
            what = "%s %s" % (name, " ".join(more))
            if wanted is not None:
                outcome.must(wanted, what)
            if PLANTED in text:
                lines = [line for line in text.splitlines() if PLANTED in line]
                self.found.append("%s: %s" % (what, " / ".join(lines[:3])))


def test_password_is_not_printed(bench):
    if not bench.server.directory:
        raise Skip("only with a server of our own")
    with bench.database("planted") as database:
        planted = Planted(bench, database)
        planted.close_door()
        try:
            for kind in (ways_in, failures, misspelt, other_databases):
                kind(planted)
            process_list(planted)
        finally:
            database.session.run("drop owned by {0} cascade; drop role {0}".format(USER))
        if planted.found:
            raise Failure("the password is printed\n    " + "\n    ".join(planted.found))


def ways_in(planted):
    """Every way to give it, right and wrong."""
    url = planted.url
    user = "-user=" + USER
    for password, exit_code in ((RIGHT, 0), (WRONG, 1)):
        said = "right" if exit_code == 0 else "wrong"
        in_url = "%s?user=%s&password=%s" % (url, USER, quoted(password))
        first = "%s?password=%s&user=%s" % (url, quoted(password), USER)
        verbs = ["-target=1", "info"]
        planted.try_all(said + " argument", exit_code,
                        ["-url=" + url, user, "-password=" + password, *verbs])
        planted.try_all(said + " in the URL", exit_code, ["-url=" + in_url, *verbs])
        planted.try_all(said + " first in the URL", exit_code, ["-url=" + first, *verbs])
        planted.try_all(said + " in FLYWAY_PASSWORD", exit_code, ["-url=" + url, user, *verbs],
                        env={"FLYWAY_PASSWORD": password})
        planted.try_all(said + " in FLYWAY_URL", exit_code, verbs, env={"FLYWAY_URL": in_url})
        planted.try_all(said + " in a file", exit_code, verbs, conf=(
            "flyway.url=%s\nflyway.user=%s\nflyway.password=%s\n" % (url, USER, password)))
        planted.try_all(said + " in a URL in a file", exit_code, verbs,
                        conf="flyway.url=%s\n" % in_url)
        planted.try_all(said + " in a variable that a file names", exit_code, verbs, conf=(
            "flyway.url=%s\nflyway.user=%s\nflyway.password=${PLANTED_WORD}\n" % (url, USER)),
                        env={"PLANTED_WORD": password})
        planted.try_all(said + " as a property", None, [
            "-url=" + url, user, "-jdbcProperties.password=" + password, *verbs])
        planted.try_all(said + " as a property in a file", None, verbs, conf=(
            "flyway.url=%s\nflyway.user=%s\nflyway.jdbcProperties.password=%s\n" % (
                url, USER, password)))
        path = os.path.join(planted.folder, "secret")
        write(path, password + "\nsecond line\n")
        os.chmod(path, 0o600)
        for given in ("-passwordFile=secret", "-passwordFile=" + path,
                      "-cflyway.passwordFile=secret"):
            planted.try_all(said + " by " + given, exit_code, ["-url=" + url, user, given, *verbs])
        planted.try_all(said + " in the file of a file", exit_code, verbs, conf=(
            "flyway.url=%s\nflyway.user=%s\ncflyway.passwordFile=secret\n" % (url, USER)))
        planted.try_all(said + " in the file of a variable", exit_code, ["-url=" + url, user, *verbs],
                        env={"CFLYWAY_PASSWORD_FILE": path})
        planted.try_all(said + " twice", 1, [
            "-url=" + url, user, "-passwordFile=secret", "-password=" + password, *verbs])
    login = ["-url=" + url, user, "-password=" + RIGHT]
    for verbs in (["migrate"], ["validate"], ["repair"], ["baseline"], ["info"],
                  ["-cleanDisabled=false", "clean"]):
        planted.try_all(" ".join(verbs), None, login + verbs)


def failures(planted):
    """The connection fails for another reason."""
    server = planted.bench.server
    user = "-user=" + USER
    password = "password=" + quoted(RIGHT)
    closed = pg.free_port()
    for name, place in (
            ("unknown host", "no-such-host.invalid/d"),
            ("refused", "127.0.0.1:%d/d" % closed),
            ("wrong database", "%s:%d/no_such_database" % (server.host, server.port)),
            ("bad port", "127.0.0.1:x/d"),
            ("large port", "127.0.0.1:99999/d"),
            ("no place", "")):
        url = "jdbc:postgresql://" + place
        planted.try_all(name, 1, ["-url=" + url, user, "-password=" + RIGHT, "info"])
        planted.try_all(name + ", in the URL", 1, ["-url=%s?%s" % (url, password), user, "info"])
    login = "jdbc:postgresql://%s:%s@" % (USER, RIGHT)
    for name, place in (("", "no-such-host.invalid/d"), (" and port", "no-such-host.invalid:1/d"),
                        (" and bad port", "no-such-host.invalid:x/d"), (" alone", "")):
        planted.try_all("login and host" + name, 1, ["-url=" + login + place, "info"])
        planted.try_all("login and host%s, JSON" % name, 1, [
            "-url=" + login + place, "-outputType=json", "info"])
    for name in ("PGHOST", "host", "service", "PGPORT"):
        planted.try_all("login in " + name, 1, [
            "-url=jdbc:postgresql://127.0.0.1/d?%s=%s:%s@h.invalid" % (name, USER, quoted(RIGHT)), user,
            "info"])
    planted.try_all("no slashes", None, [
        "-url=jdbc:postgresql:%s:%s@h" % (USER, RIGHT), user, "info"])
    planted.try_all("unknown parameter", None, [
        "-url=%s?noSuchThing=1&%s" % (planted.url, password), user, "info"])
    planted.try_all("bad parameter", None, [
        "-url=%s?%s&connectTimeout=soon&sslmode=perhaps" % (planted.url, password), user, "info"])
    planted.try_all("bad escape", 1, [
        "-url=%s?password=%s%%zz" % (planted.url, PLANTED), user, "info"])
    planted.try_all("no user", None, ["-url=%s?%s" % (planted.url, password), "info"],
                    env={"USER": "nobody"})
    planted.try_all("statement fails", 1, ["-url=%s?%s" % (planted.url, password), user, "migrate"])
    planted.try_all("initSql fails", 1, [
        "-url=" + planted.url, user, "-password=" + RIGHT, "-initSql=select 1/0", "info"])


def misspelt(planted):
    """The password is all right, but something next to it is not."""
    url, user, password = "-url=" + planted.url, "-user=" + USER, "-password=" + RIGHT
    planted.try_all("twice", None, [url, user, password, "-password=" + WRONG, "info"])
    planted.try_all("unknown parameter", 1, [url, user, password, "-noSuchThing=1", "info"])
    planted.try_all("unknown verb", 1, [url, user, password, "nothing"])
    planted.try_all("unknown flag", 1, [url, user, password, "-z", "info"])
    planted.try_all("no verb", None, [url, user, password])
    planted.try_all("help", None, [url, user, password, "help"])
    planted.try_all("version", None, [url, user, password, "version"])
    planted.try_all("bad value", 1, [url, user, password, "-connectRetries=x", "info"])
    planted.try_all("missing file", None, [url, user, password, "-configFiles=none.conf", "info"])
    planted.try_all("missing location", None, [
        url, user, password, "-failOnMissingLocations=true", "-locations=filesystem:none", "info"])
    planted.try_all("misspelt URL parameter", 1, [
        "-urll=%s?password=%s" % (planted.url, quoted(RIGHT)), user, "info"])
    planted.try_all("no URL", 1, [user, password, "info"])
    planted.try_all("FLYWAY_ variable that is unknown", None, [url, user, "info"],
                    env={"FLYWAY_PASSWORD": RIGHT, "FLYWAY_NO_SUCH_THING": "1"})
    lines = "flyway.url=%s\nflyway.user=%s\nflyway.password=%s\n" % (planted.url, USER, RIGHT)
    planted.try_all("unknown key in a file", 1, ["info"], conf=lines + "flyway.noSuchThing=1\n")
    planted.try_all("twice in a file", None, ["info"], conf=lines + "flyway.password=%s\n" % WRONG)
    planted.try_all("file without line ends", None, ["info"], conf=lines.replace("\n", "\\\n"))
    planted.try_all("bad value in a file", 1, ["info"], conf=lines + "flyway.connectRetries=x\n")


def other_databases(planted):
    """URLs that are not understood, or not for us."""
    for url in ("jdbc:postgres://%s?password=" + RIGHT, "jdbc:postgresql:%s;password=" + RIGHT,
                "jdbc:mysql://%s/d?user=x&password=" + RIGHT, "%s?password=" + RIGHT,
                "jdbc:sqlserver://%s;user=x;password=" + RIGHT + ";database=d",
                "jdbc:oracle:thin:%s?PASSWORD=" + RIGHT,
                "jdbc:sqlite:no/such/folder/%s.db?password=" + RIGHT,
                "jdbc:sqlite:%s.db?password=" + RIGHT):
        url = url % "127.0.0.1"
        # Up to "&" or ";" only: what follows is not the password any more.
        url = url.replace(RIGHT, quoted(RIGHT))
        planted.try_all(url.replace(quoted(RIGHT), "…"), None, ["-url=" + url, "info"])


def process_list(planted):
    """What other users see while it runs: arguments, and what the server shows of the session."""
    write(os.path.join(planted.folder, "test.conf"),
          "flyway.url=%s\nflyway.user=%s\n" % (planted.url, USER))
    host, port = planted.bench.server.host, planted.bench.server.port
    for number, (args, env) in enumerate((
            ((), {"FLYWAY_PASSWORD": RIGHT}),
            (("-password=" + RIGHT, "-token=" + WRONG), {}),
            (("-url=%s?password=%s&connectTimeout=9" % (planted.url, quoted(RIGHT)),), {}),
            (("-url=postgres://%s:%s@%s:%s/%s" % (
                USER, quoted(RIGHT), host, port, planted.database.name),), {}))):
        must_hide(planted, "process_list_%d" % number, args, env)


def must_hide(planted, table, args, env):
    more = ["-target=1", "-placeholders.seconds=1", "-table=" + table, "-baselineOnMigrate=true",
            "-baselineVersion=0", "migrate"]
    process = planted.bench.start_raw(
        planted.folder, ["-configFiles=test.conf", "-locations=filesystem:sql", *args, *more], env=env)
    activity = ("select count(*) from pg_stat_activity where usename = '%s' and "
                "query like '%%pg_sleep%%' and state = 'active'" % USER)
    wait_until(lambda: planted.database.session.value(activity) == "1", "the sleep")
    shown = command_lines(process.pid)
    if PLANTED in shown:
        planted.found.append("arguments of a process: " + shown)
    for arg in more:
        if arg not in shown.split("\0"):
            planted.found.append("the argument %s is not shown: %s" % (arg, shown))
    shown = planted.database.session.value(
        "select a from pg_stat_activity as a where usename = '%s'" % USER)
    if PLANTED in shown:
        planted.found.append("pg_stat_activity: " + shown)
    planted.bench.finish(process).must(0, "migrate with a sleep")


def command_lines(group):
    """The arguments of all processes of a group, as everybody can read them."""
    lines = []
    for pid in os.listdir("/proc"):
        if not pid.isdigit():
            continue
        try:
            if os.getpgid(int(pid)) == group:
                with open("/proc/%s/cmdline" % pid, "rb") as file:
                    lines.append(decode(file.read()))
        except OSError:
            continue
    return "".join(lines)


TESTS = (test_password_is_not_printed,)
