"""The org's API calls of the last 24 hours (facts: sections 2.5, 2.7 and 2.8). Pure."""

from collections import deque
from dataclasses import dataclass
from typing import Any

WINDOW_SECONDS = 86_400
SLOT_SECONDS = 60
"""Calls are counted by the minute: the window slides in steps of one."""


class DailyLimit:
    """How many calls the org made in the rolling 24 hours before ``now`` (seconds)."""

    def __init__(self) -> None:
        self._slots: deque[list[int]] = deque()
        self._used = 0

    def used(self, now: float) -> int:
        """Calls in the window."""
        oldest = int(now - WINDOW_SECONDS) // SLOT_SECONDS
        while self._slots and self._slots[0][0] <= oldest:
            self._used -= self._slots.popleft()[1]
        return self._used

    def add(self, now: float, calls: int) -> None:
        """Count calls."""
        slot = int(now) // SLOT_SECONDS
        if not self._slots or self._slots[-1][0] < slot:
            self._slots.append([slot, 0])
        self._slots[-1][1] += calls
        self._used += calls

    def set(self, now: float, used: int) -> None:
        """Pretend that so many calls were made just now."""
        self._slots.clear()
        self._used = 0
        self.add(now, used)


def header(used: int, allowed: int, *, more: str = "") -> str:
    """The value of Sforce-Limit-Info; ``more`` are further parts such as ``api-bursts=1/750``."""
    usage = f"api-usage={used}/{allowed}"
    return f"{usage}; {more}" if more else usage


@dataclass(frozen=True, slots=True)
class BulkUse:
    """What bulk jobs used up in the last 24 hours, and what they may."""

    batches: int
    max_batches: int
    query_jobs: int
    max_query_jobs: int
    result_bytes: int


MAX_RESULT_MB = 976_562
MEGABYTE = 1_048_576


def report(
    used: int, allowed: int, bulk: BulkUse, *, delivered: int, max_delivered: int
) -> dict[str, Any]:
    """The body of GET /limits.

    Calls, bulk jobs and deliveries of change events are counted, the rest is as in a new org.
    """

    def full(maximum: int) -> dict[str, int]:
        return {"Max": maximum, "Remaining": maximum}

    def left(maximum: int, gone: int) -> dict[str, int]:
        return {"Max": maximum, "Remaining": max(0, maximum - gone)}

    return {
        "ConcurrentAsyncGetReportInstances": full(200),
        "DailyApiRequests": left(allowed, used),
        "DailyAsyncApexExecutions": full(250_000),
        "DailyBulkApiBatches": left(bulk.max_batches, bulk.batches),
        "DailyBulkV2QueryFileStorageMB": left(MAX_RESULT_MB, bulk.result_bytes // MEGABYTE),
        "DailyBulkV2QueryJobs": left(bulk.max_query_jobs, bulk.query_jobs),
        "DailyDeliveredPlatformEvents": left(max_delivered, delivered),
        "DailyStreamingApiEvents": full(200_000),
        "DataStorageMB": full(10_240),
        "FileStorageMB": full(10_240),
        "SingleEmail": full(5_000),
    }
