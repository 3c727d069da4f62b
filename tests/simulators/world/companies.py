"""Companies as they turn up in real CRMs: the same name twice, a domain that is theirs."""

import string
from dataclasses import dataclass
from functools import lru_cache

from tests.simulators.people_places import CULTURES
from tests.simulators.world.draws import dice
from tests.simulators.world.trades import SUFFIXES, TRADES

SHARES = (1, 12, 80, 450, 3_000, 60_000)
"""Sizes of companies, in people, from the shop at the corner to the group."""
REVENUE_PER_HEAD = 120_000
KEPT = 4_096
"""Companies that are kept because more people of theirs may come; the largest ones are first."""
TRADE_KINDS = 6
"""Kinds of trade that both CRMs have a word for, numbered."""


@dataclass(frozen=True, slots=True)
class Company:
    """A firm; ``trade`` is a number below ``TRADE_KINDS`` that each CRM has its own word for."""

    name: str
    domain: str
    phone: str
    street: str
    city: str
    postal_code: str
    country: str
    employees: int
    revenue: int
    trade: int
    remark: str = ""

    @property
    def website(self) -> str:
        """Its page."""
        return f"https://www.{self.domain}"


@lru_cache(maxsize=KEPT)
def company(seed: int, number: int) -> Company:
    """The ``number``-th company of a seed; no two have one domain."""
    chance = dice(seed, "company", number)
    culture = chance.choice(CULTURES)
    last, spelt = chance.choice(culture.last)
    town = chance.choice(culture.cities)
    pattern = chance.choice(TRADES[culture.country])
    employees = chance.choice(SHARES) + chance.randrange(10)
    return Company(
        name=pattern.format(n=last, c=town) + chance.choice(SUFFIXES),
        domain=f"{spelt}-{number}.example",
        phone=filled(culture.phone, chance.randrange(10**10)),
        street=chance.choice(culture.streets).format(n=chance.randint(1, 240)),
        city=town,
        postal_code=filled(culture.postal_code, chance.randrange(10**10)),
        country=culture.country,
        employees=employees,
        revenue=employees * REVENUE_PER_HEAD + chance.randrange(100_000),
        trade=chance.randrange(TRADE_KINDS),
    )


def filled(pattern: str, number: int) -> str:
    """A pattern of ``people_places`` with the digits of one number in it, the last one first."""
    found = []
    for sign in pattern:
        if sign not in "#@":
            found.append(sign)
            continue
        number, digit = divmod(number, 10)
        found.append(str(digit) if sign == "#" else string.ascii_uppercase[digit])
    return "".join(found)
