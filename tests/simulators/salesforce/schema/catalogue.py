"""The objects of one org: the standard ones, what was added, and what one user sees of them."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from tests.simulators.salesforce.schema.business import ACCOUNT, OPPORTUNITY, TASK
from tests.simulators.salesforce.schema.fields import Field
from tests.simulators.salesforce.schema.objects import ObjectType
from tests.simulators.salesforce.schema.people import CONTACT, LEAD, USER
from tests.simulators.salesforce.schema.setup import (
    ORGANIZATION,
    PERMISSION_SET,
    PERMISSION_SET_ASSIGNMENT,
    PROFILE,
    RECORD_TYPE,
    USER_PERMISSION_ACCESS,
)

STANDARD = (
    ACCOUNT,
    CONTACT,
    LEAD,
    OPPORTUNITY,
    TASK,
    USER,
    PERMISSION_SET,
    PERMISSION_SET_ASSIGNMENT,
    PROFILE,
    ORGANIZATION,
    RECORD_TYPE,
    USER_PERMISSION_ACCESS,
)
KEY_FIELD = Field(
    "Causeway_Key__c",
    "string",
    "Causeway Key",
    length=255,
    external_id=True,
    unique=True,
    id_lookup=True,
)
"""What the package brings: text, unique in any case, an external id."""
KEYED_OBJECTS = ("Contact", "Lead", "Account", "Opportunity", "Task")
Visible = Callable[[str, Field], bool]
"""(object name, field) -> whether field-level security shows it."""


class Catalogue:
    """Which objects and fields exist. ``generation`` counts the changes of it."""

    def __init__(self) -> None:
        self._objects: dict[str, ObjectType] = {one.name.lower(): one for one in STANDARD}
        self.generation = 0

    def objects(self) -> Iterable[ObjectType]:
        """All objects."""
        return self._objects.values()

    def get(self, name: str) -> ObjectType | None:
        """An object by its name, in any case, with every field that exists."""
        return self._objects.get(name.lower())

    def by_prefix(self, prefix: str) -> ObjectType | None:
        """The object whose ids begin like this."""
        return next((one for one in self._objects.values() if one.prefix == prefix), None)

    def add_field(self, object_name: str, field: Field) -> ObjectType:
        """Add a custom field, or replace the one with its name. KeyError for no such object."""
        known = self._objects[object_name.lower()]
        self._objects[object_name.lower()] = replace(
            known, fields={**known.fields, field.name.lower(): field}
        )
        self.generation += 1
        return known

    def remove_field(self, object_name: str, field_name: str) -> None:
        """Remove a custom field if it is there. KeyError for no such object."""
        known = self._objects[object_name.lower()]
        rest = {name: one for name, one in known.fields.items() if name != field_name.lower()}
        self._objects[object_name.lower()] = replace(known, fields=rest)
        self.generation += 1

    def seen(self, name: str, visible: Visible) -> ObjectType | None:
        """An object with the fields that ``visible`` lets through."""
        known = self.get(name)
        if known is None:
            return None
        shown = {key: one for key, one in known.fields.items() if visible(known.name, one)}
        return replace(known, fields=shown)
