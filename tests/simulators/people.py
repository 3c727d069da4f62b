"""A reproducible crowd: people as they turn up in real address books, in many scripts."""

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from tests.simulators.people_places import CULTURES, TITLES, Culture


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an address.

    ``last_name`` and ``email`` are never empty here; ``first_name`` is empty for people who have
    one name only, and ``title`` is empty for people who have none. ``remark`` is what somebody
    noted about them.
    """

    first_name: str
    last_name: str
    email: str
    phone: str
    company: str
    title: str
    street: str
    city: str
    postal_code: str
    country: str
    remark: str = ""


def people(count: int, *, seed: int, email_domain: str = "example.com") -> list[Person]:
    """``count`` people whose e-mail addresses differ; the same arguments give the same people."""
    return list(islice(crowd(seed=seed, email_domain=email_domain), count))


def crowd(*, seed: int, email_domain: str) -> Iterator[Person]:
    """People without end, one after the other; the same arguments give the same ones."""
    dice = random.Random(seed)
    index = 0
    while True:
        yield _person(dice, index, email_domain)
        index += 1


def _person(dice: random.Random, index: int, email_domain: str) -> Person:
    culture: Culture = dice.choice(CULTURES)
    first, first_ascii = dice.choice(culture.first)
    last, last_ascii = dice.choice(culture.last)
    local = ".".join(part for part in (first_ascii, last_ascii, str(index)) if part)
    return Person(
        first_name=first,
        last_name=last,
        email=f"{local}@{email_domain}",
        phone=_filled(dice, culture.phone),
        company=dice.choice(culture.companies),
        title=dice.choice(TITLES),
        street=dice.choice(culture.streets).format(n=dice.randint(1, 240)),
        city=dice.choice(culture.cities),
        postal_code=_filled(dice, culture.postal_code),
        country=culture.country,
    )


def _filled(dice: random.Random, pattern: str) -> str:
    choices = {"#": string.digits, "@": string.ascii_uppercase}
    return "".join(dice.choice(choices[sign]) if sign in choices else sign for sign in pattern)
