"""How alike the names and labels of two fields are. Pure."""

import re
from typing import NamedTuple

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOISE = frozenset({"c", "pc", "salesforce", "sf", "hs", "hubspot", "the", "of"})
"""What says where a field is from, not what it holds (`__c` ends every custom field's name)."""


class Words(NamedTuple):
    """The words of a name in lower case, and all of them written together."""

    words: frozenset[str]
    joined: str


def words_of(text: str) -> Words:
    """`MailingCity__c` is mailing and city."""
    spaced = "".join(c if c.isalnum() else " " for c in _CAMEL.sub(" ", text))
    found = [word for word in spaced.lower().split() if word not in _NOISE]
    return Words(frozenset(found), "".join(found))


def score(one: tuple[Words, ...], other: tuple[Words, ...]) -> float:
    """From 0 to 1, the best of all pairs of a name or label of one field and of the other.

    1 means the same words, written together or apart; else the share of words that both have.
    """
    return max((_alike(a, b) for a in one for b in other if a.words and b.words), default=0.0)


def _alike(one: Words, other: Words) -> float:
    if one.joined == other.joined:
        return 1.0
    return len(one.words & other.words) / len(one.words | other.words)
