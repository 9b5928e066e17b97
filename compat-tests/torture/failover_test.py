#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Migrates while a primary is lost, a standby takes its place, or a standby answers late.

In every try each script must have been applied once, with its row, or not at all, on the server
that is the primary then; each sentence about it must be true there; and a second run does the rest.

"Gone", where there were any, counts runs after which a migration that they called applied was not
on the new primary, with its row: a standby that is not synchronous may lack what was committed
last. With a synchronous one that counts as untrue.

CFLYWAY names the program under test (default: build/cflyway of this checkout).  With FLYWAY, real
Flyway, it takes part in the long form.
"""
import contextlib
import os
import random
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True

from lib import failover  # noqa: E402
from lib.faults.harness import write  # noqa: E402
from lib.injected import trials as injected  # noqa: E402
from lib.injected.stage import Untrue  # noqa: E402
from lib.proxy import RESET, Cut, Proxy  # noqa: E402

DATABASE = "failover"
STANDBY = ("The server is a standby, which can only be read and may be late: nothing has been "
           "changed. Connect to its primary (of several hosts in the URL, "
           "targetServerType=primary finds it)")
UNKNOWN = "Whether the migration has been applied is shown by info."
LOST_COMMIT = "the connection was lost during COMMIT. "


@contextlib.contextmanager
def new_pair(**options):
    with contextlib.ExitStack() as stack:
        pair = failover.Pair(stack, **options)
        pair.create_database(DATABASE)
        yield pair


def run(trials, folder, url, *args, **options):
    return trials.bench.run(folder, url, *args, "migrate", **options)


# --- without a failover ---------------------------------------------------------------------------

def refuse_standby(trials):
    """Nothing is run on a standby, not even a program, whose effects no server could take back."""
    row = injected.Row("on a standby")
    with new_pair() as pair:
        folder = trials.bench.project("standby", failover.PLAIN)
        run(trials, folder, pair.url(DATABASE), "-target=2").must(0, "on the primary")
        pair.wait_for_standby()
        url = pair.standby.jdbc_url(DATABASE)
        mark = os.path.join(folder, "has-run")
        write(os.path.join(folder, "sql", "V3__x.sh"), "touch '%s'\n" % mark)
        os.unlink(os.path.join(folder, "sql", "V3__t3.sql"))

        def refused(outcome):
            outcome.must(1, "migrate")
            if "ERROR: " + STANDBY not in outcome.text or os.path.exists(mark):
                raise Untrue("it is not refused" + outcome.tail())

        for args in ((), ("-group=true", "-mixed=true"), ("-target=3",)):
            row.check(" ".join(args), lambda: run(trials, folder, url, *args), refused)
        row.check("nothing to do", lambda: run(trials, folder, url, "-target=2"),
                  lambda outcome: outcome.must(0, "migrate").must_say("is up to date", "migrate"))
        for verbs in (("info",), ("-dryRunOutput=out.sql", "migrate"), ("-target=2", "validate")):
            row.check(verbs[-1], lambda: trials.bench.run(folder, url, *verbs),
                      lambda outcome: outcome.must(0, verbs[-1]))
        row.check("any host of the URL", lambda: run(trials, folder, pair.url(
            DATABASE, "?targetServerType=secondary")), refused)
    trials.add(row)


def look_at_late_standby(trials):
    """The answer to COMMIT is lost, and only a standby can be asked, which knows nothing yet."""
    row = injected.Row("the outcome of a COMMIT, with a late standby")
    with new_pair() as pair:
        folder = trials.bench.project("late", failover.PLAIN)
        run(trials, folder, pair.url(DATABASE), "-target=1").must(0, "on the primary")
        pair.pause()

        def lose_commit():
            with Proxy(pair.primary.host, pair.primary.port) as proxy:
                def before(message):
                    if not message.front and message.type == "C" and message.text() == "COMMIT":
                        proxy.refuse()
                        raise Cut(RESET)

                proxy.before = before
                process = trials.bench.start(folder, pair.url(DATABASE, "", proxy.port),
                                             "-target=2", "migrate")
                proxy.start()
                return trials.bench.finish(process)

        def check(outcome):
            outcome.must(1, "migrate")
            failover.must_be_true(outcome, failover.state(pair.primary, DATABASE), failover.PLAIN)
            outcome.must_say(LOST_COMMIT + UNKNOWN, "migrate")

        row.check("", lose_commit, check)
        row.check("again", lambda: run(trials, folder, pair.url(DATABASE)),
                  lambda outcome: failover.must_be_all(
                      failover.state(pair.primary, DATABASE), failover.PLAIN))
    trials.add(row)


def wait_for_promotion(trials, times):
    """Between two primaries there is none for a while: connectRetries waits for the next one."""
    row = injected.Row("no primary for a second, connectRetries")
    for _ in range(times):
        with new_pair() as pair:
            folder = trials.bench.project("promotion", failover.PLAIN)
            pair.primary.stop()

            def migrate_meanwhile():
                process = trials.bench.start(folder, pair.url(DATABASE), "-connectRetries=5",
                                             "migrate")
                time.sleep(1)
                pair.standby.query("select pg_promote()")
                return trials.bench.finish(process, 60)

            row.check("", migrate_meanwhile, lambda outcome: failover.must_be_all(
                failover.state(pair.standby, DATABASE), failover.PLAIN) or
                outcome.must(0, "migrate"))
    trials.add(row)


# --- a standby is promoted ------------------------------------------------------------------------

KINDS = (("plain scripts", failover.PLAIN, ()), ("one group", failover.PLAIN, ("-group=true",)),
         ("scripts that commit on their own", failover.OUTSIDE, ("-mixed=true",)),
         ("plain scripts, durability=run", failover.PLAIN, ("-cflyway.durability=run",)))


class Loss:
    """One run during which the primary is lost, and the second run, on the new one."""

    def __init__(self, trials, pair, kind, is_synchronous):
        _, self.scripts, self.args = kind
        self.trials, self.pair, self.is_synchronous = trials, pair, is_synchronous
        self.folder = trials.bench.project("failover", self.scripts)
        self.gone = False

    def play(self, wait, retries):
        process = self.trials.bench.start(self.folder, self.pair.url(DATABASE), *self.args,
                                          "-connectRetries=%d" % retries, "migrate")
        wait()
        self.pair.fail_over()
        return self.trials.bench.finish(process, 60)

    def check(self, outcome):
        found = failover.state(self.pair.standby, DATABASE)
        failover.must_be_whole(found, self.scripts)
        try:
            failover.must_be_true(outcome, found, self.scripts)
        except Untrue:
            # It was so on the old primary; what was committed last is gone as a whole.
            if self.is_synchronous or outcome.code != 0:
                raise
            self.gone = True
        failover.take_back(self.pair.standby, DATABASE)
        second = run(self.trials, self.folder, self.pair.url(DATABASE), *self.args)
        second.must(0, "the second run")
        failover.must_be_all(failover.state(self.pair.standby, DATABASE), self.scripts)


def lose_primary(trials, kind, is_synchronous, times):
    row = injected.Row("primary lost, %s, %s" % (
        "synchronous standby" if is_synchronous else "standby", kind[0]))
    gone = 0
    chance = random.Random("%d %s" % (trials.options.seed, row.what))
    for number in range(times):
        with new_pair(is_synchronous=is_synchronous) as pair:
            loss = Loss(trials, pair, kind, is_synchronous)
            longest_s = 0.1 + failover.SLEEP_S * len(kind[1])
            moment_s = chance.uniform(0, longest_s)
            wait = pair.must_be_asleep if number == 0 else lambda: time.sleep(moment_s)
            row.check("try %d, after %.3f s" % (number, moment_s),
                      lambda: loss.play(wait, number % 2 * 5), loss.check)
            gone += loss.gone
    if not is_synchronous:
        row.numbers["gone"] = gone
    trials.add(row)


def play(trials):
    long = trials.options.long
    refuse_standby(trials)
    look_at_late_standby(trials)
    wait_for_promotion(trials, 10 if long else 1)
    for kind in KINDS if long else KINDS[:1]:
        for is_synchronous in (False, True) if long else (False,):
            lose_primary(trials, kind, is_synchronous, 10 if long else 1)


if __name__ == "__main__":
    sys.exit(injected.main(__doc__, "failover", "Standbys and failovers", play, needs_server=False))
