# SPDX-License-Identifier: Apache-2.0
"""A case: its folder, its steps, and what is expected of it.

cases/NAME/steps.json       what is done
cases/NAME/expect/NN.txt    what real Flyway showed, one file for each run and query
cases/NAME/differs.json     where cflyway deliberately shows something else, with the reason, and
cases/NAME/expect.cflyway/  what it shows instead
cases/NAME/expect.pg12/     and expect.cflyway.pg12/: what takes their place on PostgreSQL 12
"""
import json
import os
import shutil

from . import normalise

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RECORDED_ON = 15            # the PostgreSQL of expect/ and expect.cflyway/
DIFFERENCES = os.path.join(os.path.dirname(HERE), "doc", "differences.md")


class CaseError(Exception):
    """A case is written wrongly or cannot be played; the text says how."""


class Case:
    def __init__(self, name, root=None):
        self.name = name
        self.folder = os.path.join(root or os.path.join(HERE, "cases"), name)
        spec = read_json(os.path.join(self.folder, "steps.json"))
        self.steps = spec["steps"]
        self.database = spec["database"]                    # postgresql, sqlite or none
        self.own = spec.get("own", False)
        self.group = "own cases" if self.own else spec.get("group", "recorded cases")
        self.requires = spec.get("requires", [])
        self.unprivileged = spec.get("unprivileged", False)
        self.history = (spec.get("history_schema", "public"),
                        spec.get("history_table", "flyway_schema_history"))
        self.differs = read_json(os.path.join(self.folder, "differs.json"), missing=None)

    # major is that of the server, None where there is none.

    def expected(self, major=RECORDED_ON):
        """What real Flyway shows (of a case of our own: what cflyway shows): number -> text."""
        return self.read("expect", major)

    def overlay(self, major=RECORDED_ON):
        """What cflyway shows instead where it differs deliberately: number -> text."""
        return self.read("expect.cflyway", major)

    def read(self, kind, major):
        texts = read_folder(os.path.join(self.folder, kind))
        texts.update(read_folder(os.path.join(self.folder, "%s.pg%s" % (kind, major))))
        return texts

    def record(self, observed, major):
        self.write("expect", observed, major)

    def record_overlay(self, observed, major):
        """Only the numbers that differs.json names: an unexpected difference stays a failure."""
        chosen = {number: text for number, text in observed.items() if number in self.differs["runs"]}
        self.write("expect.cflyway", chosen, major)

    def write(self, kind, texts, major):
        folder = os.path.join(self.folder, kind)
        if major in (None, RECORDED_ON):
            write_folder(folder, texts)
            return
        usual = read_folder(folder)
        if sorted(usual) != sorted(texts):
            raise CaseError("has to be recorded on PostgreSQL %d first" % RECORDED_ON)
        write_folder("%s.pg%d" % (folder, major), {number: text for number, text in texts.items()
                                                   if text != usual[number]})

    def recorded_majors(self):
        """The versions of PostgreSQL that there are results for, RECORDED_ON first."""
        found = {int(name.rpartition(".pg")[2]) for name in os.listdir(self.folder)
                 if ".pg" in name}
        return [RECORDED_ON] + sorted(found)

    def still_differs(self, flyway, cflyway):
        """Whether two results of a run that differs.json lists are different in truth.

        Lines of our own are such a difference only where it is about them.
        """
        if not self.differs.get("own_lines"):
            cflyway = normalise.without_own_lines(cflyway)
        return cflyway != flyway

    def varies(self, number):
        """Whether real Flyway's own result of that run is not the same each time."""
        return self.differs is not None and number in self.differs.get("varies", {})

    def check_versions(self):
        """What is stored for one version of PostgreSQL has to differ from what holds for all."""
        for name in sorted(os.listdir(self.folder)):
            kind, _, major = name.rpartition(".pg")
            if not kind:
                continue
            usual = read_folder(os.path.join(self.folder, kind))
            for number, text in read_folder(os.path.join(self.folder, name)).items():
                if usual.get(number, text) == text:
                    raise CaseError("%s/%02d.txt is not needed: record the case on PostgreSQL %s"
                                    % (name, int(number), major))

    def check_differs(self):
        """Keeps differs.json, its overlay and doc/differences.md in step with one another."""
        overlay = self.overlay()
        if self.differs is None:
            if overlay:
                raise CaseError("expect.cflyway/ without differs.json")
            return
        for key in ("reason", "section", "runs"):
            if not self.differs.get(key):
                raise CaseError("differs.json lacks " + key)
        if sorted(overlay) != sorted(self.differs["runs"]):
            raise CaseError("differs.json names other runs than expect.cflyway/: "
                            "use --record-differences")
        if self.differs["section"] not in headings(DIFFERENCES):
            raise CaseError("doc/differences.md has no heading '%s'" % self.differs["section"])


def all_cases():
    root = os.path.join(HERE, "cases")
    return [Case(name) for name in sorted(os.listdir(root))
            if os.path.exists(os.path.join(root, name, "steps.json"))]


def waiting():
    """expected_failures.txt: case -> what it waits for."""
    reasons = {}
    with open(os.path.join(HERE, "expected_failures.txt"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                name, _, reason = line.strip().partition(" ")
                reasons[name] = reason.strip()
    return reasons


def headings(path):
    try:
        with open(path, encoding="utf-8") as file:
            return {line.lstrip("#").strip() for line in file if line.startswith("#")}
    except FileNotFoundError:
        return set()


def read_json(path, **missing):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        if "missing" in missing:
            return missing["missing"]
        raise
    except ValueError as err:
        raise CaseError("%s: %s" % (path, err)) from err


def read_folder(folder):
    """The NN.txt of a folder by number; an absent folder is an empty one."""
    texts = {}
    if os.path.isdir(folder):
        for name in sorted(os.listdir(folder)):
            if name.endswith(".txt"):
                with open(os.path.join(folder, name), encoding="utf-8", newline="") as file:
                    texts[str(int(name[:-4]))] = file.read()
    return texts


def write_folder(folder, texts):
    """Replaces the NN.txt of a folder; without texts there is no folder."""
    if not texts:
        shutil.rmtree(folder, ignore_errors=True)
        return
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(folder):
        if name.endswith(".txt"):
            os.remove(os.path.join(folder, name))
    for number, text in texts.items():
        path = os.path.join(folder, "%02d.txt" % int(number))
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
