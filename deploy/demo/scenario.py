"""What happens in the demo: people on both sides, edits, a task each way, a form."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from deploy.demo.agreement import disagreements
from deploy.demo.report import MAX_CALLS_PER_CONTACT, Phase
from deploy.stack.quiet import run_until_quiet
from deploy.stack.setup import Admin
from deploy.stack.simulator import Simulator
from deploy.stack.stack import Stack

PEOPLE = 500
EDITS = 250
TASK_TO_CONTACT = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 204}
Say = Callable[[str], None]
Check = Callable[[], Awaitable[tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Scene:
    """The two CRMs and the deployment between them."""

    stack: Stack
    admin: Admin
    connection_id: str
    hubspot: Simulator
    salesforce: Simulator

    async def agreement(self) -> tuple[str, ...]:
        """Differences between the two sides; empty when they agree."""
        return await disagreements(self.admin, self.connection_id, self.hubspot, self.salesforce)

    async def phase(
        self,
        what: str,
        direction: str,
        records: int,
        action: Callable[[], Awaitable[None]],
        check: Check,
        *,
        call_limit: float | None = None,
    ) -> Phase:
        """Does something in one CRM, waits until all is quiet, looks at both."""
        await self.hubspot.reset_calls()
        await self.salesforce.reset_calls()
        started = time.monotonic()
        await action()
        await run_until_quiet(self.stack)
        seconds = time.monotonic() - started
        calls = await self.hubspot.calls(), await self.salesforce.calls()
        return Phase(what, direction, records, *calls, seconds, await check(), call_limit)


async def play(scene: Scene, say: Say) -> list[Phase]:
    """All phases, one after the other."""
    phases = []
    for act in (_hubspot_people, _salesforce_people, _edits, _tasks, _form, _nothing):
        phases.append(await act(scene))
        say(f"{phases[-1].what}: {phases[-1].seconds:.1f} s")
    return phases


async def _hubspot_people(scene: Scene) -> Phase:
    async def act() -> None:
        await scene.hubspot.seed(people=PEOPLE, seed=1, email_domain="hubspot.example", notify=True)

    return await scene.phase(
        "new people in HubSpot",
        "HubSpot -> Salesforce",
        PEOPLE,
        act,
        scene.agreement,
        call_limit=MAX_CALLS_PER_CONTACT,
    )


async def _salesforce_people(scene: Scene) -> Phase:
    async def act() -> None:
        await scene.salesforce.seed(people=PEOPLE, seed=2, email_domain="salesforce.example")

    return await scene.phase(
        "new people in Salesforce", "Salesforce -> HubSpot", PEOPLE, act, scene.agreement
    )


async def _edits(scene: Scene) -> Phase:
    """HubSpot fills a field that Salesforce lacks; Salesforce changes a field that both have."""

    async def act() -> None:
        contacts = sorted(await scene.hubspot.records("contacts"))[:EDITS]
        people = sorted(await scene.salesforce.records("Contact"))[-EDITS:]
        await scene.hubspot.edit_many(
            "contacts", [(one, {"fax": f"+1 555 {n:04d}"}) for n, one in enumerate(contacts)]
        )
        await scene.salesforce.edit_many(
            "Contact", [(one, {"Title": f"Head of {n}"}) for n, one in enumerate(people)]
        )

    return await scene.phase("edits on both sides", "both ways", 2 * EDITS, act, scene.agreement)


async def _tasks(scene: Scene) -> Phase:
    async def act() -> None:
        contact = min(await scene.hubspot.records("contacts"))
        person = min(await scene.salesforce.records("Contact"))
        await scene.hubspot.post(
            "create",
            {
                "object": "tasks",
                "fields": {"hs_task_subject": "Call back", "hs_timestamp": "2026-12-01T09:00:00Z"},
                "associations": [{"to": {"id": contact}, "types": [TASK_TO_CONTACT]}],
            },
        )
        await scene.salesforce.create("Task", {"Subject": "Send the offer", "WhoId": person})

    async def check() -> tuple[str, ...]:
        here = {t["hs_task_subject"] for t in (await scene.hubspot.records("tasks")).values()}
        there = {t["Subject"] for t in (await scene.salesforce.records("Task")).values()}
        wanted = {"Call back", "Send the offer"}
        return tuple(f"{s} is missing on a side" for s in sorted(wanted - (here & there)))

    return await scene.phase("a task on each side", "both ways", 2, act, check)


async def _form(scene: Scene) -> Phase:
    async def act() -> None:
        contacts = await scene.hubspot.records("contacts")
        email = next(fields["email"] for fields in contacts.values() if fields.get("email"))
        await scene.hubspot.post(
            "submit-form", {"email": email, "form_name": "Request a demo", "fields": {}}
        )

    async def check() -> tuple[str, ...]:
        tasks = (await scene.salesforce.records("Task")).values()
        told = [task for task in tasks if "Request a demo" in str(task.get("Subject"))]
        back = (await scene.hubspot.records("tasks")).values()
        crossed = [task for task in back if "Request a demo" in str(task["hs_task_subject"])]
        problems = [] if len(told) == 1 else [f"{len(told)} Salesforce tasks instead of 1"]
        return (*problems, *(["it came back to HubSpot as a task"] if crossed else []))

    return await scene.phase("a form submission", "HubSpot -> Salesforce", 1, act, check)


async def _nothing(scene: Scene) -> Phase:
    """After quiet nobody writes any more: no ping-pong."""
    marks = [len(await side.changes()) for side in (scene.hubspot, scene.salesforce)]

    async def act() -> None:
        return

    async def check() -> tuple[str, ...]:
        now = [len(await side.changes()) for side in (scene.hubspot, scene.salesforce)]
        return () if now == marks else ("somebody went on writing",)

    return await scene.phase("nothing", "-", 0, act, check)
