"""Which record holds which unique value: a contact's addresses, and custom unique properties."""

from collections.abc import Mapping

from tests.simulators.hubspot.model import ObjectType, Values
from tests.simulators.hubspot.object_types import CONTACT
from tests.simulators.hubspot.registry import PropertyRegistry

EMAIL = "email"
SECONDARY_EMAILS = "hs_additional_emails"
"""A contact's other addresses; they identify it as well as the first one."""

Key = tuple[str, str, str]
"""(type id, property, value)."""
_NOBODY: Mapping[str, int] = {}


class UniqueIndex:
    """Unique value -> record id."""

    def __init__(self, registry: PropertyRegistry) -> None:
        self._registry = registry
        self._holders: dict[tuple[str, str], dict[str, int]] = {}
        """(type id, property) -> value -> record id."""

    def identifies(self, kind: ObjectType, name: str) -> bool:
        """Whether ``name`` can be an ``idProperty``."""
        return (kind is CONTACT and name == EMAIL) or name in self._registry.unique_names(kind)

    def keys(self, kind: ObjectType, values: Mapping[str, str]) -> list[Key]:
        """The unique values among ``values``."""
        found: list[Key] = []
        if kind is CONTACT:
            if values.get(EMAIL):
                found.append((kind.type_id, EMAIL, values[EMAIL]))
            if values.get(SECONDARY_EMAILS):
                secondary = filter(None, values[SECONDARY_EMAILS].split(";"))
                found += [(kind.type_id, EMAIL, address) for address in secondary]
        for name in self._registry.unique_names(kind):
            if values.get(name):
                found.append((kind.type_id, name, values[name]))
        return found

    def holder(self, key: Key) -> int | None:
        """The id of the record that has the value."""
        return self._holders.get(key[:2], _NOBODY).get(key[2])

    def find(self, kind: ObjectType, name: str, value: str) -> int | None:
        """The id of the record identified by ``name`` = ``value``."""
        wanted = value.strip().lower() if name == EMAIL else value
        return self.holder((kind.type_id, name, wanted))

    def replace(self, kind: ObjectType, record_id: int, before: Values, after: Values) -> None:
        """Move a record from the keys of its old values to those of its new ones."""
        gone, new = self.keys(kind, before), self.keys(kind, after)
        if gone == new:
            return
        for key in gone:
            if self.holder(key) == record_id:
                del self._holders[key[:2]][key[2]]
        for key in new:
            self._holders.setdefault(key[:2], {})[key[2]] = record_id

    def clear(self) -> None:
        """Nobody holds anything."""
        self._holders.clear()
