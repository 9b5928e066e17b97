# SPDX-License-Identifier: Apache-2.0
"""Servers that public projects name in their files, played where they do not let anybody in.

URL, user and password are those of the file. Host and port stay, too, where it is the server that
is missing; otherwise they become those of the server of the test, which lacks the role, the
database or the password.
"""
import collections
import os
import re
import subprocess
import time

# url, user, password: how a line of the file begins before the value.
Settings = collections.namedtuple("Settings", "project path url user password")

PLAIN = ("url", "user", "password")
SETTINGS = (
    Settings("espoon-voltti/evaka", "service/gradle.properties",
             *("flyway." + key for key in PLAIN)),
    Settings("eclipse/openvsx", "server/build.gradle", *PLAIN),
    Settings("AnPTdev/catalog-service", "database/flyway.js", *PLAIN),
    Settings("waiyan1612/playground-java",
             "playground/buildSrc/src/main/kotlin/playground.flyway-conventions.gradle.kts",
             *PLAIN),
    Settings("andrey-kozel/management-hub", "scripts/run-migration.sh",
             *("-" + key for key in PLAIN)),
)
# Their flyway.conf takes the host from the environment, which their docker-compose files set so.
COMPOSED = (
    ("CMS-Enterprise/mint-app", {"PGHOST": "db", "PGUSER": "postgres", "FLYWAY_PASSWORD": "x"}),
    ("CMS-Enterprise/easi-app", {"PGHOST": "db", "PGUSER": "postgres", "FLYWAY_PASSWORD": "x"}),
)
OTHER_PASSWORD = "another one"


class Named:
    """What a file says, and what is done with it on the server of the test."""

    def __init__(self, settings, clones, server):
        git = ["git", "--git-dir=" + git_folder(clones, settings.project)]
        text = subprocess.run([*git, "show", "HEAD:" + settings.path], check=True,
                              stdout=subprocess.PIPE).stdout.decode("utf-8")
        self.version = commit_of(git)
        self.url, self.user, self.password = (value(text, key) for key in settings[2:])
        self.database = re.search(r"//[^/]*/([^?]*)", self.url)[1]
        self.server = server

    def local_url(self):
        return re.sub(r"//[^/]*/", "//%s:%d/" % (self.server.host, self.server.port), self.url)

    def make_role(self, password=None):
        if self.user != self.server.user:
            self.server.query("create role \"%s\" login" % self.user)
        if password:
            self.server.query("alter role \"%s\" password '%s'" % (self.user, password))

    def make_database(self):
        if self.database != "postgres":
            self.server.drop_database(self.database)
            self.server.create_database(self.database)

    def drop(self):
        if self.database != "postgres":
            self.server.drop_database(self.database)
        if self.user != self.server.user:
            self.server.query("drop role if exists \"%s\"" % self.user)


def git_folder(clones, project):
    clone = os.path.join(clones, project)
    return clone if os.path.isdir(os.path.join(clone, "objects")) else os.path.join(clone, ".git")


def commit_of(git):
    done = subprocess.run([*git, "rev-parse", "HEAD"], check=True, stdout=subprocess.PIPE)
    return done.stdout.decode()[:8]


def value(text, key):
    return re.search(r"(?m)^\s*%s\s*:?=?\s*[\"']?([^\s\"',]+)" % re.escape(key), text)[1]


def nowhere(named):
    return named.url


def without_role(named):
    named.make_database()
    return named.local_url()


def without_database(named):
    named.make_role()
    return named.local_url()


def with_another_password(named):
    named.make_role(OTHER_PASSWORD)
    named.make_database()
    let_in(named.server, "host all \"%s\" all scram-sha-256" % named.user)
    return named.local_url()


def not_let_in(named):
    named.make_role()
    named.make_database()
    let_in(named.server, "")
    return named.local_url()


SITUATIONS = (
    ("where its server is not there", nowhere, ("waiyan1612/playground-java", "espoon-voltti/evaka",
                                               "AnPTdev/catalog-service",
                                               "andrey-kozel/management-hub")),
    ("on a server without its role", without_role,
     ("espoon-voltti/evaka", "eclipse/openvsx", "AnPTdev/catalog-service")),
    ("on a server without its database", without_database,
     ("espoon-voltti/evaka", "AnPTdev/catalog-service", "waiyan1612/playground-java")),
    ("on a server where the role has another password", with_another_password,
     ("espoon-voltti/evaka", "AnPTdev/catalog-service", "waiyan1612/playground-java")),
    ("on a server whose pg_hba.conf does not know it", not_let_in,
     ("espoon-voltti/evaka", "eclipse/openvsx", "waiyan1612/playground-java")),
)


TRUST = "local all all trust\nhost all all all trust\n"


def let_in(server, first):
    """A rule before that of the superuser, or the rules of every other play."""
    path = os.path.join(server.directory, "data", "pg_hba.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(TRUST if first is None else
                   "local all all trust\n%s\nhost all postgres all trust\n" % first)
    server.query("select pg_reload_conf()")
    time.sleep(0.3)                                             # until the server has read it


def play(clones, bench):
    """(project, file, how, the document of the run) for each."""
    settings = {one.project: one for one in SETTINGS}
    for how, prepare, projects in SITUATIONS:
        for project in projects:
            named = Named(settings[project], clones, bench.server)
            url = prepare(named)
            document = bench.try_url(url, "-user=" + named.user, "-password=" + named.password)
            let_in(bench.server, None)
            named.drop()
            yield "%s %s" % (project, named.version), settings[project].path, how, document
    for project, variables in COMPOSED:
        git = ["git", "--git-dir=" + git_folder(clones, project)]
        text = subprocess.run([*git, "show", "HEAD:flyway.conf"], check=True,
                              stdout=subprocess.PIPE).stdout.decode("utf-8")
        yield ("%s %s" % (project, commit_of(git)), "flyway.conf", SITUATIONS[0][0],
               bench.try_configuration(text, variables))
