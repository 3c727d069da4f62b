"""`python -m services`: every service in one process, the steps before it, keys and tokens."""

import importlib
import importlib.util
import os
import sys
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

import typer

from remote import connection_cli, preview_cli, settings_cli, setup_cli
from shared.kernel.clock import SystemClock
from shared.kernel.errors import CausewayError
from shared.runtime.operations import dead_letters_cli, keys_cli, mailbox_cli
from shared.runtime.process import Definition, execute
from shared.runtime.process import Role as ProcessRole
from shared.runtime.settings import ConfigurationError
from shared.security.keyring import generate_key
from shared.security.tokens import PEOPLE, Role, TokenKey, mint

SERVICES = (
    "connection",
    "package_watcher",
    "mapping",
    "contact_sync",
    "activity_sync",
    "quota",
    "ingress",
    "console",
)
TENANTED = tuple(name for name in SERVICES if name != "console")  # have rows of connections
MAX_TOKEN_HOURS = 24 * 30  # a token cannot be taken back, only its key can

app = typer.Typer(
    help="Causeway: all services in one process, and the commands of its operator.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
token = typer.Typer(help="Bearer tokens for people.", no_args_is_help=True)
keys = typer.Typer(help="The deployment's own keys.", no_args_is_help=True)
app.add_typer(token, name="token")
app.add_typer(keys, name="keys")


class PersonRole(StrEnum):
    """The roles that a person's token can have."""

    ADMIN = Role.ADMIN.value
    OPERATOR = Role.OPERATOR.value
    VIEWER = Role.VIEWER.value


def definition(name: str) -> Definition[Any]:
    """One service by its name; ConfigurationError when it is not part of this installation."""
    for module in (f"services.{name}", f"services.{name}.main", f"services.{name}.settings"):
        if importlib.util.find_spec(module) is None:
            raise ConfigurationError(
                f"The service {name} is not part of this installation: {module} is missing. "
                "Install Causeway completely, or start the services that are there one by one "
                "(python -m services.<name> all)."
            )
    settings = importlib.import_module(f"services.{name}.settings")
    main = importlib.import_module(f"services.{name}.main")
    return Definition(name, settings.Settings, main.build)


app.add_typer(dead_letters_cli.commands(SERVICES, definition), name="dead-letters")
app.add_typer(mailbox_cli.commands(SERVICES, definition), name="mailbox")
keys_cli.add_commands(keys, SERVICES, definition)
app.add_typer(settings_cli.commands(), name="settings")
app.command("setup")(setup_cli.setup)
app.command("preview")(preview_cli.preview)
app.add_typer(connection_cli.commands(TENANTED), name="connection")


@app.command("all")
def run_all() -> None:
    """Run every service in this process: one HTTP server, all workers."""
    _run(ProcessRole.ALL)


@app.command()
def migrate() -> None:
    """Bring every service's schema to its newest revision, and end."""
    _run(ProcessRole.MIGRATE)


@app.command()
def topology() -> None:
    """Declare the exchange and the queues of every service, and end."""
    _run(ProcessRole.TOPOLOGY)


@token.command("create")
def create_token(
    *,
    role: Annotated[PersonRole, typer.Option(help="What the bearer may do.")],
    subject: Annotated[str, typer.Option(help="Who the token is for, as logs shall name them.")],
    hours: Annotated[
        float, typer.Option(min=0.1, max=MAX_TOKEN_HOURS, help="How long it is valid.")
    ] = 12,
) -> None:
    """Print a bearer token that is signed with CAUSEWAY_TOKEN_KEY."""
    try:
        key = TokenKey.parse(os.environ.get("CAUSEWAY_TOKEN_KEY", ""))
    except CausewayError as error:
        raise _failed(error) from None
    typer.echo(
        mint(
            key,
            subject=subject,
            role=Role(role.value),
            audience=PEOPLE,
            lifetime=timedelta(hours=hours),
            now=SystemClock().now(),
        )
    )


@keys.command("generate")
def generate_keys() -> None:
    """Print fresh keys as lines of an environment file. Keep them; they are shown only here."""
    typer.echo(f"CAUSEWAY_TOKEN_KEY={TokenKey.generate().export()}")
    typer.echo(f"CAUSEWAY_KEY_RING=k1:{generate_key()}")
    typer.echo(f"CAUSEWAY_HASH_KEY={generate_key()}")
    typer.echo(f"CAUSEWAY_SESSION_KEY={generate_key()}")


def _run(role: ProcessRole) -> None:
    try:
        definitions = [definition(name) for name in SERVICES]
    except CausewayError as error:
        raise _failed(error) from None
    sys.exit(execute("causeway", definitions, role))


def _failed(error: CausewayError) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(2)


def main() -> None:
    """The command `causeway` of an installed distribution."""
    app(prog_name="causeway")


if __name__ == "__main__":
    app(prog_name="python -m services")
