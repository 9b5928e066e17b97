# SPDX-License-Identifier: Apache-2.0
"""The tools whose histories are adopted: how each names its files, migrates and takes back."""
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
TOOLS = os.path.join(ROOT, "build", "adopt-tools")
PLACES = ("bin", os.path.join("venv", "bin"), os.path.join("npm", "node_modules", ".bin"))


class ToolError(Exception):
    pass


def call(arguments, cwd=None, status=0, **variables):
    done = subprocess.run(arguments, cwd=cwd, env=dict(os.environ, **variables), check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=120)
    if status is not None and done.returncode != status:
        raise ToolError("%s: status %d\n%s" % (" ".join(arguments), done.returncode, done.stdout))
    return done.stdout


def write(folder, name, text):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


class Peer:
    """program: looked for in NAME of the environment, in build/adopt-tools and in PATH."""
    name = program = layout = old_table = None
    databases = ("postgresql", "sqlite")
    in_both = True      # both databases by default; otherwise the first one, unless --all
    times = None        # the expression in old_table that is the time of an entry
    fixed_from = "auto"

    def find(self):
        given = os.environ.get(self.program.upper().replace("-", "_"))
        folder = os.environ.get("ADOPT_TOOLS", TOOLS)
        path = os.pathsep.join([os.path.join(folder, place) for place in PLACES] +
                               [os.environ.get("PATH", "")])
        return given or shutil.which(self.program, path=path)

    def __init__(self):
        self.path = self.find()

    def prepare(self, folder, database):
        """Before the first migration."""

    def write(self, folder, number):
        """Writes migration `number`, which makes the table tN."""
        raise NotImplementedError

    def write_undo(self, folder, number):
        """Writes what takes it back, if it is not there already."""

    def up(self, folder, database):
        raise NotImplementedError

    def location(self, folder):
        """Where cflyway finds the scripts."""
        return folder

    def convert(self, folder, database, run):
        """Makes scripts of the migrations, if cflyway needs others."""


def create(number):
    return "create table t%d(id int);\n" % number


def drop(number):
    return "drop table t%d;\n" % number


class Goose(Peer):
    name = program = layout = "goose"
    old_table, times = "goose_db_version", "tstamp"

    def write(self, folder, number):
        write(folder, "%05d_t%d.sql" % (number, number), "-- +goose Up\n" + create(number) +
              "-- +goose Down\n" + drop(number))

    def arguments(self, folder, database):
        target = ["sqlite3", database.path] if database.kind == "sqlite" else \
            ["postgres", database.url()]
        return [self.path, "-dir", folder] + target

    def up(self, folder, database, *more):
        call(self.arguments(folder, database) + ["up"] + list(more))

    def down(self, folder, database):
        call(self.arguments(folder, database) + ["down"])


class GolangMigrate(Peer):
    name, program, layout, old_table = "golang-migrate", "migrate", "updown", "schema_migrations"

    def write(self, folder, number):
        write(folder, "%06d_t%d.up.sql" % (number, number), create(number))
        write(folder, "%06d_t%d.down.sql" % (number, number), drop(number))

    def arguments(self, folder, database):
        url = "sqlite://" + database.path if database.kind == "sqlite" else database.url()
        return [self.path, "-path", folder, "-database", url]

    def up(self, folder, database):
        call(self.arguments(folder, database) + ["up"])


class Dbmate(Peer):
    name = program = layout = "dbmate"
    old_table = "schema_migrations"

    def write(self, folder, number):
        write(folder, "2024010%d000000_t%d.sql" % (number, number), "-- migrate:up\n" +
              create(number) + "-- migrate:down\n" + drop(number))

    def up(self, folder, database):
        url = "sqlite:" + database.path if database.kind == "sqlite" else database.url()
        call([self.path, "--url", url, "--migrations-dir", folder, "--no-dump-schema", "up"])


class Tern(Peer):
    name = program = "tern"
    layout, old_table, databases = "tern", "schema_version", ("postgresql",)

    def write(self, folder, number):
        write(folder, "%03d_t%d.sql" % (number, number), create(number) +
              "---- create above / drop below ----\n" + drop(number))

    def up(self, folder, database):
        call([self.path, "migrate", "--migrations", folder, "--conn-string", database.url()])


class Yoyo(Peer):
    name = program = "yoyo"
    layout, old_table, times, in_both = "numbered", "_yoyo_migration", "applied_at_utc", False

    def write(self, folder, number):
        write(folder, "%04d_t%d.sql" % (number, number), create(number))

    def write_undo(self, folder, number):
        write(folder, "%04d_t%d_rollback.sql" % (number, number), drop(number))

    def up(self, folder, database):
        url = "sqlite:///" + database.path if database.kind == "sqlite" else \
            "postgresql://postgres@%s:%d/%s" % (database.server.host, database.server.port,
                                                database.name)
        call([self.path, "apply", "--batch", "--no-config-file", "--database", url, folder],
             cwd=folder)


ALEMBIC_SCRIPT = '''"""t%(n)d"""
from alembic import op
import sqlalchemy as sa

revision = "rev%(n)d"
down_revision = %(down)r


def upgrade():
    op.create_table("t%(n)d", sa.Column("id", sa.Integer))


def downgrade():
    op.drop_table("t%(n)d")
'''


class Alembic(Peer):
    name = program = "alembic"
    layout, old_table, in_both = "flyway", "alembic_version", False

    def prepare(self, folder, database):
        call([self.path, "init", "migrations"], cwd=folder)
        url = "sqlite:///" + database.path if database.kind == "sqlite" else \
            database.url("postgresql+psycopg2")
        ini = os.path.join(folder, "alembic.ini")
        with open(ini, encoding="utf-8") as file:
            text = file.read()
        lines = ["sqlalchemy.url = " + url if line.startswith("sqlalchemy.url") else line
                 for line in text.split("\n")]
        with open(ini, "w", encoding="utf-8") as file:
            file.write("\n".join(lines))

    def write(self, folder, number):
        down = "rev%d" % (number - 1) if number > 1 else None
        write(os.path.join(folder, "migrations", "versions"), "rev%d.py" % number,
              ALEMBIC_SCRIPT % {"n": number, "down": down})

    def up(self, folder, database):
        call([self.path, "upgrade", "head"], cwd=folder)

    def location(self, folder):
        return os.path.join(folder, "sql")

    def convert(self, folder, database, run):
        return run(["-alembic=" + self.path, "import", "alembic", folder])


PEERS = (Goose, GolangMigrate, Dbmate, Tern, Yoyo, Alembic)
