"""News becomes mailbox rows, unless it is known already."""

from shared.contracts.ingress import ChangeKind, Origin
from shared.kernel.records import Side
from tests.fakes.activity_sync.stage import CONNECTION, Stage, form
from tests.fakes.activity_sync.worlds import News


async def test_news_waits_with_its_cause(stage: Stage) -> None:
    echoes = await stage.tell(News(Side.SALESFORCE, "00T9", "created", {"Subject": "Call"}))

    assert echoes == 0
    row = stage.store.state.mail.rows[CONNECTION, "task", "salesforce", "00T9"]
    assert row.note.cause["kind"] == "created"
    assert row.note.cause["side"] == "salesforce"
    assert row.note.traceparent == "00-trace"


async def test_a_complete_picture_of_what_stands_there_is_an_echo(stage: Stage) -> None:
    here, there = await stage.pair()
    known = {"hs_task_subject": "Call", "hs_timestamp": "2026-12-01"}
    blank = dict.fromkeys(("hs_task_body", "hs_task_status", "hs_task_priority"))

    assert await stage.tell(News(Side.HUBSPOT, here, "updated", {**blank, **known})) == 1
    stage.salesforce.edit(there, {"Subject": "Call"})
    assert stage.store.waiting == set()


async def test_one_value_that_differs_is_news(stage: Stage) -> None:
    here, _ = await stage.pair()

    assert await stage.tell(News(Side.HUBSPOT, here, "updated", {"hs_task_subject": "Else"})) == 0
    assert stage.store.waiting == {("task", here)}


async def test_a_field_that_we_know_nothing_of_is_news(stage: Stage) -> None:
    here, _ = await stage.pair()

    assert await stage.tell(News(Side.HUBSPOT, here, "updated", {"hs_task_type": "CALL"})) == 0


async def test_a_part_of_our_own_write_is_an_echo(stage: Stage) -> None:
    here, _ = await stage.pair()
    event = stage.event(News(Side.HUBSPOT, here, "updated", {"hs_task_subject": "Call"}))
    ours = event.model_copy(update={"complete": False, "origin": Origin.OURS})
    other = stage.event(News(Side.HUBSPOT, here, "updated", {"hs_task_subject": "Else"}))

    assert await stage.notice(ours) == 1
    assert await stage.notice(other.model_copy(update={"origin": Origin.OURS})) == 0


async def test_an_incomplete_picture_of_others_is_never_an_echo(stage: Stage) -> None:
    here, _ = await stage.pair()
    news = News(Side.HUBSPOT, here, "updated", {"hs_task_subject": "Call"})
    incomplete = stage.event(news).model_copy(update={"complete": False})

    assert await stage.notice(incomplete) == 0
    assert stage.store.waiting == {("task", here)}


async def test_a_deletion_is_never_an_echo(stage: Stage) -> None:
    here, _ = await stage.pair()
    news = News(Side.HUBSPOT, here, "updated", {"hs_task_subject": "Call"})
    deleted = stage.event(news).model_copy(update={"kind": ChangeKind.DELETED})

    assert await stage.notice(deleted) == 0


async def test_the_same_hashes_of_the_other_side_are_news(stage: Stage) -> None:
    here, there = await stage.pair()
    event = stage.event(News(Side.HUBSPOT, here, "updated", {"hs_task_subject": "Call"}))
    crossed = event.model_copy(update={"side": Side.SALESFORCE, "record_id": there})

    assert await stage.notice(crossed) == 0


async def test_an_unlinked_task_is_never_an_echo(stage: Stage) -> None:
    assert await stage.tell(News(Side.HUBSPOT, "h9", "updated", {"hs_task_subject": "Call"})) == 0


async def test_a_timeline_event_is_stored_and_noted_once(stage: Stage) -> None:
    await stage.notice(form(), form())
    assert stage.store.waiting == {("timeline", "form:4711:101:1")}
    row = stage.store.state.mail.rows[CONNECTION, "timeline", "hubspot", "form:4711:101:1"]
    assert row.generation == 1

    await stage.drain_all()
    await stage.notice(form())

    assert stage.store.waiting == set()
    assert len(stage.store.state.timeline) == 1
