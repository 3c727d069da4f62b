"""How much of a catalogue is kept: every field, and options up to a bound an object."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from services.mapping.domain.model import HubSpotField, SalesforceField

MAX_OPTIONS_AN_OBJECT = 100_000
"""Some 20 MB in memory. Ordinary objects have under 2,000; Salesforce allows 800 picklists of a
thousand values each, which nobody could read through either."""

Field = TypeVar("Field", HubSpotField, SalesforceField)


def bounded(fields: Iterable[Field], limit: int = MAX_OPTIONS_AN_OBJECT) -> dict[str, Field]:
    """The fields of one object by name, in their order.

    Beyond `limit` options in all, the longest lists are left out as a whole: a list with holes
    would look as if values were missing.
    """
    found = {item.name: item for item in fields}
    room = limit
    for item in sorted(found.values(), key=lambda one: (len(one.options), one.name)):
        count = len(item.options)
        if count > room:
            found[item.name] = replace(item, options=(), options_left_out=count)
        else:
            room -= count
    return found
