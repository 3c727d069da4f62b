"""Choices that depend on nothing but their names: the same record comes out at any time, alone.

So no list of companies has to be kept in memory while the people who work there are made.
"""

import random

GOLDEN = 0.618_033_988_749_894_9
"""Multiples of it, cut to what is behind the point, spread evenly."""
CROWDING = 2
"""The first companies have more people than the last ones, as in any real address book."""


def dice(seed: int, *name: object) -> random.Random:
    """Dice of their own for one record."""
    return random.Random(f"{seed}:{':'.join(map(str, name))}")


def place(number: int, count: int) -> int:
    """One of ``count`` places for the ``number``-th comer; low ones are taken more often."""
    spread = (number + 1) * GOLDEN % 1.0
    return int(spread**CROWDING * count)
