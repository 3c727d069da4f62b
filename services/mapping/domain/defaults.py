"""The mappings that each object type starts with (facts: native 3.8, 5.1, 5.2)."""

from dataclasses import dataclass

from services.mapping.domain.model import SALESFORCE_OBJECTS, Rule, Wanted
from shared.kernel.records import ObjectType


@dataclass(frozen=True, slots=True)
class Default:
    """One HubSpot property and its field on each Salesforce object that has one."""

    hubspot_property: str
    contact: str | None = None
    lead: str | None = None
    rule: Rule = Rule.PREFER_SALESFORCE_UNLESS_BLANK

    def wanted(self) -> tuple[Wanted, ...]:
        """One mapping where both objects call the field the same, else one an object."""
        if self.contact == self.lead and self.contact is not None:
            return (Wanted(self.hubspot_property, self.contact, self.rule),)
        named = (("Contact", self.contact), ("Lead", self.lead))
        return tuple(
            Wanted(self.hubspot_property, name, self.rule, (salesforce_object,))
            for salesforce_object, name in named
            if name is not None
        )


def _both(hubspot_property: str, name: str, rule: Rule | None = None) -> Default:
    return Default(hubspot_property, name, name, rule or Rule.PREFER_SALESFORCE_UNLESS_BLANK)


DEFAULTS: tuple[Default, ...] = (
    _both("email", "Email", Rule.TWO_WAY),
    _both("firstname", "FirstName"),
    _both("lastname", "LastName"),
    _both("salutation", "Salutation"),
    _both("phone", "Phone"),
    _both("mobilephone", "MobilePhone"),
    _both("fax", "Fax"),
    _both("jobtitle", "Title"),
    Default("company", lead="Company"),
    Default("website", lead="Website"),
    Default("industry", lead="Industry"),
    Default("annualrevenue", lead="AnnualRevenue"),
    Default("numemployees", lead="NumberOfEmployees"),
    Default("address", "MailingStreet", "Street"),
    Default("city", "MailingCity", "City"),
    Default("state", "MailingState", "State"),
    Default("zip", "MailingPostalCode", "PostalCode"),
    Default("country", "MailingCountry", "Country"),
    _both("hubspot_owner_id", "OwnerId", Rule.TWO_WAY),
    _both("hs_email_optout", "HasOptedOutOfEmail", Rule.TWO_WAY),
)
"""The owner is two-way whatever the page says, and so is the opt-out: either side opting out
updates the other (facts: native 3.7, 3.8). The lifecycle stage is not mapped yet."""

COMPANIES: dict[str, str] = {
    "name": "Name",
    "phone": "Phone",
    "website": "Website",
    "industry": "Industry",
    "annualrevenue": "AnnualRevenue",
    "numberofemployees": "NumberOfEmployees",
    "description": "Description",
    "address": "BillingStreet",
    "city": "BillingCity",
    "state": "BillingState",
    "zip": "BillingPostalCode",
    "country": "BillingCountry",
    "hubspot_owner_id": "OwnerId",
}
DEALS: dict[str, str] = {
    "dealname": "Name",
    "amount": "Amount",
    "closedate": "CloseDate",
    "dealtype": "Type",
    "description": "Description",
    "hs_next_step": "NextStep",
    "hubspot_owner_id": "OwnerId",
}
"""The stage is no mapping: the table of pipelines says what it becomes."""

OWNER = "hubspot_owner_id"


def defaults_of(object_type: ObjectType) -> tuple[Wanted, ...]:
    """What a type starts with; tasks have no mappings, their fields are fixed."""
    if object_type is ObjectType.CONTACT:
        return tuple(wanted for default in DEFAULTS for wanted in default.wanted())
    named = {ObjectType.COMPANY: COMPANIES, ObjectType.DEAL: DEALS}.get(object_type, {})
    return tuple(
        Wanted(
            hubspot_property,
            field,
            Rule.TWO_WAY if hubspot_property == OWNER else Rule.PREFER_SALESFORCE_UNLESS_BLANK,
            SALESFORCE_OBJECTS[object_type],
            object_type,
        )
        for hubspot_property, field in named.items()
    )
