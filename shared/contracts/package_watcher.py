"""Events of the package watcher: the Salesforce package on its way into the org."""

from typing import ClassVar, Literal

from shared.contracts.base import Event

InstallMethod = Literal["deploy", "version", "manual"]


class PackageInstallStarted(Event):
    """An install was asked for and Salesforce accepted the request."""

    owner: ClassVar[str] = "package_watcher"

    method: InstallMethod


class PackageInstalled(Event):
    """The package is in place: the key fields exist and can be used."""

    owner: ClassVar[str] = "package_watcher"

    method: InstallMethod
    version: str = ""


class PackageInstallFailed(Event):
    """Salesforce refused, or the deadline passed; `reason` is Salesforce's text with a hint."""

    owner: ClassVar[str] = "package_watcher"

    reason: str


class VisualforceAdded(Event):
    """The in-record window stands on these page layouts."""

    owner: ClassVar[str] = "package_watcher"

    layouts: tuple[str, ...] = ()


class VisualforceSkipped(Event):
    """The admin chose to go on without the in-record window; it can be added later."""

    owner: ClassVar[str] = "package_watcher"
