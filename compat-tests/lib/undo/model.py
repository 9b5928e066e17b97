# SPDX-License-Identifier: Apache-2.0
"""A model of migrate, undo and repair: what the history, the files and the tables must be afterwards.

Written from the rules alone (doc/undo.md), in the simplest way that comes to mind: lists are
searched, nothing is remembered.  Versions are whole numbers, and version 7 makes the table t7.
"""
import zlib


def checksum(text):
    """The checksum of a file: its lines without their ends."""
    value = 0
    for line in text.splitlines():
        value = zlib.crc32(line.encode(), value)
    return value - (1 << 32) if value >= 1 << 31 else value


class Row:
    """A row of the history. kind: SQL, DELETE or UNDO_SQL."""

    def __init__(self, version, kind, checksum_):
        self.version, self.kind, self.checksum, self.taken_back = version, kind, checksum_, None


class Model:
    def __init__(self, history):
        self.history = history              # marker, undo or delete
        self.rows, self.broken = [], set()
        self.tables = set()                 # repair leaves those of deleted rows
        self.files, self.undos = {}, {}     # the texts of the files of each version

    # --- questions ------------------------------------------------------------------------------

    def runs(self):
        """What has been applied and not been taken back, in order of application."""
        return [row for row in self.rows if row.kind == "SQL" and not row.taken_back]

    def applied(self):
        return {row.version for row in self.runs()}

    def is_ignored(self, version, out_of_order, target=None):
        return (version not in self.applied() and not out_of_order
                and version < max(self.applied(), default=0)
                and (target is None or version <= target))

    def states(self):
        """(version, state) of all runs in order, then of all files without one."""
        shown, last = [], 0
        for row in self.rows:
            if row.kind == "DELETE":
                continue
            if row.kind == "UNDO_SQL":
                shown.append((row.version, self.undo_state(row.version)))
                continue
            state = row.taken_back or ("Out of Order" if row.version <= last else "Success")
            if not row.taken_back and row.version not in self.files:
                state = self.gone_state(row.version)
            if row.version > last and not row.taken_back:
                last = row.version
            shown.append((row.version, state))
        waiting = sorted(self.files.keys() - self.applied())
        return shown + [(version, "Ignored" if self.is_ignored(version, False) else "Pending")
                        for version in waiting]

    def undo_state(self, version):
        return "Success" if version in self.undos else self.gone_state(version)

    def gone_state(self, version):
        """The state of a row whose file is gone."""
        highest = max(self.files.keys() | self.undos.keys(), default=0)
        return "Missing" if version < highest else "Future"

    def is_faulty(self, row):
        """Does validate complain about the row? A future one is ignored by default."""
        if row.kind != "SQL" or row.taken_back:
            return False
        if row.version not in self.files:
            return self.gone_state(row.version) == "Missing"
        return row.checksum != checksum(self.files[row.version])

    # --- commands: what they return is whether they succeed ---------------------------------------

    def knows(self, picks, undos):
        """Every item of cherryPick must name a file or a row."""
        known = self.files.keys() | undos.keys() | {row.version for row in self.rows}
        return all(version in known for version in picks)

    def apply(self, version):
        self.rows.append(Row(version, "SQL", checksum(self.files[version])))
        self.tables.add("t%d" % version)

    def migrate_picks(self, picks, target):
        """Only these, in their order, whatever has been applied."""
        if not self.knows(picks, {}):
            return False
        if any(self.is_faulty(row) for row in self.rows if row.version in picks):
            return False
        for version in picks:
            if (version in self.files and version not in self.applied()
                    and (target is None or version <= target)):
                self.apply(version)
        return True

    def migrate(self, out_of_order=False, target=None, picks=None):
        if picks:
            return self.migrate_picks(picks, target)
        if any(self.is_ignored(version, out_of_order, target) for version in self.files):
            return False                    # validate refuses
        if any(self.is_faulty(row) for row in self.rows):
            return False
        for version in sorted(self.files.keys() - self.applied()):
            if target is None or version <= target:
                self.apply(version)
        return True

    def repair(self, picks=None):
        """Marks rows as deleted whose file is gone, and takes over the checksums of the others."""
        if picks and not self.knows(picks, self.undos):
            return False
        rows = [row for row in self.rows if not picks or row.version in picks]
        if picks:
            rows.sort(key=lambda row: picks.index(row.version))
        for row in rows:
            if (row.kind == "SQL" and not row.taken_back and row.version not in self.files
                    and self.gone_state(row.version) == "Missing"):
                row.taken_back = "Deleted"
                self.rows.append(Row(row.version, "DELETE", row.checksum))
        for row in rows:
            files = {"SQL": self.files, "UNDO_SQL": self.undos, "DELETE": {}}[row.kind]
            if row.version in files and row.taken_back != "Undone":
                row.checksum = checksum(files[row.version])
        return True

    def plan(self, steps, target):
        """The runs to take back, None: refused."""
        planned = []
        for row in reversed(self.runs()):
            if target is None and len(planned) == steps:
                break
            if target is not None and row.version < target:
                break
            if row.version not in self.undos:
                if target is not None and planned:
                    break
                return None
            planned.append(row)
        return planned

    def plan_picks(self, picks, target):
        """Those that are there, in the reverse order of the list. None: refused."""
        if not self.knows(picks, self.undos):
            return None
        first = [version for i, version in enumerate(picks) if version not in picks[:i]]
        planned = [row for version in reversed(first) for row in reversed(self.runs())
                   if row.version == version and (target is None or version >= target)]
        return planned if all(row.version in self.undos for row in planned) else None

    def undo(self, steps=1, target=None, group=False, picks=None):
        planned = self.plan_picks(picks, target) if picks else self.plan(steps, target)
        if planned is None:
            return False
        fails = any(row.version in self.broken for row in planned)
        if group and fails:
            return False
        for row in planned:
            if row.version in self.broken:
                return False
            self.take_back(row)
        return True

    def take_back(self, row):
        self.tables.discard("t%d" % row.version)
        if self.history == "delete":
            self.rows.remove(row)
        elif self.history == "marker":
            row.taken_back = "Deleted"
            self.rows.append(Row(row.version, "DELETE", row.checksum))
        else:
            row.taken_back = "Undone"
            self.rows.append(Row(row.version, "UNDO_SQL", checksum(self.undos[row.version])))
