"""`python -m services connection holdings|disconnect`, over the REST API of a deployment.

Exit codes: 0 done, 1 something failed or is not over yet, 2 the command is wrong or was refused.
Disconnect does nothing before the connection is named with --confirm.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from shared.kernel.errors import CausewayError, RetriableError
from shared.runtime.operations.rest import Rest
from shared.runtime.operations.tenants import Tenant, look
from shared.runtime.operations.terminal import FAILED, console, progress_bar, wrong

T = TypeVar("T")
WIDTH_OF_A_PIPE = 120
PAUSE_SECONDS = 1.0
"""Between two looks at a purge: it takes seconds, and half a minute for a million rows."""

Id = Annotated[UUID, typer.Argument(metavar="ID", help="The connection's id.")]
Url = Annotated[
    str, typer.Option(envvar="CAUSEWAY_PUBLIC_URL", help="Where the deployment answers.")
]
Token = Annotated[
    str, typer.Option(envvar="CAUSEWAY_TOKEN", help="An admin's bearer token (token create).")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Confirm = Annotated[
    str | None, typer.Option(help="The HubSpot portal's id, as you would type it out.")
]
Purge = Annotated[bool, typer.Option("--purge", help="Delete all that is held, in every service.")]
Wait = Annotated[
    float, typer.Option(min=0, help="Seconds to wait for a purge; it goes on without us.")
]


def commands(services: Sequence[str], connect: Callable[[str, str], Rest] = Rest) -> typer.Typer:
    """The commands over these services; `connect` is given an address and a token."""
    app = typer.Typer(help="One connection in all services.", no_args_is_help=True)

    @app.command()
    def holdings(connection_id: Id, *, url: Url, token: Token, as_json: Json = False) -> None:
        """What every service holds of a connection, and what a purge of it has deleted."""
        rest = connect(url, token)
        try:
            _show(look(rest, services, connection_id), as_json=as_json)
        finally:
            rest.close()

    @app.command()
    def disconnect(
        connection_id: Id,
        *,
        url: Url,
        token: Token,
        confirm: Confirm = None,
        purge: Purge = False,
        wait: Wait = 600.0,
        as_json: Json = False,
    ) -> None:
        """End a connection. Without --confirm it only says what that would do.

        Settings and links are kept for the day when the same portal is connected again, unless
        --purge is given.
        """
        rest = connect(url, token)
        try:
            name = _named(rest, connection_id)
            if confirm is None:
                _plan(look(rest, services, connection_id), name, purge=purge, as_json=as_json)
                return
            before = look(rest, services, connection_id) if purge else None
            _asked(lambda: _delete(rest, connection_id, confirm, purge=purge))
            if before is None:
                _say("Disconnected. Settings and links are kept.", as_json=as_json)
                return
            _show(_watch(rest, services, connection_id, before, wait), as_json=as_json, over=True)
        finally:
            rest.close()

    return app


def _named(rest: Rest, connection_id: UUID) -> str:
    """What has to be typed out; ends the command when there is no such connection."""
    seen = _asked(lambda: rest.get(f"/api/v1/connections/{connection_id}"))
    return str(seen["portal_id"] or seen["id"])


def _delete(rest: Rest, connection_id: UUID, confirm: str, *, purge: bool) -> None:
    body = {"confirm": confirm, "purge": purge}
    rest.delete(f"/api/v1/connections/{connection_id}", body)


def _watch(
    rest: Rest, services: Sequence[str], connection_id: UUID, before: Tenant, seconds: float
) -> Tenant:
    """Looks until every service is done, or the time is over."""
    end = time.monotonic() + seconds
    with progress_bar("purge") as tell:
        tenant = look(rest, services, connection_id)
        while not tenant.purged and time.monotonic() < end:
            tell(tenant.deleted, max(before.held, tenant.deleted))
            time.sleep(PAUSE_SECONDS)
            tenant = look(rest, services, connection_id)
    return tenant


def _plan(tenant: Tenant, name: str, *, purge: bool, as_json: bool) -> None:
    if as_json:
        typer.echo(_json(tenant, dry_run=True, confirm=name))
    else:
        shown = console(WIDTH_OF_A_PIPE)
        _table(shown, tenant)
        fate = "deleted" if purge else "kept for a reconnect (deleted with --purge)"
        shown.print(
            f"{tenant.held:,} rows would be {fate}; the CRMs' grants would be revoked. Nothing "
            f"was done yet: add --confirm {name}."
        )
    _end(tenant)


def _show(tenant: Tenant, *, as_json: bool, over: bool = False) -> None:
    """The state of the tenant. With `over`, exit 1 where a purge is not done."""
    if as_json:
        typer.echo(_json(tenant, dry_run=False))
    else:
        shown = console(WIDTH_OF_A_PIPE)
        _table(shown, tenant)
        shown.print(f"{tenant.deleted:,} rows are deleted, {tenant.held:,} are held.")
    _end(tenant)
    if over and not tenant.purged:
        typer.echo(
            "The purge is not over: it goes on by itself. `connection holdings` shows how far.",
            err=True,
        )
        raise typer.Exit(FAILED)


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


def _say(text: str, *, as_json: bool) -> None:
    typer.echo(json.dumps({"dry_run": False, "done": text}) if as_json else text)


def _end(tenant: Tenant) -> None:
    """Exit 1 where a service did not answer; each is named with what to do."""
    for trouble in tenant.troubles:
        typer.echo(f"{trouble.service}: {trouble.error}", err=True)
    if tenant.troubles:
        raise typer.Exit(FAILED)


def _asked(question: Callable[[], T]) -> T:
    try:
        return question()
    except RetriableError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FAILED) from None
    except CausewayError as error:
        raise wrong(str(error)) from None
