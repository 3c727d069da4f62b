"""The relationships from a record down to others that point at it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Child:
    """``parent`` has many ``object`` whose ``field`` points at it."""

    parent: str
    name: str
    object: str
    field: str
    cascades: bool = False


CHILDREN = (
    Child("Account", "Contacts", "Contact", "AccountId", cascades=True),
    Child("Account", "Opportunities", "Opportunity", "AccountId", cascades=True),
    Child("Account", "ChildAccounts", "Account", "ParentId"),
    Child("Account", "Tasks", "Task", "WhatId"),
    Child("Contact", "Tasks", "Task", "WhoId"),
    Child("Lead", "Tasks", "Task", "WhoId"),
    Child("Opportunity", "Tasks", "Task", "WhatId"),
)


def child_of(parent: str, name: str) -> Child | None:
    """The relationship of an object with this name, in any case."""
    wanted = (parent.lower(), name.lower())
    return next((one for one in CHILDREN if (one.parent.lower(), one.name.lower()) == wanted), None)


def describe_children(parent: str) -> list[dict[str, Any]]:
    """What the describe of an object says of them."""
    return [
        {
            "cascadeDelete": one.cascades,
            "childSObject": one.object,
            "deprecatedAndHidden": False,
            "field": one.field,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": one.name,
            "restrictedDelete": False,
        }
        for one in CHILDREN
        if one.parent == parent
    ]
