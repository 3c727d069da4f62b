import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from tests.bench.comparing import Compared, Measurement, Run
from tests.bench.report import show, write


async def _nothing(_scene: None, _items: int) -> Run:
    raise AssertionError("a report measures nothing")


def compared(
    target: float | None, *, least: float | None = None, arrived: int = 100
) -> Compared[None]:
    """Ours takes 2 s for 100 items, the bare one 1 s: half as fast."""
    measurement = Measurement(
        name="one / other",
        unit="rows/s",
        ours=_nothing,
        bare=_nothing,
        items=100,
        bare_items=100,
        target=target,
        least=least,
    )
    return Compared(measurement, [Run(100, arrived, 2.0)], [Run(100, 100, 1.0)])


@pytest.mark.parametrize(
    ("found", "met"),
    [
        (compared(0.5), True),
        (compared(None, least=50.0), True),
        (compared(None, least=50.1), False),
        (compared(0.6, least=50.0), False),
        (compared(0.5, least=50.1), False),
        (compared(0.6), False),
        (compared(None), True),
        (compared(0.5, arrived=99), False),
        (compared(None, arrived=101), False),
    ],
)
def test_a_target_is_met_by_ratio_and_rate_without_a_loss(
    found: Compared[None], *, met: bool
) -> None:
    assert found.met is met


def test_the_report_tells_rates_ratio_and_a_missed_target(tmp_path: Path) -> None:
    text, found = io.StringIO(), [compared(0.6, least=1_000.0)]

    show(Console(file=text, width=160), found, load=1.0)
    write(tmp_path / "told.json", found, load=1.0)

    row = next(line for line in text.getvalue().splitlines() if "one / other" in line)
    assert [cell.strip() for cell in row.split("│")[1:-1]] == [
        "one / other",
        "rows/s",
        "50 (50-50)",
        "-",
        "100 (100-100)",
        "0.50",
        "0.6, 1,000/s missed",
        "0",
    ]
    (told,) = json.loads((tmp_path / "told.json").read_text())["measurements"]
    assert told == {
        "name": "one / other",
        "unit": "rows/s",
        "measured": [50.0],
        "measured_on_one_core": [50.0],
        "bare": [100.0],
        "ratio": 0.5,
        "target": 0.6,
        "least": 1000.0,
        "lost": 0,
        "met": False,
    }
