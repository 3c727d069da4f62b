"""What a preview is asked for: bounded, and strict, as the settings come from outside here.

Settings of other services' making are checked where they are made; these name fields that are
read, so every name has to be one.
"""

import re
from typing import Annotated, Self
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from services.contact_sync.handlers.preview import MOST_RECORDS
from services.contact_sync.handlers.preview import Asked as Wish
from services.contact_sync.handlers.sample import First, Named, Newest, Sample
from shared.contracts.settings import ContactSettings, FieldMapping, OwnerPair, Settings, ValuePair
from shared.kernel.records import ObjectType, Side

MAX_MAPPINGS = 1000
"""HubSpot allows 1,000 custom properties; as many as the mapping service takes."""

MAX_VALUES = 5000
MAX_OWNERS = 20_000
"""As the mapping service takes."""

MAX_SCALE = 18
"""Salesforce's numbers have 18 digits."""

STRICT = ConfigDict(extra="forbid", frozen=True)
Property = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[A-Za-z0-9_-]+$")]
"""HubSpot's internal names."""

SalesforceField = Annotated[
    str, Field(min_length=1, max_length=255, pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
]
"""API names. They become part of a query, so nothing else may stand in one."""

Value = Annotated[str, Field(max_length=255)]
HUBSPOT_ID = r"[1-9][0-9]{0,19}"
SALESFORCE_ID = r"(?:003|00Q)[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?"


class AskedPair(ValuePair):
    """Two values that mean the same."""

    model_config = STRICT

    hubspot: Value
    salesforce: Value


class AskedMapping(FieldMapping):
    """One mapping to try. Those of other objects than contacts are not looked at."""

    model_config = STRICT

    object_type: ObjectType = ObjectType.CONTACT
    hubspot_property: Property
    salesforce_field: SalesforceField
    salesforce_objects: Annotated[tuple[SalesforceField, ...], Field(min_length=1, max_length=5)]
    max_length: int | None = Field(default=None, ge=1, le=1_000_000)
    values: Annotated[tuple[AskedPair, ...], Field(max_length=MAX_VALUES)] = ()
    scale: int | None = Field(default=None, ge=0, le=MAX_SCALE)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("is no time zone of the IANA list, such as Europe/Berlin") from None
        return name


class AskedSettings(Settings):
    """Settings as the mapping service gives them: a draft's or a version's `settings`, whole."""

    model_config = STRICT

    version: int = Field(default=0, ge=0, le=2**31 - 1)
    contacts: ContactSettings = ContactSettings()
    mappings: Annotated[tuple[AskedMapping, ...], Field(max_length=MAX_MAPPINGS)] = ()
    owners: Annotated[tuple[OwnerPair, ...], Field(max_length=MAX_OWNERS)] = ()


class AskedSample(BaseModel):
    """Exactly one of `ids` (with their `side`), `newest` and `limit`.

    `newest`: the records that were modified last; `limit`: the first ones, as an import would
    take them. Both without `side` take half of the records from each side.
    """

    model_config = STRICT

    side: Side | None = None
    ids: Annotated[tuple[str, ...], Field(min_length=1, max_length=MOST_RECORDS)] | None = None
    newest: int | None = Field(default=None, ge=1, le=MOST_RECORDS)
    limit: int | None = Field(default=None, ge=1, le=MOST_RECORDS)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [one for one in (self.ids, self.newest, self.limit) if one is not None]
        if len(given) != 1:
            raise ValueError("give exactly one of ids, newest and limit")
        if self.ids is not None:
            self._check_ids(self.ids)
        return self

    def _check_ids(self, ids: tuple[str, ...]) -> None:
        if self.side is None:
            raise ValueError("ids need a side: hubspot or salesforce")
        kind, pattern = (
            ("HubSpot contact", HUBSPOT_ID)
            if self.side is Side.HUBSPOT
            else ("Salesforce contact or lead", SALESFORCE_ID)
        )
        for position, one in enumerate(ids):
            if not re.fullmatch(pattern, one):
                raise ValueError(f"ids[{position}] is no id of a {kind}")

    def sample(self) -> Sample:
        """In the words of the use case."""
        if self.ids is not None and self.side is not None:
            return Named(self.side, self.ids)
        if self.newest is not None:
            return Newest(self.newest, self.side)
        return First(self.limit or MOST_RECORDS, self.side)


class PreviewRequest(BaseModel):
    """Which settings are tried on which records."""

    model_config = STRICT

    connection_id: UUID
    settings: AskedSettings | None = Field(
        default=None, description="what is tried; left out: what the connection has"
    )
    sample: AskedSample
    while_paused: bool = Field(default=False, description="look although somebody paused the sync")

    def wish(self) -> Wish:
        """In the words of the use case."""
        return Wish(self.connection_id, self.sample.sample(), self.settings, self.while_paused)
