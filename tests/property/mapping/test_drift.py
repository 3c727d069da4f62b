"""Differences are complete: applied to the catalogue before they give the one after."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.mapping.domain.drift import (
    Difference,
    FieldDifference,
    ObjectDifference,
    differences,
)
from services.mapping.domain.hits import MAX_FINDINGS, report
from services.mapping.domain.model import (
    Catalogue,
    HubSpotField,
    Option,
    Pipeline,
    SalesforceField,
    Stage,
    Wanted,
)
from shared.kernel.records import ObjectType, Side

names = st.sampled_from(["a", "B'", 'c"', "مرحبا", "\u202eevil", "x" * 200])
labels = st.sampled_from(["", "One", "Two"])
options = st.lists(st.builds(Option, names, labels, st.booleans()), max_size=3).map(tuple)
properties = st.builds(
    HubSpotField,
    names,
    labels,
    st.sampled_from(["string", "enumeration"]),
    st.sampled_from(["text", "select"]),
    st.booleans(),
    options,
    archived=st.booleans(),
)
fields = st.builds(
    SalesforceField,
    names,
    labels,
    st.sampled_from(["string", "picklist", "double"]),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, 10, 20]),
    options=options,
    restricted=st.booleans(),
    required=st.booleans(),
    precision=st.sampled_from([None, 18]),
    scale=st.sampled_from([None, 2]),
)
stages = st.lists(st.builds(Stage, names, labels), max_size=2).map(tuple)
pipelines = st.lists(
    st.builds(Pipeline, names, labels, stages), max_size=2, unique_by=lambda one: one.id
).map(tuple)


def by_name(items: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.lists(items, max_size=4).map(lambda found: {one.name: one for one in found})


catalogues = st.builds(
    Catalogue,
    st.dictionaries(st.sampled_from(list(ObjectType)), by_name(properties), max_size=2),
    st.dictionaries(st.sampled_from(["Contact", "Lead", "Account"]), by_name(fields), max_size=2),
    pipelines,
    pipelines,
)
wanted = st.lists(
    st.builds(Wanted, names, names, salesforce_objects=st.just(("Contact",))), max_size=3
)
Plain = dict[tuple[str, str, str], Any]


def plain(catalogue: Catalogue) -> Plain:
    """A catalogue as one flat dictionary."""
    found: Plain = {}
    for object_type, items in catalogue.hubspot.items():
        found |= _object(Side.HUBSPOT, object_type.value, items)
    for name, fields_of in catalogue.salesforce.items():
        found |= _object(Side.SALESFORCE, name, fields_of)
    found |= {(Side.HUBSPOT, "pipeline", one.id): one for one in catalogue.pipelines}
    found |= {(Side.SALESFORCE, "pipeline", one.id): one for one in catalogue.record_types}
    return found


def _object(side: Side, name: str, items: Mapping[str, Any]) -> Plain:
    inside = {(side.value, name, f"field {key}"): item for key, item in items.items()}
    return {(side.value, name, ""): True, **inside}


def applied(found: Plain, difference: Difference) -> Plain:
    place = difference.place
    side = place.side.value
    if isinstance(difference, ObjectDifference):
        rest = {key: one for key, one in found.items() if key[:2] != (side, place.object_name)}
        if difference.after is None:
            return rest
        return rest | _object(place.side, place.object_name, difference.after)
    field = isinstance(difference, FieldDifference)
    key = (
        (side, place.object_name, f"field {place.name}")
        if field
        else (side, "pipeline", place.name)
    )
    rest = {one: item for one, item in found.items() if one != key}
    return rest if difference.after is None else {**rest, key: difference.after}


@given(catalogues)
def test_a_catalogue_does_not_differ_from_itself(catalogue: Catalogue) -> None:
    assert differences(catalogue, replace(catalogue)) == ()


@given(catalogues, catalogues)
def test_differences_applied_give_the_catalogue_after(before: Catalogue, after: Catalogue) -> None:
    found = plain(before)
    for difference in differences(before, after):
        assert difference.before != difference.after
        found = applied(found, difference)
    assert found == plain(after)


@given(catalogues, catalogues, wanted)
def test_a_report_is_bounded_and_names_mappings_that_there_are(
    before: Catalogue, after: Catalogue, mappings: list[Wanted]
) -> None:
    found = report(before, after, mappings)
    assert len(found.findings) <= MAX_FINDINGS
    pairs = {(one.hubspot_property, one.salesforce_field) for one in mappings}
    for hit in found.hits:
        assert hit.text
        assert not hit.hubspot_property or (hit.hubspot_property, hit.salesforce_field) in pairs


@given(catalogues, wanted)
def test_no_change_hits_nothing(catalogue: Catalogue, mappings: list[Wanted]) -> None:
    assert report(catalogue, catalogue, mappings).hits == ()
