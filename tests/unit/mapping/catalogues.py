"""Fields as an ordinary portal and an ordinary org have them."""

from services.mapping.domain.model import Catalogue, HubSpotField, SalesforceField
from shared.kernel.records import ObjectType


def hubspot(
    name: str, type_: str = "string", field_type: str = "text", *, read_only: bool = False
) -> HubSpotField:
    return HubSpotField(name, name.title(), type_, field_type, read_only)


def salesforce(
    name: str,
    type_: str = "string",
    *,
    length: int | None = 40,
    writable: bool = True,
    references: tuple[str, ...] = (),
) -> SalesforceField:
    return SalesforceField(name, name, type_, writable, writable, length, references)


HUBSPOT = (
    hubspot("email"),
    hubspot("firstname"),
    hubspot("lastname"),
    hubspot("phone", "string", "phonenumber"),
    hubspot("company"),
    hubspot("address"),
    hubspot("annualrevenue"),
    hubspot("numemployees", "number", "number"),
    hubspot("hubspot_owner_id", "enumeration", "select"),
    hubspot("hs_email_optout", "bool", "booleancheckbox", read_only=True),
    hubspot("birthday", "date", "date"),
    hubspot("colour", "enumeration", "checkbox"),
    hubspot("notes", "string", "textarea"),
)
BOTH = (
    salesforce("Email", "email", length=80),
    salesforce("FirstName"),
    salesforce("LastName", length=80),
    salesforce("Phone", "phone"),
    salesforce("OwnerId", "reference", length=18, references=("User",)),
    salesforce("HasOptedOutOfEmail", "boolean", length=None),
    salesforce("Description", "textarea", length=32000),
    salesforce("Score__c", "double", length=None, writable=False),
)
CONTACT = (
    *BOTH,
    salesforce("MailingStreet", "textarea", length=255),
    salesforce("AccountId", "reference", length=18, references=("Account",)),
    salesforce("Birthdate", "date", length=None),
    salesforce("Colours__c", "multipicklist", length=255),
)
LEAD = (
    *BOTH,
    salesforce("Street", "textarea", length=255),
    salesforce("Company", length=255),
    salesforce("AnnualRevenue", "currency", length=None),
    salesforce("NumberOfEmployees", "int", length=None),
    salesforce("ConvertedDate", "date", length=None, writable=False),
)


def ordinary() -> Catalogue:
    return Catalogue(
        hubspot={ObjectType.CONTACT: {item.name: item for item in HUBSPOT}},
        salesforce={
            "Contact": {item.name: item for item in CONTACT},
            "Lead": {item.name: item for item in LEAD},
        },
    )
