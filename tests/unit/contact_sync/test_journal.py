"""Whether a write that a crash left open was made, judged by what stands there now."""

from dataclasses import replace
from uuid import UUID

import pytest

from services.contact_sync.domain.journal import Entry, Operation, Status, resolve, writes_on
from services.contact_sync.domain.model import Kind, Mapping, Owners
from services.contact_sync.domain.outcome import Sync
from services.contact_sync.domain.pairing import Unit
from services.contact_sync.domain.plan import Pair, Plan
from shared.kernel.records import Side
from tests.unit.contact_sync.people import left, right, write

MAPPINGS = (Mapping("phone", "Phone"), Mapping("kids", "Kids__c", kind=Kind.NUMBER))
WRITES = (
    write(Side.SALESFORCE, "Phone", "2", "2"),
    write(Side.SALESFORCE, "Kids__c", "2", 2),
)
UPDATE = Entry(
    id=UUID(int=1),
    side=Side.SALESFORCE,
    operation=Operation.UPDATE,
    object_name="Contact",
    hubspot_id="1",
    salesforce_id="003",
    fields=WRITES,
    cause={},
    settings_version=1,
    traceparent=None,
)


def resolved(entry: Entry, pair: Pair) -> Status:
    return resolve(entry, pair, MAPPINGS, Owners())


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"Phone": "2", "Kids__c": 2.0}, Status.CONFIRMED),
        ({"Phone": "2", "Kids__c": 1.0}, Status.NOT_MADE),
        ({"Phone": None, "Kids__c": 2.0}, Status.NOT_MADE),
        ({}, Status.NOT_MADE),
    ],
)
def test_an_update_was_made_if_all_its_values_stand_there(
    values: dict[str, object], status: Status
) -> None:
    assert resolved(UPDATE, Pair(left("1"), right(**values))) is status  # type: ignore[arg-type]


def test_a_field_that_is_not_mapped_any_more_says_nothing() -> None:
    entry = replace(UPDATE, fields=(*WRITES, write(Side.SALESFORCE, "Gone__c", "x", "x")))
    pair = Pair(left("1"), right(Phone="2", Kids__c=2.0))
    assert resolved(entry, pair) is Status.CONFIRMED


def test_clearing_was_made_if_nothing_stands_there() -> None:
    entry = replace(
        UPDATE, side=Side.HUBSPOT, fields=(write(Side.HUBSPOT, "phone", None, "", before="1"),)
    )
    assert resolved(entry, Pair(left("1"), right())) is Status.CONFIRMED
    assert resolved(entry, Pair(left("1", phone="1"), right())) is Status.NOT_MADE


def test_a_creation_was_made_if_the_record_is_there_whatever_it_holds_by_now() -> None:
    creation = replace(UPDATE, operation=Operation.CREATE)
    assert resolved(creation, Pair(left("1"), right())) is Status.CONFIRMED
    assert resolved(creation, Pair(left("1"), None)) is Status.NOT_MADE


def test_nothing_was_made_where_there_is_no_record() -> None:
    assert resolved(UPDATE, Pair(left("1"), None)) is Status.NOT_MADE


def test_the_writes_of_a_side_are_its_own() -> None:
    other = write(Side.HUBSPOT, "phone", "2", "2")
    sync = Sync(Unit((), Pair(None, None)), Plan((*WRITES, other)), "Contact")
    assert writes_on(sync, Side.SALESFORCE) == WRITES
    assert writes_on(sync, Side.HUBSPOT) == (other,)
