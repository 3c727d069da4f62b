"""Fields that Salesforce computes from the others. Pure."""

from collections.abc import Mapping
from typing import Any

from tests.simulators.salesforce.schema.choices import CLOSED_TASK, HIGH_PRIORITY, STAGES
from tests.simulators.salesforce.stamps import stamp

Fields = dict[str, Any]
MONTHS_A_QUARTER = 3


def derive(object_name: str, fields: Mapping[str, Any], *, now: int) -> Fields:
    """The computed fields of a record as it would be stored; ``now`` in milliseconds."""
    match object_name:
        case "Contact" | "Lead" | "User":
            return {"Name": full_name(fields.get("FirstName"), fields.get("LastName"))}
        case "Opportunity":
            return _opportunity(fields)
        case "Task":
            return _task(fields, now)
        case _:
            return {}


def full_name(first: str | None, last: str | None) -> str:
    """First and last name; the salutation is no part of it."""
    return " ".join(part for part in (first, last) if part)


def _opportunity(fields: Mapping[str, Any]) -> Fields:
    likely, closed, won, forecast = STAGES.get(fields["StageName"], (0, False, False, "Pipeline"))
    year, month = fields["CloseDate"].split("-")[:2]
    return {
        "IsClosed": closed,
        "IsWon": won,
        "ForecastCategory": forecast,
        "ForecastCategoryName": forecast,
        "FiscalYear": int(year),
        "FiscalQuarter": (int(month) - 1) // MONTHS_A_QUARTER + 1,
        "Probability": fields.get("Probability", likely),
    }


def stage_follows(changed: Fields) -> Fields:
    """A new stage brings its own probability, unless the same write sets one."""
    if "StageName" not in changed or "Probability" in changed:
        return changed
    known = STAGES.get(changed["StageName"])
    return changed if known is None else {**changed, "Probability": known[0]}


def _task(fields: Mapping[str, Any], now: int) -> Fields:
    closed = fields["Status"] == CLOSED_TASK
    completed = fields.get("CompletedDateTime") or stamp(now)
    return {
        "IsClosed": closed,
        "IsHighPriority": fields["Priority"] == HIGH_PRIORITY,
        "CompletedDateTime": completed if closed else None,
    }
