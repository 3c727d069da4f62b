"""Which values of two lists probably mean the same. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.mapping.domain.model import Option, ValuePair
from services.mapping.domain.similar import score, words_of

ALIKE = 0.6
"""As for fields: two of three words."""

MAX_COMPARED = 500
"""Values of each side that are compared by their words, each with each; above, only equal ones."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """Pairs of values, and those that no partner was found for, in the order of their lists.

    Values that both sides spell alike need no pair, and are in none.
    """

    pairs: tuple[ValuePair, ...] = ()
    lonely_hubspot: tuple[str, ...] = ()
    lonely_salesforce: tuple[str, ...] = ()


def suggest(hubspot: Sequence[Option], salesforce: Sequence[Option]) -> Suggested:
    """Pairs by equal value or label in any case, then by the words of the labels, best first.

    A value is suggested once. Hidden values are suggested too, records may hold them; without a
    partner they do not count as lonely.
    """
    same = {option.value for option in hubspot} & {option.value for option in salesforce}
    ours = [option for option in hubspot if option.value not in same]
    theirs = [option for option in salesforce if option.value not in same]
    found: dict[str, str] = {}
    for ours_said, theirs_said in ((_label, _label), (_value, _value), (_value, _label)):
        by_text = {theirs_said(o): o.value for o in reversed(_free(theirs, found.values()))}
        for option in _free(ours, found):
            partner = by_text.pop(ours_said(option), None)
            if partner is not None:
                found[option.value] = partner
    found |= _similar(_free(ours, found), _free(theirs, found.values()))
    taken = set(found.values())
    return Suggested(
        tuple(ValuePair(o.value, found[o.value]) for o in ours if o.value in found),
        tuple(o.value for o in ours if o.value not in found and not o.hidden),
        tuple(o.value for o in theirs if o.value not in taken and not o.hidden),
    )


def _label(option: Option) -> str:
    return option.label.strip().casefold()


def _value(option: Option) -> str:
    return option.value.strip().casefold()


def _free(options: Iterable[Option], taken: Iterable[str]) -> list[Option]:
    gone = set(taken)
    return [option for option in options if option.value not in gone]


def _similar(ours: Sequence[Option], theirs: Sequence[Option]) -> dict[str, str]:
    """The pairs of the most similar labels, each value once."""
    if max(len(ours), len(theirs)) > MAX_COMPARED:
        return {}
    left = [(option.value, (words_of(option.label),)) for option in ours]
    right = [(option.value, (words_of(option.label),)) for option in theirs]
    ranked = sorted(
        ((score(a, b), here, there) for here, a in left for there, b in right),
        key=lambda each: -each[0],
    )
    found: dict[str, str] = {}
    for alike, here, there in ranked:
        if alike >= ALIKE and here not in found and there not in found.values():
            found[here] = there
    return found
