"""What is kept about the reading of fields, and the properties that were made for them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.mapping.domain.hits import Report
from services.mapping.domain.standing import Standing
from shared.kernel.records import ObjectType


@dataclass(frozen=True, slots=True)
class Refresh:
    """The reading of one connection's fields: when it was, when it is next, what came of it.

    `problem` is why the last one failed, "" when it did not.
    """

    read_at: datetime | None
    due_at: datetime
    problem: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Taken:
    """A reading that is due, held by `token`; `attempts` failed before it."""

    connection_id: UUID
    token: UUID
    attempts: int


@dataclass(frozen=True, slots=True)
class KeptReport:
    """What one refresh found, when, against which version of the settings."""

    position: int
    found_at: datetime
    version: int
    report: Report


@dataclass(frozen=True, slots=True)
class MadeProperty:
    """A HubSpot property that Causeway made, for which field and at whose order."""

    object_type: ObjectType
    name: str
    label: str
    type: str
    field_type: str
    salesforce_field: str
    salesforce_objects: tuple[str, ...]
    restored: bool
    author: str
    made_at: datetime
