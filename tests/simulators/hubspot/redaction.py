"""What an app without its scope sees of e-mails (facts: section 1, the table of scopes).

The text is that of HubSpot's announcement of the scope; which properties it stands in for is known
of the older engagements only, and is taken to be the same here.
"""

from collections.abc import Collection

from tests.simulators.hubspot.model import ObjectType, Values
from tests.simulators.hubspot.object_types import EMAIL_MESSAGE

SCOPE = "sales-email-read"
REDACTED = (
    "The content of this email has been redacted. To include it in the response, "
    "your app must require the sales-email-read scope."
)
HIDDEN = ("hs_email_subject", "hs_email_text", "hs_email_headers")
REPLACED = "hs_email_html"


def readable(kind: ObjectType, values: Values, scopes: Collection[str]) -> Values:
    """The values that a token with ``scopes`` may see."""
    if kind is not EMAIL_MESSAGE or SCOPE in scopes:
        return values
    shown = {name: value for name, value in values.items() if name not in HIDDEN}
    return {**shown, REPLACED: REDACTED}


def tellable(kind: ObjectType, names: Collection[str], scopes: Collection[str]) -> list[str]:
    """The properties whose history a token with ``scopes`` may see."""
    if kind is not EMAIL_MESSAGE or SCOPE in scopes:
        return list(names)
    return [name for name in names if name not in {*HIDDEN, REPLACED}]
