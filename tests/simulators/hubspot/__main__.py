"""``python -m tests.simulators.hubspot``: one simulated portal as a process."""

from pathlib import Path
from typing import Annotated

import typer

from tests.simulators.hubspot import settings as defaults
from tests.simulators.hubspot.app import create_app
from tests.simulators.hubspot.settings import Settings
from tests.simulators.machinery.server import serve
from tests.simulators.machinery.snapshot_command import SNAPSHOT_HELP, refusing_snapshots


def main(
    *,
    port: Annotated[int, typer.Option(help="Where it listens; 0 picks a free port.")] = 0,
    portal_id: Annotated[int, typer.Option(help="The id of the account.")] = 111,
    app_id: Annotated[int, typer.Option(help="The id of the one app that it knows.")] = 222,
    client_id: Annotated[str, typer.Option(help="Of that app.")] = defaults.CLIENT_ID,
    client_secret: Annotated[str, typer.Option(help="Of that app.")] = defaults.CLIENT_SECRET,
    webhook_url: Annotated[str, typer.Option(help="Where events go; empty: nowhere.")] = "",
    redirect_uri: Annotated[
        list[str] | None, typer.Option(help="Registered redirect target; none: any.")
    ] = None,
    scope: Annotated[
        list[str] | None, typer.Option(help="Scope that the app marks as required.")
    ] = None,
    subscribe: Annotated[
        list[str] | None,
        typer.Option(help="TYPE[:OBJECT_TYPE_ID][:PROPERTY]; none: all of contacts and tasks."),
    ] = None,
    index_lag: Annotated[
        float, typer.Option(help="Seconds until a search finds a write.")
    ] = defaults.INDEX_LAG_SECONDS,
    list_delay: Annotated[
        float, typer.Option(help="Seconds until a dynamic list follows a change.")
    ] = defaults.LIST_DELAY_SECONDS,
    burst_limit: Annotated[int, typer.Option(help="Calls per 10 seconds.")] = defaults.BURST_LIMIT,
    association_limit: Annotated[
        int, typer.Option(help="Association calls per 10 seconds.")
    ] = defaults.ASSOCIATION_LIMIT,
    search_limit: Annotated[int, typer.Option(help="Searches per second.")] = defaults.SEARCH_LIMIT,
    retry_scale: Annotated[
        float, typer.Option(help="Multiplies the waits between webhook attempts.")
    ] = 1.0,
    auto_approve: Annotated[
        bool, typer.Option(help="The consent page says yes by itself.")
    ] = False,
    auto_associate: Annotated[
        bool, typer.Option(help="New contacts join the company of their e-mail domain.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of everything that is shuffled.")] = 1,
    control: Annotated[bool, typer.Option(help="Offer the control plane.")] = False,
    snapshot: Annotated[Path | None, typer.Option(help=SNAPSHOT_HELP)] = None,
) -> None:
    """Imitate one HubSpot account on 127.0.0.1. All state is in memory; SIGTERM ends it."""
    settings = Settings(
        portal_id=portal_id,
        app_id=app_id,
        client_id=client_id,
        client_secret=client_secret,
        webhook_url=webhook_url,
        redirect_uris=tuple(redirect_uri or ()),
        required_scopes=tuple(scope or defaults.REQUIRED_SCOPES),
        subscriptions=tuple(subscribe or ()),
        index_lag_seconds=index_lag,
        list_delay_seconds=list_delay,
        burst_limit=burst_limit,
        association_limit=association_limit,
        search_limit=search_limit,
        retry_scale=retry_scale,
        auto_approve=auto_approve,
        auto_associate=auto_associate,
        seed=seed,
        snapshot=snapshot,
    )
    with refusing_snapshots():
        app = create_app(settings, with_control=control)
    serve(app, port=port)


if __name__ == "__main__":
    typer.run(main)
