"""Selections that come and go with metadata deploys (facts: sections 4.1 and 5.1)."""

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from tests.simulators.salesforce.errors import SalesforceError
from tests.simulators.salesforce.manifest import NAMESPACE, Contents, Problem
from tests.simulators.salesforce.pubsub.selection import Selection
from tests.simulators.salesforce.schema.eventing import CHANNEL_MEMBER

if TYPE_CHECKING:
    from tests.simulators.salesforce.org import Org


def selection_problems(org: "Org", contents: Contents) -> list[Problem]:
    """What keeps the deploy from selecting what it wants; the cap on objects is the usual one."""
    return _apply(org.capture.selection.copy(), org, contents)


def deploy_selections(org: "Org", contents: Contents) -> None:
    """Make and take back the selections of a deploy without problems."""
    _apply(org.capture.selection, org, contents)
    org.capture.observe()


def _apply(selection: Selection, org: "Org", contents: Contents) -> list[Problem]:
    for member in contents.removed:
        known = selection.named(member.name) if member.type == CHANNEL_MEMBER.name else None
        if known is not None:
            selection.remove(known.id)
    problems = []
    for member, files in contents.sources.items():
        if member.type == CHANNEL_MEMBER.name:
            try:
                channel, event = _wanted(files[member.file])
                selection.keep(channel, event, org.switches.cdc_entity_limit)
            except SalesforceError as refusal:
                problems.append(Problem(member, refusal.message))
    return problems


def _wanted(data: bytes) -> tuple[str, str]:
    """Channel and event of a selection. SalesforceError when the file is no XML."""
    try:
        root = ET.fromstring(data)  # noqa: S314 -- the caller's own zip, on the caller's own machine
    except ET.ParseError as wrong:
        raise SalesforceError(400, "INVALID_INPUT", f"Error parsing file: {wrong}") from wrong
    names = (f"{NAMESPACE}eventChannel", f"{NAMESPACE}selectedEntity")
    channel, event = ((root.findtext(name) or "").strip() for name in names)
    return channel, event
