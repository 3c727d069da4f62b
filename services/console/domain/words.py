"""Codes of the other services in a reader's words; an unknown code is shown as it is."""

from services.console.domain.answers import Json, text

SHOWN_FIELDS = 6
"""A write of more fields (a new record has dozens) is folded, so that a list stays a list."""

STATUSES = {
    "intended": ("Being written", "watch"),
    "done": ("Written", "good"),
    "confirmed": ("Written (confirmed after a restart)", "good"),
    "refused": ("Refused by the CRM", "bad"),
    "not_made": ("Not written (a restart came first)", "bad"),
}
OPERATIONS = {"create": "Created", "update": "Updated", "delete": "Deleted"}
SIDES = {"hubspot": "HubSpot", "salesforce": "Salesforce"}
STEPS = {
    "connect": "Connect both CRMs",
    "package": "Install the Salesforce package",
    "visualforce": "Window inside Salesforce records",
    "choice": "Choose the settings",
    "review": "Review the settings",
    "finished": "Finish",
}
SYNCS = {
    "running": ("Sync is running", "good"),
    "paused": ("Sync is paused", "watch"),
    "not_started": ("Sync has not started", "quiet"),
}
CONNECTION_STATES = {
    "active": ("Connected", "good"),
    "pending": ("Not connected yet", "quiet"),
    "broken": ("Connection broken", "bad"),
    "disconnected": ("Disconnected", "quiet"),
}
PACKAGE_STATES = {
    "absent": ("Not installed", "quiet"),
    "requested": ("Requested", "watch"),
    "installing": ("Installing", "watch"),
    "taking_long": ("Taking longer than usual", "watch"),
    "checking": ("Checking the fields", "watch"),
    "waiting_for_admin": ("Waiting for an admin in Salesforce", "watch"),
    "installed": ("Installed", "good"),
    "failed": ("Failed", "bad"),
    "timed_out": ("Timed out", "bad"),
}
IMPORT_STATES = {
    "walking": ("Reading records", "watch"),
    "noted": ("All records read", "good"),
    "failed": ("Failed", "bad"),
}
_CAUSES = {"import": "An import", "retry": "Somebody asked for a retry"}
_BRANDS = {"hubspot": "HubSpot", "salesforce": "Salesforce", "dont": "Don't"}


def pair(table: dict[str, tuple[str, str]], code: str) -> tuple[str, str]:
    """The word and the tone of a code."""
    return table.get(code, (spelt(code) or "Unknown", "quiet"))


def spelt(code: str) -> str:
    """`prefer_salesforce_unless_blank` is `Prefer Salesforce unless blank`, capitals or not."""
    code = code.lower() if code.isupper() else code
    words = [_BRANDS.get(word, word) for word in code.replace("-", "_").split("_") if word]
    sentence = " ".join(words)
    return sentence[:1].upper() + sentence[1:]


def cause_text(cause: Json) -> str:
    """Why something was written: `HubSpot reported: updated`, `An import`."""
    kind = text(cause, "kind")
    if not kind:
        return ""
    if kind in _CAUSES:
        return _CAUSES[kind]
    side = SIDES.get(text(cause, "side"), "")
    return f"{side} reported: {spelt(kind).lower()}" if side else spelt(kind)
