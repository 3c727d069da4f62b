from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.quota.domain.budget import Budget, Lease, Report, used
from services.quota.domain.daily import allowance
from services.quota.domain.granting import (
    Ask,
    Crossed,
    Exhausted,
    Refused,
    Restored,
    Taken,
    give_back,
    hear,
    review,
    take,
)
from services.quota.domain.policy import Kind, Purpose
from services.quota.domain.room import Scope
from services.quota.domain.summary import summary
from shared.kernel.records import Side
from tests.unit.quota.fakes import START

CONNECTION = UUID(int=1)
TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)


def budget(setting: int | None = 1000, **parts: Any) -> Budget:
    made = Budget(CONNECTION, Side.SALESFORCE, setting=setting)
    return replace(made, **parts)


def ask(
    before: Budget, calls: int, *, purpose: Purpose = Purpose.LIVE, now: datetime = START
) -> Taken:
    return take(before, Ask(UUID(int=7), Kind.CALL, purpose, calls), now=now)


def spent(calls: int, purpose: Purpose = Purpose.LIVE, **parts: Any) -> Budget:
    return budget(hours={TEN: {purpose: calls}}, **parts)


@pytest.mark.parametrize(
    ("setting", "report", "allowed"),
    [
        (1000, None, 1000),
        (0, None, 0),
        (None, None, 9_000),
        (None, Report(used=1, limit=115_000, at=START), 69_000),
        (1000, Report(used=1, limit=115_000, at=START), 1000),
    ],
)
def test_the_allowance_is_the_admins_number_or_a_share_of_the_orgs_limit(
    setting: int | None, report: Report | None, allowed: int
) -> None:
    assert allowance(budget(setting, report=report)) == allowed


def test_hubspot_publishes_no_daily_limit_so_there_is_none() -> None:
    assert allowance(Budget(CONNECTION, Side.HUBSPOT, setting=5)) is None


def test_the_last_calls_are_granted_in_part_and_then_the_budget_is_exhausted() -> None:
    taken = ask(spent(960, mark=95), 100)
    assert isinstance(taken.answer, Lease)
    assert taken.answer.calls == 40
    refused = ask(taken.budget, 1)
    assert refused.answer == Refused(Scope.ALLOWANCE, timedelta(minutes=15))
    until = datetime(2026, 3, 3, 11, 1, 1, tzinfo=UTC)
    assert refused.notices == (Exhausted(until),)
    assert refused.budget.exhausted_until == until


def test_an_exhausted_budget_is_announced_once() -> None:
    refused = ask(spent(1000), 1)
    assert ask(refused.budget, 1).notices == ()


def test_hours_count_until_no_call_of_theirs_can_be_in_the_last_day() -> None:
    full = spent(1000)
    assert used(full, datetime(2026, 3, 3, 11, 1, 0, 999999, tzinfo=UTC)) == 1000
    assert used(full, datetime(2026, 3, 3, 11, 1, 1, tzinfo=UTC)) == 0


def test_background_work_stops_at_three_quarters_and_live_work_goes_on() -> None:
    taken = ask(spent(740), 100, purpose=Purpose.IMPORT)
    assert isinstance(taken.answer, Lease)
    assert taken.answer.calls == 10
    refused = ask(taken.budget, 1, purpose=Purpose.POLL)
    assert refused.answer == Refused(Scope.RESERVE, timedelta(minutes=15))
    assert refused.notices == ()
    live = ask(taken.budget, 100)
    assert isinstance(live.answer, Lease)
    assert live.answer.calls == 100


def test_what_comes_back_unused_is_free_again_in_the_hour_it_was_counted_in() -> None:
    taken = ask(budget(), 100)
    assert isinstance(taken.answer, Lease)
    later = START + timedelta(minutes=59)
    after = give_back(taken.budget, taken.answer, used=30, now=later)
    assert after.hours == {TEN: {Purpose.LIVE: 30}}


@pytest.mark.parametrize(
    ("before", "mark", "calls", "announced", "after"),
    [
        (480, 0, 19, (), 0),
        (480, 0, 20, (Crossed(50),), 50),
        (480, 50, 30, (), 50),
        (780, 50, 20, (Crossed(80),), 80),
        (430, 0, 100, (Crossed(50),), 50),
        (449, 50, 0, (), 0),
        (450, 50, 0, (), 50),
        (880, 0, 80, (Crossed(95),), 95),
    ],
)
def test_marks_are_announced_once_on_the_way_up(
    before: int, mark: int, calls: int, announced: tuple[Crossed, ...], after: int
) -> None:
    start = spent(before, mark=mark)
    if calls:
        taken = ask(start, calls)
        assert (taken.notices, taken.budget.mark) == (announced, after)
    else:
        reviewed, notices = review(start, now=START)
        assert (notices, reviewed.mark) == (announced, after)


def test_a_full_org_stops_us_before_our_own_allowance_does() -> None:
    heard = hear(budget(), used=9_500, limit=10_000, now=START)
    refused = ask(heard, 1)
    assert refused.answer == Refused(Scope.ORG, timedelta(minutes=15))
    assert refused.notices == (Exhausted(START + timedelta(minutes=15)),)


def test_calls_granted_after_the_report_are_added_to_it() -> None:
    heard = hear(budget(), used=9_450, limit=10_000, now=START)
    taken = ask(heard, 100)
    assert isinstance(taken.answer, Lease)
    assert taken.answer.calls == 50
    assert isinstance(ask(taken.budget, 1).answer, Refused)
    after = give_back(taken.budget, taken.answer, used=20, now=START)
    again = ask(after, 100)
    assert isinstance(again.answer, Lease)
    assert again.answer.calls == 30


def test_an_old_report_is_not_believed_so_that_a_new_one_can_come() -> None:
    heard = hear(budget(), used=10_000, limit=10_000, now=START)
    taken = ask(heard, 10, now=START + timedelta(minutes=15))
    assert isinstance(taken.answer, Lease)


def test_an_exhausted_budget_is_restored_when_a_hundredth_is_free() -> None:
    exhausted = spent(991, mark=95, exhausted_until=START + timedelta(hours=5))
    assert review(exhausted, now=START) == (exhausted, ())
    freed, notices = review(replace(exhausted, hours={TEN: {Purpose.LIVE: 990}}), now=START)
    assert freed.exhausted_until is None
    assert notices == (Restored(),)


def test_a_budget_that_is_due_and_still_full_is_announced_with_a_later_time() -> None:
    exhausted = spent(1000, mark=95, exhausted_until=START)
    reviewed, notices = review(exhausted, now=START)
    until = datetime(2026, 3, 3, 11, 1, 1, tzinfo=UTC)
    assert notices == (Exhausted(until),)
    assert reviewed.exhausted_until == until


def test_an_allowance_of_nothing_never_restores() -> None:
    refused = ask(budget(0), 1)
    assert refused.notices == (Exhausted(START + timedelta(days=1)),)
    _, notices = review(refused.budget, now=START + timedelta(days=1))
    assert notices == (Exhausted(START + timedelta(days=2)), Crossed(95))


def test_the_summary_shows_use_by_hour_and_purpose() -> None:
    nine = datetime(2026, 3, 2, 9, tzinfo=UTC)
    seen = summary(
        budget(hours={nine: {Purpose.POLL: 7}, TEN: {Purpose.LIVE: 3, Purpose.POLL: 1}}), START
    )
    assert (seen.allowance, seen.used, seen.left, seen.set_by_admin) == (1000, 11, 989, True)
    assert len(seen.hours) == 24
    assert seen.hours[-2:] == ((nine, 7), (TEN, 4))
    assert seen.hours[0] == (datetime(2026, 3, 1, 11, tzinfo=UTC), 0)
    assert seen.purposes == {
        Purpose.LIVE: 3,
        Purpose.IMPORT: 0,
        Purpose.POLL: 8,
        Purpose.SETUP: 0,
    }
