"""Events of the package watcher: the Salesforce package on its way into the org."""

from typing import ClassVar, Literal

from shared.contracts.base import Event

InstallMethod = Literal["deploy", "version", "manual"]


class PackageInstallStarted(Event):
    """An install was asked for and Salesforce accepted the request."""

    owner: ClassVar[str] = "package_watcher"

    method: InstallMethod


class PackageInstalled(Event):
    """The package is in place: the key fields exist and can be used.

    Sent again when a package that was missing is found in place. `version` is the package
    version's id (04t...) of an order that named one.
    """

    owner: ClassVar[str] = "package_watcher"

    method: InstallMethod
    version: str = ""


class PackageInstallFailed(Event):
    """Salesforce refused, or the deadline passed; `reason` is Salesforce's text with a hint."""

    owner: ClassVar[str] = "package_watcher"

    reason: str


class PackageRemoved(Event):
    """The package was in place and is not any more, or is about to be taken out by an order.

    `missing` names what was not found ("Lead.Causeway_Key__c", "PermissionSet ..."), `objects` the
    Salesforce objects that cannot be written until it is back. `reason` is for an admin.
    """

    owner: ClassVar[str] = "package_watcher"

    reason: str
    missing: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()


class VisualforceAdded(Event):
    """The in-record window stands on these page layouts."""

    owner: ClassVar[str] = "package_watcher"

    layouts: tuple[str, ...] = ()


class VisualforceRemoved(Event):
    """The in-record window was taken off these page layouts again."""

    owner: ClassVar[str] = "package_watcher"

    layouts: tuple[str, ...] = ()


class VisualforceSkipped(Event):
    """The admin chose to go on without the in-record window; it can be added later."""

    owner: ClassVar[str] = "package_watcher"
