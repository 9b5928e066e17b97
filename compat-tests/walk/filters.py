# SPDX-License-Identifier: Apache-2.0
"""The differences that are deliberate, each named after its section in doc/differences.md.

A filter applies to a command whose results differ. It changes what both programs have shown; if
all is equal afterwards, the difference counts under the names of the filters that changed
something. Each is as narrow as its section: what else differs in the same command stays.
"""
import collections
import re

# What a filter may ask about a command: the run step, and the texts of all files of the walk.
Context = collections.namedtuple("Context", "step files kind")


class Filter:
    """section: a heading of doc/differences.md; when(context, flyway, ours): whether it is asked;
    change(flyway, ours): both as they are compared."""

    def __init__(self, section, change, when=None):
        self.section, self.change, self.when = section, change, when

    def applies(self, context, flyway, ours):
        return self.when is None or self.when(context, flyway, ours)


def texts(function):
    """A change of standard output and error of both programs."""
    def change(flyway, ours):
        return tuple(seen._replace(out=function(seen.out), err=function(seen.err))
                     for seen in (flyway, ours))
    return change


def same_all(flyway, _ours):
    return flyway, flyway


FILTERS = []
