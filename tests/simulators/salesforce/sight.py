"""What one user sees of the org's objects: field-level security, and grants of fields."""

from dataclasses import dataclass, field, replace

from tests.simulators.salesforce.rights import (
    ASSIGN,
    INSTALL,
    MANAGE_USERS,
    VIEW_SETUP,
    Rights,
)
from tests.simulators.salesforce.schema.catalogue import Catalogue
from tests.simulators.salesforce.schema.fields import Field
from tests.simulators.salesforce.schema.objects import ObjectType
from tests.simulators.salesforce.store import Store
from tests.simulators.salesforce.switches import Switches

ASSIGNMENT = "PermissionSetAssignment"
ALL_ACCESS = ("read", "create", "edit", "delete")
FieldKey = tuple[str, str]
"""(object, field), both in lower case."""
NEEDED_TO_SEE: dict[str, tuple[str, ...]] = {
    "permissionset": (VIEW_SETUP, ASSIGN, MANAGE_USERS),
    "installedsubscriberpackage": (VIEW_SETUP, INSTALL),
    "subscriberpackage": (VIEW_SETUP, INSTALL),
}
"""Objects of Setup that are not there for users without one of these permissions."""


def field_key(object_name: str, field_name: str) -> FieldKey:
    """How grants name a field."""
    return object_name.lower(), field_name.lower()


@dataclass(slots=True)
class Permissions:
    """Fields that nobody sees without a grant, and what each permission set grants, by its id."""

    guarded: set[FieldKey] = field(default_factory=set)
    grants: dict[str, set[FieldKey]] = field(default_factory=dict)


class Sight:
    """Objects as users see them. ``forget`` must follow a change of fields, switches or grants."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        switches: Switches,
        permissions: Permissions,
        store: Store,
        rights: Rights,
    ) -> None:
        self._catalogue = catalogue
        self._switches = switches
        self._permissions = permissions
        self._store = store
        self._rights = rights
        self._seen: dict[tuple[str, str, int], ObjectType | None] = {}

    def forget(self) -> None:
        """Look again next time."""
        self._seen.clear()

    def object(self, name: str, user_id: str) -> ObjectType | None:
        """An object with the fields that this user sees; None if there is no such object."""
        assigned = self._store.table("PermissionSetAssignment").version
        key = (name.lower(), user_id, assigned)
        if key not in self._seen:
            self._seen[key] = self._look(name, user_id)
        return self._seen[key]

    def _look(self, name: str, user_id: str) -> ObjectType | None:
        granted = self._granted(user_id)
        seen = self._catalogue.seen(name, lambda kind, one: self._visible(kind, one, granted))
        if seen is None or not self.may_see(seen.name, user_id):
            return None
        frozen = {one.lower() for one in self._switches.read_only_fields.get(seen.name, ())}
        fields = {
            key: replace(one, createable=False, updateable=False) if key in frozen else one
            for key, one in seen.fields.items()
        }
        may = self._may(seen.name)
        if seen.name == ASSIGNMENT and not self._rights.has(user_id, ASSIGN, MANAGE_USERS):
            may = {"read"}
        return replace(
            seen,
            fields=fields,
            createable=seen.createable and "create" in may,
            updateable=seen.updateable and "edit" in may,
            deletable=seen.deletable and "delete" in may,
        )

    def may_see(self, name: str, user_id: str) -> bool:
        """Whether an object is there at all for a user."""
        needed = NEEDED_TO_SEE.get(name.lower(), ())
        return "read" in self._may(name) and (not needed or self._rights.has(user_id, *needed))

    def _may(self, name: str) -> set[str]:
        if name in self._switches.read_only_objects:
            return {"read"}
        return set(self._switches.object_permissions.get(name, ALL_ACCESS))

    def _visible(self, kind: str, one: Field, granted: set[FieldKey]) -> bool:
        hidden = {name.lower() for name in self._switches.hidden_fields.get(kind, ())}
        key = field_key(kind, one.name)
        guarded = self._switches.field_permissions and key in self._permissions.guarded
        return one.name.lower() not in hidden and (not guarded or key in granted)

    def _granted(self, user_id: str) -> set[FieldKey]:
        assigned = self._store.table("PermissionSetAssignment").records.values()
        granted: set[FieldKey] = set()
        for one in assigned:
            if one.fields["AssigneeId"] == user_id and one.deleted_at is None:
                granted |= self._permissions.grants.get(one.fields["PermissionSetId"], set())
        return granted
