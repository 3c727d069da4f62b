"""Metrics in Prometheus' words, on a registry that is passed in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

T = TypeVar("T", Counter, Gauge, Histogram)

# Seconds: from an in-process answer to the longest call to a CRM.
DURATION_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Makes counters, gauges and histograms; asking for a name again gives the same one.

    Without a registry it makes one of its own.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = CollectorRegistry() if registry is None else registry
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

    def tally(
        self, name: str, documentation: str, label: str, read: Callable[[], Mapping[str, int]]
    ) -> None:
        """A counter that a mechanism keeps itself, as plain numbers; read at each scrape."""
        self.registry.register(_Tally(name, documentation, label, read))


class _Tally(Collector):
    """Numbers that somebody else counts."""

    def __init__(
        self, name: str, documentation: str, label: str, read: Callable[[], Mapping[str, int]]
    ) -> None:
        self._name = name
        self._documentation = documentation
        self._label = label
        self._read = read

    def collect(self) -> Iterable[Metric]:
        family = CounterMetricFamily(self._name, self._documentation, labels=[self._label])
        for value, count in self._read().items():
            family.add_metric([value], count)
        return [family]


class Labelled(Collector):
    """Several registries as one: each sample gets a label that says which one it comes from.

    Families of one name become one, so that services that share a process can share mechanisms.
    """

    def __init__(self, label: str, registries: Mapping[str, CollectorRegistry]) -> None:
        self._label = label
        self._registries = dict(registries)

    def collect(self) -> Iterable[Metric]:
        """All families with all samples, each under its registry's label."""
        families: dict[str, Metric] = {}
        for value, registry in self._registries.items():
            for found in registry.collect():
                family = Metric(found.name, found.documentation, found.type)
                family = families.setdefault(found.name, family)
                for sample in found.samples:
                    labels = {self._label: value, **sample.labels}
                    family.samples.append(sample._replace(labels=labels))
        return families.values()


def render(registry: CollectorRegistry) -> bytes:
    """Everything that the registry holds, in the Prometheus text format."""
    return generate_latest(registry)


def _of(kind: type[T], made: object, name: str) -> T:
    if not isinstance(made, kind):
        raise TypeError(f"The metric {name} exists already, as a {type(made).__name__}.")
    return made
