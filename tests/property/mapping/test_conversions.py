"""Each pair of fields that may be joined: every value comes back, or the loss is a stated one.

The pairs are the mapping service's, the values are converted by contact_sync.
"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contact_sync.domain.model import Conversion, Owners
from services.contact_sync.domain.model import Kind as ConvertedKind
from services.contact_sync.domain.values import Unreadable, canonical, render
from services.mapping.domain.compatibility import COMPATIBLE
from services.mapping.domain.conversions import BEYOND, Fit, fit_of
from services.mapping.domain.model import HubSpotField, Kind, SalesforceField
from shared.kernel.records import Side

PAIRS = sorted(
    {(ours, theirs) for ours, types in COMPATIBLE.items() for theirs in types}
    | {(ours, theirs) for ours, fits in BEYOND.items() for theirs in fits}
)
NOBODY = Owners()
words = st.text(st.characters(exclude_characters=";\0", exclude_categories=["Cs"]), max_size=9)
VALUES: dict[tuple[str, str], st.SearchStrategy[str]] = {
    ("enumeration", "checkbox"): st.lists(words, max_size=4).map(";".join),
    ("enumeration", "booleancheckbox"): st.sampled_from(["true", "false", ""]),
    ("bool", "booleancheckbox"): st.sampled_from(["true", "false", ""]),
    ("number", "number"): st.integers(-(10**12), 10**12).map(str)
    | st.decimals(-(10**9), 10**9, places=6).map(str),
    ("date", "date"): st.dates().map(str),
    ("datetime", "date"): st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat()),
}
"""What HubSpot holds in a property of such a type; texts in every other."""

OWN = {
    ("enumeration", "checkbox"): ConvertedKind.MULTI_PICKLIST,
    ("enumeration", "booleancheckbox"): ConvertedKind.BOOLEAN,
    ("bool", "booleancheckbox"): ConvertedKind.BOOLEAN,
    ("number", "number"): ConvertedKind.NUMBER,
    ("date", "date"): ConvertedKind.DATE,
    ("datetime", "date"): ConvertedKind.DATETIME,
}
"""What such a property holds, whatever it is joined to; every other holds texts."""

zones = st.sampled_from(["UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland"])


def pair_of(ours: tuple[str, str], theirs: str) -> tuple[HubSpotField, SalesforceField]:
    """A property and a field of those types; a reference is the owner's."""
    owner = theirs == "reference"
    name = "hubspot_owner_id" if owner else "x"
    field = SalesforceField("X", "X", theirs, createable=True, updateable=True)
    return HubSpotField(name, "X", *ours), replace(field, references=("User",)) if owner else field


def conversion_of(fit: Fit, zone: str) -> Conversion:
    """As the published mapping says it."""
    return Conversion(
        hubspot=None if fit.hubspot is None else ConvertedKind(fit.hubspot.value),
        salesforce=None if fit.salesforce is None else ConvertedKind(fit.salesforce.value),
        time_zone=zone,
    )


@pytest.mark.parametrize(("ours", "theirs"), PAIRS, ids=str)
@given(data=st.data(), zone=zones)
def test_a_value_comes_back_or_its_loss_is_stated(
    ours: tuple[str, str], theirs: str, data: st.DataObject, zone: str
) -> None:
    fit = fit_of(*pair_of(ours, theirs))
    assert fit is not None
    if fit.kind is Kind.OWNER:
        return
    kind, conversion = ConvertedKind(fit.kind.value), conversion_of(fit, zone)
    raw = data.draw(VALUES.get(ours, words))
    value = canonical(kind, raw, Side.HUBSPOT, NOBODY, conversion)
    if isinstance(value, Unreadable):
        assert "can be read" in fit.loss or theirs in {"date", "datetime"}, "it waits, and is told"
        return

    there = render(kind, value, Side.SALESFORCE, NOBODY, conversion)
    if isinstance(there, Unreadable):
        assert "calendar" in there.why
        return
    again = canonical(kind, there, Side.SALESFORCE, NOBODY, conversion)
    assert again == value, "what was written is what was meant"
    assert not isinstance(again, Unreadable)
    back = render(kind, again, Side.HUBSPOT, NOBODY, conversion)

    own = OWN.get(ours, ConvertedKind.TEXT)
    same = [canonical(own, each, Side.HUBSPOT, NOBODY) for each in (raw, back)]
    assert same[0] == same[1] or fit.loss
