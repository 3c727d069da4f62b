"""The runs as a table for a person, and as JSON."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.comparing import Compared, Run, Scene, median

HEADINGS = ("measured / bare", "unit", "measured", "of a core", "bare", "ratio", "target", "lost")


def show(console: Console, found: Sequence[Compared[Scene]], *, load: float) -> None:
    """One row a measurement: medians with the slowest and fastest run, ratio and target."""
    table = Table(
        title=f"{os.cpu_count()} cores, load {load:.1f} before; medians (slowest-fastest)"
    )
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == "measured / bare" else "right")
    for each in found:
        table.add_row(
            each.measurement.name,
            each.measurement.unit,
            _rates(each.ours),
            f"{each.core_rate:,.0f}" if each.ours[0].core_seconds else "-",
            _rates(each.bare),
            f"{each.ratio:.2f}",
            _target(each),
            str(each.lost),
        )
    console.print(table)


def write(path: Path, found: Sequence[Compared[Scene]], *, load: float) -> None:
    """Everything, each run's rate included."""
    rows = [
        {
            "name": each.measurement.name,
            "unit": each.measurement.unit,
            "measured": [run.rate for run in each.ours],
            "measured_on_one_core": [run.core_rate for run in each.ours],
            "bare": [run.rate for run in each.bare],
            "ratio": each.ratio,
            "target": each.measurement.target,
            "least": each.measurement.least,
            "lost": each.lost,
            "met": each.met,
        }
        for each in found
    ]
    told = {"cores": os.cpu_count(), "load": load, "measurements": rows}
    path.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def _target(found: Compared[Scene]) -> str:
    target, least = found.measurement.target, found.measurement.least
    told = [] if target is None else [f"{target:g}"]
    if least is not None:
        told.append(f"{least:,.0f}/s")
    wanted = ", ".join(told) or "none"
    return wanted if found.met else f"{wanted} missed"


def _rates(runs: list[Run]) -> str:
    rates = [run.rate for run in runs]
    return f"{median(runs):,.0f} ({min(rates):,.0f}-{max(rates):,.0f})"
