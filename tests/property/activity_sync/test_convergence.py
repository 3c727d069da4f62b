"""Whatever happens on both sides, and however it is told, both come to the same tasks once."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.activity_sync.ports import Status
from shared.kernel.errors import RetriableError
from shared.kernel.records import Side
from tests.fakes.activity_sync.stage import (
    ADA,
    ADA_THERE,
    GRACE,
    GRACE_THERE,
    LEASE,
    Stage,
    form,
    side_world,
)
from tests.fakes.activity_sync.store import WorkerDiedError
from tests.fakes.activity_sync.worlds import News

Answer = TypeVar("Answer")
SIDES = st.sampled_from(list(Side))
NUMBERS = st.integers(min_value=0, max_value=9)
EDITS: dict[Side, list[dict[str, object]]] = {
    Side.HUBSPOT: [
        {"hs_task_subject": "Call"},
        {"hs_task_subject": "Write"},
        {"hs_task_body": "<p>a</p><p>b</p>"},
        {"hs_task_body": ""},
        {"hs_task_status": "COMPLETED"},
        {"hs_task_status": "ON_HOLD"},
        {"hs_task_priority": "HIGH"},
        {"hs_timestamp": "2026-12-24T08:00:00Z"},
    ],
    Side.SALESFORCE: [
        {"Subject": "Offer"},
        {"Subject": "Write"},
        {"Description": "x < y"},
        {"Description": None},
        {"Status": "Completed"},
        {"Status": "Blocked"},
        {"Priority": "Low"},
        {"ActivityDate": "2026-12-31"},
        {"ActivityDate": None},
    ],
}
CALLS = ("hubspot_tasks", "create_in_hubspot", "associate", "create_in_salesforce", "update")
LOST = RetriableError("no answer", code="crm_unavailable")


class TwoCrms(RuleBasedStateMachine):
    """Edits, creations, deletions, forms; news that is doubled, reordered; crashes, failures."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stage = Stage.build()
        self.told: list[News] = []
        self.made = 0
        self.forms: set[str] = set()
        self.deleted: set[tuple[Side, str]] = set()

    def run(self, work: Awaitable[Answer]) -> Answer:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        try:
            self.comes_to_rest()
        finally:
            self.loop.close()

    @rule(side=SIDES, linked=st.booleans(), first=NUMBERS)
    def create(self, side: Side, first: int, *, linked: bool) -> None:
        people = (ADA, ADA_THERE) if linked else (GRACE, GRACE_THERE)
        person = people[0] if side is Side.HUBSPOT else people[1]
        edits = EDITS[side]
        start = {"hs_timestamp": "2026-12-01T09:00:00Z"} if side is Side.HUBSPOT else {}
        side_world(self.stage, side).make({**start, **edits[first % len(edits)]}, person)
        self.made += 1

    @rule(side=SIDES, which=NUMBERS, edit=NUMBERS)
    def edit(self, side: Side, which: int, edit: int) -> None:
        world = side_world(self.stage, side)
        if world.tasks:
            ids = sorted(world.tasks)
            world.edit(ids[which % len(ids)], EDITS[side][edit % len(EDITS[side])])

    @rule(side=SIDES, which=NUMBERS)
    def delete(self, side: Side, which: int) -> None:
        """Only halves of known pairs: the rest would be made again by right."""
        links = self.stage.store.links
        if links:
            link = links[which % len(links)]
            one = link.hubspot_id if side is Side.HUBSPOT else link.salesforce_id
            if one in side_world(self.stage, side).tasks:
                side_world(self.stage, side).delete(one)
                self.deleted.add((side, one))

    @rule(number=st.integers(min_value=1, max_value=3), linked=st.booleans())
    def send_a_form(self, number: int, *, linked: bool) -> None:
        contact = ADA if linked else GRACE
        key = f"form:4711:{contact}:{number}"
        self.forms.add(key)
        self.run(self.stage.notice(form(key, contact)))

    @rule()
    def link_grace(self) -> None:
        self.run(self.stage.link(GRACE, GRACE_THERE))

    @rule(seconds=st.sampled_from([0, 1, 30]))
    def time_passes(self, seconds: int) -> None:
        self.stage.clock.advance(timedelta(seconds=seconds))

    @precondition(lambda self: self.stage.crms.news)
    @rule(backwards=st.booleans())
    def news_arrives(self, *, backwards: bool) -> None:
        news, self.stage.crms.news[:] = list(self.stage.crms.news), []
        self.told += news
        self.run(self.stage.tell(*(reversed(news) if backwards else news)))

    @precondition(lambda self: self.told)
    @rule(which=NUMBERS)
    def old_news_arrives_again(self, which: int) -> None:
        self.run(self.stage.tell(self.told[which % len(self.told)]))

    @rule()
    def drain(self) -> None:
        self.run(self.stage.drain_once())

    @rule(commit=st.integers(min_value=1, max_value=8))
    def die(self, commit: int) -> None:
        self.stage.store.die_at_commit(commit)
        try:
            self.run(self.stage.drain_once())
        except WorkerDiedError:
            self.stage.clock.advance(LEASE * 2)
        self.stage.store.die_at_commit(0)

    @rule(name=st.sampled_from(CALLS), effect=st.booleans())
    def a_call_fails(self, name: str, *, effect: bool) -> None:
        faults = self.stage.crms.faults
        (faults.after if effect else faults.before)[name] = [LOST]

    @invariant()
    def nothing_is_doubled(self) -> None:
        crms = self.stage.crms
        tasks = [*crms.hubspot.tasks, *crms.salesforce.tasks]
        assert len(tasks) + len(self.deleted) <= 2 * self.made + len(self.forms)

    def comes_to_rest(self) -> None:
        """Told and drained to the end: pairs agree, and a further drain writes nothing."""
        stage = self.stage
        stage.crms.faults.before.clear()
        stage.crms.faults.after.clear()
        stage.clock.advance(LEASE * 2)
        self.run(stage.link(GRACE, GRACE_THERE))
        self.run(stage.settle_down())
        self.check_pairs()
        told = [t for t in stage.salesforce.tasks.values() if _is_told(t.values)]
        assert len(told) == len(self.forms)
        assert stage.store.parked == []
        assert Status.INTENDED not in {entry.status for entry in stage.store.journal}
        self.nothing_more_is_written()

    def check_pairs(self) -> None:
        stage = self.stage
        halves = {h for link in stage.store.links for h in (link.hubspot_id, link.salesforce_id)}
        for world in (stage.hubspot, stage.salesforce):
            for one, row in world.tasks.items():
                assert one in halves or _is_told(row.values), "a task without a partner"
                assert len(row.people) == 1
        for link in stage.store.links:
            here = stage.hubspot.tasks.get(link.hubspot_id)
            there = stage.salesforce.tasks.get(link.salesforce_id)
            if here is not None and there is not None:
                left = stage.hubspot.task(link.hubspot_id).fields
                right = stage.salesforce.task(link.salesforce_id).fields
                assert left["subject"] == right["subject"]
                assert left["body"] == right["body"]
                assert left["status"] == right["status"] or (
                    {left["status"], right["status"]} & {"ON_HOLD", "Blocked"}
                )
                assert right["due"] in {left["due"], None}

    def nothing_more_is_written(self) -> None:
        stage = self.stage
        stage.crms.calls.clear()
        self.run(stage.tell(*self.told))
        self.run(stage.settle_down())
        assert stage.crms.writes == []


def _is_told(values: dict[str, object]) -> bool:
    return ":timeline:" in str(values.get("Causeway_Key__c"))


TwoCrms.TestCase.settings = settings(max_examples=120, stateful_step_count=25, deadline=None)
TestTwoCrms = TwoCrms.TestCase
