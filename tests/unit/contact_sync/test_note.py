"""Change events become mailbox rows, echoes do not, merges move the link."""

from datetime import timedelta
from uuid import UUID

from services.contact_sync.domain.model import Link
from services.contact_sync.handlers.note import Noticed, note_changes
from shared.contracts.ingress import ChangeKind, ContactChanged, Origin
from shared.kernel.records import Side
from shared.outbox.mail import Priority
from tests.fakes.contact_sync.news import News
from tests.fakes.contact_sync.stage import CONNECTION, Stage

PERSON_LINK = UUID(int=77)


async def linked(stage: Stage) -> tuple[str, str]:
    """One person on both sides, synced, with nothing waiting."""
    salesforce_id = stage.crms.salesforce.add(Email="ada@x.test", FirstName="Ada")
    await stage.settle_down()
    hubspot_id = stage.store.links[0].hubspot_id
    return hubspot_id, salesforce_id


def edit_by_us(record_id: str, side: Side = Side.HUBSPOT, **fields: object) -> News:
    return News(side, record_id, "updated", fields, ours=True)


async def test_a_change_by_others_waits_with_its_cause(stage: Stage) -> None:
    event = stage.event(News(Side.HUBSPOT, "101", "updated", {"firstname": "A"}, ours=False))
    async with stage.store.begin() as work:
        await note_changes(work, [Noticed(CONNECTION, UUID(int=5), event, "00-trace")])

    row = stage.store.state.mail.rows[CONNECTION, "contact", "hubspot", "101"]
    assert row.priority == Priority.LIVE
    assert row.note.traceparent == "00-trace"
    assert row.note.cause == {
        "event_id": str(UUID(int=5)),
        "kind": "updated",
        "side": "hubspot",
        "occurred_at": "2026-03-02T12:00:00+00:00",
    }


async def test_no_value_reaches_the_mailbox(stage: Stage) -> None:
    await stage.tell(News(Side.HUBSPOT, "101", "updated", {"firstname": "Ada"}, ours=False))

    assert "Ada" not in repr(stage.store.state.mail.rows)


async def test_a_second_change_of_a_waiting_record_raises_its_generation(stage: Stage) -> None:
    news = News(Side.HUBSPOT, "101", "updated", {"firstname": "A"}, ours=False)
    await stage.tell(news, news)
    await stage.tell(news)

    rows = list(stage.store.state.mail.rows.values())
    assert [row.generation for row in rows] == [2]


async def test_our_own_write_coming_back_is_dropped_without_a_call(stage: Stage) -> None:
    hubspot_id, _ = await linked(stage)
    calls = list(stage.crms.calls)

    dropped = await stage.tell(edit_by_us(hubspot_id, firstname="Ada"))

    assert dropped == 1
    assert stage.store.waiting == set()
    assert stage.crms.calls == calls


async def test_our_creation_coming_back_is_an_echo_once_it_is_linked(stage: Stage) -> None:
    hubspot_id, _ = await linked(stage)
    creation = News(Side.HUBSPOT, hubspot_id, "created", {}, ours=True)

    assert await stage.tell(creation) == 1
    assert await stage.tell(News(Side.HUBSPOT, "999", "created", {}, ours=True)) == 0
    assert stage.store.waiting == {("hubspot", "999")}


async def test_the_same_value_by_somebody_else_is_news(stage: Stage) -> None:
    """A, B, A: the last A is the end of a detour whose B we may have carried over."""
    hubspot_id, _ = await linked(stage)
    back = News(Side.HUBSPOT, hubspot_id, "updated", {"firstname": "Ada"}, ours=False)

    assert await stage.tell(back) == 0
    assert stage.store.waiting == {("hubspot", hubspot_id)}


async def test_our_write_with_another_value_than_the_last_is_news(stage: Stage) -> None:
    hubspot_id, _ = await linked(stage)

    assert await stage.tell(edit_by_us(hubspot_id, firstname="Bea")) == 0


async def test_an_echo_of_one_field_among_news_is_news(stage: Stage) -> None:
    hubspot_id, _ = await linked(stage)

    assert await stage.tell(edit_by_us(hubspot_id, firstname="Ada", phone="1")) == 0


async def test_a_complete_picture_is_an_echo_whoever_sent_it(stage: Stage) -> None:
    _, salesforce_id = await linked(stage)
    fields = {"Email": "ada@x.test", "FirstName": "Ada", "LastName": "Somebody"}
    news = News(Side.SALESFORCE, salesforce_id, "updated", fields, ours=False)
    event = stage.event(news, complete=True)

    async with stage.store.begin() as work:
        echoes = await note_changes(work, [Noticed(CONNECTION, UUID(int=5), event)])

    assert echoes == 1


async def test_a_change_back_during_the_work_is_news_though_it_shows_the_known_values(
    stage: Stage,
) -> None:
    """A, B, A again while a worker holds B: its settle will say B, so the last A must stay."""
    left, right = await linked(stage)
    stage.clock.advance(timedelta(minutes=1))
    stage.crms.salesforce.edit(right, FirstName="Bea")
    await stage.tell_all()

    async def change_back() -> None:
        stage.clock.advance(timedelta(seconds=5))
        stage.crms.salesforce.edit(right, FirstName="Ada")
        fields = {"Email": "ada@x.test", "FirstName": "Ada", "LastName": "Somebody"}
        news = News(Side.SALESFORCE, right, "updated", fields, ours=False)
        event = stage.event(news, complete=True)
        async with stage.store.begin() as work:
            assert await note_changes(work, [Noticed(CONNECTION, UUID(int=6), event)]) == 0

    stage.crms.faults.meanwhile["update_in_hubspot"] = [change_back]
    await stage.drain_once()
    assert stage.crms.hubspot.value(left, "firstname") == "Bea"
    await stage.drain_once()

    assert stage.crms.hubspot.value(left, "firstname") == "Ada"


async def test_a_deletion_is_never_an_echo(stage: Stage) -> None:
    hubspot_id, _ = await linked(stage)
    deletion = ContactChanged(
        side=Side.HUBSPOT,
        record_id=hubspot_id,
        kind=ChangeKind.DELETED,
        origin=Origin.OURS,
        occurred_at=stage.clock.now(),
    )

    async with stage.store.begin() as work:
        assert await note_changes(work, [Noticed(CONNECTION, UUID(int=5), deletion)]) == 0
    assert stage.store.waiting == {("hubspot", hubspot_id)}


async def test_tenants_are_kept_apart(stage: Stage) -> None:
    hubspot_id, _ = await linked(stage)
    other = UUID(int=2)
    event = stage.event(edit_by_us(hubspot_id, firstname="Ada"))

    async with stage.store.begin() as work:
        echoes = await note_changes(work, [Noticed(other, UUID(int=5), event)])

    assert echoes == 0
    assert (other, "contact", "hubspot", hubspot_id) in stage.store.state.mail.rows


async def test_a_merge_moves_the_link_to_the_survivor(stage: Stage) -> None:
    hubspot_id, salesforce_id = await linked(stage)
    survivor = stage.crms.hubspot.merge(hubspot_id, stage.crms.hubspot.add(email="b@x.test"))
    await stage.tell_all()

    links = [(link.hubspot_id, link.salesforce_id) for link in stage.store.links]
    assert links == [(survivor, salesforce_id)]
    assert stage.store.links[0].base["firstname"] == "Ada"


async def test_a_merge_of_two_linked_people_keeps_the_first_link_alone(stage: Stage) -> None:
    stage.crms.salesforce.add(Email="a@x.test", FirstName="A")
    stage.crms.salesforce.add(Email="b@x.test", FirstName="B")
    await stage.settle_down()
    kept, ended = stage.store.links
    survivor = stage.crms.hubspot.merge(kept.hubspot_id, ended.hubspot_id)
    await stage.tell_all()
    assert ("hubspot", ended.hubspot_id) in stage.store.waiting

    await stage.settle_down()

    links = [(link.hubspot_id, link.salesforce_id) for link in stage.store.links]
    assert links == [(survivor, kept.salesforce_id)]
    assert ended.salesforce_id in stage.crms.salesforce.records


async def test_a_merge_told_twice_moves_nothing_more(stage: Stage) -> None:
    hubspot_id, salesforce_id = await linked(stage)
    survivor = stage.crms.hubspot.merge(hubspot_id, stage.crms.hubspot.add(email="b@x.test"))
    news = list(stage.crms.news)
    await stage.tell(*news)
    await stage.tell(*news)

    links = [(link.hubspot_id, link.salesforce_id) for link in stage.store.links]
    assert links == [(survivor, salesforce_id)]


async def test_a_merge_where_the_survivor_is_linked_already_keeps_its_link(stage: Stage) -> None:
    own = Link(PERSON_LINK, "1", "003A", "Contact")
    other = Link(UUID(int=78), "2", "003B", "Contact")
    async with stage.store.begin() as work:
        await work.links.save(CONNECTION, [own, other])

    await stage.tell(News(Side.HUBSPOT, "1", "merged", {}, ours=False, merged_ids=("2",)))

    assert {(link.hubspot_id, link.salesforce_id) for link in stage.store.links} == {
        ("1", "003A"),
        ("2", "003B"),
    }
