"""Which scopes a call needs (facts: the table at the end of section 1). Pure."""

from tests.simulators.hubspot.object_types import COMPANY, CONTACT, DEAL, object_type

OWN_SCOPES = {CONTACT.type_id: CONTACT, COMPANY.type_id: COMPANY, DEAL.type_id: DEAL}
"""Types with scopes of their own; engagements are covered by those of contacts."""
READING_POSTS = {"search", "read", "all"}
"""Last segments of the POST calls that change nothing."""
OUTSIDE = {
    "account-info": ("oauth",),
    "marketing": ("forms",),
    "form-integrations": ("forms", "forms-uploaded-files"),
    "submissions": ("forms",),
    "email": ("content",),
}
"""Scopes of what is no part of the CRM, by the first segment (documentation of each call)."""
UNAVAILABLE = {"crm.objects.custom.read", "crm.objects.custom.write", "timeline"}
"""Scopes that this portal's subscription cannot grant: optional ones are dropped in silence."""


def required_scopes(method: str, path: str) -> tuple[str, ...]:
    """Scopes of which a token needs one for this call; empty if any token will do."""
    parts = [part for part in path.split("/") if part]
    if not parts or parts[0] != "crm":
        return OUTSIDE.get(parts[0], ()) if parts else ()
    area, rest = _area(parts[1:])
    verb = "read" if method == "GET" or parts[-1] in READING_POSTS else "write"
    if area == "owners":
        return ("crm.objects.owners.read",)
    if area == "lists":
        return f"crm.lists.{verb}", f"crm.segments.{verb}"
    kind = object_type(rest[0]) if rest else None
    if kind is None:
        return ()
    scope = f"{OWN_SCOPES.get(kind.type_id, CONTACT).plural}.{verb}"
    if area in {"properties", "pipelines"}:
        readable = (f"crm.objects.{scope}",) if verb == "read" else ()
        return (f"crm.schemas.{scope}", *readable)
    return (f"crm.objects.{scope}",)


def _area(parts: list[str]) -> tuple[str, list[str]]:
    """``v3/objects/contacts`` and ``objects/2026-09/contacts`` are both about objects."""
    if len(parts) > 1 and parts[0].startswith("v"):
        return parts[1], parts[2:]
    return (parts[0], parts[2:]) if parts else ("", [])


def is_search(path: str) -> bool:
    """Whether a path is a search of records, which has a rate limit of its own.

    That of lists has not: only searches of objects are exempt in the specification (facts: 11).
    """
    return path.startswith("/crm/") and "/objects/" in path and path.endswith("/search")


def is_association(path: str) -> bool:
    """Whether a path belongs to the associations API, which has a rate limit of its own."""
    return path.startswith("/crm/") and "/associations/" in path
