"""Rows that failed wait longer each time."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from shared.kernel.errors import CausewayError
from shared.outbox.mail import Claimed, Mail

START = timedelta(seconds=2)
LIMIT = timedelta(minutes=15)
"""2 s, 4 s, 8 s ... and at most a quarter of an hour, the native integration's interval."""

DOUBLINGS = 20
"""Far beyond the limit; more would only make large numbers."""


async def back_off(mail: Mail, rows: Sequence[Claimed], error: Exception) -> None:
    """Lets rows wait for another try: by their attempts, or as long as the error says.

    A wait that somebody asked for is no attempt.
    """
    asked: float | None = getattr(error, "retry_after", None)
    by_attempts: dict[int, list[Claimed]] = defaultdict(list)
    for row in rows:
        by_attempts[row.attempts].append(row)
    for attempts, some in by_attempts.items():
        grown = min(START * 2 ** min(attempts, DOUBLINGS), LIMIT)
        await mail.postpone(
            some,
            due_in=grown if asked is None else timedelta(seconds=asked),
            reason=code_of(error),
            count_attempt=asked is None,
        )


def code_of(error: Exception) -> str:
    """The stable name of an error; an unexpected one's text may hold a personal value."""
    return error.code if isinstance(error, CausewayError) else "unexpected"
