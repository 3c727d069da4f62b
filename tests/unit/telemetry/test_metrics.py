import pytest
from prometheus_client import CollectorRegistry

from shared.telemetry.metrics import Metrics, render


def test_what_was_counted_is_rendered() -> None:
    metrics = Metrics(CollectorRegistry())
    metrics.counter("causeway_writes", "Writes", ("side",)).labels("hubspot").inc(2)
    metrics.gauge("causeway_depth", "Depth").set(7)
    metrics.histogram("causeway_seconds", "Time", buckets=(1.0,)).observe(0.5)
    text = render(metrics.registry).decode()
    assert 'causeway_writes_total{side="hubspot"} 2.0' in text
    assert "causeway_depth 7.0" in text
    assert 'causeway_seconds_bucket{le="1.0"} 1.0' in text


def test_the_same_name_is_the_same_metric() -> None:
    metrics = Metrics(CollectorRegistry())
    metrics.counter("causeway_writes", "Writes").inc()
    metrics.counter("causeway_writes", "Writes").inc()
    assert "causeway_writes_total 2.0" in render(metrics.registry).decode()


def test_a_name_has_one_kind() -> None:
    metrics = Metrics(CollectorRegistry())
    metrics.counter("causeway_writes", "Writes")
    with pytest.raises(TypeError, match="exists already, as a Counter"):
        metrics.gauge("causeway_writes", "Writes")


def test_registries_know_nothing_of_each_other() -> None:
    first, second = CollectorRegistry(), CollectorRegistry()
    Metrics(first).counter("causeway_writes", "Writes").inc()
    assert render(second) == b""
