"""I7: any interleaving of news, workers and crashes ends with every change handled."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from hypothesis import settings

from tests.contracts.plumbing.mailboxes import InMemory
from tests.fakes.clock import FixedClock
from tests.fakes.mailbox import FakeMailbox
from tests.property.plumbing.mailbox_machine import MailboxMachine


class MailboxInMemory(MailboxMachine):
    """The machine over the fake, which passes the same contract suite as the real one."""

    def __init__(self) -> None:
        clock = FixedClock()
        self.runner = asyncio.Runner()
        super().__init__(InMemory(FakeMailbox(clock), clock), self._finish)

    def _finish(self, work: Awaitable[Any]) -> Any:
        async def finished() -> Any:
            return await work

        return self.runner.run(finished())

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            self.runner.close()


TestMailbox = MailboxInMemory.TestCase
TestMailbox.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
