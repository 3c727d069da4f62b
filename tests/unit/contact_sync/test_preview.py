"""Previews on fakes: what they tell, and that nothing else happens."""

from dataclasses import replace

import pytest

from services.contact_sync.domain.allowance import Left
from services.contact_sync.domain.preview import Fate, Foreseen
from services.contact_sync.domain.world import Claim
from services.contact_sync.handlers.preview import (
    Asked,
    Preview,
    PreviewRefusedError,
    UnknownConnectionError,
    preview,
)
from services.contact_sync.handlers.sample import First, Named, Newest, Sample
from services.contact_sync.ports import Connection
from shared.contracts.settings import ContactSettings, Settings, SyncRule
from shared.contracts.standing import FACTS, SYNC, Standing
from shared.crm.errors import CrmAuthError
from shared.kernel.errors import RetriableError
from shared.kernel.records import Side
from tests.factories.standings import BROKEN
from tests.fakes.contact_sync.stage import CONNECTION, MAPPINGS, Stage, mapping

PAUSED = Standing(running=False, heard={SYNC: "2026"})
STANDS = Standing(heard={FACTS: "2026"})


async def look(
    stage: Stage, sample: Sample, *, settings: Settings | None = None, while_paused: bool = False
) -> Preview:
    """A preview of which nothing is left behind."""
    before = stage.store.state.copy()
    told = list(stage.crms.news)
    found = await preview(stage.previewer, Asked(CONNECTION, sample, settings, while_paused))
    assert stage.store.state == before
    assert stage.crms.writes == []
    assert stage.crms.news == told
    return found


def stand(stage: Stage, **changed: object) -> None:
    known = stage.store.state.connections[CONNECTION]
    stage.store.state.connections[CONNECTION] = replace(known, **changed)  # type: ignore[arg-type]


def fields(one: Foreseen) -> list[tuple[Side, str, str | None, str | None]]:
    return [(w.side, w.field, w.before, w.after) for w in one.writes]


async def test_a_creation_is_told_with_every_value(stage: Stage) -> None:
    one = stage.crms.hubspot.add(email="Ada@x.test", firstname="Ada", lastname="L")
    found = await look(stage, Named(Side.HUBSPOT, (one,)))

    (pair,) = found.found
    assert (pair.fate, pair.create, pair.linked) == (Fate.CREATE, Side.SALESFORCE, False)
    assert (pair.hubspot_id, pair.salesforce_id, pair.salesforce_object) == (one, None, "Contact")
    assert fields(pair) == [
        (Side.SALESFORCE, "Email", None, "ada@x.test"),
        (Side.SALESFORCE, "FirstName", None, "Ada"),
        (Side.SALESFORCE, "LastName", None, "L"),
    ]
    assert found.write_calls == {Side.HUBSPOT: 0, Side.SALESFORCE: 1}
    assert stage.crms.purposes == ["setup"]


async def test_what_is_required_is_told_as_it_would_be_filled(stage: Stage) -> None:
    one = stage.crms.hubspot.add(email="ada@x.test")
    (pair,) = (await look(stage, Named(Side.HUBSPOT, (one,)))).found
    assert ("LastName", "ada", "required") in [(w.field, w.after, w.rule) for w in pair.writes]


async def test_an_update_a_clearance_and_why(stage: Stage) -> None:
    left = stage.crms.hubspot.add(email="a@x.test", lastname="L", jobtitle="Old")
    right = stage.crms.salesforce.add(Email="a@x.test", LastName="N")
    (pair,) = (await look(stage, Named(Side.SALESFORCE, (right,)))).found

    assert (pair.fate, pair.hubspot_id, pair.salesforce_id) == (Fate.UPDATE, left, right)
    assert fields(pair) == [
        (Side.HUBSPOT, "lastname", "L", "N"),
        (Side.HUBSPOT, "jobtitle", "Old", None),
    ]
    assert [write.clears for write in pair.writes] == [False, True]
    assert pair.writes[1].why == "Salesforce always wins here"


async def test_two_that_agree_are_only_linked_and_then_left_alone(stage: Stage) -> None:
    left = stage.crms.hubspot.add(email="a@x.test", lastname="L")
    stage.crms.salesforce.add(Email="a@x.test", LastName="L")
    (pair,) = (await look(stage, Named(Side.HUBSPOT, (left,)))).found
    assert (pair.fate, pair.writes) == (Fate.LINK, ())

    await stage.note(Side.HUBSPOT, left)
    await stage.drain_all()
    (pair,) = (await look(stage, Named(Side.HUBSPOT, (left,)))).found
    assert (pair.fate, pair.linked) == (Fate.NOTHING, True)


async def test_a_value_that_is_too_long_waits_and_is_never_told() -> None:
    stage = Stage.build(*MAPPINGS[:3], mapping("city", "MailingCity", max_length=3))
    one = stage.crms.hubspot.add(email="a@x.test", lastname="L", city="Valmiera")
    (pair,) = (await look(stage, Named(Side.HUBSPOT, (one,)))).found

    (held,) = pair.held
    assert (pair.fate, held.code, held.field) == (Fate.CREATE, "value_too_long", "city")
    assert held.message == "city is longer than the 3 characters that Salesforce holds"


@pytest.mark.parametrize(
    ("email", "fate", "code"), [("", Fate.PARK, "no_email"), ("b@x.test", Fate.CREATE, None)]
)
async def test_who_cannot_be_matched_is_parked(
    stage: Stage, email: str, fate: Fate, code: str | None
) -> None:
    one = stage.crms.hubspot.add(email=email, lastname="L")
    (pair,) = (await look(stage, Named(Side.HUBSPOT, (one,)))).found
    assert (pair.fate, [held.code for held in pair.held]) == (fate, [code] if code else [])


async def test_a_link_whose_half_is_gone_would_end(stage: Stage) -> None:
    left = stage.crms.hubspot.add(email="a@x.test", lastname="L")
    await stage.note(Side.HUBSPOT, left)
    await stage.drain_all()
    stage.crms.calls.clear()
    stage.crms.salesforce.delete(next(iter(stage.crms.salesforce.records)))

    (pair,) = (await look(stage, Named(Side.HUBSPOT, (left,)))).found
    assert (pair.fate, pair.why) == (Fate.UNLINK, "the Salesforce record was deleted")


async def test_an_unknown_record_is_nothing_to_do(stage: Stage) -> None:
    """Of another portal, of another org, or deleted long ago."""
    (pair,) = (await look(stage, Named(Side.SALESFORCE, ("003000000000999AAA",)))).found
    assert (pair.fate, pair.halves) == (Fate.NOTHING, 0)
    assert pair.why == "the record is gone and was never linked"


async def test_settings_that_were_never_published_are_tried(stage: Stage) -> None:
    stand(stage, settings=None, standing=STANDS)
    one = stage.crms.hubspot.add(email="a@x.test", lastname="L")
    with pytest.raises(PreviewRefusedError) as refused:
        await look(stage, Named(Side.HUBSPOT, (one,)))
    assert refused.value.code == "no_settings"

    leads = ContactSettings(create_in_salesforce="lead")
    settings = Settings(version=0, contacts=leads, mappings=MAPPINGS)
    (pair,) = (await look(stage, Named(Side.HUBSPOT, (one,)), settings=settings)).found
    assert (pair.salesforce_object, pair.create) == ("Lead", Side.SALESFORCE)


async def test_a_conflict_reads_the_times_and_names_the_later() -> None:
    stage = Stage.build(*MAPPINGS[:3], mapping("phone", "Phone", SyncRule.TWO_WAY))
    stage.crms.salesforce.add(Email="a@x.test", LastName="L", Phone="1")
    stage.clock.advance(stage.drain.lease)
    left = stage.crms.hubspot.add(email="a@x.test", lastname="L", phone="2")
    (pair,) = (await look(stage, Named(Side.HUBSPOT, (left,)))).found
    assert fields(pair) == [(Side.SALESFORCE, "Phone", "1", "2")]
    assert pair.writes[0].why == "both changed, HubSpot's change is later"


@pytest.mark.parametrize(
    ("standing", "code"),
    [
        (BROKEN, "connection_broken"),
        (Standing(removed=True), "connection_removed"),
        (PAUSED, "sync_paused"),
    ],
)
async def test_a_connection_that_waits_is_refused_without_a_call(
    stage: Stage, standing: Standing, code: str
) -> None:
    stand(stage, standing=standing)
    with pytest.raises(PreviewRefusedError) as refused:
        await look(stage, First(10))
    assert refused.value.code == code
    assert stage.crms.calls == []


async def test_a_pause_is_looked_through_when_told_so(stage: Stage) -> None:
    stand(stage, standing=PAUSED)
    assert (await look(stage, First(10), while_paused=True)).found == []


async def test_a_connection_without_both_sides_is_refused(stage: Stage) -> None:
    stage.store.state.connections[CONNECTION] = Connection(CONNECTION)
    with pytest.raises(PreviewRefusedError) as refused:
        await look(stage, First(10))
    assert refused.value.code == "connection_incomplete"
    del stage.store.state.connections[CONNECTION]
    with pytest.raises(UnknownConnectionError):
        await look(stage, First(10))


async def test_a_grant_that_died_is_told_as_such(stage: Stage) -> None:
    dead = CrmAuthError("Connect HubSpot again.", code="connection_broken")
    stage.crms.faults.before["hubspot_by_id"] = [dead]
    with pytest.raises(PreviewRefusedError, match="Connect HubSpot again"):
        await look(stage, Named(Side.HUBSPOT, ("101",)))


async def test_no_calls_left_is_something_to_wait_for(stage: Stage) -> None:
    full = RetriableError("No calls are left today.", code="quota_exhausted", retry_after=900)
    stage.crms.faults.before["hubspot_by_id"] = [full]
    with pytest.raises(RetriableError) as error:
        await look(stage, Named(Side.HUBSPOT, ("101",)))
    assert error.value.retry_after == 900


async def test_samples_of_both_sides_and_of_one(stage: Stage) -> None:
    left = [stage.crms.hubspot.add(email=f"h{n}@x.test") for n in range(3)]
    right = []
    for n in range(3):
        stage.clock.advance(stage.drain.lease)
        right.append(stage.crms.salesforce.add("Lead" if n else "Contact", Email=f"s{n}@x.test"))

    async def claims(sample: Sample) -> set[Claim]:
        found = await look(stage, sample)
        return {claim for one in found.found for claim in one.claims}

    def some(side: Side, *ids: str) -> set[Claim]:
        return {Claim(side, one) for one in ids}

    assert await claims(First(3)) == some(Side.HUBSPOT, *left[:2]) | some(Side.SALESFORCE, right[0])
    assert await claims(First(200, Side.SALESFORCE)) == some(Side.SALESFORCE, *right)
    assert await claims(Newest(2, Side.SALESFORCE)) == some(Side.SALESFORCE, right[2], right[1])
    assert await claims(Newest(1)) == some(Side.HUBSPOT, left[0])
    named = Named(Side.SALESFORCE, (right[0], right[0][:15], right[0]))
    assert await claims(named) == some(Side.SALESFORCE, right[0])


async def test_the_cost_counts_its_own_calls_and_those_of_everybody(stage: Stage) -> None:
    stage.around.known[Side.SALESFORCE] = Left(used=100, allowance=9000, left=8900)
    for n in range(4):
        stage.crms.hubspot.add(email=f"h{n}@x.test", lastname="L")
    found = await look(stage, First(4, Side.HUBSPOT))

    # A page of ids, one read of each side, and the counts of both.
    assert found.calls == {Side.HUBSPOT: 3, Side.SALESFORCE: 2}
    assert found.resync.records == {"contacts": 4, "Contact": 0, "Lead": 0}
    assert found.resync.rows == {Side.HUBSPOT: 0, Side.SALESFORCE: 4}
    assert found.resync.calls[Side.SALESFORCE].total == 2 + 1 + 1
    assert found.left[Side.SALESFORCE].left == 8900
