"""Which records belong together (facts: section 7). Both directions always appear and vanish."""

from collections.abc import Iterable
from itertools import islice

from tests.simulators.hubspot.association_types import AssociationType, AssociationTypes
from tests.simulators.hubspot.errors import HubSpotError, error
from tests.simulators.hubspot.model import Json, ObjectType, Origin, Record
from tests.simulators.hubspot.store import RecordStore

PRIMARY = "Primary"
Node = tuple[str, int]
"""(type id, record id)."""
Meanings = tuple[AssociationType, ...]
"""What one record is to another, in the order in which it was said."""


class Associations:
    """The associations of one portal, in the order in which they were made."""

    def __init__(self, types: AssociationTypes, store: RecordStore) -> None:
        self.types = types
        self._store = store
        self._edges: dict[Node, dict[Node, Meanings]] = {}
        self._known: dict[Meanings, Meanings] = {}
        """A million associations have a handful of meanings, which they share."""

    def reset(self) -> None:
        """Nothing belongs together."""
        self._edges.clear()
        self._known.clear()

    def of(self, record: Record, target: ObjectType) -> dict[int, list[AssociationType]]:
        """The live records of type ``target`` that belong to ``record``, with the meanings."""
        edges = self._edges.get((record.type.type_id, record.id), {})
        alive = self._store.live(target)
        return {
            other_id: list(types)
            for (type_id, other_id), types in edges.items()
            if type_id == target.type_id and other_id in alive
        }

    def some(self, record: Record, most: int) -> list[tuple[AssociationType, int]]:
        """What belongs to a record, ``most`` at most, whether it lives or is in the bin."""
        edges = self._edges.get((record.type.type_id, record.id), {})
        pairs = ((one, other) for (_, other), types in edges.items() for one in types)
        return list(islice(pairs, most))

    def connect(
        self, source: Record, target: Record, types: Iterable[AssociationType], origin: Origin
    ) -> None:
        """Associate two records; labels replace those of the pair, the plain type stays.

        HubSpotError 400 when the two are one.
        """
        if source is target:
            raise error(400, f"Object {source.id} cannot be associated to itself")
        plain = self.types.between(source.type, target.type)[0]
        wanted = tuple({one.id: one for one in (plain, *types)}.values())
        for one in wanted:
            if one.label == PRIMARY:
                self._make_room_for_primary(source, one)
                self._make_room_for_primary(target, self.types.reverse(one))
        self._put(source, target, wanted, origin)
        self._put(target, source, tuple(self.types.reverse(one) for one in wanted), origin)

    def _put(self, source: Record, target: Record, types: Meanings, origin: Origin) -> None:
        edges = self._edges.setdefault((source.type.type_id, source.id), {})
        node = (target.type.type_id, target.id)
        before = edges.get(node, ())
        edges[node] = self._known.setdefault(types, types)
        for one in types:
            if one not in before:
                self._tell(source, target, one, origin, removed=False)

    def _make_room_for_primary(self, record: Record, primary: AssociationType) -> None:
        """A contact or deal has one primary company; a company is primary for many."""
        if primary.source.singular == "company":
            return
        node = (record.type.type_id, record.id)
        for other, types in self._edges.get(node, {}).items():
            if primary in types:
                self._drop(node, other, primary)
                self._drop(other, node, self.types.reverse(primary))

    def _drop(self, node: Node, other: Node, gone: AssociationType) -> None:
        left = tuple(one for one in self._edges[node][other] if one is not gone)
        self._edges[node][other] = self._known.setdefault(left, left)

    def disconnect(self, source: Record, target: Record, origin: Origin) -> None:
        """Remove everything between two records, if there is anything."""
        for one, other in ((source, target), (target, source)):
            edges = self._edges.get((one.type.type_id, one.id), {})
            for kind in edges.pop((other.type.type_id, other.id), ()):
                self._tell(one, other, kind, origin, removed=True)

    def move(self, old: Record, new: Record) -> None:
        """After a merge, what belonged to ``old`` belongs to ``new``."""
        before = (old.type.type_id, old.id)
        after = (new.type.type_id, new.id)
        for other, types in self._edges.pop(before, {}).items():
            if other == after:
                continue
            back = self._edges[other].pop(before)
            self._join(after, other, types)
            self._join(other, after, back)

    def _join(self, node: Node, other: Node, types: Meanings) -> None:
        edges = self._edges.setdefault(node, {})
        edges[other] = tuple(dict.fromkeys((*edges.get(other, ()), *types)))

    def _tell(
        self,
        source: Record,
        target: Record,
        kind: AssociationType,
        origin: Origin,
        *,
        removed: bool,
    ) -> None:
        details: Json = {
            "associationType": f"{source.type.legacy}_TO_{target.type.legacy}",
            "fromObjectId": source.id,
            "toObjectId": target.id,
            "fromObjectTypeId": source.type.type_id,
            "toObjectTypeId": target.type.type_id,
            "associationTypeId": kind.id,
            "associationCategory": kind.category,
            "associationRemoved": removed,
            "isPrimaryAssociation": kind.label == PRIMARY,
        }
        self._store.tell(source, "associate", origin, {}, details)

    def plan(self, kind: ObjectType, requests: list[Json]) -> list[tuple[Record, AssociationType]]:
        """What the ``associations`` of a create ask for. HubSpotError 400 names what is wrong."""
        planned = []
        for wanted in requests:
            for spec in wanted.get("types") or ():
                association = self._usable(kind, spec)
                planned.append((self._target(association, wanted.get("to") or {}), association))
        return planned

    def _usable(self, kind: ObjectType, spec: Json) -> AssociationType:
        category = str(spec.get("associationCategory", ""))
        type_id = int(spec.get("associationTypeId") or 0)
        association = self.types.get(category, type_id)
        if association is None:
            raise _invalid("INVALID_ASSOCIATION_TYPE_ID", f"{category} {type_id} is not valid")
        if association.source is not kind:
            raise error(
                400,
                f"invalid from object type {kind.type_id} for associations to be created. "
                f"expected: {association.source.type_id}",
            )
        return association

    def _target(self, association: AssociationType, to: Json) -> Record:
        wanted = str(to.get("id", ""))
        target = association.target
        record = self._store.resolve(target, int(wanted)) if wanted.isdecimal() else None
        if record is None:
            raise _invalid("INVALID_OBJECT_IDS", f"{target.legacy}={wanted} is not valid")
        return record


def _invalid(what: str, detail: str) -> HubSpotError:
    return error(400, "One or more associations are invalid", context={what: [detail]})
