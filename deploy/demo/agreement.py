"""Whether both CRMs hold the same, looked at from outside: record by record, field by field."""

from collections.abc import Mapping
from typing import Any

from deploy.stack.setup import Admin
from deploy.stack.simulator import Simulator
from shared.kernel.records import ObjectType

Records = Mapping[str, Mapping[str, Any]]
MAX_NAMED = 5
"""Differences that are named one by one; the rest is counted."""


async def disagreements(
    admin: Admin, connection_id: str, hubspot: Simulator, salesforce: Simulator
) -> tuple[str, ...]:
    """Every mapped field in which a person differs between the two CRMs, matched by e-mail."""
    answer = await admin.get(f"/api/v1/mappings/{connection_id}")
    fields = [
        (mapping["hubspot_property"], mapping["salesforce_field"])
        for mapping in answer["mappings"]
        if mapping["object_type"] == ObjectType.CONTACT
        and "Contact" in mapping["salesforce_objects"]
        and mapping["value_type"] != "owner"
        and mapping["rule"] != "dont_sync"
    ]
    found = compare(await hubspot.records("contacts"), await salesforce.records("Contact"), fields)
    more = len(found) - MAX_NAMED
    return (*found[:MAX_NAMED], *([f"and {more} more differences"] if more > 0 else []))


def compare(hubspot: Records, salesforce: Records, fields: list[tuple[str, str]]) -> list[str]:
    """Differences between the people of both sides; ids are named, values are not."""
    left = {_text(record.get("email")): (one, record) for one, record in hubspot.items()}
    right = {_text(record.get("Email")): (one, record) for one, record in salesforce.items()}
    left.pop("", None)
    right.pop("", None)
    only = left.keys() ^ right.keys()
    found = [f"{(left | right)[email][0]} is on one side only" for email in sorted(only)]
    for email in sorted(left.keys() & right.keys()):
        hubspot_id, mine = left[email]
        salesforce_id, theirs = right[email]
        found += [
            f"{hubspot_id} and {salesforce_id} differ in {here}"
            for here, there in fields
            if _text(mine.get(here)) != _text(theirs.get(there))
        ]
    return found


def _text(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return "true" if value else ""
    text = str(value).strip()
    if text == "false":
        return ""
    return text.lower().removesuffix(".0") if "@" in text else text.removesuffix(".0")
