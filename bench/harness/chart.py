# SPDX-License-Identifier: Apache-2.0
"""doc/performance.svg: bars for those who do not read tables.

Every panel has its own scale.  A bar that is much longer than all others is cut, with a gap and its
number; without that nothing could be seen of the others.  The picture brings its own background,
light or dark as the reader's system is, and says in its description all that it shows.
"""
import collections
from xml.sax.saxutils import escape

from . import goals

Panel = collections.namedtuple("Panel", "title unit key field scale digits")

PANELS = (
    Panel("Start-up (version)", "ms CPU", "startup", "cpu_ms", 1, 1),
    Panel("Nothing to do, 1000 applied", "ms CPU", "noop1000", "cpu_ms", 1, 1),
    Panel("Apply 1000 migrations", "ms CPU", "apply1000", "cpu_ms", 1, 0),
    Panel("The same, network of 1 ms", "s wall time", "latency1000", "wall_ms", 1000, 1),
    Panel("Script of 50 MB", "ms CPU", "inserts50", "cpu_ms", 1, 0),
    Panel("Script of 50 MB", "MB memory", "inserts50", "rss_mb", 1, 0),
)
STYLE = """
.card { fill: #ffffff; stroke: #d0d7de }
text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.unit, .value { fill: #59636e }
.ours-text { font-weight: 600 }
.bar { fill: #8c959f }
.ours { fill: #0969da }
.gap { stroke: #ffffff; stroke-width: 3 }
@media (prefers-color-scheme: dark) {
.card { fill: #0d1117; stroke: #30363d }
text { fill: #e6edf3 }
.unit, .value { fill: #9198a1 }
.bar { fill: #6e7681 }
.ours { fill: #58a6ff }
.gap { stroke: #0d1117 }
}
"""
COLUMNS, WIDTH, ROW, BAR = 2, 400, 22, 14       # of a panel, in pixels
NAME, NUMBER = 112, 66                          # room for the name and for the number
MARGIN, HEAD = 20, 30
CUT = 2.5                                       # as many times the next one is cut


def bars(results, panel):
    """(name, value) of all tools that did it, the order of the tables."""
    found = [(name, results.median(panel.key, name, panel.field))
             for name in results.names(panel.key)]
    return [(name, value / panel.scale) for name, value in found if value is not None]


def whole_scale(values):
    """The value that a full bar stands for."""
    ranked = sorted(values, reverse=True)
    while len(ranked) > 2 and ranked[0] > CUT * ranked[1]:
        ranked.pop(0)
    return ranked[0] or 1


def amount(panel, value):
    return "{:,.{}f}".format(value, panel.digits if value < 100 else 0)


def draw_bar(panel, name, value, whole, x, y):
    room = WIDTH - 2 * MARGIN - NAME - NUMBER
    length = max(1.5, room * min(value / whole, 1))
    left, ours = x + NAME, name == goals.OURS
    middle = y + ROW / 2 + 4.5
    yield '<text x="%d" y="%.1f" text-anchor="end"%s>%s</text>' % (
        left - 8, middle, ' class="ours-text"' if ours else "", escape(name))
    yield '<rect class="%s" x="%d" y="%.1f" width="%.1f" height="%d" rx="2"/>' % (
        "ours" if ours else "bar", left, y + (ROW - BAR) / 2, length, BAR)
    if value > whole * 1.0001:
        yield '<path class="gap" d="M%.1f %.1fl8 -%d"/>' % (
            left + length - 26, y + (ROW + BAR) / 2 + 2, BAR + 4)
    yield '<text class="value%s" x="%.1f" y="%.1f">%s</text>' % (
        " ours-text" if ours else "", left + length + 6, middle, amount(panel, value))


def draw_panel(results, panel, x, y):
    found = bars(results, panel)
    whole = whole_scale([value for _, value in found])
    yield '<text x="%d" y="%d"><tspan class="title">%s</tspan><tspan class="unit" dx="8">%s</tspan>' \
          '</text>' % (x, y + 16, escape(panel.title), panel.unit)
    for number, (name, value) in enumerate(found):
        yield from draw_bar(panel, name, value, whole, x, y + HEAD + number * ROW)


def describe(results, panels):
    """The same in words."""
    return " ".join("%s, %s: %s." % (panel.title, panel.unit, ", ".join(
        "%s %s" % (name, amount(panel, value)) for name, value in bars(results, panel)))
        for panel in panels)


def draw(results):
    """The picture; panels of which nothing was measured are left out."""
    panels = [panel for panel in PANELS if bars(results, panel)]
    rows = [panels[at:at + COLUMNS] for at in range(0, len(panels), COLUMNS)]
    parts, y = [], MARGIN
    for row in rows:
        for column, panel in enumerate(row):
            parts += draw_panel(results, panel, MARGIN + column * WIDTH, y)
        y += HEAD + ROW * max(len(bars(results, panel)) for panel in row) + MARGIN
    note = "Shorter is better. A bar with a gap is longer than the picture."
    if any(results.was_busy(panel.key) for panel in panels):
        note += " Provisional: the machine was busy."
    parts.append('<text class="unit" x="%d" y="%d">%s</text>' % (MARGIN, y + 6, note))
    size = (COLUMNS * WIDTH, y + MARGIN + 4)
    return "\n".join([
        '<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" '
        'role="img" aria-labelledby="title description">' % (size + size),
        '<title id="title">cflyway beside other migration tools</title>',
        '<desc id="description">%s %s</desc>' % (escape(describe(results, panels)), note),
        "<style>%s</style>" % STYLE,
        '<rect class="card" x="0.5" y="0.5" width="%d" height="%d" rx="8"/>' % (
            size[0] - 1, size[1] - 1),
        *parts, "</svg>", ""])
