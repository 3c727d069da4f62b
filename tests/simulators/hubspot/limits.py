"""Rate limits (facts: section 11)."""

from collections import deque

from tests.simulators.hubspot.errors import HubSpotError
from tests.simulators.hubspot.scopes import is_association, is_search
from tests.simulators.hubspot.settings import Settings
from tests.simulators.machinery.clock import VirtualClock

BURST_SECONDS = 10.0
SEARCH_SECONDS = 1.0
SUBMISSION_LIMIT = 50
"""Submissions of forms without a token in 10 s (documentation: submit data to a form)."""


class RollingWindow:
    """At most ``limit`` calls in any ``seconds``; calls that are turned away do not count."""

    NOT_KEPT = frozenset({"limit", "_seconds"})

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit = limit
        self._seconds = seconds
        self._calls: deque[float] = deque()

    def admit(self, now: float) -> bool:
        """Whether a call at ``now`` (seconds) is within the limit; if so it counts."""
        if self.used(now) >= self.limit:
            return False
        self._calls.append(now)
        return True

    def used(self, now: float) -> int:
        """Calls in the window that ends at ``now``."""
        while self._calls and self._calls[0] <= now - self._seconds:
            self._calls.popleft()
        return len(self._calls)

    @property
    def remaining(self) -> int:
        """Calls left, as of the last one."""
        return self.limit - len(self._calls)

    def reset(self) -> None:
        """As if nobody had called."""
        self._calls.clear()


class Limits:
    """The buckets of one app in one portal: searches, associations, everything else.

    Submissions of forms without a token have one too.
    """

    NOT_KEPT = frozenset({"_group"})

    def __init__(self, settings: Settings, clock: VirtualClock) -> None:
        self._clock = clock
        self._group = f"publicapi:private_app-api-calls-ten-secondly:{settings.app_id}"
        self._search = RollingWindow(settings.search_limit, SEARCH_SECONDS)
        self._associations = RollingWindow(settings.association_limit, BURST_SECONDS)
        self._burst = RollingWindow(settings.burst_limit, BURST_SECONDS)
        self._submissions = RollingWindow(SUBMISSION_LIMIT, BURST_SECONDS)

    def admit(self, path: str) -> dict[str, str]:
        """The rate-limit headers of a call that may go on. HubSpotError 429 if it may not.

        Searches have no headers; the daily ones are not sent for OAuth tokens.
        """
        now = self._clock.seconds()
        if is_search(path):
            if not self._search.admit(now):
                raise secondly_limit()
            return {}
        window = self._associations if is_association(path) else self._burst
        if not window.admit(now):
            raise burst_limit(self._group)
        return {
            "X-HubSpot-RateLimit-Max": str(window.limit),
            "X-HubSpot-RateLimit-Remaining": str(window.remaining),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(int(BURST_SECONDS * 1_000)),
        }

    def used(self) -> list[tuple[str, int, int]]:
        """(name, calls in the window that ends now, calls allowed) of each bucket."""
        now = self._clock.seconds()
        buckets = {
            "calls in 10 s": self._burst,
            "association calls in 10 s": self._associations,
            "searches in 1 s": self._search,
        }
        return [(name, one.used(now), one.limit) for name, one in buckets.items()]

    def admit_submission(self) -> None:
        """Let a form's submission without a token in. HubSpotError 429 if there are too many."""
        if not self._submissions.admit(self._clock.seconds()):
            raise burst_limit(self._group)

    def reset(self) -> None:
        """All buckets full again."""
        for window in (self._search, self._associations, self._burst, self._submissions):
            window.reset()


def burst_limit(group: str) -> HubSpotError:
    """Too many calls in ten seconds."""
    body = {
        "status": "error",
        "message": "You have reached your ten_secondly_rolling limit.",
        "errorType": "RATE_LIMIT",
        "policyName": "TEN_SECONDLY_ROLLING",
        "groupName": group,
    }
    return HubSpotError(429, body)


def daily_limit() -> HubSpotError:
    """Too many calls today."""
    body = {
        "status": "error",
        "message": "You have reached your daily limit.",
        "errorType": "RATE_LIMIT",
        "policyName": "DAILY",
    }
    return HubSpotError(429, body)


def secondly_limit() -> HubSpotError:
    """Too many searches in a second: no policy name and no error type here."""
    body = {
        "status": "error",
        "message": "You have reached your secondly limit.",
        "category": "RATE_LIMITS",
    }
    return HubSpotError(429, body)
