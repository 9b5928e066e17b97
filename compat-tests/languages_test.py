#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server that speaks another language: what is said of a failure is what the English one makes it.

Places are equal in all languages. Causes are, too, but for those that only the words of the server
tell: they are in OTHERWISE, and then nothing is said that is not known.

    compat-tests/languages_test.py          four languages
    compat-tests/languages_test.py --long   all languages that the server is translated into

The locales are made in a temporary folder by localedef; without it, or without the translations of
the server, there is nothing to test. CFLYWAY names the program under test.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import causes                                          # noqa: E402
from lib import server as pg                                    # noqa: E402

PROGRAM = os.path.abspath(
    os.environ.get("CFLYWAY", os.path.join(os.path.dirname(HERE), "build", "cflyway")))
SHORT = ("de_DE", "fr_FR", "ja_JP", "ru_RU")
ALL = ("cs_CZ", "de_DE", "el_GR", "es_ES", "fr_FR", "it_IT", "ja_JP", "ka_GE", "ko_KR", "pl_PL",
       "pt_BR", "ru_RU", "sv_SE", "tr_TR", "uk_UA", "vi_VN", "zh_CN")
LIMIT_S = 30

SCRIPTS = {
    "a line of DO": """select 1;
do $$
begin
  perform 1;
  raise exception 'no';
end $$;
""",
    "a function of the script": """create function f2(a integer, b text) returns void language plpgsql as $$
declare n integer;
begin
  n := a / 0;
end $$;
select 1;
select f2(1, 'x');
""",
    "a function with a long name": """create schema "My s";
create function "My s"."größe 2"() returns void language plpgsql as $$
begin
  perform 'x'::integer;
end $$;
select "My s"."größe 2"();
""",
    "an SQL function": """create function g(i integer) returns integer language sql as $$
  select 1;
  select 1 / i;
$$ volatile;
select count(g(i)) from generate_series(0, 1) i;
""",
    "a value of COPY": """create table t2(i integer, b integer);
copy t2 from stdin;
1\t2
3\tx
\\.
""",
    "a row of INSERT": """create table t(i integer primary key, b text);
insert into t values (1, 'a'),
  (2, 'b'),
  (1, 'c');
""",
    "a row that breaks a rule": """create table t(i integer check (i < 5), b text);
insert into t values (1, 'a'),
  (9, 'b');
""",
    "a row at COMMIT": """create table p(i integer primary key);
create table c(p integer references p deferrable initially deferred);
insert into c (p) values (7);
""",
}


def make_locale(folder, name):
    done = subprocess.run(["localedef", "-i", name, "-f", "UTF-8",
                           os.path.join(folder, name + ".UTF-8")],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return done.returncode == 0


# Kinds of lib/causes.py whose cause is another one, or none, in other languages.
OTHERWISE = {
    "no right on the schema", "no right on a table", "no owner of a table",
    "COMMIT in a procedure", "no such value of an enum", "a column that is there",
    "a column that a view uses", "a time limit of the script", "connection: a missing role",
    "connection: a role that is a group", "connection: no line in pg_hba.conf",
    "connection: a line with reject",
}
# Translations that leave quotes away.
UNQUOTED = {("ka_GE", "old rows without a value"), ("uk_UA", "no right to create an extension")}


def run(arguments, variables=()):
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "FLYWAY"))}
    env.update(variables)
    done = subprocess.run([PROGRAM, "-outputType=json", *arguments], env=env,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_S,
                          check=False)
    return json.loads(done.stdout.decode("utf-8"))


def causes_of(document):
    """What is said besides the place; an object of the server is in a field of its own."""
    return [note["message"] for note in document["cflyway"] if note["kind"] in ("cause", "next")]


class Told:
    """What is told of each failure on a server that speaks one language."""

    def __init__(self, server, home, language):
        self.server, self.home, self.language = server, home, language
        self.places, self.causes, self.said = {}, {}, {}
        server.query("alter system set lc_messages = '%s'" % language,
                     "select pg_reload_conf()")
        while server.query("show lc_messages")[0][0] != language:
            pass

    def migrate(self, name, number, text, *arguments):
        folder = os.path.join(self.home, str(number))
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "V1__a.sql"), "w", encoding="utf-8") as file:
            file.write(text)
        document = run(["-url=" + self.server.jdbc_url(DATABASE), "-locations=filesystem:" + folder,
                        "-table=%s_%d" % (self.language[:2].lower(), number),
                        "-baselineOnMigrate=true", "-baselineVersion=0", *arguments, "migrate"])
        self.said[name] = document["error"]["message"]
        return document

    def look(self):
        for number, (name, text) in enumerate(SCRIPTS.items()):
            document = self.migrate(name, number, text, "-user=" + self.server.user)
            self.places[name] = [(note["kind"], note["line"], note.get("column"))
                                 for note in document["cflyway"] if "line" in note]
        for number, kind in enumerate(causes.REFUSED, len(SCRIPTS)):
            self.causes[kind.name] = causes_of(self.migrate(
                kind.name, number, kind.script + ";\n", "-user=" + (kind.role or self.server.user)))
        where = "%s:%d" % (self.server.host, self.server.port)
        for kind in CONNECTIONS:
            document = run(["-url=jdbc:postgresql://" + kind.url.replace("@", where),
                            *kind.arguments, "info"], kind.environment)
            self.said["connection: " + kind.name] = document["error"]["message"]
            self.causes["connection: " + kind.name] = causes_of(document)


DATABASE = "language"
# Those that the server refuses, and not libpq, which always speaks English here.
CONNECTIONS = [kind for kind in (*causes.UNREACHED, *causes.GUARDED)
               if "HOME" not in str(kind) and kind.url.startswith("@")]


def words(said):
    """The message of the server, without its severity."""
    return re.search(r"(?m)^Message    : \S+ (.*)$", said)[1]


def compare(told, english):
    """Failures as text, and how many are equal."""
    for name, place in english.places.items():
        if told.places[name] != place or not place:
            yield "%s: %s\n  in English %s\n  %s" % (name, told.places[name], place, told.said[name])
        else:
            yield None
    for name, cause in english.causes.items():
        is_translated = words(told.said[name]) != words(english.said[name])
        differs = is_translated and (name in OTHERWISE or
                                     (told.language.split(".")[0], name) in UNQUOTED)
        if (told.causes[name] == cause) == differs:
            yield "%s: %s\n  in English %s\n  %s" % (name, told.causes[name], cause, told.said[name])
        else:
            yield None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--long", action="store_true", help="all languages")
    options = parser.parse_args()
    passed = failed = 0
    if shutil.which("localedef") is None or os.environ.get("PGHOST"):
        print("skipped: localedef and a server of our own are needed")
        return 0
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o755)
        locales = os.path.join(home, "locales")
        os.mkdir(locales)
        names = [name for name in (ALL if options.long else SHORT) if make_locale(locales, name)]
        os.environ["LOCPATH"] = locales
        with pg.open_server() as server:
            server.create_database(DATABASE)
            server.query(causes.SETUP, "grant create on schema public to causes_weak",
                         *(kind.before for kind in causes.REFUSED if kind.before),
                         database=DATABASE)
            causes.guard(server)
            english = Told(server, home, "C")
            english.look()
            for language in names:
                told = Told(server, home, language + ".UTF-8")
                told.look()
                if told.said == english.said:
                    print("%s: the server is not translated" % language)
                    continue
                for failure in compare(told, english):
                    passed, failed = passed + (failure is None), failed + (failure is not None)
                    if failure is not None:
                        print("FAIL %s: %s" % (language, failure))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
