"""Reading an org's metadata: listing and retrieving, which only SOAP offers.

REST has deploys and nothing else, and the JSON of the Tooling API loses parts of a layout.
"""

import base64
import binascii
import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from shared.crm.errors import CrmFatalError, CrmRetriableError
from shared.crm.salesforce.roots import DEFAULT_VERSION, data_root
from shared.crm.salesforce.soap import element, envelope, results, told
from shared.crm.transport import Transport

MAX_ANSWER_BYTES = 32 * 1024 * 1024
"""A layout is a few hundred KiB at most before it is packed; an org has hundreds of them."""
MAX_FILE_BYTES = 8 * 1024 * 1024
"""Unpacked. No file of metadata that Causeway reads comes near it."""
MAX_UNPACKED_BYTES = 128 * 1024 * 1024
MAX_FILES = 10_000
"""Salesforce's own limit of one retrieve (facts: salesforce-api 5.1)."""


@dataclass(frozen=True, slots=True)
class FileProperties:
    """One component of the org.

    Some signs of `name` are percent-encoded. `changed_at` is only good for comparing.
    """

    name: str
    file: str
    changed_at: str


@dataclass(frozen=True, slots=True)
class Retrieved:
    """How far a retrieve is.

    Once it is done: its files by path, what is known of each, and what could not be found
    (`problems`); `failed` says why there are none.
    """

    done: bool
    failed: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    properties: tuple[FileProperties, ...] = ()
    problems: tuple[str, ...] = ()


class RetrievalClient:
    """The Metadata API's reading side of one org; `transport` must map errors with SoapErrors."""

    def __init__(self, transport: Transport, *, version: str = DEFAULT_VERSION) -> None:
        data_root(version)  # checks its form
        self._transport = transport
        self._version = version
        self._path = f"/services/Soap/m/{version}"

    async def listed(self, kind: str) -> list[FileProperties]:
        """All components of a type (`Layout`), in Salesforce's order. One call."""
        inner = f"<queries>{element('type', kind)}</queries>{element('asOfVersion', self._version)}"
        return [_properties(one) for one in await self._call("listMetadata", inner)]

    async def retrieve(self, kind: str, names: Iterable[str]) -> str:
        """Starts to retrieve components of one type; the id of the retrieve (09S...)."""
        members = "".join(element("members", name) for name in names)
        inner = (
            f"<retrieveRequest>{element('apiVersion', self._version)}"
            "<singlePackage>true</singlePackage><unpackaged>"
            f"<types>{members}{element('name', kind)}</types>"
            f"{element('version', self._version)}</unpackaged></retrieveRequest>"
        )
        found = await self._call("retrieve", inner)
        started = told(found[0], "id") if found else ""
        if not started:
            raise CrmFatalError("Salesforce did not start the retrieve.", code="retrieve_refused")
        return started

    async def retrieved(self, retrieve_id: str) -> Retrieved:
        """How far it is. Salesforce hands out the files once and then forgets them."""
        inner = element("asyncProcessId", retrieve_id) + "<includeZip>true</includeZip>"
        found = await self._call("checkRetrieveStatus", inner)
        if not found:
            raise CrmRetriableError(
                "Salesforce said nothing of the retrieve.", code="crm_answer_unreadable"
            )
        return _retrieved(found[0])

    async def _call(self, operation: str, inner: str) -> list[ET.Element]:
        answer = await self._transport.request(
            "POST", self._path, xml=envelope(operation, inner), max_bytes=MAX_ANSWER_BYTES
        )
        return results(answer)


def _retrieved(found: ET.Element) -> Retrieved:
    if told(found, "done") != "true":
        return Retrieved(done=False)
    if told(found, "success") != "true":
        reason = told(found, "errorMessage") or told(found, "errorStatusCode")
        return Retrieved(done=True, failed=reason or "Salesforce gave no reason.")
    return Retrieved(
        done=True,
        files=_unzipped(told(found, "zipFile")),
        properties=tuple(_properties(one) for one in found.findall("fileProperties")),
        problems=tuple(told(one, "problem") for one in found.findall("messages")),
    )


def _properties(found: ET.Element) -> FileProperties:
    return FileProperties(
        name=told(found, "fullName"),
        file=told(found, "fileName"),
        changed_at=told(found, "lastModifiedDate"),
    )


def _unzipped(text: str) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(text))) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir()]
            _check_sizes(entries)
            return {one.filename: archive.read(one) for one in entries}
    except (binascii.Error, zipfile.BadZipFile, zipfile.LargeZipFile, EOFError):
        raise CrmRetriableError(
            "The files that Salesforce sent cannot be unpacked; they are asked for again.",
            code="crm_answer_unreadable",
        ) from None


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    sizes = [one.file_size for one in entries]
    if (
        len(sizes) > MAX_FILES
        or sum(sizes) > MAX_UNPACKED_BYTES
        or max(sizes, default=0) > (MAX_FILE_BYTES)
    ):
        raise CrmFatalError(
            f"Salesforce sent more than {MAX_FILES} files or {MAX_UNPACKED_BYTES} bytes. Name "
            "fewer layouts.",
            code="crm_answer_too_large",
        )
