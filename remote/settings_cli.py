"""`causeway settings export|import|diff|restore`: settings as files, versions compared.

Exit codes: 0 done, or nothing differs; 1 something differs or failed; 2 wrong usage.
"""

from pathlib import Path
from typing import Annotated

import typer

from remote.client import Answer, Deployment, UsageError
from remote.connections import chosen
from remote.terminal import (
    DIFFERENT,
    DONE,
    Token,
    Url,
    console,
    run,
    show_parts,
    show_problems,
    show_unresolved,
    text_of,
)

Connection = Annotated[
    str, typer.Option("--connection", help="The connection's id; not needed if there is one only.")
]
File = Annotated[Path, typer.Argument(help="A file as export writes it.")]


def commands() -> typer.Typer:
    """The commands."""
    app = typer.Typer(help="Settings as files, and their versions.", no_args_is_help=True)
    app.command("export")(export)
    app.command("import")(import_file)
    app.command("diff")(diff)
    app.command("restore")(restore)
    return app


def export(
    *,
    to: Annotated[Path | None, typer.Option(help="A file to write; else standard output.")] = None,
    connection: Connection = "",
    url: Url = "",
    token: Token = "",
) -> None:
    """Write the settings down as YAML."""

    async def work(deployment: Deployment) -> int:
        found = await deployment.read(f"{await _settings(deployment, connection)}/export")
        if to is None:
            typer.echo(found.text, nl=False)
        else:
            _write(to, found.text)
        return DONE

    run(url, token, work)


def import_file(
    file: File,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    connection: Connection = "",
    url: Url = "",
    token: Token = "",
) -> None:
    """Show what a file would change, ask, and store it (before the start as a draft)."""

    async def work(deployment: Deployment) -> int:
        text = text_of(file)
        path = f"{await _settings(deployment, connection)}/import"
        seen = await deployment.send_yaml(path, text, dry_run="true")
        if not _shown(seen):
            return DIFFERENT
        if seen.body["same"]:
            return DONE
        if not yes and not typer.confirm("Store this?"):
            typer.echo("Nothing was stored.")
            return DIFFERENT
        done = await deployment.send_yaml(path, text, etag=seen.etag)
        told = {"version": "Stored as version", "draft": "Stored in the draft, revision"}
        typer.echo(f"{told.get(done.body['stored'], 'Nothing to store; at')} {done.etag}.")
        return DONE

    run(url, token, work)


def diff(
    file: Annotated[Path | None, typer.Argument(help="A file as export writes it.")] = None,
    *,
    versions: Annotated[
        tuple[int, int] | None, typer.Option(help="Two versions to compare, instead of a file.")
    ] = None,
    connection: Connection = "",
    url: Url = "",
    token: Token = "",
) -> None:
    """Say how a file differs from what is there, or one version from another."""

    async def work(deployment: Deployment) -> int:
        if (file is None) == (versions is None):
            raise UsageError("Give a file or --versions, one of the two.")
        path = await _settings(deployment, connection)
        if versions is not None:
            found = await deployment.get(f"{path}/versions/{versions[0]}/diff/{versions[1]}")
            show_parts(console(), found["parts"])
            return DONE if found["same"] else DIFFERENT
        assert file is not None  # noqa: S101 -- one of the two is there
        seen = await deployment.send_yaml(f"{path}/import", text_of(file), dry_run="true")
        return DONE if _shown(seen) and seen.body["same"] else DIFFERENT

    run(url, token, work)


def restore(
    version: Annotated[int, typer.Argument(min=1, help="The version to go back to.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    connection: Connection = "",
    url: Url = "",
    token: Token = "",
) -> None:
    """Make an old version the newest again, as a new version."""

    async def work(deployment: Deployment) -> int:
        path = await _settings(deployment, connection)
        now = await deployment.read(path)
        newest = now.etag.strip('"')
        found = await deployment.get(f"{path}/versions/{newest}/diff/{version}")
        show_parts(console(), found["parts"])
        if found["same"]:
            typer.echo(f"Version {newest} says the same already.")
            return DONE
        if not yes and not typer.confirm(f"Restore version {version}?"):
            typer.echo("Nothing was changed.")
            return DIFFERENT
        done = await deployment.conditional(f"{path}/versions/{version}/restore", now.etag)
        typer.echo(f"Version {version} is there again, as version {done.etag}.")
        return DONE

    run(url, token, work)


async def _settings(deployment: Deployment, connection: str) -> str:
    return f"/api/v1/settings/{await chosen(deployment, connection)}"


def _shown(seen: Answer) -> bool:
    """Prints what a file would change; False when it cannot be stored as it is."""
    out, body = console(), seen.body
    show_parts(out, body["parts"])
    show_unresolved(out, body["unresolved"])
    show_problems(out, body["problems"])
    if body["creating"]:
        out.print(f"Made in HubSpot: {', '.join(body['creating'])}", markup=False)
    if body["same"] and not body["unresolved"]:
        out.print("Nothing differs.")
    return not body["unresolved"]


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None
