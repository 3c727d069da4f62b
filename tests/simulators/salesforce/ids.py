"""Record ids: 15 case-sensitive characters, and the 18-character form safe for spreadsheets."""

import re
from collections import defaultdict
from functools import lru_cache

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECK_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
SHORT = 15
LONG = 18
POD = "5g0"
"""Three characters that would name the instance; one org has one."""
KNOWN_GROUPS = 100_000
"""Groups of five characters whose capitals are remembered: ids of one org have few of them."""
SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")


def checksum(short: str) -> str:
    """The three characters that tell which of the 15 are capitals."""
    return _capitals(short[:5]) + _capitals(short[5:10]) + _capitals(short[10:])


@lru_cache(maxsize=KNOWN_GROUPS)
def _capitals(group: str) -> str:
    bits = sum(1 << place for place, sign in enumerate(group) if "A" <= sign <= "Z")
    return CHECK_ALPHABET[bits]


def long_form(text: str) -> str | None:
    """The 18-character form of a 15- or 18-character id, None when it is no id at all.

    Like the real one, an 18-character id is recognised in any case: its last three characters
    say which letters are capitals.
    """
    if not SHAPE.fullmatch(text):
        return None
    if len(text) == SHORT:
        return text + checksum(text)
    return text if checksum(text[:SHORT]) == text[SHORT:] else _restored(text)


def _restored(text: str) -> str | None:
    short = []
    for start, sign in zip(range(0, SHORT, 5), text[SHORT:].upper(), strict=True):
        capitals = CHECK_ALPHABET.find(sign)
        if capitals < 0:
            return None
        group = text[start : start + 5].lower()
        short += [c.upper() if capitals >> at & 1 else c for at, c in enumerate(group)]
    whole = "".join(short)
    return whole + checksum(whole) if checksum(whole) == text[SHORT:].upper() else None


def make_id(prefix: str, number: int) -> str:
    """The ``number``-th id of a key prefix, 18 characters long; ids sort in order of number."""
    digits = ""
    rest = number
    for _ in range(SHORT - len(prefix) - len(POD)):
        rest, digit = divmod(rest, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    short = prefix + POD + digits
    return short + checksum(short)


class IdMaker:
    """Hands out new ids, counting from 1 for every key prefix."""

    def __init__(self) -> None:
        self._last: defaultdict[str, int] = defaultdict(int)

    def next(self, prefix: str) -> str:
        """An id that was never handed out before."""
        self._last[prefix] += 1
        return make_id(prefix, self._last[prefix])
