"""What a document is made of, and the names that a connection has."""

from collections.abc import Mapping as Map
from dataclasses import dataclass, field

from services.mapping.domain.choices import Choices
from services.mapping.domain.model import Pipeline

PARTS = (
    "contacts",
    "companies",
    "deals",
    "activities",
    "mappings",
    "owners",
    "daily_salesforce_calls",
)
"""The parts of a document in their order; one that is left out stays as it is."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Something of a CRM: the id that it has here, and the name that it has everywhere."""

    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class StageRow:
    """Two stages that are the same."""

    hubspot: Reference
    salesforce: Reference


@dataclass(frozen=True, slots=True)
class PipelineRow:
    """A deal pipeline and a record type that are the same."""

    hubspot: Reference
    salesforce: Reference
    sync: bool = True
    stages: tuple[StageRow, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """A HubSpot owner and a Salesforce user who are the same person; names are e-mail addresses."""

    hubspot: Reference
    salesforce: Reference


@dataclass(frozen=True, slots=True)
class Document:
    """Choices whose tables of pipelines and of owners are told by names.

    `choices` holds everything else: its own two tables are empty. `parts` are those that count.
    """

    choices: Choices
    pipelines: tuple[PipelineRow, ...] = ()
    owners: tuple[OwnerRow, ...] = ()
    parts: frozenset[str] = frozenset(PARTS)


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one connection: pipelines with their stages, and people by their ids.

    E-mail addresses are in lower case.
    """

    pipelines: tuple[Pipeline, ...] = ()
    record_types: tuple[Pipeline, ...] = ()
    hubspot_people: Map[str, str] = field(default_factory=dict)
    salesforce_people: Map[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A name that means nothing here, where it stands, and what to do."""

    where: str
    what: str
    fix: str
