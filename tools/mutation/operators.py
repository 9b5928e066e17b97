# SPDX-License-Identifier: Apache-2.0
"""Reads C as tokens and lists the mutants of a file: small changes that a test should notice.

    for mutant in mutants("src/core/lock.c", text, neighbours):
        changed = mutant.apply(text)

Only code is changed: function bodies, and the values in tables.  Comments, strings, directives,
assertions and declarations stay as they are.  A function is what stands between a "{" and a "}" in
the first column, as everywhere in this project.
"""
import collections
import re

TOKEN = re.compile(r"""
    (?P<skip>\s+ | //[^\n]* | /\*.*?\*/ | ^[ \t]*\#(?:\\\n|[^\n])*)
  | (?P<string>(?:u8|[uUL])?"(?:\\.|[^"\\])*")
  | (?P<char>[uUL]?'(?:\\.|[^'\\])+')
  | (?P<number>\.?\d(?:[eEpP][-+]|[\w.])*)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<op>-> | \+\+ | -- | <<= | >>= | <= | >= | == | != | && | \|\| | [-+*/%&|^]= | << | >>
      | \.\.\. | :: | .)
""", re.S | re.X | re.M)
KEYWORDS = set("""if else for while do switch case default return break continue goto sizeof struct
    enum union const static void bool char short int long float double signed unsigned volatile
    register inline extern typedef auto _Alignas alignas""".split())
LEFT_ALONE = re.compile(r"(ck_)?assert|static_assert|_Static_assert|va_(start|end|copy|arg)$")
OPEN, CLOSE = {"(": ")", "[": "]", "{": "}"}, ")]}"
RELATIONS = {"==": "!=", "!=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">"}
OTHERS = {"&&": "||", "||": "&&", "+": "-", "-": "+", "+=": "-=", "-=": "+=", "++": "--",
          "--": "++", "true": "false", "false": "true"}
ASSIGNMENTS = {"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="}
CHARACTERS = {r"'\0'": r"'\1'", r"'\n'": r"'\r'", r"'\r'": r"'\n'", r"'\t'": "' '"}

Token = collections.namedtuple("Token", "kind text start end")


class Mutant:
    """One change of one file: edits are (start, end, new text), in order and apart."""

    def __init__(self, path, text, operator, edits):
        self.path, self.operator, self.edits = path, operator, edits
        self.line = text.count("\n", 0, edits[0][0]) + 1
        spans = self.lines_of(text)
        self.before = " ... ".join(plain(text[start:end]) for start, end in spans)
        self.after = " ... ".join(plain(self.changed(text, *span)) for span in spans)

    def lines_of(self, text):
        """The whole lines that the edits touch, as (start, end), each of them once."""
        spans = []
        for start, end, _ in self.edits:
            first = text.rfind("\n", 0, start) + 1
            last = text.find("\n", end)
            span = first, len(text) if last < 0 else last
            if spans and first <= spans[-1][1]:
                spans[-1] = spans[-1][0], max(span[1], spans[-1][1])
            else:
                spans.append(span)
        return spans

    def changed(self, text, low, high):
        for start, end, new in reversed(self.edits):
            if low <= start and end <= high:
                text = text[:start] + new + text[end:]
                high += len(new) - (end - start)
        return text[low:high]

    def apply(self, text):
        return self.changed(text, 0, len(text))


def plain(text):
    """On one line, without comments, for people."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)
    return " ".join(text.split())


def tokens_of(text):
    return [Token(found.lastgroup, found.group(), found.start(), found.end())
            for found in TOKEN.finditer(text) if found.lastgroup != "skip"]


def enum_neighbours(texts):
    """{name: the enumerator beside it} for all enums in the given sources."""
    found = {}
    for text in texts:
        for body in re.findall(r"\benum\b\s*\w*\s*{([^}]*)}", without_remarks(text)):
            names = [item.split("=")[0].strip() for item in body.split(",")]
            names = [name for name in names
                     if re.fullmatch(r"[A-Z]\w+", name) and not name.endswith("_COUNT")]
            for i, name in enumerate(names):
                beside = names[i + 1] if i + 1 < len(names) else names[i - 1]
                if beside != name:
                    found[name] = beside
    return found


def without_remarks(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*|^[ \t]*#(?:\\\n|[^\n])*", " ", text, flags=re.S | re.M)


def match_brackets(tokens):
    """{index of an opening bracket: index of its partner}, and the other way round."""
    partner, stack = {}, []
    for i, token in enumerate(tokens):
        if token.kind != "op":
            continue
        if token.text in OPEN:
            stack.append(i)
        elif token.text in CLOSE and stack:
            other = stack.pop()
            partner[other], partner[i] = i, other
    return partner


class Reader:
    """Walks the functions and tables of one file and collects its mutants."""

    def __init__(self, path, text, neighbours):
        self.path, self.text, self.neighbours = path, text, neighbours
        self.tokens = tokens_of(text)
        self.partner = match_brackets(self.tokens)
        self.found, self.seen = [], set()

    def at(self, i):
        return self.tokens[i].text if 0 <= i < len(self.tokens) else ""

    def add(self, operator, *edits):
        edits = tuple(sorted(edits))
        if edits not in self.seen:
            self.seen.add(edits)
            self.found.append(Mutant(self.path, self.text, operator, edits))

    def replace(self, operator, i, new, last=None):
        """Tokens i to last become the new text."""
        end = self.tokens[i if last is None else last].end
        self.add(operator, (self.tokens[i].start, end, new))

    def read(self):
        i = 0
        while i < len(self.tokens):
            if self.at(i) == "{" and i in self.partner:
                end = self.partner[i]
                if self.in_first_column(i):
                    self.function(i, end)
                elif self.at(i - 1) == "=":
                    self.table(i, end)
                elif self.at(i - 1) == '"C"':       # extern "C" {
                    end = i
                i = end
            i += 1
        return self.found

    def in_first_column(self, i):
        start = self.tokens[i].start
        return start == 0 or self.text[start - 1] == "\n"

    def table(self, first, last):
        for i in range(first + 1, last):
            if self.at(i - 1) != "[":
                self.value(i)

    def value(self, i):
        """Constants: what may change in a table as well as in a function; not the 0 of {0}."""
        token = self.tokens[i]
        if self.at(i - 1) == "{" and self.at(i + 1) == "}":
            return
        if token.kind == "number":
            found = re.fullmatch(r"(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)", token.text)
            if found:
                number = int(found.group(1), 0 if found.group(1)[:2] in ("0x", "0X") else 10)
                for other in (number + 1, number - 1):
                    if other >= 0:
                        self.replace("constant", i, "%d%s" % (other, found.group(2)))
        elif token.kind == "char":
            inner = token.text[1:-1]
            if token.text in CHARACTERS:
                self.replace("constant", i, CHARACTERS[token.text])
            elif len(inner) == 1 and 32 <= ord(inner) < 126 and chr(ord(inner) + 1) not in "'\\":
                self.replace("constant", i, "'%s'" % chr(ord(inner) + 1))
        elif token.text in ("true", "false"):
            self.replace("bool", i, OTHERS[token.text])
        elif token.text in self.neighbours and self.at(i - 1) != "case":
            self.replace("enumerator", i, self.neighbours[token.text])

    def function(self, first, last):
        returns = self.return_type(first)
        i = first + 1
        while i < last:
            if self.tokens[i].kind == "name" and LEFT_ALONE.match(self.at(i)):
                i = self.partner.get(i + 1, i)
            else:
                self.expression(i)
                if self.begins_statement(i):
                    self.statement(i, last, returns)
            i += 1
        self.case_labels(first, last)

    def return_type(self, brace):
        """bool, pointer, number, or None where no other value is known."""
        start = self.partner.get(brace - 1, brace)
        words = []
        i = start - 2                                   # start - 1 is the name
        while i >= 0 and self.at(i) not in (";", "}", ")", '"C"'):
            words.append(self.at(i))
            i -= 1
        if "*" in words:
            return "pointer"
        if "bool" in words:
            return "bool"
        return None if {"void", "struct", "union"} & set(words) or not words else "number"

    def expression(self, i):
        text, kind = self.at(i), self.tokens[i].kind
        if kind in ("number", "char") and self.is_dimension(i):
            return
        self.value(i)
        if text in RELATIONS:
            self.replace("relation", i, RELATIONS[text])
        elif text in ("&&", "||"):
            self.replace("logic", i, OTHERS[text])
        elif text in ("+", "-") and self.is_operand(i - 1):
            self.replace("arithmetic", i, OTHERS[text])
        elif text in ("+=", "-=", "++", "--"):
            self.replace("arithmetic", i, OTHERS[text])
        elif text == "!":
            self.replace("not", i, "")
        elif text in ("if", "while") and self.at(i + 1) == "(":
            self.condition(i + 1, self.partner[i + 1])

    def is_operand(self, i):
        token = self.tokens[i]
        return token.text in (")", "]") or token.kind in ("number", "char") or (
            token.kind == "name" and token.text not in KEYWORDS)

    def is_dimension(self, i):
        """The size of an array in its declaration."""
        if self.at(i - 1) != "[" or self.at(i + 1) != "]":
            return False
        while i > 0 and not self.begins_statement(i):
            i -= 1
        return self.is_declaration(i)

    def condition(self, first, last):
        """Another condition than the one that a changed relation or a dropped ! gives."""
        inner = [self.at(i) for i in range(first + 1, last)]
        single = not {"&&", "||"} & set(inner)
        if single and (inner[0] == "!" or sum(text in ("==", "!=") for text in inner) == 1):
            return
        open_end, close_start = self.tokens[first].end, self.tokens[last].start
        self.add("condition", (open_end, open_end, "!("), (close_start, close_start, ")"))

    def begins_statement(self, i):
        before = self.at(i - 1)
        if before == ")":
            return self.at(self.partner.get(i - 1, 0) - 1) in ("if", "while", "for", "switch")
        if before == ":":
            return self.ends_label(i - 1)
        return before in (";", "{", "}", "else", "do")

    def ends_label(self, i):
        """The ":" after "case NAME", "default" or the name of a label."""
        back = i - 1
        while back > 0 and self.at(back) not in ("case", "?", ";", "{", "}", ":"):
            back -= 1
        return self.at(back) != "?"

    def is_declaration(self, i):
        if self.at(i) in KEYWORDS - {"return"}:
            return True
        while self.at(i) not in (";", "=", "(", "", "->", "."):
            if self.tokens[i].kind == "name" and (
                    self.tokens[i + 1].kind == "name" or
                    self.at(i + 1) == "*" and self.tokens[i + 2].kind == "name"):
                return True
            i += 1
        return False

    def statement(self, i, limit, returns):
        end = i
        while end < limit and self.at(end) != ";":
            if self.at(end) == "{":
                return
            end = self.partner[end] if self.at(end) in ("(", "[") else end
            end += 1
        if end >= limit:
            return
        first = self.at(i)
        if first in ("break", "continue") or (first == "return" and end == i + 1):
            self.replace(first, i, ";", end)
        elif first == "return":
            self.returned(i + 1, end - 1, returns)
        elif self.begins_effect(i):
            self.effect(i, end)

    def begins_effect(self, i):
        """Neither a declaration nor another statement than an expression."""
        text = self.at(i)
        if self.tokens[i].kind != "name":
            return text in ("*", "(", "++", "--")
        return not (text in KEYWORDS or LEFT_ALONE.match(text) or self.is_declaration(i))

    def returned(self, first, last, returns):
        now = self.text[self.tokens[first].start:self.tokens[last].end]
        other = {"bool": ("true", "false"), "pointer": ("NULL",), "number": ("0",)}
        for value in other.get(returns, ()):
            if now != value:
                self.replace("return", first, value, last)

    def effect(self, first, end):
        """An assignment or a call: without it."""
        i = first
        while i < end:
            if self.at(i) in ASSIGNMENTS or self.at(i) in ("++", "--"):
                self.replace("assignment", first, ";", end)
                return
            i = self.partner[i] if self.at(i) in ("(", "[") else i
            i += 1
        call = self.at(end - 1) == ")" and self.partner[end - 1] > first
        if call and self.tokens[self.partner[end - 1] - 1].kind == "name":
            self.replace("call", first, ";", end)

    def case_labels(self, first, last):
        """Two labels of one switch change places, unless they lead to the same statements."""
        groups = collections.defaultdict(list)
        braces = []
        for i in range(first, last):
            if self.at(i) == "{":
                braces.append(i)
            elif self.at(i) == "}":
                braces.pop()
            elif self.at(i) == "case" and self.at(i + 2) == ":":
                groups[braces[-1]].append(i + 1)
        for labels in groups.values():
            for one, two in zip(labels, labels[1:]):
                if two != one + 3 and self.at(one) != self.at(two):
                    a, b = self.tokens[one], self.tokens[two]
                    self.add("case", (a.start, a.end, b.text), (b.start, b.end, a.text))


def mutants(path, text, neighbours):
    """All mutants of a file, in the order of their places."""
    found = Reader(path, text, neighbours).read()
    return sorted(found, key=lambda mutant: (mutant.edits, mutant.operator))
