# SPDX-License-Identifier: Apache-2.0
"""Failures of each kind that cflyway explains: how each is provoked, and what is said.

A line that is said may differ where it has "…".
"""
import collections
import os
import time

# Statements: a role, SQL that is there before, the script, and lines that are said.
Refused = collections.namedtuple("Refused", "name role before script lines")
# Connections: parameters of the URL, further arguments, the environment, and lines.
Unreached = collections.namedtuple("Unreached", "name url arguments environment lines")
# A server that answers the first message like this, and lines.
Answered = collections.namedtuple("Answered", "name answer lines")

WEAK = "causes_weak"
OUTSIDE = "next: write executeInTransaction=false into …V1__a.sql.conf; "

SETUP = """
do $$ begin create role causes_weak login; exception when duplicate_object or unique_violation
then end $$;
"""

REFUSED = (
    Refused("no right on the schema", WEAK, "create schema closed", "create table closed.t(i int)",
            ["the role causes_weak may not use the schema closed, or not create objects there",
             "next: as its owner, postgres: GRANT USAGE, CREATE ON SCHEMA closed TO causes_weak;"]),
    Refused("no right on a table", WEAK, "create table theirs(i int)", "select * from theirs",
            ["the table public.theirs belongs to postgres, and the role causes_weak lacks rights on "
             "it", "next: as postgres: GRANT SELECT, … ON TABLE public.theirs TO causes_weak;"]),
    Refused("no owner of a table", WEAK, "create table others(i int)", "drop table others",
            ["the table public.others belongs to postgres, and the role causes_weak is no member of "
             "that role", "next: run this migration as postgres, or as a superuser: ALTER TABLE "
             "public.others OWNER TO causes_weak;"]),
    Refused("no right to create an extension", WEAK, "", "create extension dblink",
            ["only a superuser, or for a trusted extension the owner of the database, may create "
             "dblink"]),
    Refused("a name like another", None, "create table persons(i int)", "select * from prsons",
            ["there is no prsons in the search path: …", "did you mean \"persons\"?"]),
    Refused("a table of another schema", None, "create schema apart; create table apart.far(i int)",
            "select * from far",
            ["far is in the schema apart, which is not in the search path: …", "write apart.far"]),
    Refused("a missing schema", None, "", "create table nowhere.t(i int)",
            ["there is no schema nowhere"]),
    Refused("a function like another", None, "", "select lenght('a')",
            ["there is no function lenght", "did you mean \"length\"?"]),
    Refused("a function of other types", None, "create function f(i int) returns int language sql "
            "as 'select 1'", "select f('a'::text, 1)",
            ["there is no f for the types (text, integer), only f(i integer)"]),
    Refused("a type like another", None, "", "create table t(i intger)",
            ["there is no type intger", "did you mean \"integer\"?"]),
    Refused("a missing role", None, "", "grant all on schema public to causes_nobody_else",
            ["the server has no role causes_nobody_else; …",
             "next: as a superuser: CREATE ROLE causes_nobody_else;"]),
    Refused("a setting like another", None, "", "set statment_timeout = 0",
            ["there is no setting statment_timeout", "did you mean \"statement_timeout\"?"]),
    Refused("an extension that is not installed", None, "", "create extension no_such",
            ["the files of the extension no_such are not installed on the machine of the server"]),
    Refused("a function of an extension, with a schema", None, "create schema ext",
            "select ext.uuid_generate_v1mc()", ["the extension uuid-ossp has this, and …"]),
    Refused("a function of an extension, in public beside the history", None, "",
            "select public.uuid_generate_v1mc()", ["the extension uuid-ossp has this, and …"]),
    Refused("a function of the team's own, called as one of an extension", None,
            "create schema app; create table app.t(i int)", "select app.digest('x')",
            ["more: \"cflyway explain 42883\""]),
    Refused("such a function in a schema of the same script", None, "",
            "create schema app2; create table app2.t(i int); select app2.digest('x')",
            ["more: \"cflyway explain 42883\""]),
    Refused("COMMIT in a procedure", None,
            "create procedure commits() language plpgsql as 'begin commit; end'", "call commits()",
            ["a procedure or DO block ends the transaction (COMMIT or ROLLBACK), which works only "
             "outside of the transaction of the migration",
             OUTSIDE + "if it fails later, what it has done until then stays"]),
    Refused("a statement outside of transactions", None, "", "cluster",
            ["CLUSTER works only outside of a transaction", OUTSIDE + "best with this …"]),
    Refused("such a statement in a block", None, "",
            "do $$ begin execute 'create database causes_other'; end $$",
            ["CREATE DATABASE works only as a statement of its own, not in a function or DO "
             "block"]),
    Refused("a new value of an enum", None, "create type e as enum ('a')",
            "alter type e add value 'b'; select 'b'::e",
            ["a new value of an enum can be used only after the transaction that adds it has "
             "committed"]),
    Refused("no such value of an enum", None, "create type colour as enum ('red', 'blue')",
            "select 'green'::colour", ["the enum colour has red, blue"]),
    Refused("a transaction that only reads", None, "",
            "set transaction read only; create table t(i int)",
            ["the script has made its transaction read-only",
             "take SET TRANSACTION READ ONLY out of it"]),
    Refused("a key that is there", None, "create table keyed(a int, b int, primary key (a, b)); "
            "insert into keyed values (1, 2)", "insert into keyed values (1, 2)",
            ["there is a row with (a, b) = (1, 2) already, and keyed_pkey allows one"]),
    Refused("old rows that are twice there", None,
            "create table twice(a int); insert into twice values (1), (1)",
            "create unique index on twice(a)",
            ["rows that are there already have the same (a), such as (1)"]),
    Refused("a row that a foreign key names", None, "create table parent(i int primary key); "
            "create table child(i int references parent)", "insert into child values (7)",
            ["no row of parent has the key (7) that a row of child names in i"]),
    Refused("a row that others name", None, "create table held(i int primary key); create table "
            "holder(i int references held); insert into held values (1); insert into holder values "
            "(1)", "delete from held", ["rows of holder still name the row of held with (i) = (1)"]),
    Refused("old rows that break a CHECK", None, "create table odd(i int); insert into odd values "
            "(1)", "alter table odd add constraint even check (i % 2 = 0)",
            ["rows …that are there already break the new rule even"]),
    Refused("old rows without a value", None, "create table bare(i int); insert into bare values "
            "(null)", "alter table bare alter i set not null",
            ["rows …that are there already have no value in i"]),
    Refused("a row without a value", None, "create table must(i int not null)",
            "insert into must values (null)",
            ["a row …has no value for i"]),
    Refused("a table that is there", None, "create table there(i int)", "create table there(i int)",
            ["the table public.there is there already: by hand, by another tool, or from a run that "
             "was not recorded"]),
    Refused("a table that is made twice", None, "", "create table q(i int); create table q(i int)",
            ["there is no q outside of this transaction: its scripts make it twice"]),
    Refused("a column that is there", None, "create table wide(i int)",
            "alter table wide add i int",
            ["wide has a column i already: by hand, or from a run that was not recorded"]),
    Refused("a function that is there", None, "create function g() returns int language sql as "
            "'select 1'", "create function g() returns int language sql as 'select 1'",
            ["the function g is there already", "write CREATE OR REPLACE FUNCTION"]),
    Refused("a column that a view uses", None, "create table seen(i int); create view sees as select "
            "i from seen", "alter table seen alter i type text",
            ["the view sees uses the column i"]),
    Refused("a time limit of the script", None, "",
            "set local statement_timeout = 50; select pg_sleep(2)",
            ["the statement ran longer than the statement_timeout that a script has set"]),
    Refused("a value too long for an index", None, "create table long(t text unique)",
            "insert into long select string_agg(md5(i::text), '') from generate_series(1, 900) i",
            ["a value is too long for an index of this kind"]),
)

UNREACHED = (
    Unreached("nothing listens", "127.0.0.2:1/d", [], {},
              ["nothing listens on 127.0.0.2:1: the server is stopped, or it listens elsewhere"]),
    Unreached("unknown host", "no-such-host.invalid/d", [], {},
              ["the host name no-such-host.invalid is unknown on this machine"]),
    Unreached("a missing database", "@/causes_nowhere", ["-user=postgres"], {},
              ["the server @ has no database causes_nowhere, which the URL (-url) names",
               "next: create it: createdb -h … -p … -U postgres causes_nowhere"]),
)

# With an own pg_hba.conf.
RULES = """local all all trust
host all causes_secret all scram-sha-256
host all causes_barred all reject
host all postgres,causes_weak,causes_nobody,causes_group,causes_limited 127.0.0.1/32 trust
"""
GUARDED_SETUP = """
create role causes_secret login password 'right'; create role causes_barred login;
create role causes_unlisted login; create role causes_group;
create role causes_limited login connection limit 0;
"""


def guard(server):
    """Makes the roles, and lets them in by our own rules."""
    for statement in filter(str.strip, GUARDED_SETUP.split(";")):
        server.query(statement)
    server.create_database("causes_closed")
    server.query("revoke connect on database causes_closed from public")
    with open(os.path.join(server.directory, "data", "pg_hba.conf"), "w", encoding="utf-8") as file:
        file.write(RULES)
    server.query("select pg_reload_conf()")
    time.sleep(0.2)                                             # until the server has read it


GUARDED = (
    Unreached("a missing role", "@/postgres", ["-user=causes_nobody"], {},
              ["the server @ has no role causes_nobody, which comes from -user",
               "next: as a superuser: CREATE ROLE causes_nobody LOGIN;"]),
    Unreached("a role that is a group", "@/postgres", ["-user=causes_group"], {},
              ["the role causes_group is a group"]),
    Unreached("a role at its limit", "@/postgres", ["-user=causes_limited"], {},
              ["the role causes_limited has as many connections as its limit allows"]),
    Unreached("no right to connect", "@/causes_closed", ["-user=causes_weak"], {},
              ["the role causes_weak may not connect to the database causes_closed",
               "next: as its owner: GRANT CONNECT ON DATABASE causes_closed TO causes_weak;"]),
    Unreached("a wrong password, option", "@/postgres",
              ["-user=causes_secret", "-password=Pl4nted"], {},
              ["the server refuses the password of causes_secret, which comes from -password (or has "
               "no role causes_secret: it does not say which)"]),
    Unreached("a wrong password, variable", "@/postgres", ["-user=causes_secret"],
              {"FLYWAY_PASSWORD": "Pl4nted"},
              ["… which comes from FLYWAY_PASSWORD (or has …"]),
    Unreached("a wrong password, URL", "@/postgres?user=causes_secret&password=Pl4nted", [], {},
              ["… which comes from the URL (-url) (or has …"]),
    Unreached("a wrong password, file", "@/postgres",
              ["-user=causes_secret", "-cflyway.passwordFile=HOME/password"], {},
              ["… which comes from cflyway.passwordFile, HOME/password (or has …"]),
    Unreached("a wrong password, configuration", "@/postgres",
              ["-configFiles=HOME/own.conf", "-user=causes_secret"], {},
              ["… which comes from HOME/own.conf:2 (or has …"]),
    Unreached("a wrong password, .pgpass", "@/postgres", ["-user=causes_secret"],
              {"PGPASSFILE": "HOME/pgpass"}, ["… which comes from HOME/pgpass (or has …"]),
    Unreached("no password", "@/postgres", ["-user=causes_secret"],
              {"PGPASSFILE": "HOME/none"}, ["the server wants a password, and none is configured"]),
    Unreached("an empty password", "@/postgres", ["-user=causes_secret", "-password="], {},
              ["the server wants a password, but the one that comes from -password is empty"]),
    Unreached("no line in pg_hba.conf", "@/postgres", ["-user=causes_unlisted"], {},
              ["pg_hba.conf of the server has no line for causes_unlisted from 127.0.0.1 to the "
               "database postgres without TLS",
               "next: add one there, then SELECT pg_reload_conf(): host postgres causes_unlisted "
               "127.0.0.1/32 scram-sha-256"]),
    Unreached("a line with reject", "@/postgres", ["-user=causes_barred"], {},
              ["a line with \"reject\" in pg_hba.conf of the server fits causes_barred …"]),
    Unreached("no TLS", "@/postgres?sslmode=require", ["-user=postgres"], {},
              ["the server has TLS switched off (ssl=off), and sslmode wants it"]),
    Unreached("no standby", "@/postgres?targetServerType=secondary", ["-user=postgres"], {},
              ["@ is a primary server, and targetServerType wants a standby"]),
)


def error_response(state, message):
    body = b"".join(key + value.encode() + b"\0" for key, value in
                    ((b"S", "FATAL"), (b"V", "FATAL"), (b"C", state), (b"M", message))) + b"\0"
    return b"E" + (len(body) + 4).to_bytes(4, "big") + body


ANSWERED = (
    Answered("no PostgreSQL", b"HTTP/1.0 400 Bad Request\r\n\r\n",
             ["what listens on @ is no PostgreSQL server: its answer begins with \"H\""]),
    Answered("a server that starts", error_response("57P03", "the database system is starting up"),
             ["the server is starting",
              "next: run the command again, with -connectRetries=10 to wait for the server"]),
    Answered("a server that is stopped",
             error_response("57P03", "the database system is shutting down"),
             ["the server is being stopped"]),
    Answered("a server that recovers",
             error_response("57P03", "the database system is in recovery mode"),
             ["the server recovers after a crash"]),
    Answered("too many connections", error_response("53300", "sorry, too many clients already"),
             ["all connections that max_connections allows are taken"]),
    Answered("only reserved connections left", error_response(
        "53300", "remaining connection slots are reserved for non-replication superuser connections"),
             ["all connections that max_connections allows are taken, except those that "
              "superuser_reserved_connections keeps for superusers"]),
)

# A server whose certificate is of this kind, parameters of the URL ("CA" is the file of its
# authority), and lines.
Secured = collections.namedtuple("Secured", "name certificate parameters lines")
SECURED = (
    Secured("a certificate that has expired", "expired", "sslmode=verify-full&sslrootcert=CA",
            ["the certificate of the server has expired, or is not signed by the authority in CA",
             "next: see which: openssl s_client -starttls postgres -connect @ -CAfile CA "
             "</dev/null | grep Verif"]),
    Secured("a certificate of somebody unknown", "unknown", "sslmode=verify-full&sslrootcert=CA",
            ["the certificate of the server has expired, or is not signed by the authority in CA"]),
    Secured("a certificate for another host", "other", "sslmode=verify-full&sslrootcert=CA",
            ["the certificate of the server is for the host db.invalid, and the URL says localhost",
             "next: write db.invalid as the host in the URL (-url), or have a certificate made for "
             "localhost"]),
    Secured("no authority", "other", "sslmode=verify-full&sslrootcert=HOME/none",
            ["sslmode wants to verify the server, but the authority that signs its certificate is "
             "not known: there is no HOME/none"]),
)

# SQL that is there before, and the script.
SQLITE = (
    Refused("a name like another", None, "create table persons(i)", "select * from prsons",
            ["there is no table prsons", "did you mean \"persons\"?"]),
    Refused("a column like another", None, "create table persons(name)", "select nme from persons",
            ["there is no column nme", "did you mean \"name\"?"]),
    Refused("what other databases have", None, "", "create schema s",
            ["SQLite has no CREATE SCHEMA"]),
    Refused("VACUUM in a transaction", None, "", "create table t(i); vacuum",
            ["VACUUM works only outside of a transaction", OUTSIDE + "best with this …"]),
    Refused("a foreign key without a key", None, "create table p(i); create table c(i references "
            "p(i))", "pragma foreign_keys = on; insert into c values (1)", []),
    Refused("a missing module", None, "", "create virtual table v using no_such(a)",
            ["this SQLite … was built without the module no_such"]),
    Refused("a table that is there", None, "create table t(i)", "create table t(i)",
            ["the table t is there already: by hand, or from a run that was not recorded"]),
    Refused("a full file", None, "", "pragma max_page_count = 9; create table t as with recursive "
            "c(i) as (select 1 union all select i + 1 from c where i < 100000) select i from c",
            ["the database has reached its largest size, max_page_count=…"]),
)
