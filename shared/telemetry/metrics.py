"""Metrics in Prometheus' words, on a registry that is passed in."""

from collections.abc import Sequence
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

T = TypeVar("T", Counter, Gauge, Histogram)

# Seconds: from an in-process answer to the longest call to a CRM.
DURATION_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Makes counters, gauges and histograms; asking for a name again gives the same one."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._made: dict[str, Counter | Gauge | Histogram] = {}

    def counter(self, name: str, documentation: str, labels: Sequence[str] = ()) -> Counter:
        """A number that only grows; its name ends in `_total` when it is scraped."""
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = Counter(name, documentation, labels, registry=self.registry)
        return _of(Counter, made, name)

    def gauge(self, name: str, documentation: str, labels: Sequence[str] = ()) -> Gauge:
        """A number that goes up and down."""
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = Gauge(name, documentation, labels, registry=self.registry)
        return _of(Gauge, made, name)

    def histogram(
        self,
        name: str,
        documentation: str,
        labels: Sequence[str] = (),
        *,
        buckets: Sequence[float] = DURATION_BUCKETS,
    ) -> Histogram:
        """A distribution; by default of durations in seconds."""
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = Histogram(
                name, documentation, labels, buckets=buckets, registry=self.registry
            )
        return _of(Histogram, made, name)


def render(registry: CollectorRegistry) -> bytes:
    """Everything that the registry holds, in the Prometheus text format."""
    return generate_latest(registry)


def _of(kind: type[T], made: object, name: str) -> T:
    if not isinstance(made, kind):
        raise TypeError(f"The metric {name} exists already, as a {type(made).__name__}.")
    return made
