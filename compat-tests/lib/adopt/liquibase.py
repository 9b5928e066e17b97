# SPDX-License-Identifier: Apache-2.0
"""Liquibase, from Maven Central: scripts in its SQL format, several changesets in a file."""
import glob
import os
import shutil
import subprocess

from .peers import ROOT, TOOLS, Peer, call, drop, write

JARS = os.path.join(ROOT, "tools", "liquibase.jars")
CHANGELOG = """<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="http://www.liquibase.org/xml/ns/dbchangelog
 http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd">
<includeAll path="sql" relativeToChangelogFile="true"/></databaseChangeLog>
"""


class Liquibase(Peer):
    name, program, layout, databases = "liquibase", "java", "flyway", ("postgresql",)
    old_table, times = "databasechangelog", "dateexecuted"

    def find(self):
        folder = os.path.join(os.environ.get("ADOPT_TOOLS", TOOLS), "liquibase")
        if shutil.which("java") is None:
            return None
        if not glob.glob(os.path.join(folder, "*.jar")):
            with open(JARS, encoding="utf-8") as jars:
                done = subprocess.run([os.path.join(ROOT, "tools", "maven-jars"), folder],
                                      stdin=jars, check=False)
            if done.returncode != 0:
                return None
        return folder

    def prepare(self, folder, database):
        write(folder, "changelog.xml", CHANGELOG)

    def write(self, folder, number):
        write(os.path.join(folder, "sql"), "V%03d__t%d.sql" % (number, number),
              "--liquibase formatted sql\n\n--changeset me:t%d-1\ncreate table t%d(id int);\n"
              "--rollback drop table t%d;\n\n--changeset me:t%d-2\n"
              "insert into t%d values (1);\n" % ((number,) * 5))

    def write_undo(self, folder, number):
        write(os.path.join(folder, "sql"), "U%03d__t%d.sql" % (number, number), drop(number))

    def up(self, folder, database, *more):
        command = [
            "java", "-XX:TieredStopAtLevel=1", "-cp", os.path.join(self.path, "*"),
            "liquibase.integration.commandline.LiquibaseCommandLine", "--changelog-file=changelog.xml",
            "--url=jdbc:postgresql://%s:%d/%s" % (database.server.host, database.server.port,
                                                  database.name),
            "--username=postgres", "--password="]
        call(command + (list(more) or ["update"]), cwd=folder)

    def location(self, folder):
        return os.path.join(folder, "sql")


def half_way(project):
    """One of two changesets is applied."""
    project.write(1, 2)
    project.up("update-count", "--count=3")
    said = project.adopt(status=1)
    if "V002__t2.sql: 1 of 2 changesets are applied" not in said:
        raise AssertionError(said)
    project.up()
    project.adopt()
    project.run("validate")
