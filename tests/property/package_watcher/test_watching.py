"""Orders, answers, crashes and restarts in any order: the other services hear a true story."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import timedelta
from uuid import UUID, uuid5

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.package_watcher.domain.model import (
    TERMINAL,
    Installation,
    Kind,
    Method,
    Order,
    Org,
    State,
    Step,
)
from services.package_watcher.domain.observation import (
    Accepted,
    Looked,
    Observation,
    Progress,
    Reported,
)
from services.package_watcher.domain.presence import Checked, Finding, Found, Presence
from services.package_watcher.handlers.check import Checker, check_one
from services.package_watcher.handlers.lifecycle import note_connection
from services.package_watcher.handlers.order import order_installation, resume_installation
from services.package_watcher.handlers.refusals import RefusedError
from services.package_watcher.handlers.uninstall import order_uninstall
from services.package_watcher.handlers.watch import Watcher, watch_one
from shared.contracts.connection import ConnectionEstablished
from tests.factories.standings import stamps
from tests.property.package_watcher.answers import FINDINGS, OBSERVATIONS
from tests.unit.package_watcher.fakes import FakeStore, ScriptedOrg

ID = UUID("01890000-0000-7000-8000-000000000001")
STAMPS = stamps()
ESTABLISHED = ConnectionEstablished(
    portal_id="62",
    org_id="00D1",
    environment="production",
    instance_url="https://acme.my.salesforce.com",
    hubspot_app_id="7",
    salesforce_user_id="0051",
)
Command = Callable[[], Awaitable[None]]
PAUSES = st.sampled_from([0.0, 1.0, 60.0, 600.0, 4000.0, 90_000.0])


class CrashError(Exception):
    """The worker dies here."""


class CrashingOrg(ScriptedOrg):
    """An org during whose answer the worker dies: nobody knows whether the step took effect."""

    async def carry_out(self, *args: object) -> Observation:
        raise CrashError(str(len(args)))

    async def check_up(self, *args: object) -> Finding:
        raise CrashError(str(len(args)))


class ObligingOrg(ScriptedOrg):
    """An org that does what it is asked, so that long stories come to their end."""

    async def carry_out(self, step: Step, installation: Installation, org: Org) -> Observation:
        assert org.connection_id == installation.connection_id
        match step:
            case Step.SEND:
                return Accepted("0Af1")
            case Step.STATUS:
                return Progress(Reported.SUCCESS)
            case _:
                gone = installation.order.kind is Kind.UNINSTALL
                return Looked(("Lead",), "gone") if gone else Looked()


class InterruptedOrg(ScriptedOrg):
    """An org during whose answer to a check an operator commands something."""

    def __init__(self, store: FakeStore, finding: Finding, meanwhile: Command) -> None:
        super().__init__(store, [], [finding])
        self._meanwhile = meanwhile

    async def check_up(self, presence: Presence, org: Org) -> Finding:
        try:
            await self._meanwhile()
        except RefusedError:
            return Checked()
        return await super().check_up(presence, org)


class WatchingMachine(RuleBasedStateMachine):
    """The watcher and the checker of one connection, on a store that commits or forgets."""

    @initialize()
    def connect(self) -> None:
        self.store = FakeStore()
        self.numbers = 0
        asyncio.run(self._established())

    async def _established(self) -> None:
        async with self.store.begin() as work:
            await note_connection(
                work, ID, ESTABLISHED, next(STAMPS), installation_id=self.new_id()
            )

    def new_id(self) -> UUID:
        self.numbers += 1
        return uuid5(ID, str(self.numbers))

    @rule(seconds=PAUSES)
    def time_passes(self, seconds: float) -> None:
        self.store.pass_time(timedelta(seconds=seconds))

    @rule(method=st.sampled_from(Method))
    def operator_orders(self, method: Method) -> None:
        self.command(self.ordering(method))

    async def ordering(self, method: Method) -> None:
        await order_installation(self.store, ID, Order(method), installation_id=self.new_id())

    @rule()
    def operator_resumes(self) -> None:
        self.command(resume_installation(self.store, ID))

    @rule()
    def operator_uninstalls(self) -> None:
        self.command(self.uninstalling())

    async def uninstalling(self) -> None:
        typed, new = "uninstall 00D1", self.new_id()
        await order_uninstall(self.store, ID, typed=typed, version_id="", installation_id=new)

    def command(self, work: Coroutine[None, None, None]) -> None:
        try:
            asyncio.run(work)
        except RefusedError:
            return

    @rule(answers=st.lists(OBSERVATIONS, min_size=1, max_size=3))
    def the_watcher_looks(self, answers: Sequence[Observation]) -> None:
        watcher = Watcher(self.store, ScriptedOrg(self.store, answers), self.new_id)
        for _ in answers:
            asyncio.run(watch_one(watcher))
            self.store.jump_to_next_look()

    @rule(finding=FINDINGS)
    def the_checker_looks(self, finding: Finding) -> None:
        org = ScriptedOrg(self.store, [], [finding])
        asyncio.run(check_one(Checker(self.store, org, self.new_id)))

    @rule(steps=st.integers(1, 4))
    def salesforce_obliges(self, steps: int) -> None:
        watcher = Watcher(self.store, ObligingOrg(self.store, []), self.new_id)
        for _ in range(steps):
            self.store.jump_to_next_look()
            asyncio.run(watch_one(watcher))

    @rule(finding=FINDINGS, uninstall=st.booleans(), obliges=st.booleans())
    def an_order_comes_during_a_check(
        self, finding: Finding, *, uninstall: bool, obliges: bool
    ) -> None:
        async def meanwhile() -> None:
            await (self.uninstalling() if uninstall else self.ordering(Method.DEPLOY))
            watcher = Watcher(self.store, ObligingOrg(self.store, []), self.new_id)
            while obliges and await watch_one(watcher):
                self.store.jump_to_next_look()

        self.store.pass_time(timedelta(days=1))
        org = InterruptedOrg(self.store, finding, meanwhile)
        asyncio.run(check_one(Checker(self.store, org, self.new_id)))

    @rule()
    def both_crash(self) -> None:
        org = CrashingOrg(self.store, [])
        for run in (
            watch_one(Watcher(self.store, org, self.new_id)),
            check_one(Checker(self.store, org, self.new_id)),
        ):
            try:
                asyncio.run(run)
            except CrashError:
                continue

    @invariant()
    def the_story_is_true(self) -> None:
        """What the others believe from the events is what is known here."""
        names = [type(event).__name__ for event in self.store.sent]
        there = self.presence() in {Found.IN_PLACE, Found.SUSPECT}
        told = [name for name in names if name in {"PackageInstalled", "PackageRemoved"}]
        assert (told[-1:] == ["PackageInstalled"]) is there

    @invariant()
    def every_start_has_one_end(self) -> None:
        """Between two starts there is an end; none comes without an order."""
        running = False
        for name in [type(event).__name__ for event in self.store.sent]:
            if name == "PackageInstallStarted":
                assert not running
                running = True
            elif name in {"PackageInstalled", "PackageInstallFailed"}:
                running = False

    @invariant()
    def what_ended_stays_and_what_runs_is_looked_at(self) -> None:
        current = [row for row in self.store.state.rows.values() if row.current]
        assert len(current) == 1
        ended = current[0].installation.state in TERMINAL
        idle = current[0].installation.state is State.ABSENT
        assert ended == (current[0].due_at is None) or idle

    def presence(self) -> Found | None:
        row = self.store.state.checks.get(ID)
        return row.presence.found if row else None


WatchingMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestWatching = WatchingMachine.TestCase
