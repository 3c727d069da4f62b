"""Which pairs of fields can be joined though their types differ, and what is lost on the way.

The native integration joins like with like (facts: native 4.2, see compatibility.py). These go
beyond it. Each loss is one that an admin is told of; how values are converted is contact_sync's.
"""

from dataclasses import dataclass

from services.mapping.domain.compatibility import accepted_by as natively_accepted_by
from services.mapping.domain.compatibility import kind_of
from services.mapping.domain.model import HubSpotField, Kind, SalesforceField

BLANK_IS_NO = "A blank value and No are the same: Salesforce and HubSpot tell them apart."
ONLY_YES_AND_NO = (
    "Only values that are paired with true and false, and the words yes, no, true, false, 1 and 0, "
    "can be read; a record with another one waits in the list of errors."
)
NO_TIME = "The time of day: only the day is compared, in the time zone of this mapping."
ONLY_OPTIONS = (
    "Texts that HubSpot's dropdown does not offer: it refuses them, and the record waits in the "
    "list of errors. Pair them in `values`, or add the options in HubSpot."
)
NO_ORDER = "The order of several choices; they are compared and written sorted."
NO_CASE = "Upper-case letters: addresses are compared and written in lower case."
NO_DIGITS = "Digits after the point beyond those that the Salesforce field keeps."


@dataclass(frozen=True, slots=True)
class Fit:
    """How a pair is compared; `hubspot` or `salesforce` where that side is of another kind.

    `loss` says what does not survive the way there and back, empty when everything does.
    """

    kind: Kind
    hubspot: Kind | None = None
    salesforce: Kind | None = None
    loss: str = ""


_SELECT = {
    "string": Fit(Kind.TEXT, hubspot=Kind.PICKLIST, loss=ONLY_OPTIONS),
    "textarea": Fit(Kind.TEXT, hubspot=Kind.PICKLIST, loss=ONLY_OPTIONS),
    "boolean": Fit(Kind.BOOLEAN, hubspot=Kind.PICKLIST, loss=ONLY_YES_AND_NO),
}
_CHECKBOXES = {
    "string": Fit(Kind.MULTI_PICKLIST, salesforce=Kind.TEXT, loss=f"{NO_ORDER} {ONLY_OPTIONS}"),
    "textarea": Fit(Kind.MULTI_PICKLIST, salesforce=Kind.TEXT, loss=f"{NO_ORDER} {ONLY_OPTIONS}"),
}
_CHECKBOX = {
    "picklist": Fit(
        Kind.BOOLEAN, salesforce=Kind.PICKLIST, loss=f"{BLANK_IS_NO} {ONLY_YES_AND_NO}"
    ),
    "combobox": Fit(
        Kind.BOOLEAN, salesforce=Kind.PICKLIST, loss=f"{BLANK_IS_NO} {ONLY_YES_AND_NO}"
    ),
    "string": Fit(Kind.BOOLEAN, salesforce=Kind.TEXT, loss=f"{BLANK_IS_NO} {ONLY_YES_AND_NO}"),
}
_TEXT = {
    "boolean": Fit(Kind.BOOLEAN, hubspot=Kind.TEXT, loss=ONLY_YES_AND_NO),
    "multipicklist": Fit(Kind.MULTI_PICKLIST, hubspot=Kind.TEXT, loss=NO_ORDER),
}
BEYOND: dict[tuple[str, str], dict[str, Fit]] = {
    ("enumeration", "select"): _SELECT,
    ("enumeration", "radio"): _SELECT,
    ("enumeration", "checkbox"): _CHECKBOXES,
    ("enumeration", "booleancheckbox"): _CHECKBOX,
    ("bool", "booleancheckbox"): _CHECKBOX,
    ("string", "text"): _TEXT,
    ("string", "textarea"): {"multipicklist": _TEXT["multipicklist"]},
}
"""(HubSpot type, HubSpot field type) -> Salesforce type -> how. What is in no table is no pair."""


def fit_of(hubspot: HubSpotField, salesforce: SalesforceField) -> Fit | None:
    """How this pair is compared and what it loses, None when the two cannot be joined."""
    kind = kind_of(hubspot, salesforce)
    if kind is None:
        return BEYOND.get((hubspot.type, hubspot.field_type), {}).get(salesforce.type)
    if kind is Kind.DATE:
        return Fit(
            kind,
            hubspot=Kind.DATETIME if hubspot.type == "datetime" else None,
            salesforce=Kind.DATETIME if salesforce.type == "datetime" else None,
            loss=NO_TIME if "datetime" in {hubspot.type, salesforce.type} else "",
        )
    if kind is Kind.EMAIL:
        return Fit(kind, loss=NO_CASE)
    if kind is Kind.NUMBER and salesforce.scale is not None:
        return Fit(kind, loss=NO_DIGITS)
    return Fit(kind)


def accepted_by(hubspot: HubSpotField) -> tuple[str, ...]:
    """The Salesforce types that this property may be joined to, for a message."""
    beyond = BEYOND.get((hubspot.type, hubspot.field_type), {})
    return tuple(sorted({*natively_accepted_by(hubspot), *beyond}))
