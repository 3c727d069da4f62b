"""The days that a date literal stands for (weeks begin on Sunday, as in the locale en_US). Pure."""

from datetime import date, timedelta

DAY = timedelta(days=1)
WEEK = 7
MONTHS = 12
QUARTER = 3
NINETY = 90
RELATIVE = {"THIS": 0, "LAST": -1, "NEXT": 1}
PERIODS = ("WEEK", "MONTH", "QUARTER", "YEAR")
NUMBERED = ("LAST_N_DAYS", "NEXT_N_DAYS", "N_DAYS_AGO")
"""Words that are followed by a number."""
WORDS = frozenset(
    {"TODAY", "YESTERDAY", "TOMORROW", "LAST_90_DAYS", "NEXT_90_DAYS", *NUMBERED}
    | {f"{which}_{period}" for which in RELATIVE for period in PERIODS}
)


def days_of(word: str, number: int, today: date) -> tuple[date, date]:
    """The first and the last day of a literal of ``WORDS``."""
    which, _, period = word.partition("_")
    if which in RELATIVE and period in PERIODS:
        return _period(period, RELATIVE[which], today)
    days = timedelta(days=number)
    return {
        "TODAY": (today, today),
        "YESTERDAY": (today - DAY, today - DAY),
        "TOMORROW": (today + DAY, today + DAY),
        "LAST_90_DAYS": (today - NINETY * DAY, today),
        "NEXT_90_DAYS": (today + DAY, today + NINETY * DAY),
        "LAST_N_DAYS": (today - days, today),
        "NEXT_N_DAYS": (today + DAY, today + days),
        "N_DAYS_AGO": (today - days, today - days),
    }[word]


def _period(period: str, step: int, today: date) -> tuple[date, date]:
    if period == "WEEK":
        sunday = today - timedelta(days=today.isoweekday() % WEEK) + step * WEEK * DAY
        return sunday, sunday + (WEEK - 1) * DAY
    length = {"MONTH": 1, "QUARTER": QUARTER, "YEAR": MONTHS}[period]
    month = today.year * MONTHS + today.month - 1
    first = (month // length + step) * length
    return _first_of(first), _first_of(first + length) - DAY


def _first_of(month: int) -> date:
    return date(month // MONTHS, month % MONTHS + 1, 1)
