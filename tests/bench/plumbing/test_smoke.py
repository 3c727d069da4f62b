"""Each measurement in small: it measures something and loses nothing. No test says how fast."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from tests.bench.plumbing.comparing import Compared, Measurement, compare, measurements
from tests.bench.plumbing.report import show, write
from tests.bench.plumbing.scene import Run, opened

ITEMS = 200
ALL = list(measurements())


@pytest.mark.parametrize("measurement", ALL, ids=[each.name for each in ALL])
async def test_every_measurement_has_a_ratio_and_loses_nothing(
    measurement: Measurement, admin_url: str, amqp_url: str
) -> None:
    small = replace(measurement, items=ITEMS, bare_items=ITEMS)

    async with opened(admin_url, amqp_url) as scene:
        found = await compare(scene, small, rounds=1)

    assert [run.arrived for run in (*found.ours, *found.bare)] == [ITEMS, ITEMS]
    assert found.lost == 0
    assert found.ratio > 0


def compared(target: float | None, *, arrived: int = 100) -> Compared:
    """Ours takes 2 s for 100 items, the bare one 1 s: half as fast."""
    measurement = replace(ALL[0], name="one / other", unit="rows/s", target=target)
    return Compared(measurement, [Run(100, arrived, 2.0)], [Run(100, 100, 1.0)])


@pytest.mark.parametrize(
    ("found", "met"),
    [
        (compared(0.5), True),
        (compared(0.6), False),
        (compared(None), True),
        (compared(0.5, arrived=99), False),
        (compared(None, arrived=101), False),
    ],
)
def test_a_target_is_met_by_a_ratio_without_a_loss(found: Compared, *, met: bool) -> None:
    assert found.met is met


def test_the_report_tells_rates_ratio_and_a_missed_target(tmp_path: Path) -> None:
    text, found = io.StringIO(), [compared(0.6)]

    show(Console(file=text, width=160), found, load=1.0)
    write(tmp_path / "told.json", found, load=1.0)

    row = next(line for line in text.getvalue().splitlines() if "one / other" in line)
    assert [cell.strip() for cell in row.split("│")[1:-1]] == [
        "one / other",
        "rows/s",
        "50 (50-50)",
        "100 (100-100)",
        "0.50",
        "0.6 missed",
        "0",
    ]
    (told,) = json.loads((tmp_path / "told.json").read_text())["measurements"]
    assert told == {
        "name": "one / other",
        "unit": "rows/s",
        "measured": [50.0],
        "bare": [100.0],
        "ratio": 0.5,
        "target": 0.6,
        "lost": 0,
        "met": False,
    }
