"""The people (and queues) that records can belong to (facts: section 6)."""

from collections.abc import Collection
from dataclasses import dataclass

from tests.simulators.hubspot.model import Json
from tests.simulators.hubspot.wire import iso
from tests.simulators.machinery.numbers import Numbers

FIRST_OWNER_ID = 41_001
FIRST_USER_ID = 9_001
"""Owner ids and user ids differ on purpose: a record takes the former."""
FIRST_OWNERS = (
    ("ada.owner@example.com", "Ada", "Owner"),
    ("björn.owner@example.com", "Björn", "Ågren"),
    ("chen.owner@example.com", "伟", "陈"),
)


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who owns records."""

    id: str
    user_id: int
    email: str
    first_name: str
    last_name: str
    created_at: int
    archived: bool = False

    def as_json(self) -> Json:
        """The wire shape; an archived owner has no user any more."""
        return {
            "id": self.id,
            "email": self.email,
            "type": "PERSON",
            "firstName": self.first_name,
            "lastName": self.last_name,
            "userId": None if self.archived else self.user_id,
            "userIdIncludingInactive": self.user_id,
            "createdAt": iso(self.created_at),
            "updatedAt": iso(self.created_at),
            "archived": self.archived,
            "teams": [],
        }


class Owners:
    """All owners of the portal, by id."""

    def __init__(self, created_at: int) -> None:
        self._owner_ids = Numbers(FIRST_OWNER_ID)
        self._user_ids = Numbers(FIRST_USER_ID)
        self._owners: dict[str, Owner] = {}
        for email, first, last in FIRST_OWNERS:
            self.add(email, first, last, created_at)

    def add(
        self,
        email: str,
        first_name: str,
        last_name: str,
        created_at: int,
        *,
        archived: bool = False,
    ) -> Owner:
        """A new owner."""
        owner = Owner(
            str(next(self._owner_ids)),
            next(self._user_ids),
            email,
            first_name,
            last_name,
            created_at,
            archived,
        )
        self._owners[owner.id] = owner
        return owner

    def ids(self) -> Collection[str]:
        """What ``hubspot_owner_id`` may be."""
        return self._owners.keys()

    def listed(self, *, archived: bool, email: str | None) -> list[Owner]:
        """Owners in the order of their ids."""
        return [
            owner
            for owner in self._owners.values()
            if owner.archived == archived and (email is None or owner.email == email.lower())
        ]

    def by_id(self, owner_id: str) -> Owner | None:
        """The owner with this owner id."""
        return self._owners.get(owner_id)

    def by_user_id(self, user_id: str) -> Owner | None:
        """The owner who is this user."""
        return next((one for one in self._owners.values() if str(one.user_id) == user_id), None)
