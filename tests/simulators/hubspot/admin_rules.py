"""What a portal's admin demands of records, enforced on 2026-09 paths only (facts: section 2)."""

from collections.abc import Mapping

from tests.simulators.hubspot.errors import error
from tests.simulators.hubspot.model import ObjectType


class AdminRules:
    """Required and conditionally required properties by object type."""

    def __init__(self) -> None:
        self._required: dict[str, list[str]] = {}
        self._conditional: dict[str, dict[str, list[str]]] = {}

    def set(self, kind: ObjectType, required: list[str], conditional: dict[str, list[str]]) -> None:
        """Replace the rules of a type; ``conditional`` is property -> those that call for it."""
        self._required[kind.type_id] = required
        self._conditional[kind.type_id] = conditional

    def reset(self) -> None:
        """No rules."""
        self._required.clear()
        self._conditional.clear()

    def check_create(self, kind: ObjectType, values: Mapping[str, str]) -> None:
        """HubSpotError 400 when a new record lacks what is required."""
        missing = [name for name in self._required.get(kind.type_id, ()) if not values.get(name)]
        if missing:
            raise error(
                400,
                "The property values provided are invalid",
                errors=[
                    {
                        "message": f"A value for {name} must be provided",
                        "code": "MISSING_REQUIRED_PROPERTY",
                        "context": {"propertyName": [name]},
                    }
                    for name in missing
                ],
            )
        self.check_update(kind, values)

    def check_update(self, kind: ObjectType, values: Mapping[str, str]) -> None:
        """HubSpotError 400 when a property is set that calls for another one."""
        broken = {
            name: [cause for cause in causes if values.get(cause)]
            for name, causes in self._conditional.get(kind.type_id, {}).items()
            if not values.get(name)
        }
        errors = [
            {
                "message": f"{name} is required because of a conditional property rule "
                f"based on [{', '.join(causes)}]",
                "code": "MISSING_CONDITIONAL_REQUIRED_PROPERTY",
                "context": {"propertyName": [name]},
            }
            for name, causes in broken.items()
            if causes
        ]
        if errors:
            raise error(400, "The property values provided are invalid", errors=errors)
