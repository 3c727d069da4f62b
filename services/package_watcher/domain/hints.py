"""What to do about what Salesforce says, for an admin who reads it for the first time.

All messages and codes of facts: salesforce-api 5, 5.1 and 6 that an installation can meet.
"""

import re

AGAIN = "then install again."

_HINTS: tuple[tuple[str, str], ...] = (
    (
        "modify ?metadata|modifyalldata",
        (
            "Give the connected user the permission Modify Metadata Through Metadata API "
            f"Functions (or Modify All Data), {AGAIN}"
        ),
    ),
    (
        "download appexchange|download packages|install packages",
        (
            "Give the connected user the permission Download AppExchange Packages (and "
            f"Customize Application), {AGAIN}"
        ),
    ),
    (
        "install(ation)? key required",
        (
            "This package version is protected. Order it again with its installation key as "
            "`password`; whoever published the version knows it."
        ),
    ),
    (
        "install(ation)? key invalid",
        (
            "The installation key is not the one of this version. Order again with the right "
            "`password`; letters count as they are written."
        ),
    ),
    (
        "package unavailable|not yet available|doesn't yet exist|version number",
        (
            "A fresh version takes minutes to reach this org's instance, and this one has not"
            " arrived after many attempts. Check that the version_id is right and that the "
            "version is released, wait a quarter of an hour, then order again."
        ),
    ),
    (
        "uninstall in progress",
        (
            "An uninstall of this package is under way in the org. Wait for its end (Setup > "
            f"Installed Packages), {AGAIN}"
        ),
    ),
    (
        "exclusive access|lock row",
        (
            "Somebody else changed the org's setup each time this was tried: another "
            "deployment, a sandbox refresh or an admin. Wait until Setup > Deployment Status "
            f"is empty, {AGAIN}"
        ),
    ),
    (
        "invalid cross reference",
        (
            "Salesforce finds no package version of this id for this org. Check the "
            "version_id: it starts with 04t, and a version of a sandbox or a beta is not "
            "installed in production."
        ),
    ),
    (
        "malformed query",
        (
            "Salesforce did not understand Causeway's question about the package version. "
            "Check the version_id; if it is right, this Salesforce release differs: use the "
            "method deploy."
        ),
    ),
    (
        "must be installed into org|app is not installed",
        (
            "The org does not let apps call it that it has not installed. Install the "
            f"external client app (or approve it under Connected Apps OAuth Usage), {AGAIN}"
        ),
    ),
    (
        "insufficient access",
        (
            "The connected user lacks a permission. It needs Modify Metadata Through Metadata"
            " API Functions and Assign Permission Sets; for a package version also Download "
            f"AppExchange Packages. Give it those, {AGAIN}"
        ),
    ),
    (
        "referenced elsewhere|is in use|being used",
        (
            "Something in the org uses this component: a report, a flow, a layout or a rule. "
            "Salesforce names it under Setup, at the field (Where is this used). Take it out "
            "there."
        ),
    ),
    (
        "installed package|managed|packaged component",
        (
            "The component belongs to an installed package version, so it is not deployed or "
            "deleted on its own. Order the method version with that package's version_id."
        ),
    ),
    (
        "assigned to (a )?user|currently assigned",
        (
            "The permission set Causeway_Integration is still assigned to somebody. Remove "
            "its assignments under Setup > Permission Sets, then order again."
        ),
    ),
    (
        "duplicate",
        (
            "The org has a component of this name that differs. Rename or remove it, or, if "
            "it is Causeway's own, leave it and use the method manual."
        ),
    ),
    (
        "not unique",
        (f"Records hold the same key twice. Clear Causeway_Key__c on one of them, {AGAIN}"),
    ),
    (
        "custom fields|maximum number",
        (
            "The object has reached its limit of custom fields. Remove one that nobody uses, "
            f"{AGAIN}"
        ),
    ),
    (
        "no customfield|no customobject|no such column",
        (
            "The org lacks a standard object or field that the permission set grants: its "
            "edition does not have it, or it is switched off. Switch the feature on, or "
            f"remove that grant from the package's source, {AGAIN}"
        ),
    ),
    (
        "required field",
        (
            "Salesforce gives no field permissions for required fields. Remove that grant "
            f"from the package's source, {AGAIN}"
        ),
    ),
    (
        "code coverage|test coverage|test failure|apex tests|notestrun",
        (
            "The org runs its own Apex tests on a deployment, and they do not pass. The "
            "package has no Apex: mend the tests of the org, or deploy with the Salesforce "
            "CLI and order manual."
        ),
    ),
    (
        "rollbackonerror",
        (
            "Salesforce demands an all-or-nothing deployment, which Causeway asks for: "
            "something between the two changed the request. Look at proxies in between."
        ),
    ),
    (
        "39 mb|maximum size|too large|10,000 files",
        (
            "The package's source is larger than Salesforce takes (39 MB zipped). Check the "
            "directory that CAUSEWAY_PACKAGE_WATCHER_SOURCE names: it holds something else as"
            " well."
        ),
    ),
    (
        "canceled|canceling",
        (f"Somebody cancelled it under Setup > Deployment Status. Ask who, {AGAIN}"),
    ),
    (
        "finalizingdeployfailed|succeededpartial",
        (
            "Salesforce could not finish the deployment after the components were saved. Look"
            f" at Setup > Deployment Status, {AGAIN}"
        ),
    ),
    (
        "api disabled|api currently disabled|no api access",
        (
            "This Salesforce edition or user has no API access. Enterprise, Unlimited and "
            f"Developer have; Professional needs the add-on. Switch it on, {AGAIN}"
        ),
    ),
    (
        "retired the api version",
        (
            "Update Causeway: this release speaks a version of Salesforce's API that no "
            "longer exists."
        ),
    ),
    (
        "permission set",
        (
            "Assign the permission set Causeway_Integration to the connected user in "
            "Salesforce's setup, then order the method manual: it only looks."
        ),
    ),
    (
        "source is not at",
        ("Mend this deployment of Causeway as the message says, then order again."),
    ),
)
"""(pattern of the text in lower case, what to do), the most telling first."""

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

TRANSIENT_CODES = frozenset({"INVALID_CROSS_REFERENCE_KEY", "UNABLE_TO_LOCK_ROW"})
"""The codes that come with those texts where Salesforce answers with a code."""

DEFAULT_HINT = (
    "Read what Salesforce says, mend it there, then order again. Nothing was half done: a failed "
    "installation is rolled back as a whole."
)


def transient(text: str, code: str = "") -> bool:
    """Whether Salesforce's refusal passes by itself."""
    lowered = _plain(text)
    return code in TRANSIENT_CODES or any(part in lowered for part in TRANSIENT)


def hint_for(text: str) -> str:
    """What to do about a refusal."""
    lowered = _plain(text)
    return next((hint for part, hint in _HINTS if re.search(part, lowered)), DEFAULT_HINT)


def _plain(text: str) -> str:
    """Codes and sentences alike: INSUFFICIENT_ACCESS is "insufficient access"."""
    return text.lower().replace("_", " ").replace("\u2019", "'")
