# SPDX-License-Identifier: Apache-2.0
"""The stories of stories.toml: a small project that fails, and what cflyway says about it."""
import contextlib
import os
import re
import subprocess
import tempfile
import threading
import time
import tomllib

from lib import projects
from lib.session import Session

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT_S = 60
DATABASE = "shop"
KEYS = {"part", "title", "text", "database", "files", "setup", "first", "then", "args", "env",
        "holder", "role", "git", "shows"}

# What differs from run to run.
CHANCE = (
    (re.compile(r"\b\d\d:\d\d\.\d{3}s"), "00:00.012s"),
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?([+-]\d\d)?"), "2026-01-02 03:04:05"),
    (re.compile(r"\b\d\d:\d\d:\d\d(\.\d+)?\b"), "03:04:05"),
    (re.compile(r"(?i)\b(pid|process) \d+"), r"\1 4711"),
    (re.compile(r"\bPostgreSQL \d+\.\d+"), "PostgreSQL 15"),
    (re.compile(r"\bthis is SQLite \d+\.\d+(\.\d+)?"), "this is SQLite 3.40.1"),
    (re.compile(r"\b(transaction|relation) \d{3,}\b"), r"\1 731"),
    (re.compile(r"\bcflyway \d+\.\d+\.\d+"), "cflyway"),
)
COMMIT = re.compile(r"\b(commit|checkout) ([0-9a-f]{7,40})\b")
BANNER = re.compile(r"\Acflyway .*\n(Database: .*\n)?")


class StoryError(Exception):
    """A story that is not written as it should be, or whose beginning fails."""


def load():
    with open(os.path.join(HERE, "stories.toml"), "rb") as file:
        stories = tomllib.load(file)["story"]
    for story in stories:
        unknown = set(story) - KEYS
        if unknown:
            raise StoryError("%s: unknown: %s" % (story.get("title"), ", ".join(sorted(unknown))))
    return stories


def repeated(content):
    """{{rows N FORMAT}}: N lines, with the number for %d, separated by commas."""
    def rows(found):
        return ",\n".join(found[2].replace("%d", str(i + 1)) for i in range(int(found[1])))

    return re.sub(r"\{\{rows (\d+) (.*)\}\}", rows, content)


class Stage:
    """A folder and a database for one story."""

    def __init__(self, story, server, cflyway, folder):
        self.story, self.server, self.cflyway, self.folder = story, server, cflyway, folder
        self.sqlite = story.get("database", "postgresql") == "sqlite"

    def url(self):
        return "jdbc:sqlite:shop.db" if self.sqlite else self.server.jdbc_url(DATABASE)

    def fill(self, text):
        if self.server:
            text = text.replace("{{port}}", str(self.server.port))
        return text.replace("{{url}}", self.url())

    def write(self, files):
        for path, content in files.items():
            path = os.path.join(self.folder, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:      # what is not ASCII is not UTF-8: that is a story
                file.write(self.fill(repeated(content)).encode("latin-1"))

    def environment(self):
        kept = {key: value for key, value in projects.environment(self.folder).items()
                if not key.startswith("GIT_")}
        kept.update(self.story.get("env", {}))
        return kept

    def run(self, arguments):
        done = subprocess.run([self.cflyway, *arguments], cwd=self.folder, env=self.environment(),
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=LIMIT_S, check=False)
        shown = done.stderr or done.stdout
        if self.story.get("shows") == "all":
            shown = done.stdout + done.stderr
        return done.returncode, shown.decode("utf-8", "replace")

    def git(self, *arguments):
        subprocess.run(["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c",
                        "commit.gpgsign=false", *arguments], cwd=self.folder, check=True,
                       env=dict(self.environment(), GIT_AUTHOR_DATE="2026-01-02T03:04:05Z",
                                GIT_COMMITTER_DATE="2026-01-02T03:04:05Z"),
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @contextlib.contextmanager
    def holder(self):
        """Another session that does something meanwhile, and ends after so many seconds."""
        holder = self.story.get("holder")
        if not holder:
            yield
            return
        began = threading.Event()
        with self.server_session() as session:
            thread = threading.Thread(target=self.hold, args=(session, holder, began))
            thread.start()
            began.wait(10)
            try:
                yield
            finally:
                thread.join()

    def server_session(self):
        return Session(self.server.host, self.server.port, self.server.user, DATABASE)

    @staticmethod
    def hold(session, holder, began):
        session.query(holder["sql"])
        began.set()
        time.sleep(holder["seconds"])
        with contextlib.suppress(Exception):
            session.query("rollback")

    def prepare(self):
        """Database, files and the commands before the one that is shown."""
        story = self.story
        if not self.sqlite:
            self.server.drop_database(DATABASE)
            self.server.create_database(DATABASE)
            if "setup" in story:
                self.server.psql(story["setup"], DATABASE)
        user = "" if self.sqlite else "flyway.user=%s\n" % story.get("role", "postgres")
        self.write({"flyway.conf": "flyway.url={{url}}\n%sflyway.locations=filesystem:sql\n" % user,
                    **story.get("files", {})})
        if "git" in story:
            self.git("init", "-q")
            self.git("add", "sql")
            self.git("commit", "-q", "-m", story["git"][0])
        for arguments in story.get("first", ()):
            self.run(arguments.split())
        self.write(story.get("then", {}))
        if len(story.get("git", ())) > 1:
            self.git("commit", "-q", "-a", "-m", story["git"][1])

    def play(self):
        """The command as it is typed, what it says, and its exit code."""
        self.prepare()
        with self.holder():
            code, said = self.run(self.fill(self.story["args"]).split())
        return "cflyway " + self.settled(self.fill(self.story["args"])), self.settled(said), code

    def settled(self, text):
        text = BANNER.sub("", text.replace("\r", "")).replace(self.folder, "/shop")
        if self.server:
            text = text.replace(str(self.server.port), "5432")
        for pattern, replacement in CHANCE:
            text = pattern.sub(replacement, text)
        commits = list(dict.fromkeys(found[2] for found in COMMIT.finditer(text)))
        text = COMMIT.sub(lambda found: "%s %d%s" % (
            found[1], commits.index(found[2]) + 1, "a2b3c4"), text)
        return text.rstrip("\n")


@contextlib.contextmanager
def staged(story, server, cflyway):
    with tempfile.TemporaryDirectory(prefix="errors.") as folder:
        yield Stage(story, server, cflyway, os.path.realpath(folder))
