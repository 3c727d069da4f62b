"""One simulated portal: its parts, joined together."""

import random
from typing import Annotated

from fastapi import Depends, Request

from tests.simulators.hubspot.admin_rules import AdminRules
from tests.simulators.hubspot.association_types import AssociationTypes
from tests.simulators.hubspot.associations import Associations
from tests.simulators.hubspot.batch import Batches
from tests.simulators.hubspot.domains import CompanyDomains
from tests.simulators.hubspot.email_events import EmailEvents
from tests.simulators.hubspot.forms import Forms
from tests.simulators.hubspot.limits import Limits
from tests.simulators.hubspot.lists import Lists
from tests.simulators.hubspot.model import Change, ObjectType, Origin, Record
from tests.simulators.hubspot.object_types import COMPANY, CONTACT, object_type
from tests.simulators.hubspot.owners import Owners
from tests.simulators.hubspot.pipelines import Pipelines
from tests.simulators.hubspot.registry import PropertyRegistry
from tests.simulators.hubspot.sender import WebhookSender
from tests.simulators.hubspot.settings import Settings
from tests.simulators.hubspot.store import RecordStore
from tests.simulators.hubspot.subscriptions import Subscriptions
from tests.simulators.hubspot.tokens import Tokens
from tests.simulators.hubspot.writing import Manner, Writer
from tests.simulators.machinery.changes import ChangeKind as LoggedKind
from tests.simulators.machinery.control import Machinery

USER = Origin("CRM_UI", "userId:9001", "user", user_id=9_001)
"""Somebody at the keyboard."""
ENFORCING_VERSION = "2026-09"
"""The first version of the API that holds writes against the admin's rules (facts: section 12)."""
LOGGED: dict[str, LoggedKind] = {
    "create": "create",
    "restore": "create",
    "update": "update",
    "delete": "delete",
}


class Portal:
    """Everything that one HubSpot account consists of."""

    def __init__(self, settings: Settings, machinery: Machinery) -> None:
        self.settings = settings
        self.machinery = machinery
        clock = machinery.clock
        started = clock.milliseconds()
        self.dice = random.Random(settings.seed)
        self.app = Origin("INTEGRATION", str(settings.app_id), "app", label="Causeway")
        self.registry = PropertyRegistry()
        self.owners = Owners(started)
        self.admin_rules = AdminRules()
        self.store = RecordStore(self.registry, clock.milliseconds)
        self.pipelines = Pipelines(self.store, self.registry, clock.milliseconds)
        self.associations = Associations(AssociationTypes(), self.store)
        self.writer = Writer(
            portal_id=settings.portal_id,
            registry=self.registry,
            store=self.store,
            associations=self.associations,
            owners=self.owners,
            admin_rules=self.admin_rules,
        )
        self.batches = Batches(
            portal_id=settings.portal_id, store=self.store, writer=self.writer, dice=self.dice
        )
        self.forms = Forms(self.store, clock.milliseconds, settings.portal_id)
        self.email_events = EmailEvents()
        self.lists = Lists(
            store=self.store,
            registry=self.registry,
            now=clock.milliseconds,
            delay_seconds=settings.list_delay_seconds,
        )
        self.tokens = Tokens(clock)
        self.limits = Limits(settings, clock)
        self.subscriptions = Subscriptions(settings, self.registry, started)
        self.sender = WebhookSender(
            url=settings.webhook_url,
            secret=settings.client_secret,
            retry_scale=settings.retry_scale,
            now=clock.milliseconds,
            dice=random.Random(settings.seed),
        )
        self.notify = True
        """Off while a seed is sown that nobody is to hear of."""
        self.domains = CompanyDomains(self.store)
        self.store.watch(self.domains.hear)
        self.store.watch(self._heard)
        self.store.watch(self.lists.hear)

    def reset(self) -> None:
        """Empty, but for what was set up: tokens, properties, pipelines, subscriptions, owners."""
        self.machinery.reset()
        self.store.reset()
        self.associations.reset()
        self.domains.reset()
        self.lists.reset()
        self.forms.reset()
        self.email_events.reset()
        self.admin_rules.reset()
        self.limits.reset()
        self.sender.reset()

    def indexed_until(self) -> int:
        """Writes up to this moment (epoch ms) are found by a search."""
        lag = int(self.settings.index_lag_seconds * 1_000)
        return self.machinery.clock.milliseconds() - lag

    def manner(self, path: str) -> Manner:
        """How the app writes when it calls ``path``."""
        return Manner(self.app, enforce_admin_rules=ENFORCING_VERSION in path)

    def associated_ids(self, record: Record, name: str) -> list[int]:
        """Ids of the records of the type called ``name`` that belong to ``record``."""
        kind = object_type(name)
        return [] if kind is None else list(self.associations.of(record, kind))

    def merge(self, primary: Record, other: Record, origin: Origin) -> Record:
        """One record out of two, to which belongs what belonged to either."""
        merged = self.store.merge(primary, other, origin)
        for record in (primary, other):
            self.associations.move(record, merged)
        return merged

    def _heard(self, change: Change) -> None:
        if change.kind in LOGGED:
            self._log(change.type, change.record_id, LOGGED[change.kind], change)
        if change.kind == "merge":
            for merged_id in (
                change.details["primaryObjectId"],
                *change.details["mergedObjectIds"],
            ):
                self._log(change.type, merged_id, "delete", change)
            self._log(change.type, change.record_id, "create", change)
        if self.notify and self.sender.url:
            self.sender.put(self.subscriptions.events(change))
        if change.kind == "associate" and change.type is CONTACT:
            self._name_company(change)
        if change.kind == "create" and change.type is CONTACT and self.settings.auto_associate:
            self._join_company(change)

    def _log(self, kind: ObjectType, record_id: int, what: LoggedKind, change: Change) -> None:
        self.machinery.changes.note(
            at=change.at,
            object_name=kind.plural,
            record_id=str(record_id),
            kind=what,
            by=change.origin.by,
            fields=change.values,
        )

    def _name_company(self, change: Change) -> None:
        """A contact names its primary company in a property that nobody can write."""
        contact, told = self.store.get(CONTACT, change.record_id), change.details
        if contact is None or not told["isPrimaryAssociation"]:
            return
        if told["toObjectTypeId"] == COMPANY.type_id:
            company = "" if told["associationRemoved"] else str(told["toObjectId"])
            self.store.update(contact, {"associatedcompanyid": company}, change.origin)

    def _join_company(self, change: Change) -> None:
        contact = self.store.get(CONTACT, change.record_id)
        company = self.domains.first(change.values.get("hs_email_domain", ""))
        if contact and company:
            types = self.associations.types.between(CONTACT, COMPANY)
            self.associations.connect(contact, company, types, USER)


async def portal_of(request: Request) -> Portal:
    """The portal that this request came to."""
    found: Portal = request.app.state.portal
    return found


InPortal = Annotated[Portal, Depends(portal_of)]
