"""Numbers in one spelling, to the precision and the digits that Salesforce keeps."""

from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException, InvalidOperation
from math import inf, isfinite

PER_CENT = 2
"""Places of the point between 0.25 and 25 per cent."""

MOST_DIGITS = 18
"""After the point, of any number of Salesforce's."""

_WIDE = Context(prec=400, rounding=ROUND_HALF_UP)
"""The largest double has 309 digits before the point, and Salesforce at most 18 after it."""


class NotANumberError(ValueError):
    """The text is no number that Salesforce holds; the message never has the text in it."""


def number(text: str, *, scale: int | None = None, places: int = 0) -> str:
    """A number without exponent or trailing zeros, its point moved by `places` to the right.

    To the precision of a double, which is what Salesforce stores and answers; `scale` are the
    digits after the point that it keeps.
    """
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise NotANumberError("is not a number") from None
    if not value.is_finite():
        raise NotANumberError("is not a finite number")
    try:
        nearest = float(value.scaleb(places, _WIDE))
    except DecimalException:
        nearest = inf
    if not isfinite(nearest):
        raise NotANumberError("is larger than Salesforce holds")
    exact = Decimal(repr(nearest))
    if scale is not None:
        exact = exact.quantize(Decimal(1).scaleb(-min(scale, MOST_DIGITS)), context=_WIDE)
    return f"{_WIDE.normalize(exact):f}" if exact else "0"


def moved(value: str, places: int) -> str:
    """A number with its point moved, exactly."""
    return f"{_WIDE.normalize(Decimal(value).scaleb(places, _WIDE)):f}"
