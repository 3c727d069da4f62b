"""Checks one write completely, so that carrying it out cannot fail any more."""

from dataclasses import dataclass, field

from tests.simulators.hubspot.admin_rules import AdminRules
from tests.simulators.hubspot.association_types import AssociationType
from tests.simulators.hubspot.associations import Associations
from tests.simulators.hubspot.errors import (
    HubSpotError,
    bad_request,
    email_taken,
    invalid_properties,
    missing_required,
    value_taken,
)
from tests.simulators.hubspot.model import Json, ObjectType, Origin, Record, Values
from tests.simulators.hubspot.owners import Owners
from tests.simulators.hubspot.registry import PropertyRegistry
from tests.simulators.hubspot.store import RecordStore
from tests.simulators.hubspot.unique import EMAIL, Key
from tests.simulators.hubspot.values import Cleaned, Rules, cleaned

Claims = dict[Key, int]
"""Unique values that earlier inputs of the same batch are about to take, with their ids."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A write that will succeed."""

    type: ObjectType
    values: Values
    record: Record | None = None
    """None for a record that is yet to be created."""
    associations: list[tuple[Record, AssociationType]] = field(default_factory=list)
    warnings: list[Json] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Manner:
    """How the caller writes: through which version of the API, and in whose name."""

    origin: Origin
    enforce_admin_rules: bool = False
    """From version 2026-09 on (facts: section 12)."""


def _properties(body: Json) -> Json:
    found = body.get("properties") or {}
    if not isinstance(found, dict):
        raise bad_request()
    return found


class Writer:
    """Checks and carries out writes on the records of one portal."""

    def __init__(
        self,
        *,
        portal_id: int,
        registry: PropertyRegistry,
        store: RecordStore,
        associations: Associations,
        owners: Owners,
        admin_rules: AdminRules,
    ) -> None:
        self._portal_id = portal_id
        self._registry = registry
        self._store = store
        self._associations = associations
        self._owners = owners
        self._admin_rules = admin_rules

    def draft_create(
        self,
        kind: ObjectType,
        body: Json,
        manner: Manner,
        claims: Claims | None = None,
        *,
        by_upsert: bool = False,
    ) -> Draft:
        """A checked create. HubSpotError 400 or 409 says what is wrong with it."""
        clean = self._clean(kind, _properties(body), {}, manner)
        missing = [
            name
            for group in kind.required
            if not any(clean.values.get(one) for one in group)
            for name in group
        ]
        if missing:
            raise missing_required(kind, missing)
        if manner.enforce_admin_rules:
            self._admin_rules.check_create(kind, clean.values)
        self._check_unique(kind, clean.values, None, claims, by_upsert=by_upsert)
        associations = self._associations.plan(kind, body.get("associations") or [])
        return Draft(kind, clean.values, None, associations, clean.warnings)

    def draft_update(
        self, record: Record, body: Json, manner: Manner, claims: Claims | None = None
    ) -> Draft:
        """A checked update. HubSpotError 400 says what is wrong with it."""
        kind = record.type
        clean = self._clean(kind, _properties(body), record.values, manner)
        if manner.enforce_admin_rules:
            self._admin_rules.check_update(kind, {**record.values, **clean.values})
        self._check_unique(kind, clean.values, record, claims, by_upsert=True)
        return Draft(kind, clean.values, record, [], clean.warnings)

    def carry_out(self, draft: Draft, origin: Origin) -> tuple[Record, Values]:
        """The record as it is now, and the values that this write changed."""
        if draft.record is not None:
            return draft.record, self._store.update(draft.record, draft.values, origin)
        record = self._store.create(draft.type, draft.values, origin)
        for target, association in draft.associations:
            self._associations.connect(record, target, [association], origin)
        return record, record.values

    def _clean(self, kind: ObjectType, raw: Json, current: Values, manner: Manner) -> Cleaned:
        rules = Rules(self._registry.of(kind), self._owners.ids(), manner.enforce_admin_rules)
        clean = cleaned(raw, rules, current=current)
        if clean.problems:
            raise invalid_properties(clean.problems, self._portal_id)
        return clean

    def _check_unique(
        self,
        kind: ObjectType,
        values: Values,
        record: Record | None,
        claims: Claims | None,
        *,
        by_upsert: bool,
    ) -> None:
        """Three texts for one condition (facts: section 15, number 2)."""
        own_id = record.id if record else None
        pending = claims if claims is not None else {}
        keys = self._store.unique.keys(kind, values)
        for key in keys:
            holder = self._store.unique.holder(key)
            if holder is None:
                holder = pending.get(key)
            if holder is not None and holder != own_id:
                raise self._taken(kind, key, record, holder, by_upsert=by_upsert)
        if claims is not None:
            wanted = own_id or self._store.next_id()
            claims.update(dict.fromkeys(keys, wanted))

    def _taken(
        self, kind: ObjectType, key: Key, record: Record | None, holder: int, *, by_upsert: bool
    ) -> HubSpotError:
        if key[1] == EMAIL and not by_upsert:
            return email_taken(holder)
        wanted = record.id if record else self._store.next_id()
        return value_taken(
            kind, key[1], key[2], portal_id=self._portal_id, wanted=wanted, holder=holder
        )
