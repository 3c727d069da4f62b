"""One simulated org: its parts put together, its first users, and what a package brings."""

from collections.abc import Iterable
from datetime import date, datetime

from tests.simulators.machinery.control import Machinery
from tests.simulators.salesforce.bulk.desk import BulkDesk
from tests.simulators.salesforce.deploys import Deploys
from tests.simulators.salesforce.founding import founded, people, permission_row, refresh
from tests.simulators.salesforce.grants import Grants, Session
from tests.simulators.salesforce.ids import IdMaker
from tests.simulators.salesforce.installs import Installs
from tests.simulators.salesforce.layouts.removal import take_off_layouts
from tests.simulators.salesforce.layouts.standard import STANDARD_PAGES, standard_layouts
from tests.simulators.salesforce.limits import DailyLimit, header
from tests.simulators.salesforce.locators import Locators
from tests.simulators.salesforce.members import Member, members
from tests.simulators.salesforce.outbound.queue import OutboundQueue
from tests.simulators.salesforce.pubsub.capture import ChangeCapture
from tests.simulators.salesforce.retrieves import Retrieves
from tests.simulators.salesforce.rights import Rights
from tests.simulators.salesforce.rules import Rules
from tests.simulators.salesforce.schema.catalogue import KEY_FIELD, KEYED_OBJECTS, Catalogue
from tests.simulators.salesforce.schema.fields import Field
from tests.simulators.salesforce.schema.objects import ObjectType
from tests.simulators.salesforce.schema.setup import USER_PERMISSION_ACCESS
from tests.simulators.salesforce.settings import Settings
from tests.simulators.salesforce.shelf import Shelf
from tests.simulators.salesforce.sight import Permissions, Sight, field_key
from tests.simulators.salesforce.stamps import day, moment, stamp
from tests.simulators.salesforce.store import Record, Store, Table
from tests.simulators.salesforce.switches import Switches
from tests.simulators.salesforce.writer import Author, Pulse, Writer

PREFIX = 3
PAGES_ORIGIN = "com/salesforce/api/soap/68.0;client=SfdcInternalAPI/"
"""What change events tell of a change made in the org's own pages."""
PERMISSION_SET = "Causeway_Integration"


class Org:
    """All state of the process. ``reset`` makes it new; tokens and OAuth grants survive that."""

    def __init__(self, settings: Settings, machinery: Machinery) -> None:
        self.settings = settings
        self.machinery = machinery
        self.clock = machinery.clock
        self.switches = Switches()
        self.members: tuple[Member, ...] = members()
        self.grants = Grants(clock=self.clock, members=self.members)
        self._begin()

    def _begin(self) -> None:
        self._flip_switches_back()
        self.ids = IdMaker()
        self.catalogue = Catalogue()
        self.permissions = Permissions()
        self.rights = Rights(switches=self.switches, admin_id=self.members[0].id)
        self.store = Store(indexed=self._indexed, changes=self.machinery.changes)
        self.sight = Sight(
            catalogue=self.catalogue,
            switches=self.switches,
            permissions=self.permissions,
            store=self.store,
            rights=self.rights,
        )
        self.pulse = Pulse(self.clock)
        self.limit = DailyLimit()
        self.locators = Locators(ids=self.ids, clock=self.clock)
        self.installs = Installs(self)
        self.deploys = Deploys(self)
        self.shelf = Shelf(ids=self.ids, clock=self.clock)
        self.retrieves = Retrieves(self)
        self.bulk = BulkDesk(self)
        self.outbound = OutboundQueue(self)
        self.capture = ChangeCapture(self)
        self.purged_at: dict[str, int] = {}
        self.schema_changed_at: datetime | None = None
        self.writer = Writer(
            store=self.store,
            ids=self.ids,
            clock=self.clock,
            catalogue=self.catalogue,
            sight=self.sight,
            switches=self.switches,
            rules=Rules(store=self.store, catalogue=self.catalogue, switches=self.switches),
            pulse=self.pulse,
            routing_user_id=self.members[-1].id,
        )
        people(self)
        self._lay_out()

    def _lay_out(self) -> None:
        """The layouts that every org has, and a page of the customer's on one of them."""
        for name, files in STANDARD_PAGES.items():
            self.shelf.put("ApexPage", name, files)
        for name, data in standard_layouts().items():
            self.shelf.put("Layout", name, {f"layouts/{name}.layout": data})

    def _flip_switches_back(self) -> None:
        fresh = Switches(
            install_seconds=self.settings.install_seconds,
            rotate_refresh_tokens=self.settings.rotate_refresh_tokens,
            daily_limit=self.settings.daily_limit,
        )
        for name in type(fresh).model_fields:
            setattr(self.switches, name, getattr(fresh, name))

    def reset(self) -> None:
        """As new, but for the grants: connections made before go on."""
        self.machinery.reset()
        self.grants.authorised.clear()
        self._begin()

    def _indexed(self, object_name: str) -> Iterable[str]:
        kind = self.catalogue.get(object_name)
        fields = () if kind is None else kind.fields.values()
        return ["Name", "Website", *(one.name for one in fields if one.indexed)]

    def settle(self) -> None:
        """Let what takes time (installs, deploys, bulk jobs) have its effect in its time."""
        self.installs.settle()
        self.deploys.settle()
        self.retrieves.settle()
        self.bulk.settle()

    @property
    def human(self) -> Author:
        """Somebody who works in the org's own pages."""
        return Author(user_id=self.members[1].id, by="user", auto_assign=False, origin=PAGES_ORIGIN)

    def open_session(
        self, user: Member, scopes: tuple[str, ...], refresh_token: str | None
    ) -> Session:
        """A new access token of the kind that the org issues."""
        jwt = self.switches.jwt_access_tokens
        return self.grants.open_session(user, scopes, refresh_token, self.settings.org_id, jwt=jwt)

    def at_the_cap(self) -> bool:
        """Whether the org may make no more calls today (facts: section 2.8)."""
        allowed = self.switches.daily_limit + self.switches.limit_overrun
        return self.limit.used(self.clock.seconds()) >= allowed

    def limit_header(self) -> str:
        """Sforce-Limit-Info, which may lag behind and say more than one thing."""
        switches = self.switches
        shown = max(0, self.limit.used(self.clock.seconds()) - switches.limit_header_lag)
        return header(shown, switches.daily_limit, more=switches.limit_header_more)

    def is_active(self, user_id: str) -> bool:
        """Whether a user may log in."""
        user = self.store.get("User", user_id)
        return user is not None and bool(user.fields["IsActive"])

    def add_field(self, object_name: str, field: Field, *, guarded: bool) -> None:
        """A custom field comes into being; a guarded one needs a permission. KeyError."""
        kind = self.catalogue.add_field(object_name, field)
        if guarded:
            self.permissions.guarded.add(field_key(kind.name, field.name))
        self.store.table(kind.name).reindex()
        self._schema_changed()

    def remove_field(self, object_name: str, field_name: str) -> None:
        """A custom field goes, with its values. KeyError for no such object."""
        kind = self.catalogue.get(object_name)
        field = None if kind is None else kind.field(field_name)
        if kind is None or field is None:
            return
        self.catalogue.remove_field(kind.name, field.name)
        self.permissions.guarded.discard(field_key(kind.name, field.name))
        self.store.drop_field(kind.name, field.name)
        take_off_layouts(self.shelf, kind.name, field.name)
        self._schema_changed()

    def _schema_changed(self) -> None:
        self.schema_changed_at = moment(stamp(self.clock.milliseconds()))
        self.sight.forget()

    def add_permission_set(
        self, name: str, label: str, grants: Iterable[tuple[str, str]], description: str = ""
    ) -> str:
        """A permission set comes into being, or is as the deploy has it from now on; its id."""
        table = self.store.table("PermissionSet")
        known = [one for one in table.find("Name", name) or () if one.deleted_at is None]
        set_id = known[0].id if known else self.ids.next("0PS")
        texts = {"Name": name, "Label": label, "Description": description or None}
        flags = {"IsOwnedByProfile": False, "IsCustom": True}
        fields: dict[str, object] = {"Id": set_id, **texts, **flags}
        table.put(founded(self, "PermissionSet", fields))
        self.permissions.grants[set_id] = {field_key(*one) for one in grants}
        refresh(self)
        return set_id

    def remove_permission_set(self, name: str) -> None:
        """A permission set goes, with its assignments."""
        table = self.store.table("PermissionSet")
        for one in table.find("Name", name) or ():
            table.remove(one.id)
            self.permissions.grants.pop(one.id, None)
            assigned = self.store.table("PermissionSetAssignment")
            for assignment in assigned.find("PermissionSetId", one.id) or ():
                assigned.remove(assignment.id)
        self.sight.forget()

    def install_package(self) -> None:
        """The package is in place: everybody sees its field."""
        for name in KEYED_OBJECTS:
            self.add_field(name, KEY_FIELD, guarded=False)
            self.permissions.guarded.discard(field_key(name, KEY_FIELD.name))
        grants = [(name, KEY_FIELD.name) for name in KEYED_OBJECTS]
        self.add_permission_set(PERMISSION_SET, "Causeway Integration", grants)
        self.sight.forget()

    def uninstall_package(self) -> None:
        """The package and its field are gone."""
        for name in KEYED_OBJECTS:
            self.remove_field(name, KEY_FIELD.name)
        self.remove_permission_set(PERMISSION_SET)

    def as_seen_by(self, user_id: str) -> "OrgView":
        """The org for the queries of one user."""
        return OrgView(self, user_id)


class OrgView:
    """What queries of one user see (``soql.world.World``)."""

    def __init__(self, org: Org, user_id: str) -> None:
        self._org = org
        self._user_id = user_id

    def object(self, name: str) -> ObjectType | None:
        """An object with the fields that the user sees."""
        return self._org.sight.object(name, self._user_id)

    def may_see(self, name: str) -> bool:
        """Whether the user's permissions show an object of Setup."""
        return self._org.sight.may_see(name, self._user_id)

    def table(self, name: str) -> Table:
        """All records of an object, and what this user may do as one of them."""
        if name != USER_PERMISSION_ACCESS.name:
            return self._org.store.table(name)
        table = Table(name, list)
        table.put(permission_row(self._org, self._user_id))
        return table

    def record(self, record_id: str) -> Record | None:
        """Any record by its id."""
        kind = self._org.catalogue.by_prefix(record_id[:PREFIX])
        return None if kind is None else self._org.store.get(kind.name, record_id)

    def today(self) -> date:
        """Today, by UTC."""
        return day(self._org.clock.milliseconds())
