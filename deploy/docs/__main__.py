"""`python -m deploy.docs events|schemas [--check]`, also as `make docs`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from deploy.docs.asyncapi import asyncapi
from deploy.docs.catalogue import catalogue
from deploy.docs.events_page import events_page
from deploy.docs.snapshots import growth_problems, read_snapshots, snapshot_text, snapshots
from deploy.docs.yaml_text import yaml_text

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "tests" / "contracts" / "events" / "schemas"
COMMAND = "Run `make docs` and commit what it writes."

Check = Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 when one is stale.")]

app = typer.Typer(
    help="Documents that are made from the code.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.command()
def events(*, check: Check = False) -> None:
    """docs/events.md and docs/asyncapi.yaml, from the contracts and the subscriptions."""
    _write_or_compare(event_documents(), check=check)


@app.command()
def schemas(*, check: Check = False) -> None:
    """The snapshots that later versions of the events are held to."""
    problems = growth_problems(read_snapshots(SCHEMAS), snapshots())
    if problems:
        typer.echo("\n".join(problems), err=True)
        typer.echo(
            "Readers of the released version would not understand this. Give the new fields "
            "defaults, or publish the event under the next major version.",
            err=True,
        )
        raise typer.Exit(1)
    wanted = {SCHEMAS / f"{name}.json": snapshot_text(s) for name, s in snapshots().items()}
    _write_or_compare(wanted, check=check)


def event_documents() -> dict[Path, str]:
    """What the generated documents have to say now, by path."""
    listed = catalogue()
    return {
        ROOT / "docs" / "events.md": events_page(listed),
        ROOT / "docs" / "asyncapi.yaml": yaml_text(asyncapi(listed)),
    }


def stale(wanted: Mapping[Path, str]) -> list[Path]:
    """The files that do not say what they should, or are missing."""
    return [
        path
        for path, text in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def _write_or_compare(wanted: Mapping[Path, str], *, check: bool) -> None:
    changed = stale(wanted)
    for path in changed:
        name = path.relative_to(ROOT)
        if check:
            typer.echo(f"{name} is stale", err=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
            typer.echo(f"{name} is written")
    if check and changed:
        typer.echo(COMMAND, err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    app(prog_name="python -m deploy.docs")
