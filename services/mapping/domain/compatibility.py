"""Which HubSpot property may be joined to which Salesforce field (facts: native 4.2)."""

from services.mapping.domain.model import HubSpotField, Kind, SalesforceField

TEXTS = frozenset({"string", "textarea", "email", "phone", "url", "picklist", "combobox"})
"""Native's `string, textarea`, and the fields that Salesforce types more narrowly than HubSpot:
its default mappings join HubSpot's texts to e-mail, phone, URL and open picklist fields."""

LONG_TEXTS = frozenset({"textarea"})
NUMBERS = frozenset({"double", "int", "long", "currency", "percent"})
"""Native's `double, int`; a currency or a percentage is a double with another look."""

CHOICES = frozenset({"picklist", "reference", "combobox"})
DATES = frozenset({"date", "datetime"})

COMPATIBLE: dict[tuple[str, str], frozenset[str]] = {
    ("enumeration", "select"): CHOICES,
    ("enumeration", "radio"): CHOICES,
    ("enumeration", "checkbox"): frozenset({"multipicklist"}),
    ("enumeration", "booleancheckbox"): frozenset({"boolean"}),
    ("bool", "booleancheckbox"): frozenset({"boolean"}),
    ("number", "number"): NUMBERS,
    ("string", "text"): TEXTS,
    ("string", "phonenumber"): TEXTS,
    ("phone_number", "phonenumber"): TEXTS,
    ("string", "textarea"): LONG_TEXTS,
    ("string", "html"): LONG_TEXTS,
    ("date", "date"): DATES,
    ("datetime", "date"): DATES,
}
"""(HubSpot type, HubSpot field type) -> Salesforce types. What is not here cannot be mapped."""

_KINDS = {
    "boolean": Kind.BOOLEAN,
    "multipicklist": Kind.MULTI_PICKLIST,
    "reference": Kind.OWNER,
    "email": Kind.EMAIL,
    "phone": Kind.PHONE,
    "date": Kind.DATE,
    "datetime": Kind.DATETIME,
    "picklist": Kind.PICKLIST,
    **dict.fromkeys(NUMBERS, Kind.NUMBER),
}
"""The Salesforce type decides how two values are compared: it is the stricter side."""

HUBSPOT_OWNER = "hubspot_owner_id"
"""The only property whose values are people; other references have no meaning in HubSpot."""


def kind_of(hubspot: HubSpotField, salesforce: SalesforceField) -> Kind | None:
    """How the values of this pair are compared, None when the two cannot be joined."""
    if salesforce.type not in COMPATIBLE.get((hubspot.type, hubspot.field_type), frozenset()):
        return None
    kind = _KINDS.get(salesforce.type, Kind.TEXT)
    if (kind is Kind.OWNER) != (hubspot.name == HUBSPOT_OWNER):
        return None
    if kind is Kind.OWNER and "User" not in salesforce.references:
        return None
    return Kind.DATE if kind is Kind.DATETIME and hubspot.type == "date" else kind


def salesforce_takes(hubspot: HubSpotField, salesforce: SalesforceField) -> bool:
    """Whether this Salesforce field can be written with that property's values.

    A date-and-time field takes no bare date, so such a pair only goes to HubSpot.
    """
    return salesforce.writable and not (hubspot.type == "date" and salesforce.type == "datetime")


def accepted_by(hubspot: HubSpotField) -> tuple[str, ...]:
    """The Salesforce types that this property may be joined to, for a message."""
    return tuple(sorted(COMPATIBLE.get((hubspot.type, hubspot.field_type), frozenset())))
