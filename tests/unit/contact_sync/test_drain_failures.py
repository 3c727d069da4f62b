"""Draining on fakes: refusals, failed calls, answers that were lost, deaths between steps."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.contact_sync.domain.journal import Status
from services.contact_sync.handlers.drain import drain_batch
from services.contact_sync.handlers.settle import MAX_ATTEMPTS
from shared.contracts.settings import SyncRule
from shared.kernel.errors import FatalError, RetriableError
from shared.kernel.records import Side
from tests.fakes.contact_sync.crm import WRITES, OpenTransactionError
from tests.fakes.contact_sync.stage import CONNECTION, LEASE, Stage, mapping
from tests.fakes.contact_sync.store import WorkerDiedError

LOST = RetriableError("the answer was lost", code="timeout")


async def a_pair(stage: Stage) -> tuple[str, str]:
    right = stage.crms.salesforce.add(Email="ada@x.test", LastName="L", Phone="1")
    await stage.settle_down()
    stage.crms.calls.clear()
    return stage.store.links[0].hubspot_id, right


def statuses(stage: Stage) -> list[Status]:
    return [entry.status for entry in stage.store.journal]


async def test_a_refusing_side_is_parked_and_the_other_keeps_its_write() -> None:
    stage = Stage.build(
        mapping("email", "Email"),
        mapping("lastname", "LastName"),
        mapping("phone", "Phone", SyncRule.TWO_WAY),
        mapping("fax", "Fax", SyncRule.TWO_WAY),
    )
    left, right = await a_pair(stage)
    stage.crms.hubspot.edit(left, phone="2")
    stage.crms.salesforce.edit(right, Fax="9")
    stage.crms.faults.refuse(right, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    await stage.tell_all()
    await stage.drain_once()

    assert stage.crms.hubspot.value(left, "fax") == "9"
    assert stage.crms.salesforce.value(right, "Phone") == "1"
    assert [p.code for p in stage.store.parked] == ["FIELD_CUSTOM_VALIDATION_EXCEPTION"]
    assert statuses(stage)[-2:] == [Status.DONE, Status.REFUSED]
    assert stage.store.links[0].base["phone"] == "1"
    assert stage.store.links[0].base["fax"] == "9"
    assert stage.store.waiting == set()

    await stage.note(Side.HUBSPOT, left)
    await stage.drain_once()
    assert stage.crms.salesforce.value(right, "Phone") == "2"
    assert stage.store.parked == []


async def test_one_refused_record_never_fails_its_neighbours(stage: Stage) -> None:
    ones = [stage.crms.hubspot.add(email=f"{n}@x.test", lastname="L") for n in range(3)]
    stage.crms.faults.refuse(f"4711:contact:{ones[1]}", "DUPLICATES_DETECTED")
    await stage.note(Side.HUBSPOT, *ones)
    await stage.drain_once()

    assert {link.hubspot_id for link in stage.store.links} == {ones[0], ones[2]}
    assert [p.claim.record_id for p in stage.store.parked] == [ones[1]]


async def test_a_refusal_for_now_is_tried_again_and_succeeds(stage: Stage) -> None:
    left, right = await a_pair(stage)
    stage.crms.hubspot.edit(left, phone="2")
    stage.crms.faults.refuse(right, "UNABLE_TO_LOCK_ROW", retriable=True, times=2)
    await stage.tell_all()
    await stage.drain_once()
    assert stage.store.waiting == {("hubspot", left)}
    assert stage.store.parked == []
    assert await stage.drain_once() == 0

    for _ in range(2):
        stage.clock.advance(timedelta(seconds=6))
        assert await stage.drain_once() == 1
    assert stage.crms.salesforce.value(right, "Phone") == "2"
    assert stage.store.waiting == set()


async def test_a_refusal_for_now_is_parked_after_five_tries(stage: Stage) -> None:
    left, right = await a_pair(stage)
    stage.crms.hubspot.edit(left, phone="2")
    stage.crms.faults.refuse(right, "UNABLE_TO_LOCK_ROW", retriable=True, times=100)
    await stage.tell_all()
    for _ in range(10):
        await stage.drain_all()
        stage.clock.advance(timedelta(minutes=1))

    assert stage.crms.writes == ["update_in_salesforce"] * 5
    assert [p.code for p in stage.store.parked] == ["UNABLE_TO_LOCK_ROW"]
    assert stage.store.waiting == set()


@pytest.mark.parametrize("name", ["hubspot_by_id", "salesforce", "owners"])
async def test_a_failed_read_postpones_everything_and_writes_nothing(
    stage: Stage, name: str
) -> None:
    ones = [stage.crms.hubspot.add(email=f"{n}@x.test", lastname="L") for n in range(3)]
    await stage.note(Side.HUBSPOT, *ones)
    stage.crms.faults.before[name] = [LOST]
    before = stage.store.state.copy()
    await stage.drain_once()

    assert stage.crms.writes == []
    after = stage.store.state
    assert (after.links, after.journal, after.parked, after.outbox) == (
        before.links,
        before.journal,
        before.parked,
        before.outbox,
    )
    rows = after.mail.rows.values()
    assert [(row.attempts, row.reason, row.token) for row in rows] == [(1, "timeout", None)] * 3
    assert {row.due_at for row in rows} == {stage.clock.now() + timedelta(seconds=2)}


async def test_failed_batches_wait_longer_each_time_and_at_most_a_quarter_of_an_hour(
    stage: Stage,
) -> None:
    await stage.note(Side.HUBSPOT, stage.crms.hubspot.add(email="a@x.test"))
    waits = []
    for _ in range(12):
        stage.crms.faults.before["owners"] = [LOST]
        await stage.drain_once()
        (row,) = stage.store.state.mail.rows.values()
        waits.append((row.due_at - stage.clock.now()).total_seconds())
        stage.clock.advance(timedelta(minutes=20))

    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


async def test_a_crm_that_names_the_wait_gets_it_and_no_attempt_is_counted(stage: Stage) -> None:
    await stage.note(Side.HUBSPOT, stage.crms.hubspot.add(email="a@x.test"))
    busy = RetriableError("the quota is used up", code="quota_exhausted", retry_after=3600)
    stage.crms.faults.before["owners"] = [busy]
    await stage.drain_once()

    (row,) = stage.store.state.mail.rows.values()
    assert (row.attempts, row.reason) == (0, "quota_exhausted")
    assert row.due_at == stage.clock.now() + timedelta(hours=1)


async def test_a_call_that_was_refused_as_a_whole_postpones_too(stage: Stage) -> None:
    await stage.note(Side.HUBSPOT, stage.crms.hubspot.add(email="a@x.test"))
    stage.crms.faults.before["salesforce"] = [FatalError("no such field", code="INVALID_FIELD")]
    await stage.drain_once()

    (row,) = stage.store.state.mail.rows.values()
    assert (row.attempts, row.reason) == (1, "INVALID_FIELD")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("side", list(Side))
async def test_a_creation_without_an_answer_makes_one_record_and_says_what_became_of_it(
    stage: Stage, side: Side, when: str
) -> None:
    if side is Side.SALESFORCE:
        one = stage.crms.hubspot.add(email="ada@x.test", lastname="L")
        await stage.note(Side.HUBSPOT, one)
        name = "create_in_salesforce"
    else:
        one = stage.crms.salesforce.add(Email="ada@x.test")
        await stage.note(Side.SALESFORCE, one)
        name = "create_in_hubspot"
    getattr(stage.crms.faults, when)[name] = [LOST]
    await stage.drain_once()
    assert statuses(stage) == [Status.INTENDED]
    assert stage.store.links == []

    stage.clock.advance(timedelta(seconds=3))
    await stage.drain_all()

    assert len(stage.crms.hubspot.contacts) == len(stage.crms.salesforce.records) == 1
    assert len(stage.store.links) == 1
    assert statuses(stage)[0] is (Status.CONFIRMED if when == "after" else Status.NOT_MADE)
    assert stage.crms.writes.count(name) == (1 if when == "after" else 2)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_update_without_an_answer_is_found_or_made_again(stage: Stage, when: str) -> None:
    left, right = await a_pair(stage)
    stage.crms.hubspot.edit(left, phone="2")
    await stage.tell_all()
    getattr(stage.crms.faults, when)["update_in_salesforce"] = [LOST]
    await stage.drain_once()
    stage.clock.advance(timedelta(seconds=3))
    await stage.drain_all()

    assert stage.crms.salesforce.value(right, "Phone") == "2"
    resolved = Status.CONFIRMED if when == "after" else Status.NOT_MADE
    assert resolved in statuses(stage)
    assert Status.INTENDED not in statuses(stage)
    assert stage.crms.writes == ["update_in_salesforce"] * (1 if when == "after" else 2)
    assert stage.store.links[0].base["phone"] == "2"


async def test_an_answer_lost_by_one_crm_never_repeats_the_other_ones_write(stage: Stage) -> None:
    ones = [stage.crms.hubspot.add(email=f"{n}@x.test", lastname="L") for n in range(2)]
    twos = [stage.crms.salesforce.add(Email=f"s{n}@x.test") for n in range(2)]
    await stage.note(Side.HUBSPOT, *ones)
    await stage.note(Side.SALESFORCE, *twos)
    stage.crms.faults.after["create_in_hubspot"] = [LOST]
    await stage.drain_once()
    stage.clock.advance(timedelta(seconds=3))
    await stage.drain_all()

    assert len(stage.crms.hubspot.contacts) == len(stage.crms.salesforce.records) == 4
    assert len(stage.store.links) == 4
    assert sorted(stage.crms.writes) == ["create_in_hubspot", "create_in_salesforce"]


@pytest.mark.parametrize("commit", range(1, 8))
async def test_a_worker_that_dies_at_any_commit_leaves_nothing_twice(
    stage: Stage, commit: int
) -> None:
    """The commits of a drain: claim, links, open entries, links twice, intents, settling."""
    left = stage.crms.hubspot.add(email="l@x.test", lastname="L")
    right = stage.crms.salesforce.add(Email="r@x.test")
    await stage.note(Side.HUBSPOT, left)
    await stage.note(Side.SALESFORCE, right)
    async with stage.store.begin() as work:
        lane = await work.mail.claim_lane(holder=stage.new_id(), lease=LEASE)
    assert lane is not None
    stage.store.die_at_commit(commit)
    with pytest.raises(WorkerDiedError):
        await drain_batch(stage.drain, lane)

    assert await stage.drain_once() == 0
    stage.clock.advance(LEASE + timedelta(seconds=1))
    await stage.drain_all()

    assert len(stage.crms.hubspot.contacts) == len(stage.crms.salesforce.records) == 2
    assert len(stage.store.links) == 2
    assert Status.INTENDED not in statuses(stage)


async def test_without_settings_the_changes_wait(stage: Stage) -> None:
    del stage.store.state.connections[CONNECTION]
    await stage.note(Side.HUBSPOT, "1")
    await stage.drain_once()

    (row,) = stage.store.state.mail.rows.values()
    assert (row.reason, row.attempts) == ("no_settings", 0)
    assert row.due_at == stage.clock.now() + timedelta(seconds=30)
    assert stage.crms.calls == []


async def test_no_transaction_is_open_while_a_crm_is_called(stage: Stage) -> None:
    """I5: the fake CRMs refuse every call that comes from inside a transaction."""
    connection = stage.store.state.connections[CONNECTION]
    async with stage.store.begin(), stage.crms.open(connection, purpose="live") as crm:
        with pytest.raises(OpenTransactionError):
            await crm.owners()

    stage.crms.hubspot.add(email="l@x.test", firstname="L", phone="h")
    stage.crms.salesforce.add(Email="r@x.test")
    stage.crms.salesforce.add(Email="l@x.test", Phone="s")
    await stage.settle_down()
    assert set(stage.crms.calls) >= (WRITES - {"create_in_salesforce"}) | {"hubspot_times"}


async def test_p9_a_record_that_breaks_the_drain_is_parked_and_its_neighbours_pass(
    stage: Stage,
) -> None:
    ones = [stage.crms.hubspot.add(email=f"{n}@x.test", lastname="L") for n in range(9)]
    poison, well = ones[4], stage.hash_of

    def breaks(connection_id: UUID, side: Side, record_id: str, field: str, value: object) -> str:
        if record_id == poison:
            raise ValueError("4@x.test")
        return well(connection_id, side, record_id, field, value)

    stage.hash_of = breaks
    await stage.note(Side.HUBSPOT, *ones)
    await stage.drain_once()

    assert {link.hubspot_id for link in stage.store.links} == set(ones) - {poison}
    assert stage.store.waiting == {("hubspot", poison)}
    for _ in range(MAX_ATTEMPTS):
        stage.clock.advance(timedelta(minutes=1))
        await stage.drain_all()
    (parked,) = stage.store.parked
    assert (parked.claim.record_id, parked.code) == (poison, "unexpected")
    assert "x.test" not in parked.message
    assert stage.store.waiting == set()
    assert len(stage.crms.salesforce.records) == len(ones)

    stage.hash_of = well
    await stage.note(Side.HUBSPOT, poison)
    await stage.drain_once()
    assert {link.hubspot_id for link in stage.store.links} == set(ones)
    assert len(stage.crms.salesforce.records) == len(ones)
    assert stage.store.parked == []
