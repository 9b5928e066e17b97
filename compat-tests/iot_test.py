#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the example of this project and checks that it does its job, not only that it applies.

The IoT project (conf/flyway*.conf) on a temporary PostgreSQL with pg_cron: every command of its
guide in order, compared with the text recorded from real Flyway (iot_test.json); then metrics,
rollup, maintenance, rights and cron jobs.  The demo (conf/demo.conf) on a SQLite file.

CFLYWAY names the program under test (default: build/cflyway), FLYWAY real Flyway.  With FLYWAY set
each of the two also finishes what the other began; with --record it rewrites iot_test.json.
"""
import contextlib
import json
import os
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib import normalise, server as pg  # noqa: E402

RECORDED = os.path.join(HERE, "iot_test.json")
REMOVED_VARIABLES = ("PG", "FLYWAY", "IOT_", "LC_", "LANG")

# synchronous_commit: one test kills a server process, and what was committed before must be there.
# timezone: one with daylight saving time, because the example promises to reckon in UTC.
SETTINGS = ("shared_preload_libraries=pg_cron", "cron.database_name=postgres",
            "cron.use_background_workers=on", "synchronous_commit=on",
            "timezone=America/New_York")

FOUNDATION = ("filesystem:migrations/foundational/initial-setup,"
              "filesystem:migrations/foundational/timeseries")
SIGNALS = FOUNDATION + ",filesystem:migrations/payload-tables/ess-signals"
SUMMARY = FOUNDATION + ",filesystem:migrations/payload-tables/ess-summary"
POSTGRES_CONF = "-configFiles=conf/flyway.postgres.conf"
IOT_CONF = "-configFiles=conf/flyway.conf"
DEMO_CONF = "-configFiles=conf/demo.conf"

# The guide of the IoT project, command by command and in its order; names are those of the cases.
GUIDE = (
    ("guide postgres migrate", [POSTGRES_CONF, "migrate"]),
    ("guide foundation migrate", [IOT_CONF, "-locations=" + FOUNDATION, "migrate"]),
    ("guide ess-signals migrate", [IOT_CONF, "-locations=" + SIGNALS, "migrate"]),
    ("guide ess-summary collides", [IOT_CONF, "-locations=" + SUMMARY, "migrate"]),
    ("guide info", [IOT_CONF, "info"]),
    ("guide repair", [IOT_CONF, "repair"]),
    ("guide validate", [IOT_CONF, "validate"]),
    ("guide repair again", [IOT_CONF, "repair"]),
    # not in the guide: the other database, and what the files of ess-summary recommend instead
    ("postgres info", [POSTGRES_CONF, "info"]),
    ("ess-summary with a history of its own", [
        IOT_CONF, "-table=ess_summary_history", "-baselineOnMigrate=true", "-baselineVersion=0",
        "-locations=filesystem:migrations/payload-tables/ess-summary", "migrate"]),
    ("nothing left to migrate", [IOT_CONF, "migrate"]),
)
TARGETS = ["-targets=conf/targets.ini", "migrate"]      # both databases in one run
DEMO = (
    ("demo migrate", [DEMO_CONF, "migrate"]),
    ("demo info", [DEMO_CONF, "info"]),
    ("demo info after a placeholder changed", [DEMO_CONF, "-placeholders.hot_celsius=40", "info"]),
    ("demo migrate after a placeholder changed", [
        DEMO_CONF, "-placeholders.hot_celsius=40", "migrate"]),
)

JOBS = """\
cron-history|30 3 * * *|postgres|t
ess-signals-analyze|40 2 * * *|iotmetrics|t
ess-signals-rollup|*/5 * * * *|iotmetrics|t
iot-maintenance|7 * * * *|iotmetrics|t"""

# Rows of the rollup that differ from a direct aggregate of the raw data, in either direction.
DIFFERENCES = """
with direct as (
    select date_trunc('hour', measured_at, 'UTC') as bucket,
        jsonb_build_object('site', site_id, 'device', device_id, 'signal', signal_id) as dimensions,
        count(*) as samples, sum(value) as total, min(value) as low, max(value) as high
    from iot.ess_signals group by bucket, dimensions
), rolled as (
    select bucket, dimensions, samples, value_sum, value_min, value_max
    from timeseries.rollup where source = 'iot.ess_signals'::regclass
)
select (select count(*) from (select * from direct except all select * from rolled) as a)
    + (select count(*) from (select * from rolled except all select * from direct) as b)"""

ROLLUP = "select timeseries.perform_rollup('iot.ess_signals')"
PARTITIONS = """
select coalesce(string_agg(relation || ' ' || partition_table || ' ' || range_start, ', '
    order by relation::text, range_start), '')
from timeseries.tracked_table, timeseries.partitions(relation)"""


class Failure(Exception):
    """A check that did not hold."""


class Report:
    """Prints one line for each case and counts."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    @contextlib.contextmanager
    def case(self, name):
        try:
            yield
        except (Failure, pg.ServerError, OSError, subprocess.SubprocessError) as err:
            self.failed += 1
            print("FAIL %s: %s" % (name, err), flush=True)
        else:
            self.passed += 1
            print("ok %s" % name, flush=True)

    def skip(self, name, reason):
        self.skipped += 1
        print("skip %s: %s" % (name, reason), flush=True)

    def close(self):
        print("%d passed, %d failed, %d skipped" % (self.passed, self.failed, self.skipped))
        return 1 if self.failed else 0


def expect(got, wanted, what):
    if got != wanted:
        raise Failure("%s: expected %r, got %r" % (what, wanted, got))


def program(variable, default=None):
    """The command named by an environment variable, as a list; None if it is not set."""
    text = os.environ.get(variable) or default
    if not text:
        return None
    command = shlex.split(text)
    if "/" in command[0]:
        command[0] = os.path.abspath(command[0])
    if not shutil.which(command[0]):
        sys.exit("there is no program " + command[0])
    return command


class Project:
    """A copy of conf/ and migrations/ in which programs are run."""

    def __init__(self, directory, server=None):
        self.directory, self.server = directory, server
        for name in ("conf", "migrations"):
            shutil.copytree(os.path.join(ROOT, name), os.path.join(directory, name))
        os.mkdir(os.path.join(directory, "build"))
        os.mkdir(os.path.join(directory, "home"))

    def run(self, command, args, keep_own=False, **variables):
        """Returns exit, stdout and stderr (lists of lines) in comparable form.

        Lines that only cflyway prints are dropped, unless keep_own says otherwise.
        """
        env = {key: value for key, value in os.environ.items()
               if not key.startswith(REMOVED_VARIABLES)}
        env.update(TZ="UTC", HOME=os.path.join(self.directory, "home"), **variables)
        blank = [(self.directory, "{{CWD}}")]
        if self.server:
            env["FLYWAY_USER"] = self.server.user
            env["IOT_SERVER"] = "?PGHOST=%s&PGPORT=%d" % (self.server.host, self.server.port)
            blank.append((env["IOT_SERVER"][1:], "{{SERVER}}"))
        done = subprocess.run(command + args, cwd=self.directory, env=env, timeout=60,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        out, err = (normalise.text(data.decode("utf-8", "backslashreplace"), blank, keep_own).split("\n")
                    for data in (done.stdout, done.stderr))
        return {"exit": done.returncode, "stdout": out, "stderr": err}


def run_guide(report, project, command, commands, recorded, new):
    """Runs commands and compares with recorded, or, where that is None, fills new."""
    for name, args in commands:
        with report.case(name):
            seen = project.run(command, args)
            new[name] = seen
            if recorded is not None:
                wanted = recorded.get(name, {})
                for key in ("exit", "stdout", "stderr"):
                    if seen[key] != wanted.get(key):
                        raise Failure("%s differs\n--- recorded\n%s\n--- seen\n%s" % (
                            key, readable(wanted.get(key)), readable(seen[key])))


def readable(value):
    return "\n".join(value) if isinstance(value, list) else str(value)


class Iot:
    """The functions of the IoT database, one method for each case."""

    def __init__(self, server):
        self.server = server
        self.ingest_server = pg.Server(server.host, server.port, "iot_ingest")

    def value(self, sql):
        return self.server.value(sql, "iotmetrics")

    def ingest(self, sql):
        """As the IAM user, not as the owner."""
        return self.ingest_server.value(sql, "iotmetrics")

    def maintenance(self):
        self.server.psql("call timeseries.run_maintenance()", "iotmetrics")

    def refused(self, run, sql, text):
        try:
            run(sql)
        except pg.ServerError as err:
            if text not in str(err):
                raise Failure("%s: expected %r, got %s" % (sql, text, err)) from err
        else:
            raise Failure("not refused: " + sql)

    def agrees(self):
        expect(self.value(DIFFERENCES), "0", "rows that differ from a direct aggregate")

    def test_cron_jobs_exist(self):
        expect(self.server.value("select jobname, schedule, database, active from cron.job "
                                 "order by jobname"), JOBS, "jobs")
        # from here on they would disturb the other cases
        self.server.psql("update cron.job set active = false")

    def test_rollup_equals_a_direct_aggregate(self):
        """Two days of minutes, by three devices at two sites, that measure two signals."""
        self.value("""
            insert into iot.site (name) values ('Berlin'), ('Hamburg');
            insert into iot.device (serial_number) select 'ESS-' || n from generate_series(1, 3) n;
            insert into iot.device_site (device_id, site_id)
            select device_id, 1 + device_id % 2 from iot.device""")
        self.ingest("""
            insert into iot.ess_signals (measured_at, device_id, signal_id, site_id, value)
            select now() - make_interval(mins => m), ds.device_id, s, ds.site_id,
                (m * 7 + ds.device_id * 3 + s) % 101
            from iot.device_site as ds, generate_series(0, 2879) as m, generate_series(1, 2) as s
            """)
        expect(self.ingest(ROLLUP), self.value("select count(*) from timeseries.rollup"),
               "rows said to be written")
        expect(self.value("select count(*) between 288 and 300 from timeseries.rollup"), "t",
               "rows for 48 hours, three devices, two signals")
        self.agrees()

    def test_second_rollup_changes_nothing(self):
        digest = "select md5(string_agg(r::text || xmin, '' order by r::text)) " \
            "from timeseries.rollup as r"
        before = self.value(digest)
        expect(self.ingest(ROLLUP), "0", "rows said to be written")
        expect(self.value(digest), before, "the rollup")

    def test_late_data_corrects_its_bucket(self):
        self.ingest("""
            insert into iot.ess_signals (measured_at, device_id, signal_id, site_id, value)
            values (date_trunc('hour', now() - interval '30 hours') + interval '7 s', 1, 1, 2, 1000)
            """)
        expect(self.ingest(ROLLUP), "1", "rows said to be written")
        expect(self.value("select count(*) from timeseries.rollup where value_max = 1000"), "1",
               "buckets with the late value")
        self.agrees()

    def test_open_transaction_is_not_missed(self):
        """Rows that were inserted before a rollup but committed after it, and after newer rows."""
        row = """insert into iot.ess_signals (measured_at, device_id, signal_id, site_id, value)
            values (now() - interval '%s', 2, 1, 1, 2000)"""
        session = subprocess.Popen(self.server.psql_command("iotmetrics"), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True, env=pg.environment())
        try:
            session.stdin.write("begin; %s;\n\\echo inserted\n" % (row % "5 hours 1 second"))
            session.stdin.flush()
            session.stdout.readline()
            self.ingest(row % "1 second")
            self.ingest(ROLLUP)
            self.agrees()
        finally:
            session.communicate("commit;\n", timeout=10)
        expect(self.value("select count(*) from iot.ess_signals where value = 2000"), "2", "rows")
        expect(self.ingest(ROLLUP) != "0", True, "something was written")
        self.agrees()

    def test_rebuild_follows_corrections_by_hand(self):
        self.value("""
            delete from iot.ess_signals where device_id = 3 and signal_id = 2;
            update iot.ess_signals set value = value + 1 where device_id = 1""")
        self.value("""select timeseries.rebuild_rollup('iot.ess_signals',
            now() - interval '200 days', now() + interval '1 hour')""")
        self.agrees()

    def test_watermark_of_another_server_is_noticed(self):
        self.value("update timeseries.rollup_source set watermark = '9000000000000000'")
        self.refused(self.ingest, ROLLUP, "comes from another server")
        self.value("select timeseries.restart_rollup(source) from timeseries.rollup_source")
        expect(self.ingest(ROLLUP), "0", "rows said to be written")
        self.agrees()

    def test_maintenance_creates_and_drops_partitions(self):
        """Ten days of expired data; and the partitions of the last days ahead are missing."""
        self.value("""
            select timeseries.create_partitions('iot.ess_signals', '1 day',
                now() - interval '105 days', now() - interval '95 days');
            insert into iot.ess_signals (measured_at, device_id, signal_id, site_id, value)
            select now() - make_interval(days => d), 1, 1, 2, d from generate_series(95, 105) as d;
            do $$
            declare part regclass;
            begin
                for part in select partition_table from timeseries.partitions('iot.ess_signals')
                    where range_start > now() + interval '4 days'
                loop
                    execute format('drop table %s', part);
                end loop;
            end $$""")
        row = "insert into iot.ess_signals (measured_at, device_id, signal_id, site_id, value) " \
            "values (now() + interval '%d days', 1, 1, 2, 1)"
        self.refused(self.ingest, row % 7, "no partition")
        self.maintenance()
        self.ingest(row % 7)
        self.refused(self.ingest, row % 30, "no partition")
        expect(self.value("select min(range_end) > now() - interval '90 days' "
                          "from timeseries.partitions('iot.ess_signals')"), "t",
               "expired partitions are gone")
        expect(self.value("select count(*) from timeseries.partitions('iot.ess_signals') "
                          "where range_start <= now() - interval '3 days'"), "1",
               "partitions for late data")
        expect(self.value("select sum(value_sum) from timeseries.rollup "
                          "where bucket < now() - interval '90 days'"), "1100",
               "what was dropped is still in the rollup")

    def test_second_maintenance_changes_nothing(self):
        before = self.value(PARTITIONS)
        self.maintenance()
        expect(self.value(PARTITIONS), before, "partitions")
        expect(self.value("select count(*) from timeseries.attention()"), "0", "complaints")

    def test_broken_table_does_not_stop_the_others(self):
        self.value("""
            create table iot.a_broken (
                at timestamptz not null, value float8, ingest_xid xid8 not null default '3'
            ) partition by range (at);
            select timeseries.track_table('iot.a_broken', '1 day', '1 day');
            select timeseries.configure_rollup('iot.a_broken', '1 hour', 'value', '{}');
            insert into iot.a_broken (at) values (now());
            alter table iot.a_broken drop column value""")
        before = self.value("select last_maintained from timeseries.tracked_table "
                            "where relation = 'iot.ess_signals'::regclass")
        self.refused(lambda sql: self.server.psql(sql, "iotmetrics"),
                     "call timeseries.run_maintenance()", "maintenance of 1 table(s) failed")
        expect(self.value("select last_maintained > '%s' from timeseries.tracked_table "
                          "where relation = 'iot.ess_signals'::regclass" % before), "t",
               "the other table was maintained")
        expect(self.value("select relation from timeseries.attention()"), "iot.a_broken",
               "the complaint")
        self.value("drop table iot.a_broken")
        self.maintenance()
        expect(self.value("select count(*) from timeseries.tracked_table"), "3", "tracked tables")

    def test_concurrent_maintenance_is_skipped(self):
        said = subprocess.run(
            self.server.psql_command(
                "iotmetrics", "-c", "begin", "-c", "select pg_advisory_xact_lock(hashtextextended("
                "'timeseries.maintain_table ' || 'iot.ess_signals'::regclass::oid, 0))",
                "-c", "\\! %s" % shlex.join(self.server.psql_command(
                    "iotmetrics", "-c", "select timeseries.maintain_table('iot.ess_signals')"))),
            env=pg.environment(), timeout=20, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        expect(b"is being maintained by another session" in said.stdout, True, said.stdout)

    def test_partition_length_can_change(self):
        """From days to months: the first month begins where the last day ends."""
        self.value("select timeseries.track_table('iot.ess_signals', '1 month', '100 days')")
        holes = """select count(*) from (
            select range_start, lag(range_end) over (order by range_start) as previous
            from timeseries.partitions('iot.ess_signals')) as p where range_start <> previous"""
        expect(self.value(holes), "0", "holes")
        expect(self.value("select max(range_end) between now() + interval '100 days' "
                          "and now() + interval '132 days' "
                          "from timeseries.partitions('iot.ess_signals')"), "t", "range ahead")
        self.value("""select timeseries.track_table(
            'iot.ess_signals', '1 day', '7 days', '3 days', '90 days')""")

    def test_deliveries_are_stored_once(self):
        self.maintenance()
        delivery = """select iot.store_ess_signals('[
            {"device": "ESS-1", "signal": "dc_voltage", "at": "%s", "value": 712.5},
            {"device": "%s", "signal": "dc_voltage", "at": "%s", "value": 698}]')"""
        at = self.value("select date_trunc('second', now())")
        expect(self.ingest(delivery % (at, "ESS-2", at)), "2", "new rows")
        expect(self.ingest(delivery % (at, "ESS-2", at)), "0", "new rows of a repetition")
        later = self.value("select date_trunc('second', now()) + interval '1 hour'")
        self.refused(self.ingest, delivery % (later, "ESS-9", later), "ESS-9 dc_voltage")
        expect(self.value("select count(*) from iot.ess_signals where measured_at = '%s'" % later),
               "0", "rows of a refused delivery")
        self.ingest(ROLLUP)
        expect(self.ingest("select site, unit, value_avg from iot.ess_signals_hourly "
                           "where signal = 'dc_voltage' and device = 'ESS-1'"), "Hamburg|V|712.5",
               "the view for dashboards")

    def test_device_stands_at_one_site_at_a_time(self):
        self.refused(self.value, "insert into iot.device_site values (1, 1, '[2024-01-01,)')",
                     "device_site_once")

    def test_summary_is_rolled_up(self):
        self.ingest("""insert into iot.ess_summary
            (period_start, device_id, site_id, charged_kwh, discharged_kwh)
            select date_trunc('day', now(), 'UTC') + make_interval(mins => 15 * n), 1, 2, 1, 3
            from generate_series(0, 95) as n""")
        self.maintenance()
        expect(self.value("select samples, value_sum, dimensions from timeseries.rollup "
                          "where source = 'iot.ess_summary'::regclass"),
               '96|192|{"site": 2, "device": 1}', "the day")

    def test_iam_user_has_no_other_rights(self):
        for sql in ("delete from iot.ess_signals", "update iot.ess_signals set value = 0",
                    "insert into iot.ess_signals (ingest_xid) values ('1')",
                    "insert into iot.site (name) values ('x')", "delete from timeseries.rollup",
                    "update timeseries.tracked_table set retention = null",
                    "create table iot.x (id int)", "create table public.x (id int)",
                    "select * from public.flyway_schema_history",
                    "select timeseries.untrack_table('iot.ess_signals')",
                    "select timeseries.rebuild_rollup('iot.ess_signals', now(), now())"):
            self.refused(self.ingest, sql, "permission denied")
        self.refused(self.ingest, "select timeseries.drop_partitions('iot.ess_signals', now())",
                     "must be owner")
        for sql in ("select count(*) >= 0 from timeseries.table_statistics",
                    "select count(*) >= 0 from timeseries.attention()",
                    "select count(*) > 0 from iot.signal where name like '%voltage%'",
                    "select current_setting('statement_timeout') = '1min'"):
            expect(self.ingest(sql), "t", sql)

    def test_cron_runs_the_jobs(self):
        """Jobs run at full minutes at best, but @reboot jobs when pg_cron starts.

        A killed process makes the server start all of its processes again, pg_cron among them.
        """
        self.value("update timeseries.tracked_table set last_maintained = null")
        self.server.psql("""
            update cron.job set schedule = '@reboot', active = true where database = 'iotmetrics';
            delete from cron.job_run_details;
            checkpoint""")
        os.kill(int(self.server.value("select pid from pg_stat_activity "
                                      "where backend_type = 'checkpointer'")), signal.SIGKILL)
        wanted = "\n".join("%s|succeeded" % job for job in (
            "ess-signals-analyze", "ess-signals-rollup", "iot-maintenance"))
        seen, end = "", time.monotonic() + 15
        while seen != wanted and time.monotonic() < end:
            time.sleep(0.1)
            with contextlib.suppress(pg.ServerError):      # it does not listen yet
                seen = self.server.value("""select jobname, status
                    from cron.job_run_details join cron.job using (jobid) order by jobname""")
        expect(seen, wanted, "runs")
        expect(self.value("select count(*) from timeseries.tracked_table "
                          "where last_maintained is null"), "0", "tables not maintained")


def run_functions(report, server):
    iot = Iot(server)
    for name in vars(Iot):
        if name.startswith("test_"):
            with report.case(name[len("test_"):].replace("_", " ")):
                getattr(iot, name)()


def half_and_half(project, first, second, database):
    """first begins, second finishes; both must be content. Returns the history that results."""
    variables = {"FLYWAY_URL": project.server.jdbc_url(database)}
    project.server.create_database(database)
    for command, args in ((first, ["-target=5", "migrate"]), (second, ["migrate"]),
                          (first, ["validate"]), (second, ["validate"])):
        done = project.run(command, [IOT_CONF, *args], **variables)
        if done["exit"] != 0:
            raise Failure("%s %s: %s" % (command[0], " ".join(args), readable(done["stderr"])))
    return project.server.value(
        "select installed_rank, version, description, type, script, checksum, installed_by, "
        "success from flyway_schema_history order by 1", database)


def run_half_and_half(report, project, command, flyway):
    names = ("flyway begins, cflyway finishes", "cflyway begins, flyway finishes")
    if not flyway:
        for name in names:
            report.skip(name, "FLYWAY is not set")
        return
    with ThreadPoolExecutor() as pool:
        results = [pool.submit(half_and_half, project, flyway, command, "half_flyway"),
                   pool.submit(half_and_half, project, command, flyway, "half_cflyway")]
        for name, result in zip(names, results):
            with report.case(name):
                expect(result.result().count("\n"), 11, "line ends in the history")
                expect(result.result(), results[0].result(), "the history")


def run_targets(report, server, command):
    """Both databases of a server in one command (conf/targets.ini), and once more."""
    with tempfile.TemporaryDirectory(prefix="iot-test.") as directory:
        project = Project(os.path.realpath(directory), server)
        server.create_database("iotmetrics")
        for name, ending in (("targets migrate", "Successfully applied"),
                             ("targets migrate again", "No migration necessary.")):
            with report.case(name):
                seen = project.run(command, TARGETS, keep_own=True)
                expect(seen["exit"], 0, readable(seen["stderr"]))
                own = [line for line in seen["stdout"] if line.startswith("cflyway: ")]
                expect(own, ["cflyway: target postgres", "cflyway: target iotmetrics",
                             "cflyway: targets: 2 succeeded (postgres, iotmetrics)"], "lines")
                expect(sum(ending in line for line in seen["stdout"]), 2, ending)
        with report.case("targets results"):
            expect(server.value("select jobname, schedule, database, active from cron.job "
                                "order by jobname"), JOBS, "jobs")
            expect(server.value("select count(*) from flyway_schema_history", "iotmetrics"), "12",
                   "rows of the history")


def run_demo(report, command, recorded, new):
    with tempfile.TemporaryDirectory(prefix="iot-test.") as directory:
        project = Project(os.path.realpath(directory))
        run_guide(report, project, command, DEMO, recorded, new)
        with report.case("demo results"):
            file = os.path.join(directory, "build", "demo.db")
            with contextlib.closing(sqlite3.connect(file)) as db:
                expect(db.execute("select * from device_summary order by name").fetchall(),
                       [("Berlin", "battery room", 2, 22.0, 0), ("Berlin", "inverter", 2, 37.5, 0)],
                       "the view")
                expect(db.execute("select old_celsius, direction from correction").fetchall(),
                       [(22.0, "up")], "what the trigger noted")


def run_iot(report, server, command, flyway, recorded, new):
    with tempfile.TemporaryDirectory(prefix="iot-test.") as directory:
        project = Project(os.path.realpath(directory), server)
        server.create_database("iotmetrics")
        run_guide(report, project, command, GUIDE, recorded, new)
        run_half_and_half(report, project, command, flyway)
        run_functions(report, server)


def main():
    recording = sys.argv[1:] == ["--record"]
    if sys.argv[1:] and not recording:
        sys.exit(__doc__)
    flyway = program("FLYWAY")
    if recording and not flyway:
        sys.exit("FLYWAY must name real Flyway, e.g. FLYWAY=/opt/flyway/flyway")
    command = flyway if recording else program("CFLYWAY", os.path.join(ROOT, "build", "cflyway"))
    report, new, recorded = Report(), {}, None
    if not recording:
        with open(RECORDED, encoding="utf-8") as file:
            recorded = json.load(file)
    run_demo(report, command, recorded, new)
    try:
        with pg.temporary_server(SETTINGS) as server:
            if server.major < 14:
                report.skip("iot", "it needs PostgreSQL 14 or later")
            else:
                run_iot(report, server, command, flyway, recorded, new)
        if not recording:
            with pg.temporary_server(SETTINGS) as server:
                if server.major >= 14:
                    run_targets(report, server, command)
    except pg.ServerError as err:
        if 'could not access file "pg_cron"' not in str(err):
            raise
        report.skip("iot", "pg_cron is not installed (package postgresql-15-cron)")
    if recording and not report.failed and not report.skipped:
        with open(RECORDED, "w", encoding="utf-8") as file:
            json.dump(new, file, indent=1, ensure_ascii=False)
            file.write("\n")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
