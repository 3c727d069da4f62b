"""What to do about what Salesforce says, for an admin who reads it for the first time."""

from services.package_watcher.domain.model import State

_HINTS: tuple[tuple[str, str], ...] = (
    (
        "modify metadata",
        (
            "Give the connected user the permission Modify Metadata Through Metadata API Functions "
            "(or Modify All Data), then install again."
        ),
    ),
    (
        "insufficient access",
        (
            "The connected user lacks a permission. It needs Modify Metadata Through Metadata API "
            "Functions and Assign Permission Sets; give it both, then install again."
        ),
    ),
    (
        "duplicate",
        (
            "The org has a component of this name that differs. Rename or remove it, or, if it is "
            "Causeway's own, leave it and use the method manual."
        ),
    ),
    (
        "not unique",
        (
            "Records hold the same key twice. Clear Causeway_Key__c on one of them, then install "
            "again."
        ),
    ),
    (
        "custom fields",
        (
            "The object has reached its limit of custom fields. Remove one that nobody uses, then "
            "install again."
        ),
    ),
    (
        "install key",
        "The package version is protected by an installation key. Use a version without one.",
    ),
    (
        "api disabled",
        (
            "This Salesforce edition has no API access. Enterprise, Unlimited and Developer have; "
            "Professional needs the add-on."
        ),
    ),
    (
        "api currently disabled",
        "API access is switched off for this org or user. Switch it on, then install again.",
    ),
    (
        "permission set",
        (
            "Assign the permission set Causeway_Integration to the connected user in Salesforce's "
            "setup, then order the method manual: it only looks."
        ),
    ),
)
"""(part of the text in lower case, what to do), the most telling first."""

TRANSIENT = (
    "this package is not yet available",
    "installedpackage version number",
    "the requested package doesn't yet exist",
    "unable to obtain exclusive access",
    "unable to lock row",
    "invalid cross reference id",
)
"""What Salesforce says while a version is still on its way to this org's instance, or while
somebody else holds the metadata: the request is sent again (facts: salesforce-api 5)."""

_DEFAULT = (
    "Read what Salesforce says, mend it there, then install again. Nothing was half installed: "
    "a failed installation is rolled back as a whole."
)

_BY_STATE = {
    State.ABSENT: "Order the installation; the method deploy needs nothing but the connection.",
    State.REQUESTED: "Wait: the request goes to Salesforce next.",
    State.INSTALLING: "Wait: Salesforce is installing. A few minutes are usual.",
    State.TAKING_LONG: (
        "Wait on: Salesforce works through its queue and says nothing of how long that is. Its "
        "own view is under Setup > Deployment Status (deploy) or Setup > Installed Packages "
        "(version). Nothing is lost when you leave this page."
    ),
    State.CHECKING: "Wait: the fields are being looked for with the connected user's eyes.",
    State.INSTALLED: "",
    State.TIMED_OUT: (
        "Look at Setup > Deployment Status or Setup > Installed Packages in Salesforce. If it "
        "arrived there, order the method manual, which only looks; else install again."
    ),
}


def transient(text: str) -> bool:
    """Whether Salesforce's refusal passes by itself."""
    lowered = _plain(text)
    return any(part in lowered for part in TRANSIENT)


def hint_for(text: str) -> str:
    """What to do about a refusal."""
    lowered = _plain(text)
    return next((hint for part, hint in _HINTS if part in lowered), _DEFAULT)


def todo_of(state: State, said: str) -> str:
    """What an admin should do now; empty when there is nothing to do."""
    if state is State.FAILED:
        return hint_for(said)
    return _BY_STATE.get(state, "")


def _plain(text: str) -> str:
    """Codes and sentences alike: INSUFFICIENT_ACCESS is "insufficient access"."""
    return text.lower().replace("_", " ")
