"""The stages of opportunities, and which of them each record type has.

A record type belongs to a sales process, which is a choice of the org's stages. Only the User
Interface API tells that choice without the right to read metadata.
"""

from dataclasses import dataclass
from urllib.parse import quote

from shared.crm.answers import Json, members, object_of, text
from shared.crm.salesforce.soql import select
from shared.crm.transport import Transport

STAGES = select(
    ["ApiName", "MasterLabel", "DefaultProbability", "IsClosed", "IsWon", "SortOrder"],
    "OpportunityStage",
    "IsActive = true",
)
_WHOLE = 100


@dataclass(frozen=True, slots=True)
class OpportunityStage:
    """One stage of the org; `value` is what records hold, `probability` between 0 and 1."""

    value: str
    label: str
    probability: float | None
    closed: bool
    won: bool


def stages_of(rows: list[Json]) -> list[OpportunityStage]:
    """The stages in the rows of `STAGES`, in the order that the org gave them."""
    ordered = sorted(rows, key=_order)
    return [
        OpportunityStage(
            value=text(row, "ApiName") or text(row, "MasterLabel"),
            label=text(row, "MasterLabel"),
            probability=_fraction(row.get("DefaultProbability")),
            closed=row.get("IsClosed") is True,
            won=row.get("IsWon") is True,
        )
        for row in ordered
    ]


async def picklist_values(
    transport: Transport, root: str, object_name: str, record_type_id: str, field: str
) -> list[str]:
    """See SalesforceClient.picklist_values."""
    parts = [quote(part, safe="") for part in (object_name, record_type_id, field)]
    path = f"{root}/ui-api/object-info/{parts[0]}/picklist-values/{parts[1]}/{parts[2]}"
    body = object_of(await transport.request("GET", path))
    return [text(found, "value") for found in members(body, "values")]


def _order(row: Json) -> tuple[int, str]:
    place = row.get("SortOrder")
    return (place if isinstance(place, int) else 0, text(row, "MasterLabel"))


def _fraction(told: object) -> float | None:
    if isinstance(told, (int, float)) and not isinstance(told, bool) and 0 <= told <= _WHOLE:
        return told / _WHOLE
    return None
