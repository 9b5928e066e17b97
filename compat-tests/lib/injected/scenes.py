# SPDX-License-Identifier: Apache-2.0
"""Commands on a small project, and what may be there after each of them was disturbed: scripts that
SQLite and PostgreSQL know, configuration in both formats."""
FILE = "t.db"
SQLITE_URL = "jdbc:sqlite:" + FILE

SHARED = {
    "sql/V1__City.sql": """\
create table city (id integer primary key, name text not null);
create index city_name on city (name);
insert into city values (1, 'Berlin'), (2, 'Kiel');
""",
    "sql/V2__River.sql": """\
create table river (name text, length_km int);
insert into river values ('${first}', 1094), ('Spree', 382);
update city set name = 'Potsdam' where id = 1;
""",
    "sql/afterMigrate.sql": "select count(*) from city;\n",
}
SCRIPTS = {
    "sqlite": {
        **SHARED,
        "sql/V3__Trigger.sql": """\
create table seen (name text);
create trigger note after insert on river begin
    insert into seen values (new.name);
end;
insert into river values ('Havel', 325);
""",
        "sql/R__View.sql": "create view if not exists long_river as select name from river "
                           "where length_km > 330;\n",
    },
    "postgresql": {
        **SHARED,
        "sql/V3__Trigger.sql": """\
create table seen (name text);
create function note() returns trigger language plpgsql as $$
begin
    insert into seen values (new.name);
    return new;
end $$;
create trigger note after insert on river for each row execute function note();
copy river (name, length_km) from stdin;
Havel\t325
\\.
""",
        "sql/R__View.sql": "create or replace view long_river as select name from river "
                           "where length_km > 330;\n",
    },
}
UNDO_RIVER = "drop table river;\nupdate city set name = 'Berlin' where id = 1;\n"
UNDOS = {
    "sqlite": {
        "sql/U2__River.sql": UNDO_RIVER,
        "sql/U3__Trigger.sql": "drop trigger note;\ndrop table seen;\n"
                               "delete from river where name = 'Havel';\n",
    },
    "postgresql": {
        "sql/U2__River.sql": UNDO_RIVER,
        "sql/U3__Trigger.sql": "drop trigger note on river;\ndrop function note();\n"
                               "drop table seen;\ndelete from river where name = 'Havel';\n",
    },
}
TOML = """\
[environments.default]
url = "%s"

[flyway]
locations = ["filesystem:sql"]
placeholders.first = "Elbe"
""" % SQLITE_URL
CONF = "flyway.url=%s\nflyway.locations=filesystem:sql\nflyway.placeholders.first=Elbe\n" % SQLITE_URL
NOTHING = ("-locations=filesystem:none", "migrate")
ALL = ("migrate",)
VERSIONED_ONLY = "-repeatableSqlMigrationPrefix=none"
# What repair has to do: two checksums, a failed migration, one whose file is missing.
BROKEN = """
update flyway_schema_history set checksum = 1 where version in ('1', '2');
insert into flyway_schema_history select 9, '9', 'Gone', 'SQL', 'V9__Gone.sql', 5, installed_by,
    installed_on, 0, success from flyway_schema_history where installed_rank = 1;
insert into flyway_schema_history select 8, '8', 'Failed', 'SQL', 'V8__Failed.sql', 5, installed_by,
    installed_on, 0, not success from flyway_schema_history where installed_rank = 1;
"""


class Scene:
    """A command. before: what is run first; via: what makes the states on its way, each from what
    was there before; sql: statements after `before`.  keeps: the database stays as it is; repeats:
    the command succeeds when there is nothing left to do."""

    def __init__(self, name, args, before=(), via=(), sql="", undoes=False, outputs=(),
                 config=TOML, keeps=False, repeats=True):
        self.name, self.args, self.before, self.via, self.sql = name, args, before, via, sql
        self.undoes, self.outputs = undoes, tuple(outputs)
        self.config, self.keeps, self.repeats = config, keeps, repeats

    def files(self, database):
        """Path -> content."""
        name = "flyway.toml" if self.config is TOML else "flyway.conf"
        return {**SCRIPTS[database], **(UNDOS[database] if self.undoes else {}), name: self.config}


SCENES = (
    Scene("migrate", ALL, via=(NOTHING, *(
        ("-target=%d" % target, VERSIONED_ONLY, *ALL) for target in (1, 2, 3)))),
    Scene("migrate in a group", ("-group=true", *ALL), via=(NOTHING,), config=CONF),
    Scene("info", ("info",), before=(("-target=2", *ALL),), keeps=True),
    Scene("validate", ("validate",), before=(ALL,), keeps=True),
    Scene("repair", ("repair",), before=(ALL,), sql=BROKEN),
    Scene("baseline", ("-baselineVersion=2", "baseline"),
          sql="create table old (n int); insert into old values (1);"),
    Scene("clean", ("-cleanDisabled=false", "clean"), before=(ALL,)),
    Scene("undo", (VERSIONED_ONLY, "-target=1", "undo"), before=((VERSIONED_ONLY, *ALL),),
          via=((VERSIONED_ONLY, "undo"),), undoes=True, repeats=False),
    Scene("dry run", ("-dryRunOutput=out.sql", *ALL),
          before=(("-target=1", VERSIONED_ONLY, *ALL),
                  ("-dryRunOutput=out.sql", "-target=2", *ALL)),
          outputs=("out.sql",), keeps=True),
    Scene("report", ("-reportEnabled=true", "-reportFilename=r", *ALL),
          before=(("-target=2", VERSIONED_ONLY, "-reportEnabled=true", "-reportFilename=r", *ALL),),
          via=(("-target=3", VERSIONED_ONLY, *ALL),), outputs=("r.json", "r.html")),
    Scene("output file", ("-outputFile=log.txt", "-outputType=json", "info"), before=(ALL,),
          keeps=True),
)
