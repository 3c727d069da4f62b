"""One row that fails never holds its neighbours, and what fails as a whole costs few tries."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import FatalError, RetriableError
from shared.outbox.dividing import FAILURES, divided, failure_text
from shared.outbox.mail import Claimed

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def row(number: int) -> Claimed:
    one = UUID(int=1)
    return Claimed(one, "contact", "hubspot", str(number), 1, 0, 10, NOON, {}, None, one)


def numbers(rows: Sequence[Claimed]) -> set[int]:
    return {int(row.record_id) for row in rows}


class Handler:
    """Fails with a batch that holds a bad row."""

    def __init__(self, bad: set[int], error: Exception | None = None) -> None:
        self.bad = bad
        self.error = error or ValueError("a value that nobody may see")
        self.handled: set[int] = set()
        self.failed: list[tuple[int, Exception]] = []
        self.calls = 0

    async def handle(self, rows: Sequence[Claimed]) -> None:
        self.calls += 1
        if numbers(rows) & self.bad:
            raise self.error
        self.handled |= numbers(rows)

    async def fail(self, row: Claimed, error: Exception) -> None:
        self.failed.append((int(row.record_id), error))


@given(st.integers(1, 200), st.sets(st.integers(0, 199), max_size=FAILURES))
async def test_i7_the_rows_that_fail_are_found_and_all_others_handled(
    size: int, bad: set[int]
) -> None:
    bad = {number for number in bad if number < size}
    handler = Handler(bad)

    left, error = await divided([row(n) for n in range(size)], handler.handle, handler.fail)

    assert (list(left), error) == ([], None)
    assert handler.handled == set(range(size)) - bad
    assert sorted(number for number, _ in handler.failed) == sorted(bad)
    assert handler.calls <= 1 + 2 * len(bad) * 8


async def test_when_everything_fails_the_rest_waits_after_few_tries() -> None:
    handler = Handler(set(range(200)))

    left, error = await divided([row(n) for n in range(200)], handler.handle, handler.fail)

    assert error is handler.error
    assert len(handler.failed) == FAILURES
    assert numbers(left) == set(range(200)) - {number for number, _ in handler.failed}
    assert handler.calls <= 8 + 2 * (FAILURES + 1)


async def test_what_time_mends_is_nobodys_fault() -> None:
    handler = Handler({3}, RetriableError("away", code="crm_timeout"))

    left, error = await divided([row(n) for n in range(9)], handler.handle, handler.fail)

    assert error is handler.error
    assert (numbers(left), handler.failed, handler.calls) == (set(range(9)), [], 1)


async def test_nothing_needs_no_division() -> None:
    handler = Handler(set())
    assert await divided([], handler.handle, handler.fail) == ([], None)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            FatalError("Give the field a shorter value.", code="x"),
            "Give the field a shorter value.",
        ),
        (ValueError("ada@example.com"), "Causeway failed on this record (ValueError)."),
    ],
)
def test_the_text_for_the_admin_holds_no_value(error: Exception, said: str) -> None:
    text = failure_text(error)
    assert text.startswith(said)
    assert "ada@" not in text
