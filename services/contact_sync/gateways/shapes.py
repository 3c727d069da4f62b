"""What is read of the records of each type, and how an answer becomes a record."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from services.contact_sync.domain.model import (
    ACCOUNT_OF,
    MEMBER_OF,
    HubSpotPerson,
    SalesforcePerson,
)
from services.contact_sync.domain.objects import ALL_OBJECTS, Objects
from services.contact_sync.ports import Lookup
from shared.contracts.settings import Settings
from shared.crm.hubspot.records import HubSpotRecord
from shared.crm.salesforce.soql import literal
from shared.kernel.records import ObjectType

HUBSPOT_KEY = "causeway_key"
SALESFORCE_KEY = "Causeway_Key__c"
CONVERTED = "ConvertedContactId"
PREFIXES = {"Contact": "003", "Lead": "00Q", "Account": "001"}

ALWAYS_HUBSPOT = {
    ObjectType.CONTACT: ("email", "hs_additional_emails", "firstname", "lastname", HUBSPOT_KEY),
    ObjectType.COMPANY: ("name", "domain", "hs_additional_domains", HUBSPOT_KEY),
}
ALWAYS_SALESFORCE = {
    "Contact": ("Email",),
    "Lead": ("Email", CONVERTED),
    "Account": ("Name", "Website"),
}
"""What matching and creating need, whether or not it is mapped."""

FIRST_LIKES = ("{}%", "%/{}%", "%.{}%")
"""Where a domain may stand in a website; what else they find is left out by its host."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields to read of one type's records; `by_domain`: companies are matched by domain."""

    objects: Objects
    properties: tuple[str, ...]
    fields: dict[str, tuple[str, ...]]
    by_domain: bool

    def conditions(self, lookup: Lookup) -> list[tuple[str, str]]:
        """Each object with one WHERE for everything that is looked for in it, if anything is."""
        found = ((name, self._condition(name, lookup)) for name in self.objects.salesforce)
        return [(name, condition) for name, condition in found if condition]

    def _condition(self, name: str, lookup: Lookup) -> str:
        wanted = {
            "Id": sorted(i for i in lookup.ids if i.startswith(PREFIXES[name])),
            "Email": [] if name == "Account" else sorted(lookup.emails),
            SALESFORCE_KEY: sorted(lookup.keys),
        }
        parts = [
            f"{field} IN ({', '.join(literal(value) for value in values)})"
            for field, values in wanted.items()
            if values
        ]
        if name == "Account":
            parts += [_like(domain) for domain in sorted(lookup.emails)]
        return " OR ".join(parts)

    def hubspot(self, record: HubSpotRecord) -> HubSpotPerson:
        """A HubSpot record as the decisions see it."""
        return HubSpotPerson(
            id=record.id,
            values=record.properties,
            emails=tuple(dict.fromkeys(self._recognised(record))),
            key=record.properties.get(HUBSPOT_KEY),
        )

    def salesforce(self, name: str, row: dict[str, Any]) -> SalesforcePerson:
        """A row of the Salesforce object `name` as the decisions see it."""
        email = row.get("Email")
        if name == "Account":
            email = domain_of(row.get("Website")) if self.by_domain else None
        return SalesforcePerson(
            id=row["Id"],
            object_name=name,
            values=row,
            modified_at=datetime.fromisoformat(row["LastModifiedDate"]),
            email=email,
            key=row.get(SALESFORCE_KEY),
            converted_contact_id=row.get(CONVERTED),
        )

    def _recognised(self, record: HubSpotRecord) -> Iterable[str]:
        first, more = "email", "hs_additional_emails"
        if self.objects.object_type is ObjectType.COMPANY:
            first, more = "domain", "hs_additional_domains"
            if not self.by_domain:
                return
        others = (record.properties.get(more) or "").split(";")
        for text in (record.properties.get(first) or "", *others):
            found = text.strip().lower()
            if found:
                yield found


def shape_of(settings: Settings | None, object_type: ObjectType) -> Shape:
    """What one version of the settings makes us read of one type."""
    objects = ALL_OBJECTS[object_type]
    mappings = [
        mapping
        for mapping in (settings.mappings if settings else ())
        if mapping.object_type is object_type
    ]
    names = [*ALWAYS_HUBSPOT[object_type], *(m.hubspot_property for m in mappings)]
    fields = {
        name: tuple(
            dict.fromkeys(
                [
                    *("Id", "SystemModstamp", "LastModifiedDate", SALESFORCE_KEY),
                    *ALWAYS_SALESFORCE[name],
                    *(m.salesforce_field for m in mappings if name in m.salesforce_objects),
                ],
            ),
        )
        for name in objects.salesforce
    }
    if settings is not None and settings.companies.enabled and "Contact" in fields:
        names.append(MEMBER_OF)
        fields["Contact"] = tuple(dict.fromkeys((*fields["Contact"], ACCOUNT_OF)))
    by_domain = settings is not None and settings.companies.match_by_domain
    return Shape(objects, tuple(dict.fromkeys(names)), fields, by_domain)


def domain_of(website: object) -> str | None:
    """The domain of a website, without `www.`; None where there is none that can be read."""
    text = str(website or "").strip().lower()
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:
        return None
    return host.removeprefix("www.").rstrip(".") or None


def _like(domain: str) -> str:
    escaped = domain.replace("%", "\\%").replace("_", "\\_")
    return " OR ".join(f"Website LIKE {literal(one.format(escaped))}" for one in FIRST_LIKES)
