"""The window's steps in a real org: read layouts, patch them, deploy them."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

import httpx2

from services.package_watcher.domain.observation import Accepted, Held, Refused, Unreachable
from services.package_watcher.domain.window import (
    Action,
    Change,
    Patched,
    Stale,
    Waiting,
    Window,
    WindowSeen,
    WindowStep,
)
from services.package_watcher.domain.window_elements import LayoutError
from services.package_watcher.domain.window_layout import (
    PAGES,
    difference,
    has_window,
    object_of,
    page_of,
    with_window,
    without_window,
)
from services.package_watcher.gateways.archive import WINDOW, PackageSource
from services.package_watcher.gateways.org import CALL_SECONDS, PURPOSE, observed
from services.package_watcher.gateways.requests import deploy_status
from services.package_watcher.ports import LayoutSeen
from shared.crm.errors import CrmFatalError
from shared.crm.salesforce.mapper import SalesforceErrors
from shared.crm.salesforce.metadata import MetadataClient
from shared.crm.salesforce.retrieval import FileProperties, RetrievalClient, Retrieved
from shared.crm.salesforce.soap import SoapErrors
from shared.crm.transport import ErrorMapper, Transport
from shared.crm.watching import CallWatch, unwatched
from shared.kernel.errors import CausewayError
from shared.kernel.records import Side
from shared.web.peers import CrmAccess

LAYOUT = "Layout"
FOLDER = "layouts/"
LOOKS = 12
"""Looks at a retrieve that a person waits for; together with the pauses a quarter of a minute."""

LOOK_SECONDS = 1.0
FORGOTTEN = frozenset({"INVALID_LOCATOR", "INVALID_CROSS_REFERENCE_KEY", "INVALID_ID_FIELD"})
"""What Salesforce says of a retrieve whose files it handed out before: it has to be read again."""

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
"""Hosts that browsers let an https page frame without https."""


@dataclass(frozen=True, slots=True)
class _Doors:
    retrieval: RetrievalClient
    metadata: MetadataClient


class WindowOrgs:
    """The `WindowSalesforce` port: calls are leased from the quota for the setup."""

    def __init__(
        self,
        http: httpx2.AsyncClient,
        access: CrmAccess,
        package: PackageSource,
        public_url: str,
        watch: CallWatch = unwatched,
        *,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._http = http
        self._access = access
        self._package = package
        self._public_url = public_url
        self._watch = watch
        self._look_seconds = look_seconds

    async def layouts(self, connection_id: UUID) -> list[LayoutSeen] | Refused | Unreachable | Held:
        """All layouts of leads and contacts, and whether the window stands on each."""
        try:
            async with self._open(connection_id) as doors:
                names = _names(await doors.retrieval.listed(LAYOUT))
                if not names:
                    return []
                found = await self._waited(doors, await doors.retrieval.retrieve(LAYOUT, names))
        except CausewayError as error:
            return observed(error)
        if found is None:
            return Unreachable("Salesforce is still packing the layouts.", self._look_seconds)
        return _seen(found)

    async def carry_out(self, step: WindowStep, window: Window) -> WindowSeen:
        """Does one step; every error of a call is an observation too."""
        try:
            async with self._open(window.connection_id) as doors:
                match step:
                    case WindowStep.RETRIEVE:
                        return await self._retrieve(doors, window)
                    case WindowStep.PATCH:
                        return await self._patch(doors, window)
                    case WindowStep.STATUS:
                        return await deploy_status(doors.metadata, window.request_id)
        except LayoutError as wrong:
            return Refused("layout_unreadable", f"A layout cannot be patched: {wrong}.")
        except CausewayError as error:
            return observed(error)

    @asynccontextmanager
    async def _open(self, connection_id: UUID) -> AsyncIterator[_Doors]:
        tokens = self._access.token_source(connection_id, Side.SALESFORCE)
        async with self._access.meter(connection_id, Side.SALESFORCE, purpose=PURPOSE) as meter:

            def line(family: ErrorMapper) -> Transport:
                return Transport(
                    self._http,
                    tokens,
                    meter,
                    family=family,
                    total_seconds=CALL_SECONDS,
                    watch=self._watch,
                )

            yield _Doors(
                RetrievalClient(line(SoapErrors())), MetadataClient(line(SalesforceErrors()))
            )

    async def _waited(self, doors: _Doors, request_id: str) -> Retrieved | None:
        """A retrieve that somebody waits for; None when it takes longer than that."""
        for _look in range(LOOKS):
            found = await doors.retrieval.retrieved(request_id)
            if found.done:
                return found
            await asyncio.sleep(self._look_seconds)
        return None

    async def _retrieve(self, doors: _Doors, window: Window) -> WindowSeen:
        if window.action is Action.ADD and not _can_be_framed(self._public_url):
            return Refused(
                "public_url_not_https",
                f"Salesforce pages can show https pages only, and this deployment is at "
                f"{self._public_url}.",
            )
        names = window.layouts or _names(await doors.retrieval.listed(LAYOUT))
        if not names:
            return Patched(())
        return Accepted(await doors.retrieval.retrieve(LAYOUT, names))

    async def _patch(self, doors: _Doors, window: Window) -> WindowSeen:
        try:
            found = await doors.retrieval.retrieved(window.request_id)
        except CrmFatalError as gone:
            if gone.code in FORGOTTEN:
                return Stale("Salesforce has handed out the layouts before.")
            raise
        if not found.done:
            return Waiting()
        trouble = found.failed or "; ".join(found.problems)
        if trouble:
            return Refused("retrieve_failed", trouble)
        before = _files(found)
        after = {name: _patched(name, data, window.action) for name, data in before.items()}
        changes = _changes(before, after, window)
        changed = {name: after[name] for name in before if after[name] != before[name]}
        if window.action is Action.PREVIEW or not changed:
            return Patched(changes)
        if _changed(found.properties, await doors.retrieval.listed(LAYOUT), changed):
            return Stale("A layout was changed while Causeway patched it.")
        return Patched(changes, await self._deploy(doors, window, changed))

    async def _deploy(self, doors: _Doors, window: Window, layouts: Mapping[str, bytes]) -> str:
        parts = (WINDOW,) if window.action is Action.ADD else ()
        package = await asyncio.to_thread(self._package.zip, *parts, layouts=layouts)
        return await doors.metadata.deploy(package)


def _names(listed: Iterable[FileProperties]) -> tuple[str, ...]:
    return tuple(sorted(one.name for one in listed if object_of(one.name) in PAGES))


def _files(found: Retrieved) -> dict[str, bytes]:
    """The layouts by full name: that is how their files are called."""
    return {
        _name(path): data for path, data in sorted(found.files.items()) if path.startswith(FOLDER)
    }


def _name(path: str) -> str:
    return path.removeprefix(FOLDER).removesuffix(".layout")


def _seen(found: Retrieved) -> list[LayoutSeen] | Refused:
    if found.failed:
        return Refused("retrieve_failed", found.failed)
    return [_layout(name, data) for name, data in _files(found).items()]


def _layout(name: str, data: bytes) -> LayoutSeen:
    try:
        return LayoutSeen(name, has_window(data, page_of(name)))
    except LayoutError as wrong:
        return LayoutSeen(name, window=False, problem=str(wrong))


def _patched(name: str, data: bytes, action: Action) -> bytes:
    patch = without_window if action is Action.REMOVE else with_window
    return patch(data, page_of(name))


def _changes(
    before: Mapping[str, bytes], after: Mapping[str, bytes], window: Window
) -> tuple[Change, ...]:
    """Every layout that was named, and every one that differs."""
    changes = (Change(name, difference(name, before[name], after[name])) for name in before)
    return tuple(one for one in changes if one.diff or one.layout in window.layouts)


def _changed(
    read: Iterable[FileProperties], listed: Iterable[FileProperties], names: Iterable[str]
) -> bool:
    """Whether any of these layouts is no longer as it was read, or nobody can tell."""
    then = {_name(one.file): one.changed_at for one in read}
    now = {_name(one.file): one.changed_at for one in listed}
    return any(name not in then or then[name] != now.get(name) for name in names)


def _can_be_framed(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in LOOPBACK
