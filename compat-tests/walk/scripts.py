# SPDX-License-Identifier: Apache-2.0
"""Makes the texts of migrations and callbacks: SQL for both databases, shell, script configuration.

A text is made of statements, of what stands between them, and of bytes that are not text. Tables
have few names, so that scripts meet the objects of others.
"""
import base64

NO_BREAK_SPACE = "\u00a0"
MISSING = "${nope}"

# What may stand in any script. {t}: a table of the project, {n}: a number, {new}: a new name.
COMMON = (
    "create table {new}(id int primary key, name text);",
    "create table {new} (\n  id int,\n  name text -- a name; and more\n);",
    "create table if not exists {t}(id int, name text);",
    "create table {t}(i int);",
    "insert into {t} values ({n}, 'x');",
    "insert into {t} values ({n}, 'a;b'), ({n}, 'it''s');",
    "insert into {t}(id, name) values ({n}, '${{flyway:defaultSchema}}');",
    "insert into {t} values ({n}, '${{who}}');",
    "update {t} set name = 'y' where id > {n};",
    "delete from {t} where id = {n};",
    "delete from {t};",
    "drop table {t};",
    "drop table if exists {t};",
    "create view v_{new} as select 1 as one;",
    "create index {new}_i on {t}(name);",
    "select {n} as n, 'text' as t;",
    "select * from {t} order by 1;",
    "select null as nothing;",
    "select 1 as a where 1 = 0;",
    "select '${{flyway:filename}}' as f;",
    "/* a\n comment; */ select 1;",
    "-- only a comment\n",
    "alter table {t} add column {new} int;",
)
BAD = (
    "select 1/0;" , "selec 1;", "select * from nope;", "insert into {t} values ('x', 1, 2);",
    "create table {t}(i int);", "select '" + MISSING + "';", "-- " + MISSING + "\nselect 1;",
    "select 'unterminated;", "/* unterminated", "create table ({n};", "insert into {t}(nope) values (1);",
)
POSTGRES = (
    "create table {new}(id serial primary key, name varchar(20) not null default 'x');",
    "create table {new}(id int generated always as identity, at date default '2020-01-01');",
    "create function f_{new}() returns int language sql as $$ select 1; $$;",
    "create or replace function f_{t}() returns int language plpgsql as $body$\nbegin\n"
    "  return 1; -- ;\nend $body$;",
    "create function f_{new}() returns int language sql begin atomic select 1; select 2; end;",
    "create type e_{new} as enum ('a', 'b');",
    "create sequence s_{new};",
    "select nextval('s_{t}');",
    "comment on table {t} is 'c; d';",
    "do $$ begin raise notice 'hello {n}'; end $$;",
    "do $$ begin raise warning 'careful'; end $$;",
    "do $$ begin raise exception 'stop {n}'; end $$;",
    "create schema if not exists other;",
    "create schema s_{new};",
    "create table other.{new}(i int);",
    "set search_path to other, public;",
    "set role walk_other;",
    "set statement_timeout = 10000;",
    "set local lock_timeout = 1000;",
    "reset all;",
    "set transaction read only;",
    "begin;", "commit;", "rollback;", "savepoint a;", "start transaction;",
    "begin isolation level serializable;",
    "begin;\ninsert into {t} values ({n}, 'x');\ncommit;",
    "insert into {t} values ({n}, 'r') returning *;",
    "create temporary table tmp_{new}(i int);",
    "copy {t} from stdin;\n{n}\tone\n{n}\ttwo\n\\.\n",
    "copy {t} (id) from stdin with (format csv);\n{n}\n\\.\n",
    "copy {t} from stdin;\nx\ty\n\\.\n",
    "copy {t} to stdout;",
    "create unique index concurrently if not exists {new}_c on {t}(id);",
    "vacuum;", "vacuum {t};", "vacuum;", "discard all;", "reindex table {t};",
    "create materialized view m_{new} as select 1 as one;",
    "truncate {t};",
    "explain (costs off) select 1;",
    "select 'a' as \"A b\", true as b, 1.50 as n, date '2020-01-02' as d;",
    "select generate_series(1, 3) as g;",
    "show search_path;",
    "create trigger tr_{new} after insert on {t} for each row execute function nope();",
    "create table {new}(a int references {t});",
    "create table {new}(id int primary key deferrable initially deferred);",
    "insert into {t} values ({n}, 'dup'); insert into {t} values ({n}, 'dup');",
    "select current_schema() as s;",
    "select current_user as u;",
    "\\i other.sql",
    "grant select on {t} to walk_other;",
    "prepare p_{new} as select 1;",
    "select $1;",
    "alter type e_{t} add value 'c';",
)
SQLITE = (
    "create table {new}(id integer primary key autoincrement, name text);",
    "create trigger tr_{new} after insert on {t} begin\n  select 1;\n  select 2;\nend;",
    "pragma foreign_keys = on;",
    "pragma foreign_keys;",
    "pragma user_version = {n};",
    "insert or replace into {t} values ({n}, 'r');",
    "insert into {t} values ({n}, 'r') returning *;",
    "vacuum;",
    "begin;", "commit;", "end;", "rollback;", "begin; commit;",
    "savepoint a;",
    "create table {new}(a int references {t}(id));",
    "select case when 1 = 1 then 'a' else 'b' end as c;",
    "create temporary table tmp_{new}(i int);",
    "attach ':memory:' as att;",
    "select typeof(1.5) as t, x'00ff' as b;",
    "create virtual table {new} using fts5(a);",
    "drop view if exists v_{t};",
    "select name from sqlite_master order by 1;",
    "alter table {t} rename to {new};",
)
BETWEEN = ("\n", "\n", "\n", "\n\n", " ", "", "\n-- a comment\n", "\n/* b */\n", "\n;\n", "\t\n",
           "\n%s\n" % NO_BREAK_SPACE)
SHELL = (
    "echo hello\n", "echo out; echo error >&2\n", "exit 3\n", "exit 0\n", "",
    "echo who FP__who__ and $FP__who__\n", "echo FP__nope__\n", "printf 'no line end'\n",
    "echo $FP__flyway_table__\n", "#!/bin/sh\necho $0 $#\n", "nosuchprogram\n", "cat </dev/null\n",
    "echo '${nope}'\n",
)
SCRIPT_CONFIG = (
    "executeInTransaction=false\n", "executeInTransaction=true\n", "executeInTransaction=maybe\n",
    "placeholderReplacement=false\n", "placeholderReplacement=true\n", "encoding=ISO-8859-1\n",
    "encoding=nope\n", "nonsense=1\n", "", "# nothing\n", "executeInTransaction = false\n",
    "executeInTransaction=false\nplaceholderReplacement=false\n", "flyway.mixed=true\n",
    "encoding=UTF-8\n",
)
TABLES = ("t1", "t2", "t3", "t4")


class Writer:
    """Makes texts with a random number generator; names of new objects do not repeat."""

    def __init__(self, random, kind):
        self.random, self.kind, self.made = random, kind, 0
        self.errors = random.choice((0.0, 0.0, 0.04, 0.12))
        self.specials = POSTGRES if kind == "postgresql" else SQLITE
        # Of each walk, a few statements only: they meet one another more often.
        self.few = random.sample(self.specials, 6) if random.random() < 0.5 else self.specials

    def fill(self, pattern):
        table = self.random.choice(TABLES)
        while "{new}" in pattern:
            self.made += 1
            name = table if self.random.random() < 0.3 else "n%d" % self.made
            pattern = pattern.replace("{new}", name, 1)
        number = str(self.random.randrange(1, 9))
        return (pattern.replace("{t}", table).replace("{n}", number)
                .replace("${{", "${").replace("}}", "}"))

    def statement(self):
        roll = self.random.random()
        if roll < self.errors:
            return self.fill(self.random.choice(BAD))
        if roll < 0.55:
            return self.fill(self.random.choice(COMMON))
        return self.fill(self.random.choice(self.few))

    def simple(self):
        """A text that mostly works."""
        table = self.random.choice(TABLES)
        return self.random.choice((
            "create table if not exists %s(id int, name text);\n" % table,
            "select 1 as one;\n", "create table n%d_%d(i int);\n" % (self.made, self.bump()),
            "drop table if exists %s;\n" % table))

    def tables(self):
        """The tables that other scripts use."""
        return "".join("create table %s(id int, name text);\n" % table for table in TABLES)

    def bump(self):
        self.made += 1
        return self.made

    def sql(self):
        roll = self.random.random()
        if roll < 0.25:
            return self.simple()
        if roll < 0.28:
            return self.random.choice(("", "\n", "-- nothing\n", ";\n", " \n" + NO_BREAK_SPACE))
        if roll < 0.30:
            lines = self.random.randrange(50, 400)
            return "".join("insert into t1 values (%d, 'row');\n" % i for i in range(lines))
        text = self.random.choice(("", "", "", "", "\n", " \n", "\n\n\n", "-- head\n", "\ufeff"))
        for _ in range(self.random.choice((1, 1, 2, 2, 3, 5))):
            text += self.statement() + self.random.choice(BETWEEN)
        if self.random.random() < 0.05:
            text = text.rstrip("\n").rstrip(";")
        if self.random.random() < 0.06:
            text = text.replace("\n", "\r\n")
        return text

    def shell(self):
        return self.random.choice(SHELL)

    def config(self):
        return self.random.choice(SCRIPT_CONFIG)

    def write(self, path, text):
        """The step; now and then in another character set, or with bytes that are no text."""
        roll = self.random.random()
        if not path.endswith(".sql") or roll < 0.95:
            return {"op": "write", "path": path, "content": text}
        if roll < 0.97:
            data = (text + "-- caf\u00e9\n").encode("latin-1", "replace")
        elif roll < 0.98:
            data = text.encode("utf-16")
        elif roll < 0.99:
            data = text.encode() + b"-- \xff\xfe\n"
        else:
            data = text.encode("utf-16-be")
        return {"op": "write", "path": path, "base64": base64.b64encode(data).decode()}
