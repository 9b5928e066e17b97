# SPDX-License-Identifier: Apache-2.0
"""A model of migrate and undo: what the history, the files and the tables must be afterwards.

Written from the rules alone (doc/undo.md), in the simplest way that comes to mind: lists are
searched, nothing is remembered.  Versions are whole numbers, and version 7 makes the table t7.
"""


class Row:
    """A row of the history. kind: SQL, DELETE or UNDO_SQL."""

    def __init__(self, version, kind):
        self.version, self.kind, self.taken_back = version, kind, None


class Model:
    def __init__(self, history):
        self.history = history              # marker, undo or delete
        self.rows, self.files, self.undos, self.broken = [], set(), set(), set()

    # --- questions ------------------------------------------------------------------------------

    def runs(self):
        """What has been applied and not been taken back, in order of application."""
        return [row for row in self.rows if row.kind == "SQL" and not row.taken_back]

    def applied(self):
        return {row.version for row in self.runs()}

    def tables(self):
        return {"t%d" % version for version in self.applied()}

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
            if row.version > last and not row.taken_back:
                last = row.version
            shown.append((row.version, state))
        waiting = sorted(self.files - self.applied())
        return shown + [(version, "Ignored" if self.is_ignored(version, False) else "Pending")
                        for version in waiting]

    def undo_state(self, version):
        if version in self.undos:
            return "Success"
        return "Missing" if version < max(self.files | self.undos) else "Future"

    # --- commands: what they return is whether they succeed ---------------------------------------

    def knows(self, picks):
        """Every item of cherryPick must name a file or a row."""
        known = self.files | self.undos | {row.version for row in self.rows}
        return all(version in known for version in picks)

    def migrate_picks(self, picks, target):
        """Only these, in their order, whatever has been applied."""
        if not self.knows(picks):
            return False
        for version in picks:
            if version in self.files - self.applied() and (target is None or version <= target):
                self.rows.append(Row(version, "SQL"))
        return True

    def migrate(self, out_of_order=False, target=None, picks=None):
        if picks:
            return self.migrate_picks(picks, target)
        if any(self.is_ignored(version, out_of_order, target) for version in self.files):
            return False                    # validate refuses
        for version in sorted(self.files - self.applied()):
            if target is None or version <= target:
                self.rows.append(Row(version, "SQL"))
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
        if not self.knows(picks):
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
        if self.history == "delete":
            self.rows.remove(row)
        elif self.history == "marker":
            row.taken_back = "Deleted"
            self.rows.append(Row(row.version, "DELETE"))
        else:
            row.taken_back = "Undone"
            self.rows.append(Row(row.version, "UNDO_SQL"))
