"""Counting API calls the way the CRM itself would put them on the customer's bill."""

import re
from collections import Counter
from typing import Any

NUMERIC_SEGMENT = re.compile(r"/\d+(?=/|$)")


def endpoint(method: str, path: str) -> str:
    """``GET /things/{id}`` for ``GET /things/17``: calls on different records count together."""
    return f"{method} {NUMERIC_SEGMENT.sub('/{id}', path)}"


class CallCounter:
    """Calls that the CRM accepted (and billed), and those that it turned away, by endpoint."""

    def __init__(self) -> None:
        self._accepted: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()

    def accept(self, name: str, calls: int = 1) -> None:
        """Bill ``calls`` API calls to the endpoint ``name`` (see ``endpoint``)."""
        self._accepted[name] += calls

    def reject(self, name: str) -> None:
        """Note a call that a rate limit turned away; it is not billed."""
        self._rejected[name] += 1

    @property
    def total(self) -> int:
        """All billed calls since the last reset."""
        return self._accepted.total()

    def most_used(self, count: int) -> list[tuple[str, int]]:
        """The endpoints with the most billed calls, and how many."""
        return self._accepted.most_common(count)

    def report(self) -> dict[str, Any]:
        """``{"total", "by_endpoint", "rejected"}`` for the control plane."""
        return {
            "total": self.total,
            "by_endpoint": dict(self._accepted),
            "rejected": dict(self._rejected),
        }

    def reset(self) -> None:
        """Start from nothing."""
        self._accepted.clear()
        self._rejected.clear()
