# ruff: noqa: RUF001 -- other scripts have letters that look like ours, that is what they are for
"""What is wrong with records in real CRMs, within what both CRMs take.

A name keeps at least one visible character, and nothing is longer than Salesforce's fields allow:
first names 40 characters, last names 80, phones 40, titles 128, company names 255.
"""

import random
from collections.abc import Callable
from dataclasses import replace

from tests.simulators.people import Person
from tests.simulators.world.companies import Company
from tests.simulators.world.draws import dice

ODD_PHONES = (
    "n/a",
    "+49 (0)30/123-45 ext. 7",
    "００８１３１２３４",
    "ask reception",
    "0",
    "1-800-FLOWERS",
    "+1 212 555 0100 / +1 212 555 0101",
    "٠١٢٣٤٥٦٧٨٩",
)
ODD_LAST_NAMES = (
    "🚀",
    "👩\u200d👩\u200d👧 Family",
    "\u200fكوהן\u200f",
    "לוי",
    "Mu\u0308ller",
    "O\u2019Brien-O'Brien",
    "<script>alert(1)</script>",
    '"; DROP TABLE contacts; --',
    "=HYPERLINK(1)",
    "Zalgo z̸͎̈",
    "𝓕𝓪𝓷𝓬𝔂",
    "test test",
)
NO_DATES = ("31.02.2024", "0000-00-00", "next Tuesday", "2024-13-45", "N/A", "令和6年2月30日")
REMARK = "Follow-up due: {date}"
LONG_FIRST, LONG_LAST, LONG_TITLE, LONG_NAME = 40, 80, 128, 255
Soil = Callable[[Person, random.Random], Person]


def _shouted(one: Person, _chance: random.Random) -> Person:
    return replace(one, first_name=one.first_name.upper(), last_name=one.last_name.upper())


def _whispered(one: Person, _chance: random.Random) -> Person:
    return replace(one, first_name=one.first_name.lower(), last_name=one.last_name.lower())


def _loud_address(one: Person, _chance: random.Random) -> Person:
    return replace(one, email=one.email.upper())


def _blanks(one: Person, _chance: random.Random) -> Person:
    return replace(one, first_name=f" {one.first_name}  ", last_name=f"\t{one.last_name}\u00a0 ")


def _gaps(one: Person, _chance: random.Random) -> Person:
    return replace(one, first_name="", phone="", title="", city="", postal_code="")


def _no_address(one: Person, _chance: random.Random) -> Person:
    return replace(one, email="")


def _phone(one: Person, chance: random.Random) -> Person:
    return replace(one, phone=chance.choice(ODD_PHONES))


def _name(one: Person, chance: random.Random) -> Person:
    return replace(one, last_name=chance.choice(ODD_LAST_NAMES))


def _no_date(one: Person, chance: random.Random) -> Person:
    return replace(one, remark=REMARK.format(date=chance.choice(NO_DATES)))


def _long(one: Person, chance: random.Random) -> Person:
    letter = chance.choice("xÄ界")
    return replace(
        one,
        first_name=letter * LONG_FIRST,
        last_name=letter * LONG_LAST,
        title=letter * LONG_TITLE,
    )


SOILS: tuple[Soil, ...] = (
    _shouted,
    _whispered,
    _loud_address,
    _blanks,
    _gaps,
    _no_address,
    _phone,
    _name,
    _no_date,
    _long,
)


def soiled(one: Person, *, seed: int, number: int, share: float) -> Person:
    """The person, in a ``share`` of the cases with something wrong."""
    if not share:
        return one
    chance = dice(seed, "dirt", number)
    return chance.choice(SOILS)(one, chance) if chance.random() < share else one


def soiled_company(one: Company, *, seed: int, number: int, share: float) -> Company:
    """The company, in a ``share`` of the cases with something wrong."""
    if not share:
        return one
    chance = dice(seed, "company dirt", number)
    if chance.random() >= share:
        return one
    remark = REMARK.format(date=chance.choice(NO_DATES))
    return chance.choice(
        (
            replace(one, name=one.name.upper()),
            replace(one, name=f"  {one.name} "),
            replace(one, name=(one.name * LONG_NAME)[:LONG_NAME].strip()),
            replace(one, phone=chance.choice(ODD_PHONES), remark=remark),
            replace(one, phone="", city="", postal_code="", street=""),
        )
    )
