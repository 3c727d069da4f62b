"""Deliveries, rows and connections for the tests of ingress."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.ingress.domain.polling import PolledRow
from services.ingress.ports import Connection
from shared.contracts.settings import ActivitySettings, CompanySettings, FieldMapping, Settings
from shared.kernel.records import ObjectType, Side
from tests.factories.standings import RUNNING

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NOON_MS = 1_772_452_800_000
PORTAL, APP = "4711", "222"


def settings(
    version: int = 1, activities: ActivitySettings | None = None, *, companies: bool = False
) -> Settings:
    """Settings that map the first name of people, and the name of companies."""
    return Settings(
        version=version,
        companies=CompanySettings(enabled=companies),
        activities=activities or ActivitySettings(),
        mappings=(
            _mapping(ObjectType.CONTACT, "firstname", "FirstName", "Contact", "Lead"),
            _mapping(ObjectType.COMPANY, "name", "Name", "Account"),
        ),
    )


def connection(number: int = 1, portal: str = PORTAL, **more: object) -> Connection:
    """A running connection of one portal."""
    usual: dict[str, object] = {"settings": settings(), "standing": RUNNING}
    known = Connection(UUID(int=number), portal, APP, "005A")
    return _replaced(known, usual | more)


def event(**more: object) -> dict[str, object]:
    """One element of a delivery."""
    return {
        "eventId": 1,
        "subscriptionId": 1,
        "portalId": int(PORTAL),
        "appId": int(APP),
        "occurredAt": NOON_MS,
        "subscriptionType": "contact.propertyChange",
        "attemptNumber": 0,
        "objectId": 501,
        "propertyName": "firstname",
        "propertyValue": "Ada",
        "changeSource": "CRM_UI",
        **more,
    }


def body(*events: dict[str, object]) -> bytes:
    """A delivery's body."""
    return json.dumps(list(events)).encode()


def row(
    record_id: str = "003A",
    *,
    object_name: str = "Contact",
    seconds: float = 0,
    age: float = 3600,
    deleted: bool = False,
    ours: bool | None = False,
    **values: object,
) -> PolledRow:
    """A polled row, modified that many seconds after noon, created `age` seconds before that."""
    at = NOON + timedelta(seconds=seconds)
    return PolledRow(
        side=Side.HUBSPOT if object_name == "tasks" else Side.SALESFORCE,
        object_name=object_name,
        record_id=record_id,
        modified_at=at,
        created_at=at - timedelta(seconds=age),
        deleted=deleted,
        ours=ours,
        values=dict(values),
    )


def _mapping(object_type: ObjectType, here: str, there: str, *objects: str) -> FieldMapping:
    return FieldMapping(
        object_type=object_type,
        hubspot_property=here,
        salesforce_field=there,
        salesforce_objects=objects,
    )


def _replaced(known: Connection, values: dict[str, object]) -> Connection:
    given = {name: getattr(known, name) for name in Connection.__dataclass_fields__}
    return Connection(**{**given, **values})
