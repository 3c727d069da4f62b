"""The people who work in the org: owners of records, and the one who connects apps."""

from dataclasses import dataclass

from tests.simulators.salesforce.ids import make_id


@dataclass(frozen=True, slots=True)
class Member:
    """One user of the org."""

    id: str
    username: str
    first_name: str
    last_name: str
    email: str
    active: bool = True

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    def as_fields(self) -> dict[str, object]:
        """The fields of the User record."""
        return {
            "Id": self.id,
            "Username": self.username,
            "FirstName": self.first_name,
            "LastName": self.last_name,
            "Name": self.name,
            "Email": self.email,
            "Alias": self.first_name[:8].lower(),
            "CommunityNickname": self.username.partition("@")[0],
            "IsActive": self.active,
            "TimeZoneSidKey": "Europe/Berlin",
            "LocaleSidKey": "en_US",
            "LanguageLocaleKey": "en_US",
            "UserType": "Standard",
        }


_NAMES = (
    ("Ada", "Admin", True),
    ("Selma", "Sales", True),
    ("Björn", "Berg", True),
    ("Gone", "Former", False),
    ("Rita", "Routing", True),
)
"""The administrator first, the one who gets routed leads last; one has left the company."""


def members() -> tuple[Member, ...]:
    """Everybody, always with the same ids."""
    return tuple(
        Member(
            id=make_id("005", number),
            username=f"{last.lower()}@org.example.com",
            first_name=first,
            last_name=last,
            email=f"{last.lower()}@example.com",
            active=active,
        )
        for number, (first, last, active) in enumerate(_NAMES, start=1)
    )
