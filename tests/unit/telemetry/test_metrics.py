import pytest
from prometheus_client import CollectorRegistry

from shared.telemetry.metrics import Labelled, Metrics, render


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


def test_a_tally_is_read_when_it_is_scraped() -> None:
    metrics, seen = Metrics(), {"a": 1}
    metrics.tally("causeway_seen", "Seen", "queue", lambda: seen)
    seen["a"] = 5
    assert 'causeway_seen_total{queue="a"} 5.0' in render(metrics.registry).decode()


def test_several_registries_are_one_with_a_label_that_tells_them_apart() -> None:
    one, two = Metrics(), Metrics()
    one.counter("causeway_writes", "Writes", ("side",)).labels("hubspot").inc()
    two.counter("causeway_writes", "Writes", ("side",)).labels("hubspot").inc(2)
    two.histogram("causeway_seconds", "Time", buckets=(1.0,)).observe(0.5)
    whole = CollectorRegistry()
    whole.register(Labelled("service", {"quota": one.registry, "ingress": two.registry}))
    text = render(whole).decode()
    assert 'causeway_writes_total{service="quota",side="hubspot"} 1.0' in text
    assert 'causeway_writes_total{service="ingress",side="hubspot"} 2.0' in text
    assert 'causeway_seconds_bucket{le="1.0",service="ingress"} 1.0' in text
    assert text.count("# TYPE causeway_writes_total counter") == 1


def test_a_metric_that_appears_later_is_told_too() -> None:
    metrics, whole = Metrics(), CollectorRegistry()
    whole.register(Labelled("service", {"quota": metrics.registry}))
    metrics.gauge("causeway_depth", "Depth").set(3)
    assert 'causeway_depth{service="quota"} 3.0' in render(whole).decode()
