"""What a property is: its type, its options and what may be done with it (facts: section 6)."""

from dataclasses import dataclass

from tests.simulators.hubspot.model import Json
from tests.simulators.hubspot.wire import iso

MAX_UNIQUE = 10
"""Properties with ``hasUniqueValue`` that one object type may have."""
MAX_CUSTOM = 1_000
"""Custom properties that one object type may have."""
FIELD_TYPES = {
    "bool": {"booleancheckbox", "calculation_equation"},
    "enumeration": {"booleancheckbox", "checkbox", "radio", "select", "calculation_equation"},
    "date": {"date"},
    "datetime": {"date"},
    "string": {"text", "textarea", "html", "file", "phonenumber", "calculation_equation"},
    "number": {"number", "calculation_equation"},
    "phone_number": {"phonenumber"},
}
"""Which field types a type may be shown as."""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of an enumeration."""

    label: str
    value: str
    display_order: int = -1
    hidden: bool = False
    description: str = ""

    def as_json(self) -> Json:
        """The wire shape."""
        return {
            "label": self.label,
            "value": self.value,
            "displayOrder": self.display_order,
            "hidden": self.hidden,
            "description": self.description,
        }


@dataclass(frozen=True, slots=True)
class Property:
    """The definition of one property of one object type."""

    name: str
    label: str
    type: str
    field_type: str
    group: str
    options: tuple[Option, ...] = ()
    description: str = ""
    has_unique_value: bool = False
    read_only: bool = False
    hubspot_defined: bool = False
    external_options: bool = False
    display_order: int = -1
    hidden: bool = False
    form_field: bool = False
    archived: bool = False
    created_at: int = 0
    updated_at: int = 0
    sensitivity: str = "non_sensitive"

    @property
    def is_multiple(self) -> bool:
        """Whether a value is a list joined by semicolons."""
        return self.type == "enumeration" and self.field_type == "checkbox"

    def as_json(self) -> Json:
        """The wire shape."""
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "groupName": self.group,
            "description": self.description,
            "options": [option.as_json() for option in self.options],
            "displayOrder": self.display_order,
            "calculated": self.read_only and self.field_type == "calculation_equation",
            "externalOptions": self.external_options,
            "hasUniqueValue": self.has_unique_value,
            "hidden": self.hidden,
            "hubspotDefined": self.hubspot_defined,
            "formField": self.form_field,
            "dataSensitivity": self.sensitivity,
            "archived": self.archived,
            "createdAt": iso(self.created_at),
            "updatedAt": iso(self.updated_at),
            "modificationMetadata": {
                "archivable": not self.hubspot_defined,
                "readOnlyDefinition": self.hubspot_defined,
                "readOnlyValue": self.read_only,
                "readOnlyOptions": self.hubspot_defined,
            },
        }


@dataclass(frozen=True, slots=True)
class Group:
    """Properties shown together."""

    name: str
    label: str
    display_order: int = -1
    archived: bool = False

    def as_json(self) -> Json:
        """The wire shape."""
        return {
            "name": self.name,
            "label": self.label,
            "displayOrder": self.display_order,
            "archived": self.archived,
        }
