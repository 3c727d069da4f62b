"""Metadata retrieves: the other half of deploys, which only SOAP offers (facts: section 6).

Documented traps: the zip is handed out once, then the org forgets it; a member that does not exist
is a message of a retrieve that succeeds; unless it is a single package, files lie in a folder.
"""

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from tests.simulators.salesforce.errors import SalesforceError
from tests.simulators.salesforce.ids import long_form
from tests.simulators.salesforce.manifest import FILES
from tests.simulators.salesforce.shelf import Component
from tests.simulators.salesforce.stamps import stamp

if TYPE_CHECKING:
    from tests.simulators.salesforce.org import Org

Json = dict[str, Any]
PENDING_SHARE = 0.2
"""The part of the time for which a retrieve is Pending."""
RUNNING = frozenset({"Pending", "InProgress"})
FOLDER = "unpackaged/"
MANIFEST = "package.xml"


@dataclass(slots=True)
class Retrieve:
    """One retrieve; ``status`` is final once it is neither Pending nor InProgress."""

    id: str
    wanted: tuple[tuple[str, str], ...]
    single: bool
    version: str
    started_at: float
    seconds: float
    status: str = "Pending"
    zip: bytes | None = None
    found: list[Component] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether it has had its time."""
        return self.status not in RUNNING

    @property
    def folder(self) -> str:
        """What the paths of its zip begin with."""
        return "" if self.single else FOLDER


class Retrieves:
    """The retrieves of the org."""

    def __init__(self, org: "Org") -> None:
        self._org = org
        self._retrieves: dict[str, Retrieve] = {}

    def request(self, wanted: Iterable[tuple[str, str]], *, single: bool, version: str) -> Retrieve:
        """Begin to retrieve members, as (type, full name or ``*``)."""
        made = Retrieve(
            id=self._org.ids.next("09S"),
            wanted=tuple(wanted),
            single=single,
            version=version,
            started_at=self._org.clock.seconds(),
            seconds=self._org.switches.install_seconds,
        )
        self._retrieves[made.id] = made
        return made

    def get(self, retrieve_id: str) -> Retrieve:
        """A retrieve. SalesforceError INVALID_ID_FIELD."""
        found = self._retrieves.get(long_form(retrieve_id) or "")
        if found is None:
            message = f"invalid cross reference id: {retrieve_id}"
            raise SalesforceError(500, "INVALID_CROSS_REFERENCE_KEY", message)
        return found

    def take(self, one: Retrieve) -> bytes:
        """The zip, once. SalesforceError when it was taken before."""
        if one.zip is None:
            message = "Retrieve result has been deleted"
            raise SalesforceError(500, "INVALID_LOCATOR", message)
        data, one.zip = one.zip, None
        return data

    def settle(self) -> None:
        """Move on what has had its time."""
        now = self._org.clock.seconds()
        for one in self._retrieves.values():
            passed = now - one.started_at
            if not one.done and passed >= one.seconds:
                self._finish(one)
            elif not one.done and passed >= one.seconds * PENDING_SHARE:
                one.status = "InProgress"

    def _finish(self, one: Retrieve) -> None:
        shelf = self._org.shelf
        for kind, name in one.wanted:
            if kind not in FILES:
                one.messages.append(f"Entity type: '{kind}' is unknown")
            elif name == "*":
                one.found += shelf.of_type(kind)
            elif (component := shelf.get(kind, name)) is not None:
                one.found.append(component)
            else:
                text = f"Entity of type '{kind}' named '{name}' cannot be found"
                one.messages.append(text)
        one.zip = _zipped(one)
        one.status = "Succeeded"

    def properties(self, one: Retrieve) -> list[Json]:
        """FileProperties of everything in the zip."""
        listed = [self.file(component, one.folder) for component in one.found]
        package: Json = {
            "fileName": f"{one.folder}{MANIFEST}",
            "fullName": "unpackaged/package.xml",
        }
        return [*listed, {**self._people(0, 0), **package, "id": "", "type": "Package"}]

    def file(self, one: Component, folder: str = "") -> Json:
        """FileProperties of a component."""
        return {
            **self._people(one.created_at, one.changed_at),
            "fileName": folder + next(iter(one.files)),
            "fullName": one.name,
            "id": one.id,
            "manageableState": "unmanaged",
            "type": one.type,
        }

    def _people(self, created_at: int, changed_at: int) -> Json:
        admin = self._org.members[0]
        return {
            "createdById": admin.id,
            "createdByName": admin.name,
            "createdDate": stamp(created_at).replace("+0000", "Z"),
            "lastModifiedById": admin.id,
            "lastModifiedByName": admin.name,
            "lastModifiedDate": stamp(changed_at).replace("+0000", "Z"),
        }


def _zipped(one: Retrieve) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for component in one.found:
            for path, data in component.files.items():
                archive.writestr(one.folder + path, data)
        archive.writestr(one.folder + MANIFEST, _manifest(one))
    return buffer.getvalue()


def _manifest(one: Retrieve) -> str:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append('<Package xmlns="http://soap.sforce.com/2006/04/metadata">')
    for kind in sorted({component.type for component in one.found}):
        names = sorted({component.name for component in one.found if component.type == kind})
        lines.append("    <types>")
        lines += [f"        <members>{escape(name)}</members>" for name in names]
        lines += [f"        <name>{kind}</name>", "    </types>"]
    lines += [f"    <version>{one.version}</version>", "</Package>", ""]
    return "\n".join(lines)
