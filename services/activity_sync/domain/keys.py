"""The external ids that make creations repeatable (I6), and what they tell of a task."""

from shared.kernel.records import Side

TIMELINE = ":timeline:"


def task_key_in_salesforce(portal_id: str, hubspot_id: str) -> str:
    """Causeway_Key__c of a Salesforce task that a HubSpot task created."""
    return f"{portal_id}:task:{hubspot_id}"


def task_key_in_hubspot(org_id: str, salesforce_id: str) -> str:
    """causeway_key of a HubSpot task that a Salesforce task created."""
    return f"{org_id}:{salesforce_id}"


def original_of(side: Side, key: str | None, *, portal_id: str, org_id: str) -> str | None:
    """The other side's task that the task with this key was made from; None: it is no copy.

    Copies that another portal of the same org made are ordinary tasks for us.
    """
    makes = task_key_in_hubspot(org_id, "")
    if side is Side.SALESFORCE:
        makes = task_key_in_salesforce(portal_id, "")
    return key.removeprefix(makes) if key is not None and key.startswith(makes) else None


def timeline_key(portal_id: str, event_key: str) -> str:
    """Causeway_Key__c of a Salesforce task that a HubSpot timeline event created."""
    return f"{portal_id}{TIMELINE}{event_key}"


def is_timeline(key: str | None) -> bool:
    """Whether a Salesforce task only tells of a timeline event and so never crosses back."""
    return key is not None and TIMELINE in key
