"""Pairs beyond the native table: how they are compared, what is lost, what an admin may not say."""

from dataclasses import replace

import pytest

from services.mapping.domain.choices import Choices
from services.mapping.domain.conversions import BEYOND, fit_of
from services.mapping.domain.model import (
    Catalogue,
    Conversion,
    HubSpotField,
    Kind,
    SalesforceField,
    ValuePair,
    Wanted,
)
from services.mapping.domain.recommend import recommend
from services.mapping.domain.validate import validate
from services.mapping.handlers.translate import settings_of
from shared.contracts.settings import FieldMapping, ValueType
from shared.kernel.records import ObjectType
from tests.unit.mapping.catalogues import hubspot, salesforce

SELECT, CHECKBOXES = ("enumeration", "select"), ("enumeration", "checkbox")
CHECKBOX, TEXT = ("bool", "booleancheckbox"), ("string", "text")
DAY, MOMENT, NUMBER = ("date", "date"), ("datetime", "date"), ("number", "number")


@pytest.mark.parametrize(
    ("ours", "theirs", "kinds", "lost"),
    [
        (SELECT, "string", (Kind.TEXT, Kind.PICKLIST, None), "does not offer"),
        (SELECT, "boolean", (Kind.BOOLEAN, Kind.PICKLIST, None), "paired with true and false"),
        (CHECKBOXES, "textarea", (Kind.MULTI_PICKLIST, None, Kind.TEXT), "order"),
        (CHECKBOX, "picklist", (Kind.BOOLEAN, None, Kind.PICKLIST), "A blank value and No"),
        (CHECKBOX, "string", (Kind.BOOLEAN, None, Kind.TEXT), "A blank value and No"),
        (TEXT, "boolean", (Kind.BOOLEAN, Kind.TEXT, None), "paired with true and false"),
        (TEXT, "multipicklist", (Kind.MULTI_PICKLIST, Kind.TEXT, None), "order"),
        (DAY, "datetime", (Kind.DATE, None, Kind.DATETIME), "time of day"),
        (MOMENT, "date", (Kind.DATE, Kind.DATETIME, None), "time of day"),
        (DAY, "date", (Kind.DATE, None, None), ""),
        (MOMENT, "datetime", (Kind.DATETIME, None, None), ""),
        (SELECT, "picklist", (Kind.PICKLIST, None, None), ""),
    ],
)
def test_a_pair_is_compared_as_the_coarser_of_the_two(
    ours: tuple[str, str],
    theirs: str,
    kinds: tuple[Kind, Kind | None, Kind | None],
    lost: str,
) -> None:
    fit = fit_of(hubspot("x", *ours), salesforce("X", theirs))

    assert fit is not None
    assert (fit.kind, fit.hubspot, fit.salesforce) == kinds
    assert lost in fit.loss
    assert bool(fit.loss) == bool(lost)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (CHECKBOXES, "picklist"),
        (SELECT, "multipicklist"),
        (NUMBER, "string"),
        (TEXT, "currency"),
        (DAY, "string"),
        (CHECKBOX, "double"),
        (TEXT, "reference"),
    ],
)
def test_what_cannot_be_told_back_is_no_pair(ours: tuple[str, str], theirs: str) -> None:
    assert fit_of(hubspot("x", *ours), salesforce("X", theirs)) is None


def test_every_conversion_says_what_it_loses() -> None:
    assert [fit for fits in BEYOND.values() for fit in fits.values() if not fit.loss] == []


def test_a_default_is_never_converted() -> None:
    catalogue = Catalogue(
        {ObjectType.CONTACT: {"hs_email_optout": hubspot("hs_email_optout", *TEXT)}},
        {"Contact": {"HasOptedOutOfEmail": salesforce("HasOptedOutOfEmail", "boolean")}},
    )

    assert recommend(catalogue).mappings == ()


def judged(
    ours: HubSpotField, theirs: SalesforceField, conversion: Conversion
) -> tuple[FieldMapping, list[str]]:
    """The mapping as it is published, and the fields that have a problem."""
    catalogue = Catalogue({ObjectType.CONTACT: {"x": ours}}, {"Contact": {"X": theirs}})
    wanted = Wanted("x", "X", salesforce_objects=("Contact",), conversion=conversion)
    mappings, problems = validate([wanted], catalogue)
    settings = settings_of(replace(Choices(), wanted=(wanted,)), mappings)
    return settings.mappings[0], [problem.field for problem in problems]


def test_the_published_mapping_has_both_kinds_and_the_digits_of_the_field() -> None:
    day, _ = judged(hubspot("x", *DAY), salesforce("X", "datetime"), Conversion())
    assert (day.value_type, day.hubspot_type) == (ValueType.DATE, None)
    assert day.salesforce_type is ValueType.DATETIME
    assert day.salesforce_writable

    amount = replace(salesforce("X", "currency"), precision=18, scale=2)
    published, _ = judged(hubspot("x", *NUMBER), amount, Conversion())
    assert published.scale == 2
    coarser, _ = judged(hubspot("x", *NUMBER), amount, Conversion(scale=0))
    assert coarser.scale == 0


def pairs(*values: tuple[str, str]) -> Conversion:
    return Conversion(values=tuple(ValuePair(*pair) for pair in values))


@pytest.mark.parametrize(
    ("ours", "theirs", "conversion", "field"),
    [
        (SELECT, "picklist", pairs(("a", "b"), ("c", "b")), None),
        (CHECKBOX, "picklist", pairs(("true", "Yes"), ("true", "Ja")), None),
        (TEXT, "boolean", pairs(("Ja", "true")), None),
        (NUMBER, "percent", Conversion(hubspot_percent="fraction"), None),
        (NUMBER, "double", pairs(("1", "2")), "values"),
        (CHECKBOX, "boolean", pairs(("true", "false")), "values"),
        (CHECKBOX, "picklist", pairs(("Yes", "true")), "values"),
        (TEXT, "boolean", pairs(("true", "Ja")), "values"),
        (CHECKBOXES, "multipicklist", pairs(("a;b", "c")), "values"),
        (SELECT, "picklist", pairs(("a", " ")), "values"),
        (NUMBER, "double", Conversion(hubspot_percent="fraction"), "hubspot_percent"),
    ],
)
def test_what_an_admin_says_of_a_conversion_is_looked_at(
    ours: tuple[str, str], theirs: str, conversion: Conversion, field: str | None
) -> None:
    _, problems = judged(hubspot("x", *ours), salesforce("X", theirs), conversion)

    assert problems == ([] if field is None else [f"mappings[0].{field}"])
