"""A document of settings as it comes in: YAML text, checked like every other body."""

from dataclasses import replace
from typing import Literal

from fastapi.exceptions import RequestValidationError
from pydantic import ConfigDict, Field, ValidationError

from services.mapping.api.asked import (
    MAX_CALLS,
    MAX_DAYS,
    MAX_MAPPINGS,
    MAX_OWNERS,
    MAX_PIPELINES,
    MAX_STAGES,
    Asked,
    AskedActivities,
    AskedCompanies,
    AskedContacts,
    AskedDeletions,
    AskedList,
    MappingRequest,
    MappingsRequest,
    MaybeName,
)
from services.mapping.domain.document import (
    PARTS,
    Document,
    OwnerRow,
    PipelineRow,
    Reference,
    StageRow,
)
from services.mapping.handlers.translate import choices_of
from shared.contracts.settings import Settings
from shared.kernel.plain_yaml import YamlRefusedError, read_yaml
from shared.web.problems import Problem

PLAIN = ("contacts", "companies", "deals", "activities", "daily_salesforce_calls")
"""The parts that the settings have in the same shape, but for the table of pipelines."""

WRITTEN = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)
"""An id that is written without quotes is a whole number to YAML."""


class NamedList(AskedList):
    """A list by its name, its id, or both."""

    model_config = WRITTEN

    list_id: str = Field(default="", max_length=20, pattern=r"^[0-9]*$")


class DocumentContacts(AskedContacts):
    """The page of contacts."""

    inclusion_list: NamedList | None = None


class DocumentCompanies(AskedCompanies):
    """The page of companies."""

    inclusion_list: NamedList | None = None


class Labelled(Asked):
    """Something of a CRM by its label, its id, or both."""

    model_config = WRITTEN

    label: MaybeName = ""
    id: MaybeName = ""

    def reference(self) -> Reference:
        """In the words of the decisions."""
        return Reference(self.id, self.label)


class Person(Asked):
    """Somebody by the e-mail address, the id, or both."""

    model_config = WRITTEN

    email: MaybeName = ""
    id: MaybeName = ""

    def reference(self) -> Reference:
        """In the words of the decisions."""
        return Reference(self.id, self.email)


class DocumentStage(Asked):
    """Two stages that are the same."""

    hubspot: Labelled
    salesforce: Labelled


class DocumentPipeline(Asked):
    """A pipeline and a record type that are the same."""

    hubspot: Labelled
    salesforce: Labelled = Labelled()
    sync: bool = True
    stages: tuple[DocumentStage, ...] = Field(default=(), max_length=MAX_STAGES)

    def row(self) -> PipelineRow:
        """In the words of the decisions."""
        return PipelineRow(
            self.hubspot.reference(),
            self.salesforce.reference(),
            self.sync,
            tuple(
                StageRow(one.hubspot.reference(), one.salesforce.reference()) for one in self.stages
            ),
        )


class DocumentDeals(Asked):
    """The page of deals."""

    enabled: bool = False
    create_in_hubspot: bool = True
    create_in_salesforce: bool = True
    pipelines: tuple[DocumentPipeline, ...] = Field(default=(), max_length=MAX_PIPELINES)
    currency: Literal["record", "one"] = "one"
    close_date_days: int = Field(default=90, ge=0, le=MAX_DAYS)
    deletions: AskedDeletions = AskedDeletions(salesforce="delete")


class DocumentOwner(Asked):
    """An owner and a user who are the same person."""

    hubspot: Person
    salesforce: Person


class SettingsDocument(MappingsRequest):
    """The whole file. A part that is left out stays as it is; one that is there is whole."""

    causeway_settings: Literal[1]
    contacts: DocumentContacts = DocumentContacts()
    companies: DocumentCompanies = DocumentCompanies()
    deals: DocumentDeals = DocumentDeals()
    activities: AskedActivities = AskedActivities()
    mappings: tuple[MappingRequest, ...] = Field(default=(), max_length=MAX_MAPPINGS)
    owners: tuple[DocumentOwner, ...] = Field(default=(), max_length=MAX_OWNERS)
    daily_salesforce_calls: int | None = Field(default=None, ge=1, le=MAX_CALLS)

    def document(self) -> Document:
        """In the words of the decisions."""
        told = self.model_dump(mode="json", include=set(PLAIN), exclude={"deals": {"pipelines"}})
        settings = Settings.model_validate({**told, "version": 0})
        return Document(
            choices=replace(choices_of(settings), wanted=self.wanted()),
            pipelines=tuple(row.row() for row in self.deals.pipelines),
            owners=tuple(
                OwnerRow(row.hubspot.reference(), row.salesforce.reference()) for row in self.owners
            ),
            parts=frozenset(PARTS) & self.model_fields_set,
        )


def read_document(text: str) -> Document:
    """The document that a text holds.

    Raises:
        Problem: 422, the text is no YAML that is read here; the line is named.
        RequestValidationError: it is no document of settings; each wrong field is named.
    """
    try:
        data = read_yaml(text)
    except YamlRefusedError as refused:
        raise Problem(
            422, type="yaml-refused", title="The file cannot be read", detail=str(refused)
        ) from None
    try:
        return SettingsDocument.model_validate(data).document()
    except ValidationError as wrong:
        found = [{**error, "loc": ("body", *error["loc"])} for error in wrong.errors()]
        raise RequestValidationError(found) from None
