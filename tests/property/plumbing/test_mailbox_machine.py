"""I7: any interleaving of news, workers and crashes ends with every change handled."""

from contextlib import ExitStack

import pytest
from hypothesis import settings

from tests.contracts.plumbing.mailboxes import InMemory
from tests.fakes.clock import FixedClock
from tests.fakes.mailbox import FakeMailbox
from tests.property.plumbing.mailbox_machine import MailboxMachine
from tests.property.plumbing.running import loop_of_its_own

pytestmark = pytest.mark.timeout(600)  # a failure is made small, which takes its time


class MailboxInMemory(MailboxMachine):
    """The machine over the fake, which passes the same contract suite as the real one."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        clock = FixedClock()
        run = self.stack.enter_context(loop_of_its_own())
        super().__init__(InMemory(FakeMailbox(clock), clock), run)

    def teardown(self) -> None:
        with self.stack:
            super().teardown()


TestMailbox = MailboxInMemory.TestCase
TestMailbox.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
