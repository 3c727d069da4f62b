# ruff: noqa: RUF001 -- as people type, dashes included
"""Deals: what is to be sold to whom, for how much, and how far it has got."""

from dataclasses import dataclass
from datetime import date, timedelta

from tests.simulators.world.draws import dice

FIRST_DAY = date(2026, 1, 1)
DAYS = 365
"""Everything falls into one year, which is the same whenever it is made."""
STEPS = 5
"""Steps of an open deal, numbered; beyond them are won and lost."""
WON, LOST = STEPS, STEPS + 1
WHAT = (
    "Renewal 2026",
    "Zusatzlizenzen",
    "Contrat cadre",
    "新規契約",
    "Pilot (100 seats)",
    "Ampliación",
    "تجديد العقد",
    "Upsell 🚀",
    "RFP #42 – phase 1/2",
)


@dataclass(frozen=True, slots=True)
class Deal:
    """One deal. ``amount`` in hundredths; None for nobody knows yet. ``step`` up to ``LOST``."""

    name: str
    amount: int | None
    step: int
    close: date
    new_business: bool
    remark: str = ""


def deal(seed: int, number: int, buyer: str) -> Deal:
    """The ``number``-th deal of a seed, with somebody of that name."""
    chance = dice(seed, "deal", number)
    cents = round(10 ** chance.uniform(3, 9))
    return Deal(
        name=f"{buyer} – {chance.choice(WHAT)}",
        amount=None if chance.random() < 0.1 else cents,
        step=chance.randrange(LOST + 1),
        close=FIRST_DAY + timedelta(days=chance.randrange(DAYS)),
        new_business=chance.random() < 0.5,
    )
