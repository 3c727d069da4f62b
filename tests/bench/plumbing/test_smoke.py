"""Each measurement in small: it measures something and loses nothing. No test says how fast."""

from dataclasses import replace

import pytest

from tests.bench.comparing import Measurement, compare
from tests.bench.plumbing.comparing import measurements
from tests.bench.plumbing.scene import Scene, opened

ITEMS = 200
ALL = list(measurements())


@pytest.mark.parametrize("measurement", ALL, ids=[each.name for each in ALL])
async def test_every_measurement_has_a_ratio_and_loses_nothing(
    measurement: Measurement[Scene], admin_url: str, amqp_url: str
) -> None:
    small = replace(measurement, items=ITEMS, bare_items=ITEMS)

    async with opened(admin_url, amqp_url) as scene:
        found = await compare(scene, small, rounds=1)

    assert [run.arrived for run in (*found.ours, *found.bare)] == [ITEMS, ITEMS]
    assert found.lost == 0
    assert found.ratio > 0
