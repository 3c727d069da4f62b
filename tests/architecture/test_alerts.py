"""The alerts look at metrics that there are, and name a section of the runbook that there is."""

import random
import re
from collections.abc import Sequence
from typing import Any

import pytest
import yaml

from shared.messaging.envelope import Envelope
from shared.runtime.observing import ObservedPublisher
from shared.runtime.service import Service
from shared.runtime.supervision import Supervisor
from shared.runtime.wiring import wire
from shared.telemetry.metrics import Metrics
from shared.web.app import create_app
from shared.web.observed import ObservedRequests
from tests.architecture.sources import ROOT
from tests.architecture.test_assembly import AMQP, deployment, services
from tests.chaos.promql import Query

__all__ = ["deployment", "services"]

FILE = ROOT / "deploy" / "observability" / "alerts.yaml"
RUNBOOK = ROOT / "docs" / "runbooks" / "trouble.md"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load(FILE.read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
ADDED = ("service", "le")
"""What /metrics puts on what belongs to a service, and what a histogram's buckets have."""


async def _nothing(*_: object) -> None:
    """Never called."""


class Nobody:
    """A publisher that publishes nothing."""

    async def publish(self, batch: Sequence[Envelope]) -> None:
        """Never called."""


def exported(services: list[Service]) -> dict[str, set[str]]:
    """Every name that is scraped, with its labels."""
    of_process = Metrics()
    create_app(title="x", routers=[], checks={}, registry=of_process.registry)
    ObservedRequests(_nothing, metrics=of_process)
    Supervisor(of_process, jitter=random.Random())  # noqa: S311 -- never started
    registries = [of_process.registry]
    for service in services:
        wire(service, amqp_url=AMQP, working=True)
        ObservedPublisher(Nobody(), service.metrics)
        registries.append(service.metrics.registry)
    found: dict[str, set[str]] = {}
    for registry in registries:
        for collector, names in registry._collector_to_names.items():
            own = getattr(collector, "_labelnames", None) or [getattr(collector, "_label", "")]
            tallied = [f"{f.name}_total" for f in collector.collect()] if not names else []
            for name in (*names, *tallied):
                found.setdefault(name, set()).update({*own, *ADDED})
    return found


def test_an_alert_looks_at_metrics_and_labels_that_are_exported(services: list[Service]) -> None:
    known = exported(services)
    for rule in RULES:
        query = Query(rule["expr"])
        query.firing({}, {})
        assert query.used
        for name, labels in query.used.items():
            assert name in known, f"{rule['alert']}: no service exports {name}"
            missing = (labels | query.grouped) - known[name]
            assert not missing, f"{rule['alert']}: {name} has no label {missing}"


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_an_alert_says_how_urgent_it_is_and_what_to_do(rule: dict[str, Any]) -> None:
    assert re.fullmatch(r"Causeway[A-Z][A-Za-z]+", rule["alert"])
    assert re.fullmatch(r"[0-9]+[mh]", rule["for"])
    assert rule["labels"]["severity"] in {"critical", "warning"}
    notes = rule["annotations"]
    assert notes.keys() == {"summary", "action", "runbook"}
    page, _, anchor = notes["runbook"].partition("#")
    assert ROOT / page == RUNBOOK
    assert anchor in anchors()


def test_no_two_alerts_have_one_name() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(names) == len(set(names)) >= 15


def anchors() -> set[str]:
    """The sections of the runbook as links name them."""
    titles = re.findall(r"^## (.+)$", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}
