"""What a look into both CRMs brought, before anybody judges it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of the running day, as the CRM counts them; it counts all apps of the account."""

    used: int
    limit: int

    @property
    def left(self) -> int:
        """What is left, never below 0."""
        return max(0, self.limit - self.used)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a CRM, or one question to it, has no answer. `refused`: asking again brings the same."""

    code: str
    text: str
    refused: bool


@dataclass(frozen=True, slots=True)
class HubSpotSeen:
    """The portal. `calls` is None when HubSpot publishes none (it does for private apps only)."""

    portal_id: str = ""
    account_type: str = ""
    calls: Calls | None = None
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class FieldSeen:
    """What the user may do with a field; one that is hidden from the user is not there at all."""

    createable: bool
    updateable: bool


@dataclass(frozen=True, slots=True)
class ObjectSeen:
    """What the user may do with an object."""

    queryable: bool
    createable: bool
    updateable: bool
    fields: Mapping[str, FieldSeen]


@dataclass(frozen=True, slots=True)
class Org:
    """`edition` as Salesforce spells it (`Enterprise Edition`)."""

    edition: str
    sandbox: bool


@dataclass(frozen=True, slots=True)
class SalesforceSeen:
    """The org as its connected user sees it; a question without an answer is a Trouble.

    `rights` is by field of UserPermissionAccess, `objects` by API name. `trouble` is set when
    nothing was answered at all.
    """

    org: Org | Trouble | None = None
    rights: Mapping[str, bool | Trouble] = field(default_factory=dict)
    objects: Mapping[str, ObjectSeen | Trouble] = field(default_factory=dict)
    calls: Calls | None = None
    trouble: Trouble | None = None
