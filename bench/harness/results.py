# SPDX-License-Identifier: Apache-2.0
"""What was measured, kept in a JSON file that is complete after every single run.

    {"about": {...},                                    machine, server, versions
     "cases": {KEY: {"begun": TEXT, "load": [before, after],
                     "tools": {NAME: {"runs": [[wall_ms, cpu_ms, rss_mb], ...],
                                      "round_trips": N, "connections": N, "failed": TEXT}}}}}
"""
import json
import os
import statistics
import time

from .meter import Run

FIELDS = Run._fields
OURS = "cflyway"
HIGH_LOAD = 1.5                 # for each core


class Results:
    def __init__(self, path, resume=False):
        self.path = path
        self.about, self.cases = {}, {}
        if resume and os.path.exists(path):
            self.load()

    def load(self):
        with open(self.path, encoding="utf-8") as file:
            data = json.load(file)
        self.about, self.cases = data["about"], data["cases"]

    def save(self):
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            json.dump({"about": self.about, "cases": self.cases}, file, indent=1)
            file.write("\n")
        os.replace(self.path + ".new", self.path)

    def begin(self, key):
        case = self.cases.setdefault(key, {"begun": time.strftime("%Y-%m-%d %H:%M"), "tools": {},
                                           "load": [round(os.getloadavg()[0], 1)] * 2})
        case["load"][1] = round(os.getloadavg()[0], 1)
        return case

    def tool(self, key, name):
        """The part of a tool in a case, to be read and written."""
        return self.begin(key)["tools"].setdefault(name, {"runs": []})

    def add(self, key, name, run):
        self.tool(key, name)["runs"].append([round(value, 3) for value in run])
        self.save()

    def sit_down(self):
        """Begins a sitting: what is kept of an earlier one is not of the same run."""
        self.about["sittings"] = self.about.get("sittings", 0) + 1 if self.cases else 1

    # Questions

    def was_busy(self, key):
        """Whether the machine had much else to do during a case."""
        return max(self.cases[key]["load"]) > HIGH_LOAD * (self.about.get("cores") or 1)

    def rounds(self):
        """The fewest and the most runs of cflyway in a case."""
        counts = [len(case["tools"][OURS]["runs"]) for case in self.cases.values()
                  if OURS in case["tools"]]
        return (min(counts), max(counts)) if counts else (0, 0)

    def names(self, key):
        """The tools that did a case, and those that failed in it."""
        tools = self.cases.get(key, {}).get("tools", {})
        return [name for name, tool in tools.items() if tool["runs"] or tool.get("failed")]

    def failed(self, key, name):
        return self.cases.get(key, {}).get("tools", {}).get(name, {}).get("failed")

    def values(self, key, name, field):
        """All values of wall_ms, cpu_ms or rss_mb."""
        runs = self.cases.get(key, {}).get("tools", {}).get(name, {}).get("runs", ())
        return [run[FIELDS.index(field)] for run in runs]

    def median(self, key, name, field):
        """None where nothing was measured."""
        values = self.values(key, name, field)
        return statistics.median(values) if values and not self.failed(key, name) else None

    def best(self, key, name, field):
        values = self.values(key, name, field)
        return min(values) if values and not self.failed(key, name) else None

    def round_trips(self, key, name):
        return self.cases.get(key, {}).get("tools", {}).get(name, {}).get("round_trips")
