"""The property definitions of one portal, and what may be done to them (facts: section 6)."""

from dataclasses import replace
from typing import Any

from tests.simulators.hubspot.catalogue import GROUPS, built_in
from tests.simulators.hubspot.definitions import (
    FIELD_TYPES,
    MAX_CUSTOM,
    MAX_UNIQUE,
    Group,
    Option,
    Property,
)
from tests.simulators.hubspot.errors import error
from tests.simulators.hubspot.model import Json, ObjectType
from tests.simulators.hubspot.object_types import OBJECT_TYPES

REQUIRED = ("name", "label", "type", "fieldType", "groupName")
CHANGEABLE = {
    "label": "label",
    "description": "description",
    "displayOrder": "display_order",
    "hidden": "hidden",
    "formField": "form_field",
    "groupName": "group",
    "fieldType": "field_type",
}
"""What PATCH changes, by its name on the wire; anything else in a PATCH is ignored."""


class PropertyRegistry:
    """Properties and groups by object type."""

    def __init__(self) -> None:
        self._properties = {kind.type_id: built_in(kind.type_id) for kind in OBJECT_TYPES}
        self._groups = {type_id: {group.name: group} for type_id, group in GROUPS.items()}
        self._unique: dict[str, list[str]] = {}
        """Worked out once after each change: every write asks several times."""

    def of(self, kind: ObjectType) -> dict[str, Property]:
        """All definitions of a type by name, archived ones too."""
        return self._properties[kind.type_id]

    def groups(self, kind: ObjectType) -> dict[str, Group]:
        """The property groups of a type by name."""
        return self._groups[kind.type_id]

    def unique_names(self, kind: ObjectType) -> list[str]:
        """Custom properties whose values identify a record; a contact's e-mail is apart."""
        if kind.type_id not in self._unique:
            self._unique[kind.type_id] = [
                name
                for name, definition in self.of(kind).items()
                if definition.has_unique_value and not definition.hubspot_defined
            ]
        return self._unique[kind.type_id]

    def find(self, kind: ObjectType, name: str) -> Property:
        """The live definition. HubSpotError 404 without one."""
        definition = self.of(kind).get(name)
        if definition is None or definition.archived:
            raise error(404, f"Property {name} does not exist", "OBJECT_NOT_FOUND")
        return definition

    def create(self, kind: ObjectType, body: Json, now: int) -> Property:
        """A new definition; an archived one of that name comes back with the new contents.

        HubSpotError 400 for a bad definition, 409 for a name that is in use.
        """
        definition = self._parsed(kind, body, now)
        existing = self.of(kind).get(definition.name)
        if existing is not None and not existing.archived:
            raise error(
                409,
                f"A property named '{definition.name}' already exists.",
                "OBJECT_ALREADY_EXISTS",
                subCategory="Properties.PROPERTY_WITH_NAME_EXISTS",
            )
        self._check_room(kind, definition)
        self.of(kind)[definition.name] = definition
        self._unique.clear()
        return definition

    def _parsed(self, kind: ObjectType, body: Json, now: int) -> Property:
        missing = [name for name in REQUIRED if not body.get(name)]
        if missing:
            raise error(400, f"Required fields are missing: {', '.join(missing)}")
        _check_kind(body)
        if body["groupName"] not in self.groups(kind):
            raise error(400, f"Property group {body['groupName']} does not exist")
        return Property(
            name=body["name"],
            label=body["label"],
            type=body["type"],
            field_type=body["fieldType"],
            group=body["groupName"],
            options=_options(body.get("options") or ()),
            description=body.get("description") or "",
            has_unique_value=bool(body.get("hasUniqueValue")),
            display_order=int(body.get("displayOrder", -1)),
            hidden=bool(body.get("hidden")),
            form_field=bool(body.get("formField")),
            read_only=body["fieldType"] == "calculation_equation",
            created_at=now,
            updated_at=now,
            sensitivity=body.get("dataSensitivity") or "non_sensitive",
        )

    def _check_room(self, kind: ObjectType, definition: Property) -> None:
        custom = [one for one in self.of(kind).values() if not one.hubspot_defined]
        unique = [one for one in custom if one.has_unique_value and not one.archived]
        if definition.has_unique_value and len(unique) >= MAX_UNIQUE:
            raise error(400, f"At most {MAX_UNIQUE} properties can have unique values")
        if len(custom) >= MAX_CUSTOM:
            raise error(400, f"At most {MAX_CUSTOM} custom properties are allowed")

    def change(self, kind: ObjectType, name: str, body: Json, now: int) -> Property:
        """The definition with the changeable parts of ``body``; ``options`` replaces them all."""
        definition = self.find(kind, name)
        new: dict[str, Any] = {
            CHANGEABLE[field]: value for field, value in body.items() if field in CHANGEABLE
        }
        if "options" in body:
            new["options"] = _options(body["options"] or ())
        self.of(kind)[name] = replace(definition, **new, updated_at=now)
        return self.of(kind)[name]

    def archive(self, kind: ObjectType, name: str, now: int) -> None:
        """Hide a custom definition. HubSpotError 400 for a built-in one, 404 for none."""
        definition = self.find(kind, name)
        if definition.hubspot_defined:
            raise error(
                400,
                f"{name} is a HubSpot defined property and cannot be deleted",
                subCategory="PropertyValidationError.CANNOT_DELETE_HUBSPOT_DEFINED_PROPERTY",
            )
        self.of(kind)[name] = replace(definition, archived=True, updated_at=now)

    def create_group(self, kind: ObjectType, body: Json) -> Group:
        """A new group. HubSpotError 400 without a name and a label, 409 for a name in use."""
        name, label = body.get("name"), body.get("label")
        if not name or not label:
            raise error(400, "Required fields are missing: name, label")
        if name in self.groups(kind):
            raise error(
                409, f"A property group named '{name}' already exists.", "OBJECT_ALREADY_EXISTS"
            )
        group = Group(name, label, int(body.get("displayOrder", -1)))
        self.groups(kind)[name] = group
        return group

    def find_group(self, kind: ObjectType, name: str) -> Group:
        """The group. HubSpotError 404 without one."""
        group = self.groups(kind).get(name)
        if group is None:
            raise error(404, f"Property group {name} does not exist", "OBJECT_NOT_FOUND")
        return group

    def change_group(self, kind: ObjectType, name: str, body: Json) -> Group:
        """The group with another label or place."""
        group = self.find_group(kind, name)
        label = body.get("label", group.label)
        order = int(body.get("displayOrder", group.display_order))
        self.groups(kind)[name] = replace(group, label=label, display_order=order)
        return self.groups(kind)[name]

    def delete_group(self, kind: ObjectType, name: str) -> None:
        """Remove an empty group. HubSpotError 400 while it has properties."""
        self.find_group(kind, name)
        if any(one.group == name and not one.archived for one in self.of(kind).values()):
            raise error(
                400,
                f"Property group {name} still has active properties",
                subCategory="PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES",
            )
        del self.groups(kind)[name]


def _check_kind(body: Json) -> None:
    shown = FIELD_TYPES.get(body["type"])
    if shown is None or body["fieldType"] not in shown:
        raise error(400, f"Type {body['type']} cannot have field type {body['fieldType']}")
    values = {option.get("value") for option in body.get("options") or ()}
    if body["type"] == "bool" and values != {"true", "false"}:
        raise error(
            400,
            "A boolean property needs exactly the options true and false",
            errors=[{"message": "Invalid options", "code": "INVALID_BOOLEAN_OPTION"}],
        )


def _options(raw: Any) -> tuple[Option, ...]:
    return tuple(
        Option(
            label=str(option.get("label", option["value"])),
            value=str(option["value"]),
            display_order=int(option.get("displayOrder", -1)),
            hidden=bool(option.get("hidden")),
            description=option.get("description") or "",
        )
        for option in raw
    )
