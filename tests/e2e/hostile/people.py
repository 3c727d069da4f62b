"""Who asks, and with which token."""

from datetime import UTC, datetime, timedelta

import pytest

from deploy.stack.setup import SetupError
from shared.security.tokens import PEOPLE, Role, TokenKey, mint
from tests.e2e.conftest import World

NO_TOKEN = ("/healthz", "/readyz", "/metrics", "/webhooks/", "/sign-", "/assets/", "/embedded")
BROWSER = ("/api/v1/connections/callbacks/", "/api/v1/connections/authorizations/")
UNKNOWN = "01890000-0000-7000-8000-0000000000ff"
MINUTE = timedelta(minutes=1)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def token_for(world: World, role: Role, audience: str = PEOPLE, age: timedelta = MINUTE) -> str:
    """A token that was made `age` ago and lives for two minutes."""
    return mint(
        TokenKey.parse(world.stack.keys.token_key),
        subject="somebody",
        role=role,
        audience=audience,
        lifetime=2 * MINUTE,
        now=datetime.now(UTC) - age,
    )


def identity(world: World, path: str) -> dict[str, str]:
    """The strongest token that a route takes."""
    if "/tokens/" in path or "/quota/leases" in path:
        audience = "quota" if "quota" in path else "connection"
        return bearer(token_for(world, Role.SERVICE, audience))
    return bearer(token_for(world, Role.ADMIN))


async def refusal(world: World, path: str, body: object = None) -> str:
    """What the API says against a POST."""
    with pytest.raises(SetupError) as caught:
        await world.admin.post(path, body)
    return str(caught.value)
