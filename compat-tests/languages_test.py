#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server that speaks another language: the places of failures are those of the English one.

    compat-tests/languages_test.py          two languages
    compat-tests/languages_test.py --long   all languages that the server is translated into

The locales are made in a temporary folder by localedef; without it, or without the translations of
the server, there is nothing to test. CFLYWAY names the program under test.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import server as pg                                    # noqa: E402

PROGRAM = os.path.abspath(
    os.environ.get("CFLYWAY", os.path.join(os.path.dirname(HERE), "build", "cflyway")))
SHORT = ("de_DE", "ja_JP")
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


def places(server, home, language):
    """For each script: where a place or cause is, and what the server has said."""
    found, said = {}, {}
    for number, (name, text) in enumerate(SCRIPTS.items()):
        folder = os.path.join(home, str(number))
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "V1__a.sql"), "w", encoding="utf-8") as file:
            file.write(text)
        database = "language"
        server.drop_database(database)
        server.create_database(database)
        url = "%s?options=-c%%20lc_messages=%s" % (server.jdbc_url(database), language)
        done = subprocess.run([PROGRAM, "-url=" + url, "-user=" + server.user, "-outputType=json",
                               "-locations=filesystem:" + folder, "migrate"],
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_S,
                              check=False)
        document = json.loads(done.stdout.decode("utf-8"))
        said[name] = document["error"]["message"]
        found[name] = [(note["kind"], note["line"], note.get("column"))
                       for note in document["cflyway"] if "line" in note]
    return found, said


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
            english, english_said = places(server, home, "C")
            for language in names:
                found, said = places(server, home, language + ".UTF-8")
                if said == english_said:
                    print("%s: the server is not translated" % language)
                    continue
                for name in SCRIPTS:
                    if found[name] == english[name] and found[name]:
                        passed += 1
                    else:
                        failed += 1
                        print("FAIL %s: %s\n  %s\n  in English %s\n  %s" % (
                            language, name, found[name], english[name], said[name]))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
