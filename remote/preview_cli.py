"""`causeway preview`: what a sync would do to some real records, and what it would cost.

Exit codes: 0 told; 1 refused, or no answer; 2 wrong usage.
"""

from typing import Annotated, Any

import typer
from rich.console import Console

from remote.client import Deployment, UsageError
from remote.connections import chosen
from remote.terminal import DONE, Token, Url, console, run, table

MOST = 200
"""As many as the deployment looks at."""


def preview(
    *,
    connection: Annotated[
        str, typer.Option(help="The connection's id; not needed if there is one only.")
    ] = "",
    draft: Annotated[
        bool, typer.Option("--draft", help="Try the open draft instead of what is in force.")
    ] = False,
    newest: Annotated[
        int, typer.Option(min=1, max=MOST, help="The records that were modified last.")
    ] = 20,
    side: Annotated[str, typer.Option(help="hubspot or salesforce; else half from each.")] = "",
    record: Annotated[
        list[str] | None, typer.Option(help="An id on that side, instead of the newest; repeat.")
    ] = None,
    while_paused: Annotated[
        bool, typer.Option("--while-paused", help="Look although the sync is paused.")
    ] = False,
    values: Annotated[
        bool, typer.Option("--values", help="Show the values too; they are personal.")
    ] = False,
    url: Url = "",
    token: Token = "",
) -> None:
    """Say what a sync would create, update, clear and park. Nothing is written anywhere."""

    async def work(deployment: Deployment) -> int:
        connection_id = await chosen(deployment, connection)
        asked: dict[str, Any] = {
            "connection_id": connection_id,
            "sample": _sample(newest, side, record or []),
            "while_paused": while_paused,
        }
        if draft:
            found = await deployment.get(f"/api/v1/setup/{connection_id}/draft")
            asked["settings"] = found["settings"]
        _show(console(), await deployment.post("/api/v1/records/previews", asked), values=values)
        return DONE

    run(url, token, work)


def _sample(newest: int, side: str, records: list[str]) -> dict[str, Any]:
    if side not in {"", "hubspot", "salesforce"}:
        raise UsageError("--side is hubspot or salesforce.")
    if records and not side:
        raise UsageError("Say with --side where the records are.")
    if records:
        return {"side": side, "ids": records}
    return {"newest": newest} | ({"side": side} if side else {})


def _show(out: Console, found: dict[str, Any], *, values: bool) -> None:
    rows = table("Records", "HubSpot", "Salesforce", "outcome", "fields", "why")
    for one in found["records"]:
        told = [*(f"{held['code']}: {held['message']}" for held in one["parked"])]
        ids = [(one[side] or {}).get("id") or "" for side in ("hubspot", "salesforce")]
        fields = "\n".join(_field(each, values=values) for each in one["fields"])
        rows.add_row(*ids, one["outcome"], fields, "\n".join([one["why"], *told]))
    out.print(rows, markup=False)
    for side in ("hubspot", "salesforce"):
        counted = ", ".join(f"{name} {number}" for name, number in found["totals"][side].items())
        out.print(f"{side}: {counted}", markup=False)
    for side in ("hubspot", "salesforce"):
        cost = found["cost"][side]
        calls = f"this preview took {cost['preview']}, writing these takes {cost['write']}."
        out.print(f"{cost['words']} Of these records: {calls}", markup=False, soft_wrap=True)
    out.print(found["cost"]["formula"], markup=False, soft_wrap=True)


def _field(one: dict[str, Any], *, values: bool) -> str:
    name = f"{one['side']}.{one['field']}"
    if values:
        return f"{name}: {one['before'] or '(blank)'} -> {one['after'] or '(blank)'}"
    return f"{name} (cleared)" if one["cleared"] else name
