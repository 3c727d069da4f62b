"""Sets of fields as change events write them (facts: section 4.2). Pure."""

from collections import defaultdict
from collections.abc import Iterable

from tests.simulators.salesforce.pubsub.schemas import Part


def bitmap(places: Iterable[int]) -> str:
    """``0x0A`` for the places 1 and 3: bit i, from the right, is the i-th field; whole bytes."""
    bits = sum(1 << place for place in set(places))
    size = max(1, (bits.bit_length() + 7) // 8)
    return f"0x{bits.to_bytes(size, 'big').hex().upper()}"


def encoded(parts: Iterable[Part]) -> list[str]:
    """One bitmap for the fields at the top, then one for each compound with its place before it."""
    top: list[int] = []
    nested: defaultdict[int, list[int]] = defaultdict(list)
    for one in parts:
        if one.nested < 0:
            top.append(one.place)
        else:
            nested[one.place].append(one.nested)
    compounds = [f"{place}-{bitmap(nested[place])}" for place in sorted(nested)]
    return [bitmap(top), *compounds] if top else compounds
