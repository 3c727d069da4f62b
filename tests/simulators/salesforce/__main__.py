"""``python -m tests.simulators.salesforce``: one simulated Salesforce org on 127.0.0.1."""

from pathlib import Path
from typing import Annotated

import typer

from tests.simulators.machinery.server import serve
from tests.simulators.machinery.snapshot_command import SNAPSHOT_HELP, refusing_snapshots
from tests.simulators.salesforce.app import create_app
from tests.simulators.salesforce.ids import long_form
from tests.simulators.salesforce.settings import (
    DEFAULT_CLIENT_ID,
    DEFAULT_CLIENT_SECRET,
    DEFAULT_DAILY_LIMIT,
    DEFAULT_INSTALL_SECONDS,
    DEFAULT_ORG_ID,
    Settings,
)


def main(  # noqa: PLR0917 -- typer reads options from the signature
    port: Annotated[int, typer.Option(help="Port to listen on; 0 picks a free one.")] = 0,
    org_id: Annotated[str, typer.Option(help="Id of the org, 15 or 18 characters.")] = (
        DEFAULT_ORG_ID
    ),
    client_id: Annotated[str, typer.Option(help="Consumer key of the app.")] = DEFAULT_CLIENT_ID,
    client_secret: Annotated[str, typer.Option(help="Consumer secret of the app.")] = (
        DEFAULT_CLIENT_SECRET
    ),
    control: Annotated[bool, typer.Option(help="Offer /_control to tests and demo.")] = False,  # noqa: FBT002
    install_seconds: Annotated[
        float, typer.Option(help="How long package installs and deploys take.", min=0)
    ] = DEFAULT_INSTALL_SECONDS,
    rotate_refresh_tokens: Annotated[  # noqa: FBT002
        bool, typer.Option(help="Issue a new refresh token at each refresh.")
    ] = False,
    daily_limit: Annotated[
        int, typer.Option(help="API calls that the org may make in 24 hours.", min=0)
    ] = DEFAULT_DAILY_LIMIT,
    sandbox: Annotated[bool, typer.Option(help="Be a sandbox, not production.")] = False,  # noqa: FBT002
    pubsub_port: Annotated[
        int | None,
        typer.Option(help="Port of the Pub/Sub API; 0 picks a free one. Off unless given."),
    ] = None,
    snapshot: Annotated[Path | None, typer.Option(help=SNAPSHOT_HELP)] = None,
) -> None:
    """A Salesforce org that lives in memory: login host, REST API, tooling and metadata API."""
    known = long_form(org_id)
    if known is None or not known.startswith("00D"):
        raise typer.BadParameter(f"{org_id} is no org id: 15 or 18 characters from 00D on")
    settings = Settings(
        org_id=known,
        client_id=client_id,
        client_secret=client_secret,
        control=control,
        install_seconds=install_seconds,
        rotate_refresh_tokens=rotate_refresh_tokens,
        daily_limit=daily_limit,
        sandbox=sandbox,
        pubsub_port=pubsub_port,
        snapshot=snapshot,
    )
    with refusing_snapshots():
        app = create_app(settings)
    serve(app, port=port)


if __name__ == "__main__":
    typer.run(main)
