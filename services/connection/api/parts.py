"""What the routes stand on."""

from collections.abc import Callable
from dataclasses import dataclass

from services.connection.ports import Crms, Pause, Scout, SecretSource, Store
from shared.kernel.ids import IdSource
from shared.web.guard import Guard

PREFIX = "/api/v1/connections"


@dataclass(frozen=True, slots=True)
class Parts:
    """The dependencies of the routes, named; `check_domain` answers the host or refuses it."""

    store: Store
    crms: Crms
    guard: Guard
    public_url: str
    hubspot_app_id: str
    check_domain: Callable[[str], str]
    new_id: IdSource
    new_secret: SecretSource
    pause: Pause
    scout: Scout

    def link(self, ticket: str) -> str:
        """The address that an admin opens in a browser."""
        return f"{self.public_url}{PREFIX}/authorizations/{ticket}/start"
