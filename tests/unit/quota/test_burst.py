from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.quota.domain.budget import Budget, Lease
from services.quota.domain.granting import Ask, Refused, Taken, give_back, take
from services.quota.domain.policy import Kind, Purpose
from services.quota.domain.room import Scope
from shared.kernel.records import Side
from tests.unit.quota.fakes import START

CONNECTION = UUID(int=1)


def ask(budget: Budget, n: int, *, calls: int = 20, after: float = 0, **how: Any) -> Taken:
    wish = Ask(
        lease_id=UUID(int=n),
        kind=Kind(how.get("kind", Kind.CALL)),
        purpose=Purpose(how.get("purpose", Purpose.LIVE)),
        calls=calls,
    )
    return take(budget, wish, now=START + timedelta(seconds=after))


def full() -> Budget:
    budget = Budget(CONNECTION, Side.HUBSPOT)
    for n in range(5):
        budget = ask(budget, n).budget
    return budget


def lease_of(taken: Taken) -> Lease:
    assert isinstance(taken.answer, Lease)
    return taken.answer


def test_a_lease_holds_at_most_a_block_and_ends_after_ten_seconds() -> None:
    lease = lease_of(ask(Budget(CONNECTION, Side.HUBSPOT), 1, calls=500))
    assert lease.calls == 20
    assert lease.expires_at == START + timedelta(seconds=10)


def test_five_blocks_fill_the_window_and_the_sixth_asks_again_soon() -> None:
    taken = ask(full(), 9)
    assert taken.answer == Refused(Scope.BURST, timedelta(seconds=2))
    late = ask(full(), 9, after=20.5)
    assert late.answer == Refused(Scope.BURST, timedelta(seconds=0.5))
    assert taken.budget == full()
    assert taken.notices == ()


def test_an_unreturned_block_is_free_again_after_its_time_the_slack_and_the_window() -> None:
    assert isinstance(ask(full(), 9, after=20.999).answer, Refused)
    assert lease_of(ask(full(), 9, after=21)).calls == 20


def test_what_comes_back_unused_is_free_at_once() -> None:
    budget = Budget(CONNECTION, Side.HUBSPOT)
    first = ask(budget, 0)
    budget = first.budget
    for n in range(1, 5):
        budget = ask(budget, n).budget
    budget = give_back(budget, lease_of(first), used=5, now=START)
    assert lease_of(ask(budget, 9)).calls == 15


def test_what_was_used_leaves_the_slack_and_ten_seconds_after_its_return() -> None:
    budget = Budget(CONNECTION, Side.HUBSPOT)
    first = ask(budget, 0)
    budget = first.budget
    for n in range(1, 5):
        budget = ask(budget, n).budget
    used = give_back(budget, lease_of(first), used=20, now=START + timedelta(seconds=1))
    assert isinstance(ask(used, 9, after=11.999).answer, Refused)
    assert lease_of(ask(used, 9, after=12)).calls == 20


@pytest.mark.parametrize("purpose", [Purpose.IMPORT, Purpose.POLL])
def test_background_work_leaves_a_quarter_of_the_window_to_the_rest(purpose: Purpose) -> None:
    budget = Budget(CONNECTION, Side.HUBSPOT)
    granted = []
    for n in range(4):
        taken = ask(budget, n, purpose=purpose)
        budget = taken.budget
        granted.append(lease_of(taken).calls)
    assert granted == [20, 20, 20, 15]
    assert isinstance(ask(budget, 8, purpose=purpose).answer, Refused)
    assert lease_of(ask(budget, 9, purpose=Purpose.SETUP)).calls == 20


def test_searches_have_a_window_of_their_own() -> None:
    taken = ask(full(), 20, kind=Kind.SEARCH, calls=4)
    assert lease_of(taken).calls == 2
    taken = ask(taken.budget, 21, kind=Kind.SEARCH, calls=4)
    assert lease_of(taken).calls == 2
    refused = ask(taken.budget, 22, kind=Kind.SEARCH, calls=1)
    assert refused.answer == Refused(Scope.BURST, timedelta(seconds=2))


def test_salesforce_has_no_burst_limit() -> None:
    budget = Budget(CONNECTION, Side.SALESFORCE, setting=100_000)
    for n in range(50):
        taken = ask(budget, n, calls=100)
        budget = taken.budget
        assert lease_of(taken).calls == 100
    assert budget.held == ()


def test_a_holder_that_called_more_than_it_was_granted_is_counted_as_it_called() -> None:
    first = ask(Budget(CONNECTION, Side.HUBSPOT), 0)
    budget = give_back(first.budget, lease_of(first), used=95, now=START)
    assert lease_of(ask(budget, 1)).calls == 5
