"""A document as plain data, in the order in which it is written down."""

from dataclasses import asdict, fields
from typing import Any

from services.mapping.domain.choices import Activities, Deals, InclusionList
from services.mapping.domain.document.model import Document, OwnerRow, PipelineRow, Reference
from services.mapping.domain.model import Conversion, Wanted

FORMAT = 1
"""Grows when a document of before could be misread."""

USUAL = Conversion()


def as_data(document: Document) -> dict[str, Any]:
    """Dicts, lists, texts, numbers, booleans and None; every setting is there, also a default."""
    choices = document.choices
    whole = {
        "contacts": _part(choices.contacts),
        "companies": _part(choices.companies),
        "deals": _deals(choices.deals, document.pipelines),
        "activities": _activities(choices.activities),
        "mappings": [_mapping(wanted) for wanted in choices.wanted],
        "owners": [_owner(row) for row in document.owners],
        "daily_salesforce_calls": choices.daily_salesforce_calls,
    }
    parts = {name: value for name, value in whole.items() if name in document.parts}
    return {"causeway_settings": FORMAT, **parts}


def _part(page: Any) -> dict[str, Any]:
    found = asdict(page)
    chosen = found.get("inclusion_list")
    if chosen is not None:
        found["inclusion_list"] = _list(page.inclusion_list)
    return found


def _list(chosen: InclusionList) -> dict[str, str]:
    return {"name": chosen.name, "list_id": chosen.list_id}


def _deals(deals: Deals, rows: tuple[PipelineRow, ...]) -> dict[str, Any]:
    table = [_pipeline(row) for row in rows]
    found = asdict(deals)
    return {name: table if name == "pipelines" else value for name, value in found.items()}


def _pipeline(row: PipelineRow) -> dict[str, Any]:
    return {
        "hubspot": _labelled(row.hubspot),
        "salesforce": _labelled(row.salesforce),
        "sync": row.sync,
        "stages": [
            {"hubspot": _labelled(stage.hubspot), "salesforce": _labelled(stage.salesforce)}
            for stage in row.stages
        ],
    }


def _labelled(one: Reference) -> dict[str, str]:
    return {"label": one.name, "id": one.id}


def _activities(activities: Activities) -> dict[str, Any]:
    """With a table of events, the kinds that cross over follow from it."""
    found = asdict(activities)
    del found["timeline_events" if activities.timeline else "timeline"]
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in found.items()
    }


def _mapping(wanted: Wanted) -> dict[str, Any]:
    """What is converted in the usual way says nothing of it: there may be hundreds."""
    found: dict[str, Any] = {
        "object_type": wanted.object_type.value,
        "hubspot_property": wanted.hubspot_property,
        "salesforce_field": wanted.salesforce_field,
        "salesforce_objects": list(wanted.salesforce_objects),
        "rule": wanted.rule.value,
    }
    asked = wanted.conversion
    for field in fields(asked):
        value = getattr(asked, field.name)
        if value != getattr(USUAL, field.name):
            found[field.name] = value
    if asked.values:
        found["values"] = [asdict(pair) for pair in asked.values]
    return found


def _owner(row: OwnerRow) -> dict[str, Any]:
    return {
        side: {"email": one.name, "id": one.id}
        for side, one in (("hubspot", row.hubspot), ("salesforce", row.salesforce))
    }
