"""A contact's company, which is no property that may be written but an association."""

from collections.abc import Awaitable, Callable
from collections.abc import Mapping as Map
from dataclasses import replace

from services.contact_sync.domain.model import MEMBER_OF
from shared.crm.hubspot.associations import Pair
from shared.crm.hubspot.client import HubSpotClient
from shared.crm.writes import Refused, WriteResult, Written

PRIMARY_COMPANY = 1
"""HubSpot's own type "contact to its primary company" (facts: hubspot-api 7)."""

Rows = Map[str, Map[str, object]]
Results = dict[str, WriteResult]


async def written_with_companies(
    hubspot: HubSpotClient, rows: Rows, write: Callable[[Rows], Awaitable[Results]]
) -> Results:
    """Writes rows of contacts, then makes the companies that they name their primary ones.

    `write` gets the rows without their companies, and those with nothing else not at all. An
    association that is refused counts as the refusal of its row: written again, it changes nothing
    but what is missing.
    """
    plain = {key: {n: v for n, v in row.items() if n != MEMBER_OF} for key, row in rows.items()}
    results: Results = {key: Written(key, key, created=False) for key in rows}
    changed = {key: row for key, row in plain.items() if row}
    if changed:
        results |= await write(changed)
    pairs = {
        key: Pair(result.id, str(rows[key][MEMBER_OF]))
        for key, result in results.items()
        if isinstance(result, Written) and rows[key].get(MEMBER_OF)
    }
    if pairs:
        answers = await hubspot.associate(
            "contacts", "companies", list(pairs.values()), type_id=PRIMARY_COMPANY
        )
        for key, pair in pairs.items():
            answer = answers[pair.key]
            if isinstance(answer, Refused):
                results[key] = replace(answer, key=key, field=MEMBER_OF)
    return results
