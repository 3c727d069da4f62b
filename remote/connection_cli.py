"""`causeway connection holdings|disconnect`: what a deployment holds of a connection, and its end.

Exit codes: 0 done, 1 something was refused, failed or is not over yet, 2 wrong usage. Disconnect
does nothing before the connection is named with --confirm.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from remote.client import Deployment
from remote.tenants import Tenant, look
from remote.terminal import DIFFERENT, DONE, Token, Url, console, run
from shared.runtime.operations.terminal import progress_bar

PAUSE_SECONDS = 1.0
"""Between two looks at a purge: it takes seconds, and half a minute for a million rows."""

Id = Annotated[UUID, typer.Argument(metavar="ID", help="The connection's id.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Confirm = Annotated[
    str | None, typer.Option(help="The HubSpot portal's id, as you would type it out.")
]
Purge = Annotated[bool, typer.Option("--purge", help="Delete all that is held, in every service.")]
Wait = Annotated[
    float, typer.Option(min=0, help="Seconds to wait for a purge; it goes on without us.")
]


def commands(services: Sequence[str]) -> typer.Typer:
    """The commands over these services."""
    app = typer.Typer(help="One connection in all services.", no_args_is_help=True)

    @app.command()
    def holdings(
        connection_id: Id, *, url: Url = "", token: Token = "", as_json: Json = False
    ) -> None:
        """What every service holds of a connection, and what a purge of it has deleted."""

        async def work(deployment: Deployment) -> int:
            return _show(await look(deployment, services, connection_id), as_json=as_json)

        run(url, token, work)

    @app.command()
    def disconnect(
        connection_id: Id,
        *,
        url: Url = "",
        token: Token = "",
        confirm: Confirm = None,
        purge: Purge = False,
        wait: Wait = 600.0,
        as_json: Json = False,
    ) -> None:
        """End a connection. Without --confirm it only says what that would do.

        Settings and links are kept for the day when the same portal is connected again, unless
        --purge is given.
        """

        async def work(deployment: Deployment) -> int:
            path = f"/api/v1/connections/{connection_id}"
            seen = await deployment.get(path)
            before = await look(deployment, services, connection_id)
            if confirm is None:
                name = str(seen["portal_id"] or seen["id"])
                return _plan(before, name, purge=purge, as_json=as_json)
            await deployment.delete(path, {"confirm": confirm, "purge": purge})
            if not purge:
                text = "Disconnected. Settings and links are kept."
                typer.echo(json.dumps({"dry_run": False, "done": text}) if as_json else text)
                return DONE
            return _ended(
                await _watched(deployment, services, connection_id, before, wait), as_json=as_json
            )

        run(url, token, work)

    return app


async def _watched(
    deployment: Deployment,
    services: Sequence[str],
    connection_id: UUID,
    before: Tenant,
    seconds: float,
) -> Tenant:
    """Looks until every service is done, or the time is over."""
    end = time.monotonic() + seconds
    with progress_bar("purge") as tell:
        tenant = await look(deployment, services, connection_id)
        while not tenant.purged and time.monotonic() < end:
            tell(tenant.deleted, max(before.held, tenant.deleted))
            await asyncio.sleep(PAUSE_SECONDS)
            tenant = await look(deployment, services, connection_id)
    return tenant


def _plan(tenant: Tenant, name: str, *, purge: bool, as_json: bool) -> int:
    if as_json:
        typer.echo(_json(tenant, dry_run=True, confirm=name))
    else:
        shown = console()
        _table(shown, tenant)
        fate = "deleted" if purge else "kept for a reconnect (deleted with --purge)"
        shown.print(
            f"{tenant.held:,} rows would be {fate}; the CRMs' grants would be revoked. Nothing "
            f"was done yet: add --confirm {name}."
        )
    return _code(tenant)


def _show(tenant: Tenant, *, as_json: bool) -> int:
    """What is held; the exit code."""
    if as_json:
        typer.echo(_json(tenant, dry_run=False))
    else:
        shown = console()
        _table(shown, tenant)
        shown.print(f"{tenant.deleted:,} rows are deleted, {tenant.held:,} are held.")
    return _code(tenant)


def _ended(tenant: Tenant, *, as_json: bool) -> int:
    """The same after a purge was ordered; 1 while it is not done."""
    code = _show(tenant, as_json=as_json)
    if tenant.purged:
        return code
    typer.echo(
        "The purge is not over: it goes on by itself. `connection holdings` shows how far.",
        err=True,
    )
    return DIFFERENT


def _table(shown: Console, tenant: Tenant) -> None:
    table = Table("service", "table", "held", "deleted", "purge")
    for one in tenant.services:
        names = sorted({*one.rows, *one.deleted}) or ["-"]
        for name in names:
            held, deleted = one.rows.get(name, 0), one.deleted.get(name, 0)
            table.add_row(one.service, name, f"{held:,}", f"{deleted:,}", one.state or "")
    shown.print(table)


def _json(tenant: Tenant, **more: Any) -> str:
    failed = [
        {"service": one.service, "code": one.error.code, "error": str(one.error)}
        for one in tenant.troubles
    ]
    services = [asdict(one) for one in tenant.services]
    return json.dumps(
        {**more, "purged": tenant.purged, "services": services, "failed": failed}, indent=2
    )


def _code(tenant: Tenant) -> int:
    """1 where a service did not answer; each is named with what to do."""
    for trouble in tenant.troubles:
        typer.echo(f"{trouble.service}: {trouble.error}", err=True)
    return DIFFERENT if tenant.troubles else DONE
