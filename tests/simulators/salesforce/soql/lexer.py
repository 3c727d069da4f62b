"""Cuts a query into tokens."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from tests.simulators.salesforce.soql.errors import malformed
from tests.simulators.salesforce.soql.syntax import Literally
from tests.simulators.salesforce.stamps import moment

TokenKind = Literal["word", "value", "sign", "end"]
TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:?\d\d))
    |(?P<date>\d{4}-\d\d-\d\d(?![\d\w:]))
    |(?P<number>[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    |(?P<string>'(?:[^'\\]|\\.)*')
    |(?P<word>[A-Za-z][A-Za-z0-9_]*(?::\d+)?)
    |(?P<sign><=|>=|!=|<>|[=<>(),.])""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "N": "\n", "R": "\r", "T": "\t"}
PLAIN_ESCAPES = "'\"\\"
WILDCARDS = "%_"
MAX_LENGTH = 100_000
"""Characters of a statement."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token: a word or sign by its text, or a value."""

    kind: TokenKind
    text: str
    at: int
    value: Literally | None = None

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these keywords, in any case."""
        return self.kind == "word" and self.text.upper() in words

    def is_sign(self, *signs: str) -> bool:
        """Whether it is one of these signs."""
        return self.kind == "sign" and self.text in signs


def tokens(text: str) -> list[Token]:
    """The tokens of a query, an end token last. SalesforceError MALFORMED_QUERY otherwise."""
    if len(text) > MAX_LENGTH:
        raise malformed("SOQL statements cannot be longer than 100000 characters.")
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise _unreadable(text, at)
        if match.lastgroup != "space":
            found.append(_token(text, match))
        at = match.end()
    return [*found, Token("end", "<EOF>", len(text))]


def _unreadable(text: str, at: int) -> Exception:
    if text[at] == "'":
        return malformed("line 1:0 no viable alternative: unclosed string", text=text, at=at)
    return malformed(f"line 1:{at} no viable alternative at character '{text[at]}'")


def _token(text: str, match: re.Match[str]) -> Token:
    raw = match.group()
    at = match.start()
    match match.lastgroup:
        case "word":
            return Token("word", raw, at)
        case "sign":
            return Token("sign", "!=" if raw == "<>" else raw, at)
        case "number":
            return Token("value", raw, at, Literally("number", raw))
        case "string":
            return Token("value", raw, at, _string(text, raw[1:-1], at))
        case "date":
            return Token("value", raw, at, _date(text, raw, at))
        case _:
            return Token("value", raw, at, _datetime(text, raw, at))


def _string(text: str, raw: str, at: int) -> Literally:
    def plain(match: re.Match[str]) -> str:
        code = match.group(1)
        if len(code) > 1:
            return chr(int(code[1:], 16))
        if code in ESCAPES:
            return ESCAPES[code]
        if code in PLAIN_ESCAPES or code in WILDCARDS:
            return code
        raise malformed(f"Illegal string literal: invalid escape \\{code}", text=text, at=at)

    def for_like(match: re.Match[str]) -> str:
        code = match.group(1)
        return match.group() if code in WILDCARDS or code == "\\" else plain(match)

    if "\\" not in raw:
        return Literally("string", raw, raw)
    return Literally("string", ESCAPE.sub(plain, raw), ESCAPE.sub(for_like, raw))


def _date(text: str, raw: str, at: int) -> Literally:
    try:
        date.fromisoformat(raw)
    except ValueError as wrong:
        raise malformed(f"Invalid date: {raw}", text=text, at=at) from wrong
    return Literally("date", raw)


def _datetime(text: str, raw: str, at: int) -> Literally:
    try:
        parsed = moment(raw)
    except (ValueError, OverflowError) as wrong:
        raise malformed(f"Invalid datetime: {raw}", text=text, at=at) from wrong
    milliseconds = f"{parsed.microsecond // 1_000:03d}"
    return Literally("datetime", f"{parsed:%Y-%m-%dT%H:%M:%S}.{milliseconds}+0000")
