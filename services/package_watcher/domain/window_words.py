"""What an admin is told of the window, and what to do about what Salesforce says of it."""

from services.package_watcher.domain.hints import hint_for
from services.package_watcher.domain.window import Window, WindowState

_HINTS: tuple[tuple[str, str], ...] = (
    (
        "externalclientapp",
        (
            "The org has no external client app of the name in CAUSEWAY_SALESFORCE_APP_NAME, or "
            "its Canvas plugin was set up by hand. Look at Setup > External Client App Manager; "
            "the API name of the app that Causeway signs in with has to be in that variable."
        ),
    ),
    (
        "cannot be found",
        (
            "Salesforce has no layout of that name any more. List the layouts again, then choose "
            "anew."
        ),
    ),
    (
        "standard controller",
        "The page belongs to the other object. Take Causeway's own pages, and order again.",
    ),
    (
        "changed while",
        (
            "Somebody is working on these layouts. Order again when they are done; nothing of "
            "theirs was touched."
        ),
    ),
    (
        "https",
        (
            "Salesforce shows https pages only. Put a proxy with a certificate in front, set "
            "CAUSEWAY_PUBLIC_URL to its address, then order again."
        ),
    ),
)
"""(part of the text in lower case, what to do): the window's own; the package's come behind."""

_TODO = {
    WindowState.ASKED: "Wait: the layouts are read next.",
    WindowState.RETRIEVING: "Wait: Salesforce is packing the layouts.",
    WindowState.DEPLOYING: (
        "Wait: Salesforce is deploying the layouts. Until it is done, people see the old ones."
    ),
    WindowState.PREVIEWED: (
        "Look at the changes. Nothing was written; order the action add with the same layouts."
    ),
    WindowState.ADDED: (
        "Assign the permission set Causeway_Window to the people who work with leads and "
        "contacts, and let the app's policies pre-authorize it; nobody else sees anything in "
        "the window."
    ),
    WindowState.REMOVED: "",
}


def window_todo(window: Window) -> str:
    """What an admin should do now; empty when there is nothing to do."""
    if window.state is WindowState.FAILED:
        return window_hint(window.said)
    return _TODO[window.state]


def window_hint(text: str) -> str:
    """What to do about a refusal."""
    lowered = text.lower().replace("_", " ")
    return next((hint for part, hint in _HINTS if part in lowered), "") or hint_for(text)
