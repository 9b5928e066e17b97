#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does what doc/switching.md says: writes its files, runs its commands, checks its lists of keys.

A block of code that names a file after its language is written, a block of sh is run line by line;
each chapter has a folder of its own, with what stands above the first chapter.  `docker` is played
by this file: COPY, WORKDIR and ENTRYPOINT of the Dockerfile, and -v and -e of docker run.  CFLYWAY
names the program (default: build/cflyway).
"""
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PAGE = os.path.join(ROOT, "doc", "switching.md")
PROGRAM = os.path.abspath(os.environ.get("CFLYWAY", os.path.join(ROOT, "build", "cflyway")))
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What the configuration of the Maven plugin 12.4.0 takes, by its plugin.xml.
MAVEN_KEYS = """
    baselineDescription baselineOnMigrate baselineVersion batch callbackLocations callbacks
    cherryPick cleanDisabled configFileEncoding configFiles connectRetries
    connectRetriesInterval createSchemas defaultSchema detectEncoding driver dryRunOutput
    encoding errorOverrides failOnMissingLocations group ignoreMigrationPatterns initSql
    installedBy jdbcProperties kerberosConfigFile locations lockRetryCount loggers mixed
    outOfOrder outputQueryResults password placeholderPrefix placeholderReplacement
    placeholderSeparator placeholderSuffix placeholders pluginConfiguration
    repeatableSqlMigrationPrefix resolvers schemas scriptPlaceholderPrefix
    scriptPlaceholderSuffix serverId skip skipDefaultCallbacks skipDefaultResolvers
    skipExecutingMigrations sqlMigrationPrefix sqlMigrationSeparator sqlMigrationSuffixes
    stream table tablespace target undoSqlMigrationPrefix url user validateMigrationNaming
    validateOnMigrate workingDirectory
""".split()
NUMBERS = ("connectRetries", "connectRetriesInterval", "lockRetryCount")
SWITCHES = """
    baselineOnMigrate batch cleanDisabled createSchemas detectEncoding
    failOnMissingLocations group mixed outOfOrder outputQueryResults placeholderReplacement
    skipDefaultCallbacks skipDefaultResolvers skipExecutingMigrations stream
    validateMigrationNaming validateOnMigrate
""".split()
LISTS = ("callbacks", "migrationResolvers")
VALUES = {"errorOverrides": "['*:1:E']", "dryRunOutput": "''",
          "url": "'jdbc:sqlite:app.db'", "driver": "'org.sqlite.JDBC'", "initSql": "'select 1'",
          "callbackLocations": "['filesystem:sql']", "undoSqlMigrationPrefix": "'u'",
          "baselineVersion": "'1'", "encoding": "'UTF-8'", "target": "'latest'", "schemas": "['main']",
          "defaultSchema": "'main'", "locations": "['filesystem:sql']", "loggers": "['console']",
          "ignoreMigrationPatterns": "['*:missing']", "cherryPick": "[]", "dryRunOutput": "''",
          "sqlMigrationSuffixes": "['.sql']"}


class Failure(Exception):
    """What went wrong, in words."""


# The chapters

def chapters():
    """Title and text of each; the blocks above the first belong to all of them."""
    with open(PAGE, encoding="utf-8") as page:
        parts = re.split(r"^## (.*)\n", page.read(), flags=re.MULTILINE)
    for title, text in zip(parts[1::2], parts[2::2]):
        yield title, parts[0] + text


def play(text, folder):
    bin_folder = os.path.join(folder, "bin")
    work = os.path.join(folder, "work")
    os.mkdir(bin_folder)
    os.makedirs(os.path.join(work, "build"))
    os.symlink(PROGRAM, os.path.join(bin_folder, "cflyway"))
    os.symlink(PROGRAM, os.path.join(work, "build", "cflyway"))
    with open(os.path.join(bin_folder, "docker"), "w", encoding="utf-8") as file:
        file.write('#!/bin/sh\nexec "%s" "%s" docker "%s" "$@"\n' %
                   (sys.executable, os.path.abspath(__file__), folder))
    os.chmod(file.name, 0o755)
    environment = clean_environment(HOME=folder)
    environment["PATH"] = bin_folder + os.pathsep + environment["PATH"]
    for language, name, content in BLOCK.findall(text):
        if name:
            path = os.path.join(work, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)
        elif language == "sh":
            for line in content.splitlines():
                run(["sh", "-c", line], work, environment, line)
        else:
            raise Failure("a block of %s has no name" % language)


def clean_environment(**more):
    kept = {key: value for key, value in os.environ.items()
            if not key.upper().startswith(("FLYWAY", "CFLYWAY", "PG"))}
    kept.update(more)
    return kept


def run(command, folder, environment, shown):
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=120)
    output = done.stdout.decode("utf-8", "replace")
    if done.returncode != 0:
        raise Failure("%s: exit %d\n%s" % (shown, done.returncode, output))
    return output


# docker

def docker(folder, args):
    """docker build and docker run, as far as the page uses them; / is the folder image/."""
    image = os.path.join(folder, "image")
    with open("Dockerfile", encoding="utf-8") as file:
        text = file.read().replace("\\\n", "")
    copies = re.findall(r"^COPY (\S+) (\S+)$", text, re.MULTILINE)
    home = re.search(r"^WORKDIR (\S+)$", text, re.MULTILINE).group(1)
    entry = re.search(r'^ENTRYPOINT \["(\w+)"\]$', text, re.MULTILINE).group(1)
    default = re.search(r'^CMD \["(\S+)"\]$', text, re.MULTILINE).group(1)
    if args[0] == "build":
        for source, target in copies:
            os.makedirs(os.path.dirname(image + target), exist_ok=True)
            shutil.copy(source, image + target)
        return 0
    environment = clean_environment(HOME=image)
    environment["PATH"] = image + home + os.pathsep + environment["PATH"]
    args = args[args.index("--rm") + 1:]
    mounts = []
    while args[0] in ("-v", "-e"):
        flag, value, args = args[0], args[1], args[2:]
        name, _, value = value.partition(":" if flag == "-v" else "=")
        if flag == "-e":
            environment[name] = value
        else:
            os.symlink(name, image + value)
            mounts.append(image + value)
    try:
        return subprocess.run([entry] + (args[1:] or [default]), cwd=image + home, check=False,
                              env=environment).returncode
    finally:
        for mount in mounts:
            os.remove(mount)


# The lists of keys

def rows(text):
    """The keys of each row of the tables of keys, and what is said about them."""
    for row in re.findall(r"^\| ((?:`\w+` ?)+)\| (.*) \|$", text, re.MULTILINE):
        yield re.findall(r"`(\w+)`", row[0]), row[1]


def check_names(text, expected):
    names = [name for keys, _ in rows(text) for name in keys]
    if sorted(names) != sorted(expected):
        raise Failure("the tables lack %s, and have too much: %s" %
                      (sorted(set(expected) - set(names)), sorted(set(names) - set(expected))))


def line_for(key):
    key = "migrationResolvers" if key == "resolvers" else key
    value = "false" if key in SWITCHES else "1" if key in NUMBERS else VALUES.get(key, "'x'")
    return "%s = %s" % (key, "['x']" if key in LISTS else value)


def check_keys(text, folder):
    """Every key is taken in the section that the page names, and refused where it says that."""
    sections = {"environments.default": ["url = 'jdbc:sqlite:app.db'"], "flyway": []}
    refused = []
    for keys, said in rows(text):
        section = re.match(r"`\[([\w.]+)\]`", said)
        lines = [line_for(key) for key in keys if key != "url"]
        if "refused" in said:
            refused += lines
        elif section and section.group(1).endswith("." + keys[0]):
            sections[section.group(1)] = [
                "busy_timeout = '1'" if section.group(1).endswith("jdbcProperties") else "x = 'y'"]
        elif section:
            sections[section.group(1)] += lines
    if len(refused) < 3 or sum(map(len, sections.values())) < 40:
        raise Failure("the tables are not read as they are meant")
    call(folder, sections, 0)
    for line in refused:
        call(folder, {"environments.default": sections["environments.default"], "flyway": [line]}, 35)


def call(folder, sections, status):
    toml = "".join("[%s]\n%s\n" % (name, "\n".join(lines)) for name, lines in sections.items())
    with open(os.path.join(folder, "flyway.toml"), "w", encoding="utf-8") as file:
        file.write(toml)
    done = subprocess.run([PROGRAM, "info"], cwd=folder, env=clean_environment(HOME=folder),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    if done.returncode != status:
        raise Failure("exit %d with\n%s%s" % (done.returncode, toml, done.stdout.decode()))


def check_all_keys(folder):
    texts = dict(chapters())
    maven = texts["From the Maven plugin"]
    check_names(maven, MAVEN_KEYS)
    check_names(texts["From the Gradle plugin"],
                ["configurations", "oracleSqlplus", "oracleSqlplusWarn", "oracleWalletLocation"])
    check_keys(maven, folder)


def main():
    if sys.argv[1:2] == ["docker"]:
        return docker(sys.argv[2], sys.argv[3:])
    tests = [(title, lambda folder, text=text: play(text, folder)) for title, text in chapters()]
    tests.append(("keys of the plugins", check_all_keys))
    failed = 0
    for title, test in tests:
        with tempfile.TemporaryDirectory(prefix="switching-test.") as folder:
            try:
                test(os.path.realpath(folder))
                print("ok %s" % title)
            except Failure as failure:
                failed += 1
                print("FAIL %s: %s" % (title, failure))
    print("%d passed, %d failed" % (len(tests) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
