"""Contact, Lead and User (names and nullability: facts, standard_fields.json)."""

from dataclasses import replace

from tests.simulators.salesforce.schema.choices import (
    INDUSTRIES,
    LEAD_SOURCES,
    LEAD_STATUSES,
    RATINGS,
    SALUTATIONS,
)
from tests.simulators.salesforce.schema.fields import (
    Field,
    address,
    checkbox,
    choice,
    day,
    email,
    identity_fields,
    instant,
    long_text,
    lookup,
    money,
    owner,
    phone,
    read_only,
    required,
    system_fields,
    text,
    url,
    whole,
)
from tests.simulators.salesforce.schema.objects import object_type


def _full_name(length: int = 121) -> Field:
    return replace(read_only(required(text("Name", length, label="Full Name"))), name_field=True)


def _names() -> list[Field]:
    return [
        required(text("LastName", 80)),
        text("FirstName", 40),
        choice("Salutation", SALUTATIONS),
        _full_name(),
    ]


def _bounces() -> list[Field]:
    return [
        read_only(text("EmailBouncedReason")),
        read_only(instant("EmailBouncedDate")),
    ]


CONTACT = object_type(
    "Contact",
    "003",
    [
        *identity_fields(),
        read_only(lookup("MasterRecordId", "Contact")),
        lookup("AccountId", "Account"),
        *_names(),
        *address("Other"),
        *address("Mailing"),
        phone("Phone", label="Business Phone"),
        phone("Fax", label="Business Fax"),
        phone("MobilePhone"),
        phone("HomePhone"),
        phone("OtherPhone"),
        phone("AssistantPhone", label="Asst. Phone"),
        lookup("ReportsToId", "Contact"),
        email(),
        text("Title", 128),
        text("Department", 80),
        text("AssistantName", 40),
        choice("LeadSource", LEAD_SOURCES),
        day("Birthdate"),
        long_text("Description"),
        owner(),
        checkbox("HasOptedOutOfEmail"),
        checkbox("HasOptedOutOfFax"),
        checkbox("DoNotCall"),
        *system_fields(),
        read_only(day("LastActivityDate")),
        *_bounces(),
        read_only(checkbox("IsEmailBounced")),
    ],
)
LEAD = object_type(
    "Lead",
    "00Q",
    [
        *identity_fields(),
        read_only(lookup("MasterRecordId", "Lead")),
        *_names(),
        text("Title", 128),
        required(text("Company", 255)),
        *address(),
        phone("Phone"),
        phone("MobilePhone"),
        phone("Fax"),
        email(),
        url("Website"),
        long_text("Description"),
        choice("LeadSource", LEAD_SOURCES),
        required(choice("Status", LEAD_STATUSES, default="Open - Not Contacted")),
        choice("Industry", INDUSTRIES),
        choice("Rating", RATINGS, restricted=True),
        money("AnnualRevenue"),
        whole("NumberOfEmployees"),
        owner("Group", "User"),
        checkbox("HasOptedOutOfEmail"),
        checkbox("DoNotCall"),
        read_only(checkbox("IsConverted")),
        read_only(day("ConvertedDate")),
        read_only(lookup("ConvertedAccountId", "Account")),
        read_only(lookup("ConvertedContactId", "Contact")),
        read_only(lookup("ConvertedOpportunityId", "Opportunity")),
        checkbox("IsUnreadByOwner", default=True),
        *system_fields(),
        read_only(day("LastActivityDate")),
        *_bounces(),
    ],
)
USER = object_type(
    "User",
    "005",
    [
        identity_fields()[0],
        read_only(required(replace(text("Username", 80), id_lookup=True))),
        *(read_only(one) for one in _names()[:2]),
        _full_name(),
        text("CompanyName", 80),
        text("Department", 80),
        text("Title", 80),
        *(read_only(one) for one in address()),
        read_only(required(email())),
        phone("Phone"),
        phone("MobilePhone"),
        required(text("Alias", 8)),
        required(text("CommunityNickname", 40)),
        checkbox("IsActive", default=True),
        required(choice("TimeZoneSidKey", ["Europe/Berlin", "America/New_York"], restricted=True)),
        required(choice("LocaleSidKey", ["en_US", "de_DE"], restricted=True)),
        required(choice("LanguageLocaleKey", ["en_US", "de"], restricted=True)),
        required(lookup("ProfileId", "Profile")),
        choice("UserType", ["Standard", "AutomatedProcess"], restricted=True),
        lookup("ManagerId", "User"),
        *system_fields(),
    ],
    read_only=True,
)
