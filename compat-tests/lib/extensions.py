# SPDX-License-Identifier: Apache-2.0
"""Projects for servers with TimescaleDB and with Citus.

Each script of a transaction notes in the table done that it has run; the others can run again.
"""
import os

from . import server as pg
from .faults.harness import Script, write

NOTE = "insert into done values ('%s');\n"
OUTSIDE = "executeInTransaction=false\n"


class Product:
    """scripts; outside: names of those that run without a transaction; again: scripts that take
    others back (U…) and callbacks, by name; look: a query that shows what is there."""

    def __init__(self, name, extension, scripts, outside, again, look, settings):
        self.name, self.extension, self.look = name, extension, look
        self.scripts = tuple(
            Script(script, text + ("" if script in outside else NOTE % script))
            for script, text in scripts.items())
        self.outside, self.again = outside, again
        self.settings = settings

    def files(self, with_undo=True):
        """Name -> content."""
        made = {script.name: script.content for script in self.scripts}
        made.update((name + ".conf", OUTSIDE) for name in self.outside)
        made.update((name, text) for name, text in self.again.items()
                    if with_undo or not name.startswith("U"))
        return made

    def write(self, folder, with_undo=True):
        os.makedirs(os.path.join(folder, "sql"), exist_ok=True)
        for name, text in self.files(with_undo).items():
            write(os.path.join(folder, "sql", name), text)

    def is_there(self):
        """Whether the files of the extension are beside the server that would be started."""
        folder = os.path.dirname(pg.binary("postgres"))
        major = os.path.basename(os.path.dirname(folder))
        return any(os.path.exists(os.path.join(folder, share, "extension",
                                               self.extension + ".control"))
                   for share in ("../share", "../share/postgresql",
                                 "../../../../share/postgresql/" + major))


# --- TimescaleDB ----------------------------------------------------------------------------------

TIMESCALE_SCRIPTS = {
    "V1__Extension.sql": """\
create extension if not exists timescaledb;
create table done (script text);
""",
    "V2__Hypertable.sql": """\
create table site (id int primary key, name text not null);
insert into site values (1, 'Berlin'), (2, 'Kiel');
create table reading (
    measured_at timestamptz not null,
    site_id int not null references site,
    signal text not null,
    value double precision
);
select create_hypertable('reading', 'measured_at', chunk_time_interval => interval '1 day');
insert into reading
select timestamptz '2026-01-01 00:00Z' + make_interval(mins => 10 * n), 1 + n % 2, 'volt', n % 97
from generate_series(0, 1439) as n;
create index reading_signal on reading (signal, measured_at desc);
""",
    "V3__Compression.sql": """\
alter table reading set (timescaledb.compress, timescaledb.compress_segmentby = 'site_id');
select add_compression_policy('reading', interval '7 days');
select count(compress_chunk(c, if_not_compressed => true))
from show_chunks('reading', older_than => timestamptz '2026-01-04 00:00Z') as c;
""",
    "V4__Aggregate_without_data.sql": """\
create materialized view reading_hourly with (timescaledb.continuous) as
select time_bucket('1 hour', measured_at) as bucket, site_id, avg(value) as mean, count(*) as n
from reading group by 1, 2 with no data;
select add_continuous_aggregate_policy('reading_hourly', start_offset => interval '3 days',
    end_offset => interval '1 hour', schedule_interval => interval '1 hour');
""",
    "V5__Aggregate_with_data.sql": """\
create materialized view if not exists reading_daily with (timescaledb.continuous) as
select time_bucket('1 day', measured_at) as bucket, site_id, max(value) as high
from reading group by 1, 2;
""",
    "V6__Refresh.sql": """\
call refresh_continuous_aggregate('reading_hourly', '2026-01-01 00:00Z', '2026-01-06 00:00Z');
call refresh_continuous_aggregate('reading_daily', null, null);
""",
    "V7__Retention.sql": """\
select add_retention_policy('reading', interval '100 years');
select count(*) from drop_chunks('reading', older_than => timestamptz '2026-01-02 00:00Z');
""",
    "V8__Job.sql": """\
create table job_run (job int);
create procedure note_run(job_id int, config jsonb) language plpgsql as $$
begin
    delete from job_run;
    commit;
    insert into job_run values (job_id);
end $$;
select add_job('note_run', '1 day', initial_start => timestamptz '2099-01-01 00:00Z');
""",
    "V9__Run_job.sql": """\
do $$
declare
    job int;
begin
    select job_id into job from timescaledb_information.jobs where proc_name = 'note_run';
    call run_job(job);
end $$;
""",
    "V10__Column.sql": """\
alter table reading add column quality smallint default 1;
alter table reading add constraint reading_value check (value < 1000);
insert into reading values ('2026-01-20 00:00Z', 1, 'volt', 3, 2);
""",
    "V11__Index.sql": """\
drop index if exists reading_site;
create index reading_site on reading (site_id, measured_at)
    with (timescaledb.transaction_per_chunk);
""",
    "R__View.sql": """\
create or replace view reading_now as
select site.name, r.bucket, r.mean from reading_hourly as r join site on site.id = r.site_id;
""",
}
TIMESCALE_AGAIN = {
    "U10__Column.sql": """\
delete from reading where measured_at = '2026-01-20 00:00Z';
alter table reading drop constraint reading_value;
alter table reading drop column quality;
delete from done where script = 'V10__Column.sql';
""",
    "U11__Index.sql": "drop index reading_site;\n",
    # Neither Flyway nor cflyway knows how to drop these.
    "beforeClean.sql": """\
drop materialized view if exists reading_daily cascade;
drop materialized view if exists reading_hourly cascade;
""",
    "afterMigrate.sql": "select count(*) from show_chunks('reading');\n",
}
TIMESCALE_LOOK = """
select 'hypertable', hypertable_name, num_chunks::text, compression_enabled::text
from timescaledb_information.hypertables where hypertable_schema = 'public'
union all
select 'chunk', hypertable_name, range_start::text, null
from timescaledb_information.chunks where hypertable_schema = 'public'
union all
select 'aggregate', view_name, materialized_only::text, compression_enabled::text
from timescaledb_information.continuous_aggregates
union all
select 'job', proc_name, hypertable_name, schedule_interval::text
from timescaledb_information.jobs where job_id >= 1000
union all
select 'index', indexrelid::regclass::text, indisvalid::text, null from pg_index
where indrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
    and indexrelid::regclass::text not like 'flyway%'
union all
select 'rows', count(*)::text, sum(value)::text, count(distinct site_id)::text from reading
union all
select 'days', count(*)::text, sum(high)::text, null from reading_daily
union all
select 'runs', count(*)::text, null, null from job_run
order by 1, 2, 3, 4"""

TIMESCALE = Product(
    "TimescaleDB", "timescaledb", TIMESCALE_SCRIPTS,
    ("V5__Aggregate_with_data.sql", "V6__Refresh.sql", "V9__Run_job.sql", "V11__Index.sql"),
    TIMESCALE_AGAIN, TIMESCALE_LOOK,
    ("shared_preload_libraries=timescaledb", "max_worker_processes=32",
     "timescaledb.telemetry_level=off"))
# Without them no policy does anything by chance.
NO_JOBS = "timescaledb.max_background_workers=0"


# --- Citus ----------------------------------------------------------------------------------------

CITUS_SCRIPTS = {
    "V1__Tables.sql": """\
create table done (script text);
create table country (code text primary key, name text);
create table tenant (id bigint primary key, name text, country text);
create table orders (tenant_id bigint, id bigint, amount int, primary key (tenant_id, id));
""",
    "V2__Distribute.sql": """\
set local citus.multi_shard_modify_mode to 'sequential';
select create_reference_table('country');
select create_distributed_table('tenant', 'id', shard_count => 8);
select create_distributed_table('orders', 'tenant_id', colocate_with => 'tenant');
alter table tenant add foreign key (country) references country (code);
alter table orders add foreign key (tenant_id) references tenant (id);
""",
    "V3__Rows.sql": """\
insert into country values ('de', 'Germany'), ('fr', 'France');
insert into tenant select n, 'tenant ' || n, 'de' from generate_series(1, 100) as n;
insert into orders select 1 + n % 100, n, n % 7 from generate_series(1, 5000) as n;
copy orders (tenant_id, id, amount) from stdin;
1\t100001\t1
2\t100002\t2
\\.
""",
    "V4__Column.sql": """\
alter table orders add column state text default 'new';
update orders set state = 'paid' where amount > 3;
create index orders_state on orders (state);
""",
    "V5__Concurrently.sql": """\
drop index concurrently if exists orders_amount;
create index concurrently orders_amount on orders (amount);
""",
    "V6__Function.sql": """\
create function order_sum(tenant bigint) returns bigint language sql as
    'select sum(amount) from orders where tenant_id = $1';
select create_distributed_function('order_sum(bigint)', 'tenant', colocate_with => 'tenant');
create type mood as enum ('good', 'bad');
create schema report;
create view report.by_state as select state, count(*) as n from orders group by state;
""",
    "V7__Concurrent_distribution.sql": """\
drop table if exists event;
create table event (tenant_id bigint, id bigint, primary key (tenant_id, id));
insert into event select n, n from generate_series(1, 50) as n;
select create_distributed_table_concurrently('event', 'tenant_id', colocate_with => 'tenant');
call citus_cleanup_orphaned_resources();
""",
    "V8__Drop.sql": """\
create table gone (id int);
select create_distributed_table('gone', 'id');
drop table gone;
truncate event;
""",
    "V9__Vacuum.sql": "vacuum analyze orders;\n",
    "R__View.sql": """\
create or replace view tenant_now as select t.name, c.name as country
from tenant as t join country as c on c.code = t.country;
""",
}
CITUS_AGAIN = {
    "U8__Drop.sql": "delete from done where script = 'V8__Drop.sql';\n",
    "U9__Vacuum.sql": "select 1;\n",
    "afterMigrate.sql": "select count(*) from tenant_now;\n",
}
CITUS_LOOK = """
select 'table', table_name::text, citus_table_type, shard_count::text from citus_tables
union all
select 'index', indexrelid::regclass::text, indisvalid::text, null from pg_index
where indrelid in (select logicalrelid from pg_dist_partition)
union all
select 'shards', table_name::text, count(distinct nodeport)::text, count(*)::text
from citus_shards group by table_name
union all
select 'orders', state, count(*)::text, sum(amount)::text from orders group by state
union all
select 'event', count(*)::text, null, null from event
union all
select 'tenants', count(*)::text, min(country), null from tenant_now
order by 1, 2, 3, 4"""

CITUS = Product(
    "Citus", "citus", CITUS_SCRIPTS,
    ("V5__Concurrently.sql", "V7__Concurrent_distribution.sql", "V9__Vacuum.sql"),
    CITUS_AGAIN, CITUS_LOOK,
    ("shared_preload_libraries=citus", "wal_level=logical", "max_prepared_transactions=100",
     "max_worker_processes=40", "max_logical_replication_workers=20",
     "citus.node_conninfo=sslmode=disable"))


class Cluster(pg.Server):
    """A coordinator and its workers; each database is on all of them."""

    def __init__(self, coordinator, workers):
        super().__init__(coordinator.host, coordinator.port, coordinator.user,
                         coordinator.directory)
        self.workers = workers

    def create_database(self, name):
        for node in self.workers:
            node.create_database(name)
            node.query("create extension citus", database=name)
        super().create_database(name)
        self.query("create extension citus", "select citus_set_coordinator_host('%s', %d)" % (
            self.host, self.port), *("select citus_add_node('%s', %d)" % (node.host, node.port)
                                     for node in self.workers), database=name)

    def drop_database(self, name):
        super().drop_database(name)
        for node in self.workers:
            node.drop_database(name)


def open_cluster(stack, settings, workers=2):
    nodes = [stack.enter_context(pg.temporary_server(settings)) for _ in range(1 + workers)]
    return Cluster(nodes[0], nodes[1:])
