"""Tables of values: which choice of HubSpot and which of Salesforce mean the same."""

from collections.abc import Mapping as Map
from dataclasses import dataclass
from functools import lru_cache

from shared.kernel.records import Side

TABLES_KEPT = 256
"""Prepared tables: more than the mappings of one connection that have one."""


@dataclass(frozen=True, slots=True)
class Choices:
    """A table, prepared. Values that any row joins mean the same, over however many rows.

    So both sides of a pair that agree by the table are equal, whichever of several spellings each
    has, and nothing is written. `meaning` names, by side and value, the first Salesforce value of
    all that mean the same; `spelling` is how a side writes it.
    """

    meaning: Map[Side, Map[str, str]]
    spelling: Map[Side, Map[str, str]]


@lru_cache(maxsize=TABLES_KEPT)
def prepared(values: tuple[tuple[str, str], ...]) -> Choices:
    """The table for the look-ups of every sync."""
    meaning: dict[Side, dict[str, str]] = {Side.HUBSPOT: {}, Side.SALESFORCE: {}}
    spelling: dict[Side, dict[str, str]] = {Side.HUBSPOT: {}, Side.SALESFORCE: {}}
    for hubspot, salesforce in values:
        row = {Side.HUBSPOT: hubspot, Side.SALESFORCE: salesforce}
        known = {meaning[side][value] for side, value in row.items() if value in meaning[side]}
        first = next((name for name in spelling[Side.SALESFORCE] if name in known), salesforce)
        for side, value in row.items():
            meaning[side][value] = first
            spelling[side].setdefault(first, value)
        for other in known - {first}:
            _join(meaning, spelling, other, first)
    return Choices(meaning, spelling)


def _join(
    meaning: dict[Side, dict[str, str]],
    spelling: dict[Side, dict[str, str]],
    other: str,
    first: str,
) -> None:
    """Two groups that were apart mean the same since a row joined them."""
    for side in Side:
        spelling[side].pop(other, None)
        for value, name in meaning[side].items():
            if name == other:
                meaning[side][value] = first
