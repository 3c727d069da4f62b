"""What the routes of the setup work with."""

from dataclasses import dataclass

from services.mapping.handlers.versions import Author
from services.mapping.ports import Crms, FieldStore, Lookups
from shared.kernel.clock import Clock
from shared.security.tokens import Principal
from shared.web.guard import Guard


@dataclass(frozen=True, slots=True)
class Desk:
    """Store, CRMs, and who may do what."""

    store: FieldStore
    crms: Crms
    lookups: Lookups
    guard: Guard
    clock: Clock

    def author(self, principal: Principal) -> Author:
        """Who changes something now."""
        return Author(principal.subject, self.clock.now())
