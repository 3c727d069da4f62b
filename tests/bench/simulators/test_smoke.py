"""Each measurement in small: it measures something and loses nothing. No test says how fast."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.bench.comparing import Measurement, compare
from tests.bench.simulators.comparing import Scene, measurements, opened

ITEMS = 230
"""Two whole batches of one simulator, one of the other, and a rest."""
ALL = list(measurements())


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with opened() as found:
        yield found


@pytest.mark.parametrize("measurement", ALL, ids=[each.name for each in ALL])
async def test_every_measurement_has_a_rate_and_loses_nothing(
    scene: Scene, measurement: Measurement[Scene]
) -> None:
    small = replace(measurement, items=ITEMS, bare_items=ITEMS)

    found = await compare(scene, small, rounds=1)

    assert [run.arrived for run in (*found.ours, *found.bare)] == [ITEMS, ITEMS]
    assert found.ratio > 0
