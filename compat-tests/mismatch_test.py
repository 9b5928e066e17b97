#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files that are not what was applied, in work trees of git: what cflyway says, and what git may do.

CFLYWAY names the program (default: build/cflyway).
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PROGRAM = os.path.abspath(os.environ.get("CFLYWAY", os.path.join(ROOT, "build", "cflyway")))
SQL = "create table %s (i int);\n"
TRAP = "#!/bin/sh\necho ran >> %s\nexit 0\n"
SIGNER = """#!/bin/sh
cat > /dev/null
printf '\\n[GNUPG:] SIG_CREATED \\n' >&2
printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nx\\n-----END PGP SIGNATURE-----\\n'
"""


class Project:
    """A folder with scripts, a SQLite file and, if wanted, a repository."""

    def __init__(self, folder, has_git=True):
        self.folder = folder
        self.env = {key: value for key, value in os.environ.items()
                    if not key.startswith(("GIT_", "FLYWAY", "XDG_"))}
        self.env.update(HOME=os.path.join(folder, "home"), GIT_CONFIG_NOSYSTEM="1")
        os.makedirs(self.env["HOME"])
        if has_git:
            self.git("init", "-q")
            for key, value in (("user.name", "n"), ("user.email", "n@example.org")):
                self.git("config", key, value)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, text):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())

    def git(self, *args):
        dates = {"GIT_AUTHOR_DATE": "2026-01-02T12:00:00Z",
                 "GIT_COMMITTER_DATE": "2026-01-02T12:00:00Z"}
        done = subprocess.run(("git",) + args, cwd=self.folder, env={**self.env, **dates},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)
        return done.stdout.decode().strip()

    def commit(self, subject):
        self.git("add", "-A", "sql")
        self.git("commit", "-q", "-m", subject)
        return self.git("rev-parse", "HEAD")[:10]

    def run(self, *args, cwd=None, env=None):
        done = subprocess.run(
            (PROGRAM, "-url=jdbc:sqlite:" + self.path("x.db"),
             "-locations=filesystem:" + ("sql" if cwd is None else self.path("sql"))) + args,
            cwd=cwd or self.folder, env={**self.env, **(env or {})}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
        return done.stdout.decode(errors="replace")

    def lines(self, *args, **how):
        """What cflyway adds to the failure of validate."""
        return [line[len("cflyway: "):] for line in self.run("validate", *args, **how).splitlines()
                if line.startswith("cflyway: ")]


def applied(folder, **files):
    """A project whose scripts are committed and applied; the commit."""
    project = Project(folder)
    for name, text in (files or {"V1__a": SQL % "a"}).items():
        project.write("sql/%s.sql" % name, text)
    first = project.commit("First scripts")
    project.run("migrate")
    return project, first


def check(wanted, lines):
    for text in wanted:
        assert any(text in line for line in lines), "%r is not in %r" % (text, lines)


def names_the_commits(folder):
    project, first = applied(folder)
    project.write("sql/V1__a.sql", SQL % "a" + "-- more\n")
    second = project.commit("Say more")
    lines = project.lines()
    check(["is, by its checksum, in commit %s (2026-01-02, 'First scripts'); "
           "commit %s (2026-01-02, 'Say more') changed it since" % (first, second),
           "applied: git checkout %s -- sql/V1__a.sql" % first], lines)
    assert "not committed" not in " ".join(lines), lines
    project.write("sql/V1__a.sql", SQL % "b")
    project.commit("Another one")
    project.write("sql/V1__a.sql", SQL % "c")
    check(["commit %s (2026-01-02, 'Say more') and 1 more changed it since, and there are changes "
           "that are not committed" % second, "discards what is not committed"], project.lines())


def gives_commands_that_work(folder):
    project, _ = applied(folder, **{"V1__it's $(x) a": SQL % "a"})
    project.write("sql/V1__it's $(x) a.sql", SQL % "b")
    for cwd in (folder, os.path.join(folder, "home"), "/"):
        line = [text for text in project.lines(cwd=cwd) if "git" in text and "checkout" in text]
        command = line[0][line[0].index("git "):]
        project.write("sql/V1__it's $(x) a.sql", SQL % "b")
        subprocess.run(["sh", "-c", command.split(": ")[-1]], cwd=cwd, env=project.env, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert not project.lines(cwd=cwd), (command, project.lines(cwd=cwd))
        project.write("sql/V1__it's $(x) a.sql", SQL % "b")


def tells_what_differs(folder):
    project, first = applied(folder, V1__a="create table a  (i int); -- one\n", V2__b="select 1;\n")
    project.write("sql/V1__a.sql", "create table a (i int); -- one\n")
    project.write("sql/V2__b.sql", "/* two */ select 1;\n")
    check(["sql/V1__a.sql that was applied is, by its checksum, in commit %s (2026-01-02, 'First "
           "scripts'); the change is not committed: only blanks differ" % first,
           "the change is not committed: only comments and blanks differ"], project.lines())


def follows_a_move(folder):
    project, first = applied(folder)
    project.git("mv", "sql/V1__a.sql", "moved.sql")
    project.git("commit", "-q", "-m", "Away")
    os.makedirs(project.path("sql"), exist_ok=True)
    project.git("mv", "moved.sql", "sql/V1__a.sql")
    project.git("commit", "-q", "-m", "Back")
    project.write("sql/V1__a.sql", SQL % "b")
    check(["the change is not committed"], project.lines())
    project.git("checkout", "-q", first)
    project.git("mv", "sql", "other")
    project.git("commit", "-q", "-m", "Other folder")
    project.git("mv", "other", "sql")
    project.write("sql/V1__a.sql", SQL % "a" + "-- b\n")
    last = project.commit("Sql again")
    check(["commit %s" % last], project.lines())


def finds_merges(folder):
    project, _ = applied(folder)
    project.git("checkout", "-q", "-b", "side")
    project.write("sql/V1__a.sql", SQL % "side")
    project.commit("Side")
    project.git("checkout", "-q", "-")
    project.write("sql/V1__a.sql", SQL % "main")
    project.commit("Main")
    subprocess.run(["git", "merge", "-q", "side"], cwd=folder, env=project.env, check=False,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    project.write("sql/V1__a.sql", SQL % "both")
    merge = project.commit("Both")
    check(["'First scripts'"], project.lines())
    os.remove(project.path("x.db"))
    project.run("migrate")
    project.write("sql/V1__a.sql", SQL % "c")
    check(["in commit %s (2026-01-02, 'Both'); the change" % merge], project.lines())


def says_when_git_has_it_not(folder):
    project = Project(folder)
    project.write("sql/V1__a.sql", SQL % "a")
    project.run("migrate")
    project.write("sql/V1__a.sql", SQL % "b")
    project.git("commit", "-q", "--allow-empty", "-m", "Nothing")
    assert not any("in git" in line for line in project.lines()), project.lines()
    project.commit("Late")
    check(["its only version in git has another one"], project.lines())
    project.write("sql/V1__a.sql", SQL % "c")
    project.commit("Later")
    check(["none of its 2 versions in git has it"], project.lines())


def knows_further_work_trees(folder):
    project, first = applied(os.path.join(folder, "main"))
    project.git("worktree", "add", "-q", os.path.join(folder, "tree"))
    tree = Project(os.path.join(folder, "tree"), has_git=False)
    tree.run("migrate")
    tree.write("sql/V1__a.sql", SQL % "b")
    check(["in commit %s" % first], tree.lines())


def reads_other_encodings(folder):
    project = Project(folder)
    project.write("sql/V1__a.sql", (SQL % "a" + "-- \u00e4\n").encode("latin-1"))
    first = project.commit("Latin")
    project.run("-encoding=ISO-8859-1", "migrate")
    check(["read as ISO-8859-1, it has", "read as ISO-8859-1"],
          project.lines("-encoding=windows-1251"))
    project.write("sql/V1__a.sql", (SQL % "b" + "-- \u00e4\n").encode("latin-1"))
    check(["in commit %s" % first], project.lines("-encoding=ISO-8859-1"))


def set_trap(project):
    """A program that must not run, and what is there if it has run."""
    trap, proof = project.path("trap"), project.path("proof")
    project.write("trap", TRAP % proof)
    os.chmod(trap, 0o755)
    return trap, proof


def runs_nothing_of_the_repository(folder):
    project, first = applied(folder)
    trap, proof = set_trap(project)
    project.write("signer", SIGNER)
    os.chmod(project.path("signer"), 0o755)
    project.git("config", "gpg.program", project.path("signer"))
    project.write("sql/V1__a.sql", SQL % "signed")
    project.git("commit", "-q", "-S", "-a", "-m", "Signed")
    for hook in ("post-index-change", "reference-transaction", "post-checkout"):
        shutil.copy(trap, project.path(".git", "hooks", hook))
    project.write(".gitattributes", "*.sql diff=evil filter=evil\n")
    for key in ("core.fsmonitor", "core.pager", "pager.log", "pager.cat-file", "gpg.program",
                "diff.external", "diff.evil.textconv", "diff.evil.command", "filter.evil.smudge",
                "filter.evil.clean", "core.sshCommand", "core.askPass", "core.editor",
                "alias.log", "core.alternateRefsCommand", "credential.helper"):
        project.git("config", key, "!" + trap if key.startswith("alias") else trap)
    project.git("config", "log.showSignature", "true")
    project.git("config", "core.hooksPath", project.path(".git", "hooks"))
    project.write("sql/V1__a.sql", SQL % "b")
    check(["in commit %s" % first], project.lines())
    assert not os.path.exists(proof), "git ran what the repository names"


def fetches_nothing(folder):
    project, first = applied(folder)
    trap, proof = set_trap(project)
    blob = project.git("rev-parse", "HEAD:sql/V1__a.sql")
    project.write("sql/V1__a.sql", SQL % "b")
    second = project.commit("Second")
    for key, value in (("core.repositoryFormatVersion", "1"), ("extensions.partialClone", "origin"),
                       ("remote.origin.promisor", "true"), ("remote.origin.url", "ext::" + trap),
                       ("protocol.ext.allow", "always")):
        project.git("config", key, value)
    os.remove(project.path(".git", "objects", blob[:2], blob[2:]))
    lines = project.lines()
    assert not any(first in line or second in line for line in lines), lines
    assert not os.path.exists(proof), "git has fetched"


def shows_no_secret(folder):
    project = Project(folder)
    project.write("sql/V1__a.sql", SQL % "a")
    project.commit("password=planted1, and planted2 \x1b[31m postgres://u:planted3@h/d " + "x" * 99)
    project.run("migrate")
    project.write("sql/V1__a.sql", SQL % "a" + "-- planted4\n")
    text = project.run("-password=planted2", "validate")
    assert "********" in text, text
    assert "planted" not in text, text
    assert "x" * 99 not in text, text


def gives_up_in_time(folder):
    project, _ = applied(folder)
    project.write("sql/V1__a.sql", SQL % "b")
    project.write("bin/git", "#!/bin/sh\ntrap '' TERM INT\nsleep 30\n")
    os.chmod(project.path("bin", "git"), 0o755)
    began = time.monotonic()
    lines = project.lines(env={"PATH": project.path("bin") + ":" + os.environ["PATH"]})
    assert 1 < time.monotonic() - began < 6, time.monotonic() - began
    assert not any("in git" in line or "commit" in line for line in lines), lines
    check(["cflyway repair would put"], lines)


def works_without_git(folder):
    project, _ = applied(folder)
    project.write("sql/V1__a.sql", SQL % "b")
    os.makedirs(project.path("empty"))
    check(["cflyway repair would put"], project.lines(env={"PATH": project.path("empty")}))


def counts_what_is_too_much(folder):
    project, _ = applied(folder, **{"V%d__a" % i: SQL % ("t%d" % i) for i in range(1, 13)})
    for i in range(1, 13):
        project.write("sql/V%d__a.sql" % i, SQL % ("t%d" % i) + "-- x\n")
    lines = project.lines()
    assert sum("it has the checksum" in line for line in lines) == 10, lines
    check(["2 more files have changed", "checksums of these 12 files"], lines)


def leaves_out_what_is_large(folder):
    project, _ = applied(folder, V1__a=SQL % "a" + "-- x\n" * 300000, V2__b=SQL % "b")
    project.write("sql/V1__a.sql", SQL % "a" + "-- y\n" * 300000)
    project.write("sql/V2__b.sql", SQL % "b" + "-- x\n")
    check(["sql/V2__b.sql: without", "1 more file has changed since it was applied"],
          project.lines())


CASES = (names_the_commits, gives_commands_that_work, tells_what_differs, follows_a_move,
         finds_merges, says_when_git_has_it_not, knows_further_work_trees, reads_other_encodings,
         runs_nothing_of_the_repository, fetches_nothing,
         shows_no_secret, gives_up_in_time, works_without_git,
         counts_what_is_too_much, leaves_out_what_is_large)


def main():
    failed = 0
    if shutil.which("git") is None:
        print("0 passed, 0 failed, %d skipped: no git" % len(CASES))
        return 0
    for case in CASES:
        name = case.__name__.replace("_", " ")
        with tempfile.TemporaryDirectory(prefix="mismatch-test.") as folder:
            try:
                case(os.path.realpath(folder))
                print("ok %s" % name)
            except AssertionError as error:
                failed += 1
                print("FAIL %s: %s" % (name, error))
    print("%d passed, %d failed" % (len(CASES) - failed, failed))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
