"""How many records an object has (facts: salesforce-api 2)."""

from collections.abc import Collection
from urllib.parse import quote

from shared.crm.answers import object_of
from shared.crm.gather import together
from shared.crm.transport import Transport


async def count_records(
    transport: Transport, root: str, object_names: Collection[str]
) -> dict[str, int]:
    """See SalesforceClient.counts."""

    async def count(name: str) -> tuple[str, int]:
        soql = f"SELECT COUNT() FROM {name}"  # noqa: S608 - names are ours
        path = f"{root}/query?q={quote(soql, safe='')}"
        total = object_of(await transport.request("GET", path)).get("totalSize")
        return name, total if isinstance(total, int) else 0

    return dict(await together(count, list(object_names)))
