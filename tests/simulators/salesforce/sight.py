"""What one user sees of the org's objects: field-level security, and grants of fields."""

from dataclasses import dataclass, field, replace

from tests.simulators.salesforce.schema.catalogue import Catalogue
from tests.simulators.salesforce.schema.fields import Field
from tests.simulators.salesforce.schema.objects import ObjectType
from tests.simulators.salesforce.store import Store
from tests.simulators.salesforce.switches import Switches

FieldKey = tuple[str, str]
"""(object, field), both in lower case."""


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
        self, *, catalogue: Catalogue, switches: Switches, permissions: Permissions, store: Store
    ) -> None:
        self._catalogue = catalogue
        self._switches = switches
        self._permissions = permissions
        self._store = store
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
        if seen is None:
            return None
        frozen = {one.lower() for one in self._switches.read_only_fields.get(seen.name, ())}
        fields = {
            key: replace(one, createable=False, updateable=False) if key in frozen else one
            for key, one in seen.fields.items()
        }
        return replace(seen, fields=fields)

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
