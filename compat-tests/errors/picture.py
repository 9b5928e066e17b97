# SPDX-License-Identifier: Apache-2.0
"""doc/failure.svg: what a terminal shows of a failed migration, as a picture for the README."""
import re
import subprocess
import tempfile
from xml.sax.saxutils import escape

from lib.terminal import Terminal

COLUMNS = 100
WIDTH, HEIGHT, MARGIN = 7.83, 18, 16         # of a character at 13 px, of a line; around all
BACKGROUND, FOREGROUND, OWN, PROMPT = "#1b1f24", "#d5dbe1", "#8fd18f", "#6cb6ff"
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "36": "#76e3ea", "90": "#8b949e"}
SGR = re.compile(r"\x1b\[([\d;]*)m")


def on_terminal(stage):
    """What the story's command writes to a terminal."""
    terminal = Terminal()
    process = subprocess.Popen([stage.cflyway, *stage.story["args"].split()], cwd=stage.folder,
                               env=dict(stage.environment(), TERM="xterm", COLUMNS=str(COLUMNS)),
                               stdin=subprocess.DEVNULL, stdout=terminal.follower,
                               stderr=terminal.follower)
    terminal.close()
    process.wait()
    return terminal.text().decode("utf-8").replace("\r\n", "\n")


def pieces(line, colour):
    """(colour, text) of a line, and the colour with which the next one begins."""
    found, at = [], 0
    for code in SGR.finditer(line):
        found.append((colour, line[at:code.start()]))
        at = code.end()
        numbers = code[1].split(";")
        colour = next((COLOURS[number] for number in numbers if number in COLOURS),
                      FOREGROUND if numbers[-1] in ("", "0", "39") else colour)
    found.append((colour, line[at:]))
    return [(shade, text) for shade, text in found if text], colour


def draw(command, text):
    rows, colour = [[(PROMPT, "$ "), (FOREGROUND, command)]], FOREGROUND
    for line in text.rstrip("\n").split("\n"):
        row, colour = pieces(line, colour)
        if SGR.sub("", line).startswith("cflyway: "):
            row = [(OWN if shade == FOREGROUND else shade, part) for shade, part in row]
        rows.append(row)
    widest = max(sum(len(part) for _, part in row) for row in rows)
    width, height = round(widest * WIDTH + 2 * MARGIN), len(rows) * HEIGHT + 2 * MARGIN
    lines = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" '
             'role="img" aria-label="A failed migration, and what cflyway says about it">'
             % (width, height, width, height),
             '<rect width="100%%" height="100%%" rx="8" fill="%s"/>' % BACKGROUND,
             '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" '
             'font-size="13" xml:space="preserve">']
    for number, row in enumerate(rows):
        spans = "".join('<tspan fill="%s">%s</tspan>' % (shade, escape(part))
                        for shade, part in row)
        y = MARGIN + number * HEIGHT + 13
        lines.append('<text x="%d" y="%d">%s</text>' % (MARGIN, y, spans))
    return "\n".join(lines + ["</g>", "</svg>", ""])
