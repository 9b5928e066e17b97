# SPDX-License-Identifier: Apache-2.0
"""Servers that speak PostgreSQL's protocol and are another product: refused before anything changes.

None of them is here.  The stand-ins are PostgreSQL with another version(), some of them behind a
proxy that adds what the product tells when a connection starts: they prove what cflyway does when
it is told so, and nothing about those products.
"""
import contextlib
import struct

from ..proxy import Proxy
from .harness import Failure, Script

SCRIPT = Script("V1__First.sql", "create table first (i int);\n")
SAYS = " is not PostgreSQL, although it speaks its protocol: cflyway does not run on it, because "

# Product: what version() says, and the parameter that it tells at the start, if it does.
PRODUCTS = {
    "CockroachDB": ("CockroachDB CCL v26.1.0 (x86_64-pc-linux-gnu, built 2026/01/20)",
                    ("crdb_version", "CockroachDB CCL v26.1.0")),
    "YugabyteDB": ("PostgreSQL 15.2-YB-2.25.1.0-b0 on x86_64-pc-linux-gnu, compiled by clang",
                   ("server_version", "15.2-YB-2.25.1.0-b0")),
    "Amazon Redshift": ("PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC, Redshift 1.0.12103",
                        ("padb_version", "1.0.12103")),
    "Greenplum": ("PostgreSQL 12.12 (Greenplum Database 7.0.0 build commit:0a7a3566) on x86_64", None),
    "Materialize": ("PostgreSQL 9.5.0 on x86_64-unknown-linux-gnu (Materialize v0.39.0)",
                    ("mz_version", "v0.39.0 (73f6bed)")),
    "QuestDB": ("PostgreSQL 12.3, compiled by Visual C++ build 1914, 64-bit, QuestDB", None),
}
INIT = ("-initSql=create table init (i int)", "migrate")
CALLS = (("migrate",), ("info",), ("validate",), ("baseline",), ("repair",), ("undo",),
         ("-cleanDisabled=false", "clean"), ("testConnection",),
         ("-initSql=create table init (i int)", "testConnection"), INIT,
         ("-schemas=app", "migrate"), ("-dryRunOutput=-", "migrate"), ("-dryRun=execute", "migrate"))
BRIEF = (("migrate",), ("testConnection",))


def says_version(database, version):
    database.session.run("create or replace function pg_catalog.version() returns text "
                         "language sql stable as $$select '%s'$$" % version)


def parameter(name, value):
    body = b"".join(text.encode() + b"\0" for text in (name, value))
    return b"S" + struct.pack("!I", 4 + len(body)) + body


@contextlib.contextmanager
def announcing(server, name, value):
    """A proxy behind which the server tells this parameter, too; gives its port."""
    def change(message, raw):
        if message.front or message.type != "Z" or change.told:
            return raw
        change.told = True
        return parameter(name, value) + raw

    change.told = False
    with Proxy(server.host, server.port) as proxy:
        proxy.change = change
        proxy.start()
        yield proxy.port


def must_refuse(outcome, product, database, empty, what):
    outcome.must(1, what).must_say(product + SAYS, what)
    if database.state() != empty:
        raise Failure("%s: %s has changed something: %s" % (product, what, database.state()))
    if database.session.value("select count(*) from pg_namespace where nspname = 'app'") != "0":
        raise Failure("%s: %s has made a schema" % (product, what))


def test_other_products_by_version(bench):
    """What version() says is asked for with everything else, alone, and before initSql."""
    folder = bench.project("product", (SCRIPT,))
    for product, (version, _) in PRODUCTS.items():
        with bench.database("product") as database:
            says_version(database, version)
            empty = database.state()
            for args in CALLS if product == "CockroachDB" else BRIEF:
                must_refuse(bench.run(folder, database.url(), *args), product, database, empty,
                            " ".join(args))
    return ", ".join(PRODUCTS)


def test_other_products_by_parameter(bench):
    """What is told when the connection starts."""
    folder = bench.project("product", (SCRIPT,))
    told = {product: told for product, (_, told) in PRODUCTS.items() if told}
    with bench.database("product") as database:
        empty = database.state()
        for product, (name, value) in told.items():
            for args in (("migrate",), ("testConnection",), INIT):
                with announcing(bench.server, name, value) as port:
                    must_refuse(bench.run(folder, database.url(port), *args), product, database,
                                empty, " ".join(args))
        with announcing(bench.server, "server_version", "15.20 (Debian 15.20-0+deb12u1)") as port:
            bench.run(folder, database.url(port), "migrate").must(0, "migrate on PostgreSQL")
    return ", ".join(told)


TESTS = (test_other_products_by_version, test_other_products_by_parameter)
