"""The metadata components that the org keeps as files: what a retrieve gives back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.simulators.machinery.clock import VirtualClock
from tests.simulators.salesforce.ids import IdMaker

PREFIXES = {"ApexPage": "066", "Layout": "00h", "PermissionSet": "0PS"}
OTHER_PREFIX = "01p"


@dataclass(frozen=True, slots=True)
class Component:
    """One component: its files by path, and ``sent``: the main file as somebody deployed it.

    Times are milliseconds. The org may keep another text than the one that was sent.
    """

    type: str
    name: str
    id: str
    files: Mapping[str, bytes]
    sent: bytes | None
    created_at: int
    changed_at: int
    deploys: int = 0


class Shelf:
    """All components, by type and full name."""

    def __init__(self, *, ids: IdMaker, clock: VirtualClock) -> None:
        self._ids = ids
        self._clock = clock
        self._components: dict[tuple[str, str], Component] = {}

    def put(
        self, kind: str, name: str, files: Mapping[str, bytes], *, sent: bytes | None = None
    ) -> Component:
        """Keep a component in place of the one with its name, all of it."""
        now = self._clock.milliseconds()
        known = self.get(kind, name)
        made = Component(
            type=kind,
            name=name,
            id=known.id if known else self._ids.next(PREFIXES.get(kind, OTHER_PREFIX)),
            files=dict(sorted(files.items())),
            sent=sent,
            created_at=known.created_at if known else now,
            changed_at=now,
            deploys=(known.deploys if known else 0) + (sent is not None),
        )
        self._components[kind, name] = made
        return made

    def get(self, kind: str, name: str) -> Component | None:
        """A component, if there is one."""
        return self._components.get((kind, name))

    def of_type(self, kind: str) -> Iterable[Component]:
        """The components of a type, by name."""
        return [one for key, one in sorted(self._components.items()) if key[0] == kind]

    def remove(self, kind: str, name: str) -> bool:
        """Drop a component; whether there was one."""
        return self._components.pop((kind, name), None) is not None
